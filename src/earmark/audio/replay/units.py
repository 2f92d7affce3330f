"""What the parts of the replay engine share: its one rate, its block, its array type."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 48_000
"""Frames per second of the timeline and of the device. Positions on it are called places."""
BLOCK = 960
"""Frames rendered at once: 20 ms."""
CUT_FADE = 240
"""Frames of the cross-fade where a stretch is left out: 5 ms."""

Samples = npt.NDArray[np.float32]
"""Mono sound, one-dimensional, full scale ±1."""


def silence(frames: int) -> Samples:
    return np.zeros(max(0, frames), np.float32)
