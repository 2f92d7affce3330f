"""Blocks of sound as numpy arrays, and the part files they are written to."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf

from earmark.model.errors import DiskFull
from earmark.model.files import FILE_MODE, sync_folder
from earmark.model.i18n import _
from earmark.samples import read_int16

Block = npt.NDArray[np.int16]
"""Sound of shape (frames, channels)."""
Progress = Callable[[float], None]
"""Called with a share 0..1, as often as convenient; it may raise to stop the work."""

BLOCK_FRAMES = 48_000
_FULL_BELOW = 4 << 20


def disk_full() -> DiskFull:
    return DiskFull(
        _("The disk is full."),
        _("Free some space; nothing is lost, and Earmark tries again at the next start."),
    )


def part_path(final: Path) -> Path:
    """A temporary name beside `final`, told apart by process: `.<name>.<pid>.part`."""
    return final.with_name(f".{final.name}.{os.getpid()}.part")


def put_in_place(part: Path, final: Path) -> None:
    """Makes the part's content durable, then renames it to `final`, durably."""
    fd = os.open(part, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    part.replace(final)
    sync_folder(final.parent)


def silence(frames: int, channels: int) -> Iterator[Block]:
    """Blocks of silence, `frames` in all."""
    while frames > 0:
        count = min(frames, BLOCK_FRAMES)
        yield np.zeros((count, channels), np.int16)
        frames -= count


def read_blocks(path: Path, frames: int = BLOCK_FRAMES) -> Iterator[Block]:
    """Decodes a whole sound file as 16-bit blocks. Raises soundfile.LibsndfileError."""
    with sf.SoundFile(path) as file:
        while len(block := read_int16(file, frames)):
            yield block


class PartWriter:
    """Writes sound to a part file in a kept form; `with` removes the part unless it was placed.

    `format` and `subtype` are libsndfile's. Raises DiskFull where there is no space left.
    """

    def __init__(
        self,
        final: Path,
        rate: int,
        channels: int,
        form: tuple[str, str],
        compression: float | None = None,
    ) -> None:
        self.final = final
        self.part = part_path(final)
        self._fd = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        try:
            self._file = sf.SoundFile(
                self._fd, "w", rate, channels, form[1], None, form[0], False, compression
            )
        except BaseException:
            os.close(self._fd)
            self.part.unlink(missing_ok=True)
            raise

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._close()
        self.part.unlink(missing_ok=True)

    def write(self, block: Block) -> None:
        try:
            self._file.write(block)
        except (sf.LibsndfileError, AssertionError) as error:
            # soundfile asserts that every frame was written: a short write is a full disk
            raise self._told(error) from error

    def write_all(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            self.write(block)

    def finish(self) -> Path:
        """Ends the encoding and makes the part durable; returns the part, ready to be verified."""
        try:
            self._file.close()
            os.fsync(self._fd)
        except (sf.LibsndfileError, OSError) as error:
            raise self._told(error) from error
        self._close()
        return self.part

    def place(self) -> Path:
        """Renames the finished part to its final name, durably."""
        put_in_place(self.part, self.final)
        return self.final

    def _told(self, error: BaseException) -> BaseException:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or shutil.disk_usage(self.part.parent).free < _FULL_BELOW:
            return disk_full()
        return error

    def _close(self) -> None:
        if self._fd < 0:
            return
        if not self._file.closed:
            self._file.close()
        os.close(self._fd)
        self._fd = -1
