"""Asks the system not to let sound wait behind ordinary work. Granted to few; never needed.

Measured with two busy loops on two cores: without it the device's callback came up to 300 ms
late, with it never more than 60 ms.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

REALTIME = 2
"""A low realtime priority: below the sound server's own."""
NICENESS = -10


def ask_for_priority() -> None:
    """For this thread and those it starts. To be called before any other thread exists."""
    if not hasattr(os, "sched_setscheduler"):
        return
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME))
    except OSError:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
            # niceness counts within a session only; this is the session's own
            Path("/proc/self/autogroup").write_text(str(NICENESS))


def be_ordinary() -> None:
    """Gives it up again for the calling thread, which calculates."""
    if not hasattr(os, "sched_setscheduler"):
        return
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, 0, 5)
