"""Room on the disk: what is free, and a reserve that lets a full disk end a take cleanly."""

from __future__ import annotations

import os
from pathlib import Path

RESERVE_BYTES = 32 << 20
_SHARE = 8


def free_bytes(folder: Path) -> int:
    """What a person's process may still write."""
    if hasattr(os, "statvfs"):
        room = os.statvfs(folder)
        return room.f_bavail * room.f_frsize
    import shutil

    return shutil.disk_usage(folder).free


class Reserve:
    """Space held by a file without a name, so that no death leaves it behind.

    Takes at most an eighth of what is free; without room it simply holds nothing.
    """

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._fd: int | None = None
        size = min(size, free_bytes(folder) // _SHARE)
        if size <= 0 or not hasattr(os, "posix_fallocate"):
            return
        path = folder / f".reserve-{os.getpid()}"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        path.unlink()
        try:
            os.posix_fallocate(fd, 0, size)
        except OSError:
            os.close(fd)
            return
        self._fd = fd

    def release(self) -> None:
        """Gives the space back to whoever needs it now."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
