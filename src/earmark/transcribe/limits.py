"""What the transcribing process may use: it must never be felt."""

from __future__ import annotations

import os
from pathlib import Path

from earmark.model.i18n import _

from .engines import EngineFailed

NICE = 15
_MIB = 1 << 20
_BESIDE_MODEL = 300 * _MIB
"""What an engine needs beside the model itself, at the least."""
_ADDRESS_SPACE = 3 << 30
"""Libraries and threads take room that is never used; on top of it three times the model."""


def into_the_background() -> None:
    """Yields to everything else, and is the first to go when memory runs out."""
    os.nice(NICE)
    try:
        Path("/proc/self/oom_score_adj").write_text("900")
    except OSError:
        pass  # not Linux, or not allowed: only a hint


def threads_to_use(asked: int | None, live: bool = False) -> int:
    """One beside a recording, else all cores but one."""
    if asked:
        return max(1, min(int(asked), 64))
    if live:
        return 1
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover - not on Linux
        cores = os.cpu_count() or 1
    return max(1, cores - 1)


def limit_memory(model_bytes: int, meminfo: str | None = None) -> None:
    """Sets the limit for a model of that size. Raises EngineFailed where it cannot fit at all.

    `meminfo` is the text of /proc/meminfo; read here where None.
    """
    free = available(meminfo if meminfo is not None else _meminfo())
    need = model_bytes + model_bytes // 8 + _BESIDE_MODEL
    if free is not None and free < need:
        raise EngineFailed(
            _("This speech model needs {need} MB of memory; {free} MB are free.").format(
                need=need // _MIB, free=free // _MIB
            ),
            _("Close other programs, or choose a smaller model."),
        )
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has none
        return
    for what, most in (
        (resource.RLIMIT_AS, _ADDRESS_SPACE + 3 * model_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, hard))


def available(meminfo: str) -> int | None:
    """Bytes that can be had without harm, or None where that is not told."""
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _meminfo() -> str:
    try:
        return Path("/proc/meminfo").read_text()
    except OSError:
        return ""
