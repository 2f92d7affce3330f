"""A model's file copied into the folder, with its sum; shared with the original where it can be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from earmark.model import UnusableMedia
from earmark.model.files import FILE_MODE
from earmark.model.i18n import _
from earmark.model.processes import lives

from .model_storage import Cancelled, Progress, check_room, disk_error, sum_of

ADDED = ".add.part"
"""How a copy on its way ends, after the number of the process that makes it."""
_CHUNK = 1 << 20
_FICLONE = 0x40049409
"""Linux: both files share their blocks until one is written to."""


def copy_model(source: Path, target: Path, progress: Progress, cancelled: Cancelled) -> str:
    """Makes `target` a durable copy; its SHA-256. The caller removes it where this raises.

    Raises DownloadCancelled, DiskFull, UnusableMedia, EarmarkError.
    """
    try:
        origin = source.open("rb")
    except OSError as error:
        raise UnusableMedia(
            _("“{name}” cannot be read: {reason}.").format(name=source.name, reason=error.strerror),
            _("Look at its permissions and its disk."),
        ) from error
    with origin:
        size = os.fstat(origin.fileno()).st_size
        try:
            fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC, FILE_MODE)
            with os.fdopen(fd, "r+b") as copy:
                if not _share(origin.fileno(), copy.fileno()):
                    check_room(target.parent, size)
                    done = 0
                    while data := origin.read(_CHUNK):
                        copy.write(data)
                        done += len(data)
                        progress(min(1.0, done / max(1, size)))
                        if cancelled():
                            break
                copy.flush()
                os.fsync(copy.fileno())
                return sum_of(copy, cancelled)
        except OSError as error:
            raise disk_error(error) from error


def _share(source: int, target: int) -> bool:
    """Whether the file system could make the copy without copying."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def clear_leftovers(folder: Path) -> None:
    """Deletes the copies of processes that ended while they made them."""
    for path in folder.glob(f"*{ADDED}"):
        number = path.name.removesuffix(ADDED).rpartition(".")[2]
        if number.isdecimal() and int(number) != os.getpid() and not lives(int(number)):
            path.unlink(missing_ok=True)
