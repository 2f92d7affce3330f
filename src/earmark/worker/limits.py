"""What a worker may use: strangers' files decide what happens in it."""

from __future__ import annotations

import os
from pathlib import Path

_GIB = 1 << 30
MEMORY_BYTES = 2 * _GIB
"""Address space, libraries included; a job itself needs some tens of MB."""
FILE_BYTES = 64 * _GIB
OPEN_FILES = 64


def into_the_background() -> None:
    """Yields to everything else: nice 10, and first to go when memory runs out."""
    os.nice(10)
    try:
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        pass  # not Linux, or not allowed: only a hint


def limit(cpu_seconds: int) -> None:
    """Hard limits on memory, processor time, file size and open files; no core dumps."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has none
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, hard))
