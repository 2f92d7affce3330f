"""Whether a process still lives: what it left unfinished is nobody's, once it is gone."""

from __future__ import annotations

import os


def lives(pid: int) -> bool:
    """Whether a process of that number runs; where that cannot be known, yes."""
    if pid <= 0:
        return False
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
