"""A file as it would read with some of its bytes replaced or left out. Nothing is written."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Self

from ..riff import Span


class FileView:
    """Spans of one file and bytes in their place, one after another, to be read like a file.

    FFmpeg reads a damaged file through it: with a wrong length made right, or with the headers
    before what comes after a hole.
    """

    def __init__(self, path: Path, pieces: Sequence[Span | bytes]) -> None:
        self._file = path.open("rb")
        self._pieces = [piece for piece in pieces if _length(piece)]
        self._ends = list(accumulate(map(_length, self._pieces)))
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def read(self, size: int = -1) -> bytes:
        left = self.size - self._at if size < 0 else size
        parts: list[bytes] = []
        while left > 0 and self._at < self.size:
            number = bisect_right(self._ends, self._at)
            piece = self._pieces[number]
            start = self._at - (self._ends[number] - _length(piece))
            if isinstance(piece, bytes):
                part = piece[start : start + left]
            else:
                self._file.seek(piece.start + start)
                part = self._file.read(min(left, _length(piece) - start))
            if not part:
                break
            parts.append(part)
            self._at += len(part)
            left -= len(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self._file.close()


def _length(piece: Span | bytes) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.end - piece.start


class FileBytes:
    """A file's bytes by place, read in pieces: mapping all of it could pass the worker's limit."""

    _PIECE = 1 << 18
    _BEHIND = 1 << 10

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size
        self._start, self._piece = 0, b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def take(self, at: int, size: int) -> bytes:
        """Bytes `[at, at + size)`; fewer at the end of the file."""
        start = at - self._start
        if start < 0 or start + size > len(self._piece):
            self._start = max(0, at - self._BEHIND)
            self._file.seek(self._start)
            self._piece = self._file.read(at - self._start + max(size, self._PIECE))
            start = at - self._start
        return self._piece[start : start + size]

    def find(self, wanted: bytes, at: int, end: int | None = None) -> int:
        """Where `wanted` next begins in `[at, end)`; -1 where it does not."""
        end = self.size if end is None else min(end, self.size)
        while at < end and self.take(at, 1):
            found = self._piece.find(wanted, at - self._start, end - self._start)
            if found >= 0:
                return self._start + found
            at = max(at + 1, self._start + len(self._piece) - len(wanted) + 1)
            if self._start + len(self._piece) >= end:
                break
        return -1

    def is_zero(self, at: int, end: int) -> bool:
        """Whether there is nothing but zeros in `[at, end)`."""
        while at < end:
            piece = self.take(at, min(self._PIECE, end - at))
            if not piece or piece.count(0) < len(piece):
                return not piece
            at += len(piece)
        return True
