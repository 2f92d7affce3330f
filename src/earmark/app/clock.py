"""Capture's frames against the monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

from earmark.model import Anchor, Frames, SampleRate, TakeId

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class FrameClock:
    """The mapping capture sends about once a second: frame 0 of `take` was heard at `zero_ns`."""

    take: TakeId
    zero_ns: int
    rate: SampleRate

    def at(self, mono_ns: int) -> Anchor:
        """The frame being captured at a `time.monotonic_ns()`; frame 0 for any earlier time."""
        frame = (mono_ns - self.zero_ns) * self.rate // _NS
        return Anchor(self.take, Frames(max(0, frame)))
