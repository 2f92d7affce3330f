"""Room on the disk, sums of files, and what a disk's errors mean for a model."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from earmark.model import DiskFull, EarmarkError
from earmark.model.i18n import _

SPARE = 64 << 20
"""Bytes that stay free on the disk beside the model."""

Progress = Callable[[float | None], object]
Cancelled = Callable[[], bool]


class DownloadCancelled(EarmarkError):
    """The person cancelled. What came so far is kept: the next download goes on there."""

    def __init__(self) -> None:
        super().__init__(_("Cancelled."), _("The next download goes on where this one stopped."))


def never() -> bool:
    """Nobody cancels."""
    return False


def check_room(folder: Path, need: int) -> None:
    """Raises DiskFull where `need` bytes would leave too little."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise disk_error(error) from error
    if free < need + SPARE:
        raise DiskFull(
            _("The model needs {need} MB, but only {free} MB are free on its disk.").format(
                need=-(-(need + SPARE) // 1_000_000), free=free // 1_000_000
            ),
            _("Free some space, or choose another folder with EARMARK_MODELS."),
        )


def sum_of(file: BinaryIO, cancelled: Cancelled = never) -> str:
    """SHA-256 of the whole open file, as hex. Raises DownloadCancelled."""
    total = hashlib.sha256()
    file.seek(0)
    while data := file.read(1 << 20):
        if cancelled():
            raise DownloadCancelled
        total.update(data)
    return total.hexdigest()


def disk_error(error: OSError) -> EarmarkError:
    """A write to the models' folder that failed, in a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            _("The disk is full, so the model could not be kept."),
            _("Free some space, and try again."),
        )
    return EarmarkError(
        _("The model cannot be kept: {reason}.").format(reason=error.strerror or error),
        _("Look at the folder's permissions, or choose another one with EARMARK_MODELS."),
    )
