"""Who uses the library: everyone shares it, except while the database itself is replaced."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from earmark.model import make_folder
from earmark.model.files import FILE_MODE

from .faults import busy

if sys.platform != "win32":
    import fcntl

_WAIT_SECONDS = 20.0
_AGAIN_SECONDS = 0.05


class LibraryLock:
    """A lock on `run/library.lock`, held while the library is open; the system frees it at death.

    Making, migrating and rebuilding the database are done alone; everything else together.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder / "run")
        self._fd = os.open(folder / "run" / "library.lock", os.O_RDWR | os.O_CREAT, FILE_MODE)

    def share(self) -> None:
        """Raises Busy when somebody keeps the library to themselves for too long."""
        self._take(alone=False, wait=_WAIT_SECONDS)

    def own(self, *, wait: float = _WAIT_SECONDS) -> None:
        """Raises Busy when the library stays in use for `wait` seconds. Gives up `share` first."""
        self._take(alone=True, wait=wait)

    def release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    if sys.platform == "win32":

        def _take(self, *, alone: bool, wait: float) -> None:
            """Windows refuses to replace an open database by itself."""

    else:

        def _take(self, *, alone: bool, wait: float) -> None:
            kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
            until = time.monotonic() + wait
            while True:
                try:
                    fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() >= until:
                        raise busy() from None
                    time.sleep(_AGAIN_SECONDS)
                else:
                    return
