"""The waveform of a shared sound: so few bytes that they travel inside the page."""

from __future__ import annotations

import base64

import numpy as np

from .sound import Samples

COLUMNS = 1_200
_EXPONENT = 0.6
"""Bends loudness so that quiet speech can be seen beside loud."""


class Levels:
    """Gathers the loudness of `frames` samples in at most 1200 equal columns."""

    def __init__(self, frames: int) -> None:
        self._columns = max(1, min(COLUMNS, frames))
        self._frames = max(1, frames)
        self._power = np.zeros(self._columns, np.float64)
        self._at = 0

    def add(self, block: Samples) -> None:
        places = np.arange(self._at, self._at + len(block), dtype=np.int64)
        columns = np.minimum(places * self._columns // self._frames, self._columns - 1)
        self._power += np.bincount(
            columns, np.square(block, dtype=np.float64), minlength=self._columns
        )
        self._at += len(block)

    def bytes(self) -> bytes:
        """One byte a column, 255 for the loudest."""
        rms = np.sqrt(self._power * self._columns / self._frames)
        loudest = float(rms.max())
        if loudest <= 0:
            return bytes(self._columns)
        return np.rint(255 * (rms / loudest) ** _EXPONENT).astype(np.uint8).tobytes()

    def text(self) -> str:
        """The bytes as base64."""
        return base64.b64encode(self.bytes()).decode("ascii")
