"""Evened loudness and a take's own gain, at playback only: slow, bounded, and clipped softly."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .units import Samples

SLEW_DB = 3.0
"""The gain changes by at most this much per block (20 ms), wherever playing jumps to."""
KNEE = 0.8
"""Up to here samples pass unchanged; above, they are bent so that they never exceed 1."""


class Gains(Protocol):
    def gain_db(self, place: float) -> float:
        """What is to be added at a place."""


class GainRamp:
    """Applies the gain block by block, in ramps."""

    def __init__(self, gains: Gains, place: int) -> None:
        self._gains = gains
        self._now = gains.gain_db(place)

    def apply(self, place: int, sound: Samples) -> Samples:
        """The block at `place`; the same array where there is nothing to do."""
        before = self._now
        wanted = self._gains.gain_db(place + len(sound))
        self._now = min(max(wanted, before - SLEW_DB), before + SLEW_DB)
        if before == self._now == 0.0 or not len(sound):
            return sound
        ramp = np.geomspace(_factor(before), _factor(self._now), len(sound), dtype=np.float32)
        return soft_clip(sound * ramp)


def soft_clip(sound: Samples) -> Samples:
    """Full scale is approached, never passed; below the knee nothing changes."""
    size = np.abs(sound)
    if not len(sound) or float(size.max()) <= KNEE:
        return sound
    room = 1 - KNEE
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    return np.where(size > KNEE, np.copysign(bent, sound), sound).astype(np.float32)


def _factor(db: float) -> float:
    return float(10.0 ** (db / 20.0))
