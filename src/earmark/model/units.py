"""Units and ids as types, and the one conversion between each pair of units."""

from __future__ import annotations

import os
from typing import NewType

Frames = NewType("Frames", int)
"""A count of, or position in, frames (one sample on every channel) of one take, at its own rate."""
SampleRate = NewType("SampleRate", int)
"""Frames per second."""
Milliseconds = NewType("Milliseconds", int)

SessionId = NewType("SessionId", str)
EventId = NewType("EventId", str)
TakeId = NewType("TakeId", str)
LineId = NewType("LineId", str)
BookmarkId = NewType("BookmarkId", str)
PictureId = NewType("PictureId", str)
SegmentId = NewType("SegmentId", str)

RECORDING_RATE = SampleRate(48_000)


def new_id() -> str:
    """A fresh id: 16 random hexadecimal digits, so that its first few tell it from others."""
    return os.urandom(8).hex()


def frames_to_ms(frames: int, rate: int) -> Milliseconds:
    """Frames at `rate` per second as whole milliseconds, rounded to the nearest."""
    return Milliseconds((frames * 1000 + rate // 2) // rate)


def ms_to_frames(ms: float, rate: int) -> Frames:
    """Milliseconds as frames at `rate` per second, rounded to the nearest."""
    return Frames(round(ms * rate / 1000))
