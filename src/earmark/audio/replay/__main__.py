"""`python -m earmark.audio.replay`: plays takes; steered by JSON lines (docs/design.md)."""

from __future__ import annotations

import gc
import os
import sys

from .priority import ask_for_priority
from .wire import Wire

SWITCH_SECONDS = 0.001
"""Python's threads change over this often: the device's callback must not wait for the engine."""


def main() -> int:
    ask_for_priority()
    sys.setswitchinterval(SWITCH_SECONDS)
    wire = Wire()
    try:
        from .service import ReplayService
    except OSError as error:  # PortAudio or libsndfile is not installed
        wire.emit("error", kind="no-library", message=str(error))
        return 3
    gc.freeze()
    ReplayService(wire).run()
    wire.flush()
    # Not through the interpreter's end: a thread of the sound server's library that is still in a
    # callback then was seen to take the process down with a signal.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
