"""The way through the timeline: stretches left out, a loop, a stop; joined by short cross-fades."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .timeline import Interval, Timeline
from .units import CUT_FADE, Samples, silence

FOREVER = 1 << 62
"""The end of a timeline that still grows."""


class Kept:
    """The stretches that sound: ascending, apart, `[from, to)` in places."""

    def __init__(self, length: int, cuts: Iterable[Interval]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        at = 0
        for start, end in sorted(cuts):
            if start > at:
                self._starts.append(at)
                self._ends.append(min(start, length))
            at = max(at, end)
            if at >= length:
                break
        if at < length:
            self._starts.append(at)
            self._ends.append(length)

    def at_or_after(self, place: int) -> Interval | None:
        """The stretch that holds `place`, else the next one; None behind the last."""
        index = bisect_right(self._starts, place) - 1
        if index < 0 or place >= self._ends[index]:
            index += 1
        return (self._starts[index], self._ends[index]) if index < len(self._starts) else None

    def moved(self, place: int, by: int) -> int:
        """`place` moved by `by` frames of what sounds; clamped at both ends."""
        if not self._starts:
            return place
        index = max(0, bisect_right(self._starts, place) - 1)
        place = min(max(place, self._starts[index]), self._ends[index])
        while by < 0:
            room = place - self._starts[index]
            if room >= -by or index == 0:
                return max(place + by, self._starts[index])
            by += room
            index -= 1
            place = self._ends[index]
        while by > self._ends[index] - place:
            if index + 1 == len(self._starts):
                return self._ends[index]
            by -= self._ends[index] - place
            index += 1
            place = self._starts[index]
        return place + by


class Piece(NamedTuple):
    """Unbroken sound from `place` on. `looped` where the loop has just begun again."""

    sound: Samples
    place: int
    looped: bool = False


class PlaybackPlan:
    """Gives the sound piece by piece. Nothing outside the kept stretches is ever read.

    At a cut the last 5 ms before it and the first 5 ms behind it are blended.
    """

    def __init__(
        self,
        timeline: Timeline,
        kept: Kept,
        place: int,
        loop: Interval | None = None,
        stop: int | None = None,
    ) -> None:
        self._timeline = timeline
        self._kept = kept
        self._loop = loop
        self._stop = stop if stop is not None and stop > place else None
        self._fading = silence(0)
        self._looped = False
        self.place = place
        self.ended = False
        self._enter(place)

    def keep(self, kept: Kept) -> None:
        """Goes on along other stretches (more was recorded, or pauses were found)."""
        before = self.place
        tail = self._timeline.read(before, min(CUT_FADE, max(0, self._end - before)))
        self._kept = kept
        self._enter(before)
        if self.place != before:
            self._fading = tail

    def next(self, count: int) -> Piece | None:
        """At most `count` frames; none of them when more is to come; None at the end."""
        if self.ended:
            return None
        if self.place >= self._end - self._fade and not self._go_on():
            return None
        place = self.place
        sound = self._timeline.read(place, min(count, self._end - self._fade - place))
        if not len(sound):
            if not self._timeline.running:
                self.ended = True
                return None
            return Piece(sound, place)
        self.place += len(sound)
        looped, self._looped = self._looped, False
        return Piece(self._blended(sound), place, looped)

    def _go_on(self) -> bool:
        """From the end of a stretch to the next one; False where nothing follows."""
        if self._onward is None:
            self.ended = True
            return False
        tail = self._timeline.read(self.place, self._end - self.place)
        self._looped = self._looping
        self._enter(self._onward)
        self._fading = tail
        return not self.ended

    def _blended(self, sound: Samples) -> Samples:
        count = min(len(self._fading), len(sound))
        if count:
            rise = np.linspace(0, 1, count, endpoint=False, dtype=np.float32)
            head = sound[:count] * rise + self._fading[:count] * (1 - rise)
            sound = np.concatenate([head, sound[count:]])
            self._fading = silence(0)
        return sound

    def _enter(self, place: int) -> None:
        """Finds the stretch to play from `place` on, and where to go behind it."""
        loop = self._loop
        stretch = self._kept.at_or_after(place)
        if loop is not None and (stretch is None or max(place, stretch[0]) >= loop[1]):
            stretch = self._kept.at_or_after(loop[0])
            place = loop[0]
            if stretch is not None and stretch[0] >= loop[1]:
                stretch = None
        if stretch is None:
            self._end, self._fade, self._onward, self._looping = place, 0, None, False
            self.place, self.ended = place, True
            return
        self.place = max(place, stretch[0])
        self._end = stretch[1]
        following = self._kept.at_or_after(stretch[1])
        self._onward = following[0] if following else None
        self._looping = False
        if loop is not None and (
            self._end >= loop[1] or following is None or following[0] >= loop[1]
        ):
            self._end = min(self._end, loop[1])
            self._onward, self._looping = loop[0], True
        if self._stop is not None and self._stop <= self._end:
            self._end, self._onward, self._looping = max(self._stop, self.place), None, False
        length = self._end - self.place
        self._fade = 0 if self._onward is None else min(CUT_FADE, length // 2)
