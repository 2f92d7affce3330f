"""Any rate to 16 kHz in blocks of any size, with exact places. The filter is libsoxr's.

Sample k of the result lies at frame k * rate / 16000 of the take, whatever the blocks and wherever
the reading began: nothing can drift.
"""

from __future__ import annotations

from math import gcd, lcm

import numpy as np
import soxr

from .engines import RATE, Samples

STEP = 480
"""Samples of one look at whether somebody speaks: 30 ms. Work begins at multiples of it."""


def frame_at(sample: int, rate: int) -> int:
    """The frame of the take where sample `sample` (16 kHz) lies, rounded to the nearest."""
    return (2 * sample * rate + RATE) // (2 * RATE)


def sample_at(frame: int, rate: int) -> int:
    """The first sample (16 kHz) at or after that frame of the take."""
    return -(-frame * RATE // rate)


def grid(rate: int) -> int:
    """Work begins at multiples of this many samples: there a sample lies exactly on a frame, so
    that it is the same from anywhere. Longer than the filter on each side (a few ms)."""
    return lcm(STEP, RATE // gcd(RATE, rate))


def first_frame(sample: int, rate: int) -> int:
    """Where to begin reading for samples from `sample` (a multiple of `grid`) on: one step of the
    grid before it, so that the filter has settled by then."""
    return max(0, sample - grid(rate)) * rate // RATE


class Resampler:
    """Takes mono float32 sound from frame `begin` on; gives samples from `first_sample` on, a
    multiple of `grid`. What lies before `begin` counts as silence.

    Feed it from `first_frame(first_sample)` on for results that do not show where reading began.
    """

    def __init__(self, rate: int, begin: int, first_sample: int) -> None:
        self._rate = rate
        self._stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32")
        self._at = first_sample
        lead = max(0, first_sample - grid(rate))
        self._settling = first_sample - lead
        start = first_frame(first_sample, rate)
        self._skip = max(0, start - begin)
        self._silence: Samples = np.zeros(max(0, begin - start), np.float32)

    def push(self, sound: Samples) -> Samples:
        """The samples that can be told now; the rest follows with later sound."""
        if self._skip:
            cut = min(self._skip, len(sound))
            self._skip -= cut
            sound = sound[cut:]
        if len(self._silence):
            sound = np.concatenate([self._silence, sound])
            self._silence = self._silence[:0]
        return self._told(self._stream.resample_chunk(sound))

    def finish(self, frames: int) -> Samples:
        """What is left, with silence after it: samples up to the take's `frames`."""
        due = max(0, sample_at(frames, self._rate) - self._at)
        rest = self._told(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))[:due]
        return np.pad(rest, (0, due - len(rest)))

    def _told(self, samples: Samples) -> Samples:
        cut = min(self._settling, len(samples))
        self._settling -= cut
        self._at += len(samples) - cut
        return samples[cut:]
