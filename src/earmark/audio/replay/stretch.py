"""Other speeds with the pitch kept: WSOLA, which knows what it plays.

Verhelst & Roelands, "An overlap-add technique based on waveform similarity (WSOLA)", ICASSP 1993:
40-ms Hann frames, half overlapping; each is taken from within ±10 ms of where it ideally lies, at
the place most like the natural continuation of the one before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .units import RATE, Samples, silence

HOP = RATE // 50
"""Frames put out per step: half a Hann frame, 20 ms."""
SEARCH = RATE // 100
"""Frames to either side that are searched: 10 ms."""
COARSE = 6
"""The first search sees each 6th frame (8 kHz)."""

_RISE = (np.hanning(2 * HOP + 1)[:HOP]).astype(np.float32)
_FALL = (1 - _RISE).astype(np.float32)


class Stretched(NamedTuple):
    """Sound, and which input frames are heard at its first and behind its last frame.

    In between the input runs on evenly. Over a stream these numbers never fall.
    """

    sound: Samples
    start: int
    end: int


class Stretch:
    """Feed it input in any portions; what is put out depends on the whole input only."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._input = silence(0)
        self._base = 0
        """Input frame at which `_input` begins."""
        self._last = -HOP
        """Where the last frame was taken; its second half is still fading out."""
        self._step = 0

    @property
    def fed(self) -> int:
        """Input frames so far."""
        return self._base + len(self._input)

    def feed(self, sound: Samples) -> list[Stretched]:
        self._input = np.concatenate([self._input, sound])
        out: list[Stretched] = []
        while True:
            # A step ends, at output frame (step + 1)·HOP, one HOP into the frame it takes.
            ideal = round((self._step + 1) * HOP * self.speed) - HOP
            low = max(ideal - SEARCH, self._last, 0)
            high = max(ideal + SEARCH, low)
            if self.fed < max(high, self._last + HOP) + 2 * HOP:
                return out
            out.append(self._take(low, high))

    def finish(self) -> Stretched:
        """The rest of the input at its own speed: the exact continuation of what was put out."""
        start = self._last + HOP
        rest = self._input[start - self._base :]
        self._base = self.fed
        self._input = silence(0)
        self._last = self._base - HOP
        return Stretched(rest, start, self._base)

    def _take(self, low: int, high: int) -> Stretched:
        start = self._last + HOP
        natural = self._part(start, HOP)
        found = low + _most_alike(natural, self._part(low, high - low + HOP))
        sound = natural * _FALL + self._part(found, HOP) * _RISE
        self._last = found
        self._step += 1
        done = min(found + HOP, round((self._step + 1) * HOP * self.speed) - HOP - SEARCH)
        if done > self._base + RATE // 4:
            self._input = self._input[done - self._base :]
            self._base = done
        return Stretched(sound, start, found + HOP)

    def _part(self, frame: int, count: int) -> Samples:
        return self._input[frame - self._base : frame - self._base + count]


def _most_alike(wanted: Samples, field: Samples) -> int:
    """The offset in `field` whose sound correlates best with `wanted` (normalised)."""
    room = len(field) - len(wanted)
    if room <= 0:
        return 0
    coarse = _likeness(wanted[::COARSE], field[::COARSE])
    near = min(int(np.argmax(coarse)) * COARSE, room)
    low, high = max(0, near - COARSE), min(room, near + COARSE)
    return low + int(np.argmax(_likeness(wanted, field[low : high + len(wanted)])))


def _likeness(wanted: Samples, field: Samples) -> Samples:
    product = np.correlate(field, wanted, "valid")
    power = np.concatenate([[0.0], np.cumsum(field.astype(np.float64) ** 2)])
    energy = power[len(wanted) :] - power[: -len(wanted)]
    alike: Samples = (product / np.sqrt(np.maximum(energy, 1e-9))).astype(np.float32)
    return alike
