"""Samples of sound files as 16-bit integers, whatever the file holds.

libsndfile does not scale: read as integers, the ±1.0 of a file of floating point samples becomes
0 and 1, and its waveform and every cut of it would be silence.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.int16]

_FLOATING = ("FLOAT", "DOUBLE")


class SoundFile(Protocol):
    """What is used of `soundfile.SoundFile`."""

    @property
    def subtype(self) -> str: ...

    def read(self, frames: int = ..., dtype: str = ..., always_2d: bool = ...) -> Any: ...


def read_int16(file: SoundFile, frames: int) -> Block:
    """The next frames at most, a row each, full scale ±1.0 as ±32768, clipped; what is no number
    is 0. Empty at the end. Raises soundfile.LibsndfileError."""
    if file.subtype not in _FLOATING:
        block: Block = file.read(frames, dtype="int16", always_2d=True)
        return block
    sound = np.nan_to_num(file.read(frames, dtype="float32", always_2d=True), posinf=1, neginf=-1)
    scaled: Block = np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)
    return scaled
