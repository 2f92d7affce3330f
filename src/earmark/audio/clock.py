"""Frames against the monotonic clock: the lower envelope of arrival times.

A frame cannot arrive before it was captured, but it may arrive late for many reasons. So, over a
sliding window, the smallest of `arrival - frames / rate` is the best estimate of the moment at
which frame 0 was captured; the window lets it follow a device whose crystal drifts.
"""

from __future__ import annotations

import sys
import time
from collections import deque

SECOND_NS = 1_000_000_000
WINDOW_NS = 20 * SECOND_NS
_AT_ONCE_NS = SECOND_NS // 1000


def slept_ns() -> int:
    """How long the computer has been asleep since it was started: what the monotonic clock, which
    stands still meanwhile, does not count. 0 where nobody tells (on Windows it does not stand).
    """
    if sys.platform == "linux":
        counting, standing = time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC
    elif sys.platform == "darwin":
        counting, standing = time.CLOCK_MONOTONIC, time.CLOCK_UPTIME_RAW
    else:
        return 0
    while True:
        before = time.clock_gettime_ns(standing)
        now = time.clock_gettime_ns(counting)
        # Another program's turn between the two would look like sleep.
        if time.clock_gettime_ns(standing) - before < _AT_ONCE_NS:
            return now - before


class LowerEnvelope:
    """The monotonic time of frame 0, learned from arrivals."""

    def __init__(self, rate: int, window_ns: int = WINDOW_NS) -> None:
        self._rate = rate
        self._window = window_ns
        self._minima: deque[tuple[int, int]] = deque()
        """(arrival, offset), offsets ascending: the head is the window's smallest."""

    @property
    def zero_ns(self) -> int | None:
        """When frame 0 was captured (nanoseconds, monotonic); None before the first arrival."""
        return self._minima[0][1] if self._minima else None

    def offset(self, frames: int, arrival_ns: int) -> int:
        """What this arrival alone says about frame 0 (never too early)."""
        return arrival_ns - frames * SECOND_NS // self._rate

    def add(self, frames: int, arrival_ns: int) -> None:
        """The frame count after a delivery, and when it came."""
        offset = self.offset(frames, arrival_ns)
        minima = self._minima
        while minima and minima[-1][1] >= offset:
            minima.pop()
        minima.append((arrival_ns, offset))
        while minima[0][0] < arrival_ns - self._window:
            minima.popleft()

    def late_ns(self, frames: int, arrival_ns: int) -> int:
        """How much later than the envelope this delivery came; negative where it came sooner."""
        zero = self.zero_ns
        return 0 if zero is None else self.offset(frames, arrival_ns) - zero

    def shift(self, by_ns: int) -> None:
        """Frame 0 was captured that much earlier: time has passed that the clock did not count."""
        self._minima = deque((arrival, offset - by_ns) for arrival, offset in self._minima)

    def reset(self) -> None:
        """Forgets: after a gap the next arrivals anchor anew."""
        self._minima.clear()

    def frame_at(self, mono_ns: int) -> int:
        """The frame being captured at a moment; 0 before the first arrival."""
        zero = self.zero_ns
        return 0 if zero is None else max(0, (mono_ns - zero) * self._rate // SECOND_NS)
