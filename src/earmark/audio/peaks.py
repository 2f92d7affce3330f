"""Peaks for drawing: a mapped file, and coarser levels made from it once, in memory."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from earmark.model.errors import UnusableMedia
from earmark.model.i18n import _
from earmark.model.units import Frames, SampleRate

from . import peakfile

RECORD = np.dtype([("low", "<i2"), ("high", "<i2"), ("rms", "<u2")])
Records = npt.NDArray[np.void]
"""Bins of dtype RECORD, oldest first."""

_STEP = 8
"""Each level of detail joins eight bins of the finer one."""
_LEVELS = 6


class Columns(NamedTuple):
    """What to draw: one value per column, in 16-bit sample steps. Nothing known: all zero."""

    low: npt.NDArray[np.int16]
    high: npt.NDArray[np.int16]
    rms: npt.NDArray[np.uint16]


class Peaks:
    """One peaks file, also one that still grows (`refresh`). Cheap to keep open.

    Not for use by several threads at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDONLY)
        self._map: mmap.mmap | None = None
        self._levels: list[Records] = [np.zeros(0, RECORD)]
        try:
            raw = os.pread(self._fd, peakfile.HEADER.size, 0)
            self.rate, self.bin = _read_header(raw)
            self.refresh()
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Maps the file. Raises OSError, UnusableMedia where it is no peaks file."""
        return cls(path)

    @property
    def bins(self) -> int:
        """Bins that are there; the last may be shorter than the others."""
        return len(self._levels[0])

    @property
    def frames(self) -> Frames:
        """Frames the bins cover, counting the last one as full."""
        return Frames(self.bins * self.bin)

    def is_replaced(self) -> bool:
        """Whether another file stands at the path by now, or none."""
        opened = os.fstat(self._fd)
        try:
            there = os.stat(self.path)  # noqa: PTH116
        except OSError:
            return True
        return (opened.st_dev, opened.st_ino) != (there.st_dev, there.st_ino)

    def refresh(self) -> int:
        """Looks for bins written since; how many there are now."""
        size = os.fstat(self._fd).st_size
        bins = max(0, size - peakfile.HEADER.size) // RECORD.itemsize
        before = self.bins
        if bins != before:
            coarser = self._levels[1:]
            self._levels = [np.zeros(0, RECORD)]
            self._unmap()
            self._map = mmap.mmap(self._fd, size, access=mmap.ACCESS_READ)
            self._levels = [np.frombuffer(self._map, RECORD, bins, peakfile.HEADER.size)]
            for old in coarser if bins > before else ():
                before //= _STEP
                more = _coarser(self._levels[-1][before * _STEP :])
                self._levels.append(np.concatenate((old[:before], more)))
        return bins

    def columns(self, start: float, end: float, count: int) -> Columns:
        """The sound from frame `start` up to `end` in `count` equal columns.

        Where columns are finer than a bin, neighbours show the same bin.
        """
        count = max(0, count)
        if not count or end <= start or not self.bins:
            return Columns(np.zeros(count, "i2"), np.zeros(count, "i2"), np.zeros(count, "u2"))
        edges = np.linspace(start / self.bin, end / self.bin, count + 1)
        level, size = 0, 1
        while level < _LEVELS and (edges[1] - edges[0]) >= 2 * size * _STEP:
            level, size = level + 1, size * _STEP
        records = self._level(level)
        firsts = np.floor(edges[:-1] / size).astype(np.int64)
        lasts = np.maximum(np.ceil(edges[1:] / size).astype(np.int64), firsts + 1)
        known = (firsts < len(records)) & (lasts > 0)
        firsts = np.clip(firsts, 0, len(records) - 1)
        lasts = np.clip(lasts, firsts + 1, len(records))
        first = int(firsts[0])
        part = np.zeros(int(lasts[-1]) - first + 1, RECORD)
        part[:-1] = records[first : int(lasts[-1])]  # one more at the end: reduceat's limit
        spans = np.stack((firsts, lasts), axis=1).ravel() - first
        low = np.minimum.reduceat(part["low"], spans)[::2]
        high = np.maximum.reduceat(part["high"], spans)[::2]
        power = np.square(part["rms"], dtype=np.float64)
        mean = np.add.reduceat(power, spans)[::2] / (lasts - firsts)
        rms = np.rint(np.sqrt(mean))
        return Columns(
            np.where(known, low, 0).astype("i2"),
            np.where(known, high, 0).astype("i2"),
            np.where(known, rms, 0).astype("u2"),
        )

    def close(self) -> None:
        """Lets the file go; the arrays given out stay good."""
        self._levels = [np.zeros(0, RECORD)]
        self._unmap()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None

    def _level(self, level: int) -> Records:
        while len(self._levels) <= level:
            self._levels.append(_coarser(self._levels[-1]))
        return self._levels[level]


def _coarser(fine: Records) -> Records:
    starts = np.arange(0, len(fine), _STEP)
    records = np.zeros(len(starts), RECORD)
    records["low"] = np.minimum.reduceat(fine["low"], starts)
    records["high"] = np.maximum.reduceat(fine["high"], starts)
    power = np.add.reduceat(np.square(fine["rms"], dtype=np.float64), starts)
    counts = np.minimum(len(fine) - starts, _STEP)
    records["rms"] = np.rint(np.sqrt(power / counts))
    return records


def _read_header(raw: bytes) -> tuple[SampleRate, int]:
    if len(raw) == peakfile.HEADER.size:
        magic, version, _zero, rate, size = peakfile.HEADER.unpack(raw)
        if magic == peakfile.MAGIC and version == peakfile.VERSION and rate and size:
            return SampleRate(rate), size
    raise UnusableMedia(
        _("The waveform of this take cannot be read."),
        _("The sound itself is not touched; the waveform can be made again."),
    )
