"""A reader's sound at 48 kHz, without state: a frame has one value, however the sound is cut.

Windowed-sinc polyphase interpolation (Crochiere & Rabiner, *Multirate Digital Signal Processing*,
1983): output frame n lies at input time n·M/L; its phase picks one row of Kaiser-windowed taps.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .readers import Reader
from .units import RATE, Samples, silence

TAPS = 32
PASSBAND = 0.95
KAISER_BETA = 8.0


class Resampled:
    """Positions and lengths here are frames at 48 kHz. A 48-kHz reader passes through unchanged."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        common = gcd(RATE, reader.rate)
        self._up, self._down = RATE // common, reader.rate // common

    @property
    def frames(self) -> int:
        return self.reader.frames * self._up // self._down

    def read(self, frame: int, count: int) -> Samples:
        """Fewer than `count` frames only at the end."""
        frame = max(0, frame)
        count = min(count, self.frames - frame)
        if count <= 0:
            return silence(0)
        if self._up == self._down:
            return self.reader.read(frame, count)
        taps = _filter(self._up, self._down)
        width = taps.shape[1]
        at = np.arange(frame, frame + count, dtype=np.int64) * self._down
        whole, phase = at // self._up, at % self._up
        first = int(whole[0]) - (width // 2 - 1)
        end = int(whole[-1]) + width // 2 + 1
        sound = self.reader.read(max(0, first), end - max(0, first))
        before = max(0, -first)
        after = end - first - before - len(sound)
        padded = np.concatenate([silence(before), sound, silence(after)])
        windows = sliding_window_view(padded, width)[whole - int(whole[0])]
        # Summed in float64: the order in which a block's rows are summed must not show.
        summed = np.einsum("ij,ij->i", windows, taps[phase], dtype=np.float64)
        return np.asarray(summed, np.float32)


@cache
def _filter(up: int, down: int) -> Samples:
    """The taps for each phase, shape (up, width), each row's sum 1."""
    squeeze = min(1.0, up / down)
    cutoff = squeeze * PASSBAND
    width = int(TAPS / squeeze) // 2 * 2
    offset = np.arange(width) - (width // 2 - 1)
    distance = offset[None, :] - (np.arange(up) / up)[:, None]
    inside = np.clip(1 - (distance / (width / 2)) ** 2, 0, None)
    window = np.i0(KAISER_BETA * np.sqrt(inside)) / np.i0(KAISER_BETA)
    taps = np.sinc(cutoff * distance) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)
