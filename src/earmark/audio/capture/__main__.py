"""`python -m earmark.audio.capture --library DIR`"""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path

from .device import SystemDevice
from .lines import Peer
from .service import Service

PRIORITY = -10


def main() -> None:
    """Runs the capture process on its standard input and output."""
    parser = argparse.ArgumentParser(prog="earmark-capture")
    parser.add_argument("--library", type=Path, required=True)
    library: Path = parser.parse_args().library
    os.umask(0o077)
    with contextlib.suppress(OSError, AttributeError):
        # Where the person may: sound waits for nobody, and this needs little.
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    # Only events may go to the pipe: libraries that print get standard error instead.
    events = os.dup(1)
    os.dup2(2, 1)
    Service(library.absolute(), SystemDevice(), Peer(0, events, None)).run()
    # A frozen sound server may hold threads that cannot be joined; everything is on disk.
    os._exit(0)


if __name__ == "__main__":
    main()
