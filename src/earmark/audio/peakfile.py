"""The peaks file: its form, and the writer that grows it while recording. Standard library only.

Header, then one record per 10-ms bin of `rate // 100` frames: the smallest and the largest sample
over all channels (i16) and their root mean square (u16, in sample steps). A torn last record is
ignored; a last, shorter bin is written only at the end.
"""

from __future__ import annotations

import os
import struct
import sys
from array import array
from math import isqrt
from operator import mul
from pathlib import Path
from typing import NamedTuple

from earmark.model.files import FILE_MODE

HEADER = struct.Struct("<4sHHII")
"""magic, version, 0, rate (frames per second), bin (frames)."""
RECORD = struct.Struct("<hhH")
"""min, max, root mean square of one bin."""
MAGIC = b"EMPK"
VERSION = 1
BINS_PER_SECOND = 100


class Bin(NamedTuple):
    """One bin: samples are 16-bit steps; `clipped` counts samples at either end of the range."""

    low: int
    high: int
    rms: int
    clipped: int = 0


def bin_frames(rate: int) -> int:
    """Frames of one bin (10 ms)."""
    return max(1, rate // BINS_PER_SECOND)


def pack_header(rate: int) -> bytes:
    return HEADER.pack(MAGIC, VERSION, 0, rate, bin_frames(rate))


def measure(samples: array[int]) -> Bin:
    """The bin of 16-bit samples; all zero for none."""
    if not samples:
        return Bin(0, 0, 0)
    low, high = min(samples), max(samples)
    if low == high == 0:
        return Bin(0, 0, 0)
    mean = sum(map(mul, samples, samples)) / len(samples)
    clipped = 0
    if high == 32767 or low == -32768:
        clipped = samples.count(32767) + samples.count(-32768)
    return Bin(low, high, min(65535, round(mean**0.5)), clipped)


class BinMeter:
    """Cuts a stream of PCM into bins."""

    def __init__(self, rate: int, channels: int) -> None:
        self._size = bin_frames(rate) * channels
        self._rest: array[int] = array("h")

    def add(self, pcm: bytes) -> list[Bin]:
        """The bins that `pcm` (16-bit little-endian, interleaved) completes."""
        samples = array("h")
        samples.frombytes(pcm)
        if sys.byteorder == "big":
            samples.byteswap()
        self._rest.extend(samples)
        size = self._size
        whole = len(self._rest) // size * size
        bins = [measure(self._rest[start : start + size]) for start in range(0, whole, size)]
        self._rest = self._rest[whole:]
        return bins

    def add_silence(self, frames: int, channels: int) -> list[Bin]:
        """The bins that `frames` of silence complete (a gap), without making the samples."""
        samples = frames * channels
        if len(self._rest) + samples < self._size:
            self._rest.extend(array("h", bytes(2 * samples)))
            return []
        bins = []
        if self._rest:
            fill = self._size - len(self._rest)
            self._rest.extend(array("h", bytes(2 * fill)))
            bins.append(measure(self._rest))
            samples -= fill
        whole, rest = divmod(samples, self._size)
        bins.extend([Bin(0, 0, 0)] * whole)
        self._rest = array("h", bytes(2 * rest))
        return bins

    def finish(self) -> list[Bin]:
        """The last, shorter bin, if frames are left."""
        left, self._rest = self._rest, array("h")
        return [measure(left)] if left else []


class PeakWriter:
    """Appends bins to a peaks file, unbuffered, so that a reader sees them at once."""

    def __init__(self, path: Path, rate: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        self._fd = os.open(path, flags, FILE_MODE)
        try:
            os.write(self._fd, pack_header(rate))
        except OSError:
            os.close(self._fd)
            raise

    def write(self, bins: list[Bin]) -> None:
        """Raises OSError; the file may then end in a torn record and must get no more."""
        data = b"".join(RECORD.pack(b.low, b.high, b.rms) for b in bins)
        if data and os.write(self._fd, data) != len(data):
            raise OSError("the peaks could not be written whole")

    def close(self) -> None:
        os.close(self._fd)


def rms_of(bins: list[Bin]) -> int:
    """The root mean square over several whole bins."""
    return isqrt(sum(b.rms * b.rms for b in bins) // len(bins)) if bins else 0
