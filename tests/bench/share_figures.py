"""What a pencast plays in real browsers, compared with the take it was made of."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from figures import Figure

TESTS = Path(__file__).resolve().parents[1] / "share"


def pencast_sound() -> Iterator[Figure]:
    """Runs the tests that need a quiet machine: a click on a line → the sound that plays."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "quiet", str(TESTS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    closing = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()]
    yield Figure("a click on a line plays what was said then", closing[0], "all, ≤ 50 ms off")
