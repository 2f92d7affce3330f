"""One Earmark at a time transcribes a library's recordings: the next one waits for its turn."""

from __future__ import annotations

import os
from pathlib import Path

from earmark.model import make_folder
from earmark.model.library_id import is_library

try:
    import fcntl
except ImportError:  # Windows: the library's own rows keep two programs apart, only less early
    fcntl = None  # type: ignore[assignment]

FILE = "transcribing.lock"


class TranscribeLock:
    """A lock on the library's `run/` folder, given back by the system when the process dies."""

    def __init__(self, library: Path) -> None:
        self._path = library / "run" / FILE
        self._fd: int | None = None

    def take(self) -> bool:
        """Whether it is ours now (or was already)."""
        if self._fd is not None:
            return True
        if not is_library(self._path.parents[1]):
            return False
        make_folder(self._path.parent)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def give_back(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)
