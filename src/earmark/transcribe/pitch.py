"""Whether a voice is in a sound: knocks, rustle and a keyboard have no pitch, speech does."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .engines import RATE, Samples

WIDTH = RATE // 25
HOP = RATE // 100
_SIZE = 2048
_LAGS = slice(RATE // 400, RATE // 60)
_EMPHASIS = np.float32(0.95)
"""Rumble is like itself for long; with the low taken off, only what has a pitch is."""
PERIODIC = 0.3
"""Likeness of a sound to itself one pitch period later; noise stays below 0.25."""
LEAST_LOOKS = 5
LEAST_SHARE = 0.04
"""Speech in the noise of a full room has a pitch in a sixth of its looks or more."""
_AT_ONCE = 64


def has_pitch(sound: Samples, runs: Iterable[tuple[int, int]]) -> bool:
    """Whether enough looks (40 ms each, every 10 ms) inside `runs` have a pitch.

    `runs` are in samples of `sound`. Ends as soon as enough have one: speech costs little.
    """
    bright = np.concatenate([sound[:1], sound[1:] - _EMPHASIS * sound[:-1]])
    starts = [at for a, b in runs for at in range(a, max(a + 1, b - WIDTH), HOP)]
    found = 0
    for i in range(0, len(starts), _AT_ONCE):
        looks = [bright[at : at + WIDTH] for at in starts[i : i + _AT_ONCE]]
        whole = np.stack([look for look in looks if len(look) == WIDTH] or [np.zeros(WIDTH)])
        found += int(np.count_nonzero(_likeness(whole) > PERIODIC))
        if found >= max(LEAST_LOOKS, LEAST_SHARE * len(starts)):
            return True
    return False


def _likeness(looks: Samples) -> Samples:
    """For each row, the highest normalised autocorrelation at a voice's pitch periods."""
    level = looks - looks.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(level, _SIZE)) ** 2
    again = np.fft.irfft(power)[:, _LAGS]
    total = np.maximum((level**2).sum(axis=1), 1e-12)
    lags = np.arange(_LAGS.start, _LAGS.stop)
    again *= WIDTH / (WIDTH - lags)
    return np.asarray(again.max(axis=1) / total, np.float32)
