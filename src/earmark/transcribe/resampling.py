"""Any rate to 16 kHz, low-passed, in blocks of any size, with exact places.

Sample k of the result lies at frame k * rate / 16000 of the take, whatever the blocks and wherever
the reading began: nothing can drift. Windowed sinc; for the usual rates a whole block of results
is one product with a fixed matrix, which costs well under a millisecond per second of sound.
"""

from __future__ import annotations

from functools import cache
from math import ceil, gcd, lcm

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from .engines import RATE, Samples

STEP = 480
"""Samples of one look at whether somebody speaks: 30 ms. Work begins at multiples of it."""
_ZERO_CROSSINGS = 16
_PASSBAND = 0.95
_BETA = 8.0
_LARGEST_MATRIX = 640
_LEAST_BLOCK = 96


def frame_at(sample: int, rate: int) -> int:
    """The frame of the take where sample `sample` (16 kHz) lies, rounded to the nearest."""
    return (2 * sample * rate + RATE) // (2 * RATE)


def sample_at(frame: int, rate: int) -> int:
    """The first sample (16 kHz) at or after that frame of the take."""
    return -(-frame * RATE // rate)


class Resampler:
    """Takes mono float32 sound from frame `first_frame` on; gives samples from `first_sample` on.

    What lies before `first_frame` counts as silence. Feed it from `wanted_frame(…)` on for
    results that do not show where the reading began.
    """

    def __init__(self, rate: int, first_frame: int, first_sample: int) -> None:
        self._rate = rate
        common = gcd(RATE, rate)
        self._up, self._down = RATE // common, rate // common
        self._reach = reach(rate)
        self._block = max(1, -(-_LEAST_BLOCK // self._up)) * self._up
        if self._up > _LARGEST_MATRIX:
            self._block = STEP
        self._at = first_sample  # next sample to give; a block may begin at any sample
        begin = self._window_start(first_sample)
        before = np.zeros(max(0, first_frame - begin), np.float32)
        self._skip = max(0, begin - first_frame)
        self._kept: Samples = before
        self._kept_at = begin
        self._phase = (first_sample * self._down) % self._up

    def _window_start(self, sample: int) -> int:
        return sample * self._down // self._up - self._reach

    def push(self, sound: Samples) -> Samples:
        """The samples that can be told now; the rest follows with later sound."""
        if self._skip:
            cut = min(self._skip, len(sound))
            self._skip -= cut
            sound = sound[cut:]
        if self._up == self._down:
            return self._pass_on(sound)
        self._kept = np.concatenate([self._kept, sound])
        return self._convert()

    def finish(self, frames: int) -> Samples:
        """What is left, with silence after it: samples up to the take's `frames`."""
        due = sample_at(frames, self._rate) - self._at
        if due <= 0 or self._up == self._down:
            return np.zeros(0, np.float32)
        short = (due + self._block) * self._down // self._up + 2 * self._reach + 1
        self._kept = np.concatenate([self._kept, np.zeros(short, np.float32)])
        return self._convert()[:due]

    def _pass_on(self, sound: Samples) -> Samples:
        # at 16 kHz the window reaches back for nothing: drop what lies before the first sample
        joined = np.concatenate([self._kept, sound])
        lead = min(max(0, self._at - self._kept_at), len(joined))
        given = joined[lead:]
        self._kept = np.zeros(0, np.float32)
        self._at += len(given)
        self._kept_at += len(joined)
        return given

    def _convert(self) -> Samples:
        step_in = self._block * self._down // self._up if self._up <= _LARGEST_MATRIX else 0
        if not step_in:
            return self._gather()
        matrix = _matrix(self._up, self._down, self._block, self._reach, self._phase)
        width = matrix.shape[0]
        blocks = (len(self._kept) - width) // step_in + 1 if len(self._kept) >= width else 0
        if blocks <= 0:
            return np.zeros(0, np.float32)
        size = self._kept.itemsize
        rows = as_strided(self._kept, (blocks, width), (step_in * size, size), writeable=False)
        given: Samples = (np.ascontiguousarray(rows) @ matrix).reshape(-1)
        self._kept = self._kept[blocks * step_in :].copy()
        self._kept_at += blocks * step_in
        self._at += blocks * self._block
        return given

    def _gather(self) -> Samples:
        """For rates that share little with 16,000: sample by sample."""
        last = self._kept_at + len(self._kept) - self._reach - 1
        count = last * self._up // self._down - self._at
        if count <= 0:
            return np.zeros(0, np.float32)
        spread = np.arange(-self._reach, self._reach + 1)
        parts = []
        for begin in range(self._at, self._at + count, 4096):
            k = np.arange(begin, min(begin + 4096, self._at + count), dtype=np.int64)
            whole = k * self._down // self._up
            part = (k * self._down % self._up) / self._up
            index = (whole - self._kept_at)[:, None] + spread
            weights = _kernel(spread[None, :] - part[:, None], self._up, self._down)
            parts.append(np.einsum("ij,ij->i", self._kept[index], weights))
        given = np.concatenate(parts).astype(np.float32)
        self._at += count
        drop = self._window_start(self._at) - self._kept_at
        self._kept = self._kept[drop:].copy()
        self._kept_at += drop
        return given


def reach(rate: int) -> int:
    """Frames on each side of a sample that it is made from."""
    return 0 if rate == RATE else ceil(_ZERO_CROSSINGS * max(1.0, rate / RATE) / _PASSBAND) + 1


def grid(rate: int) -> int:
    """Work begins at multiples of this many samples, so that it is the same from anywhere."""
    up = RATE // gcd(RATE, rate)
    return lcm(STEP, up) if up <= _LARGEST_MATRIX else STEP


def _kernel(distance: npt.NDArray[np.float64], up: int, down: int) -> npt.NDArray[np.float64]:
    """The weight of a frame that lies `distance` frames from the sample."""
    cutoff = _PASSBAND * min(1.0, up / down)
    half = _ZERO_CROSSINGS / cutoff
    inside = np.clip(1 - (distance / half) ** 2, 0, None)
    window = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA) * (inside > 0)
    return np.asarray(cutoff * np.sinc(distance * cutoff) * window)


@cache
def _matrix(up: int, down: int, block: int, reach: int, phase: int) -> Samples:
    """Row: a frame of the window (from `reach` before the first sample's); column: a sample."""
    steps_in = block * down // up
    frames = np.arange(steps_in + 2 * reach + 1) - reach
    places = (np.arange(block) * down + phase) / up
    return _kernel(frames[:, None] - places[None, :], up, down).astype(np.float32)
