"""One run of playing: from a place along the route, through gain and speed, to chunks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from .gain import GainRamp, Gains
from .playback_plan import Kept, PlaybackPlan
from .stretch import Stretch, Stretched
from .timeline import Timeline
from .units import BLOCK, RATE, Samples

EDGE = RATE
"""Nearer than this to the end of a running take there is no playing faster than it grows."""
CATCH_UP = 3 * RATE
"""From this far behind, the chosen speed is used again."""
RESTART = RATE * 3 // 4
"""When everything recorded has been heard, go on as soon as this much more is there."""
LOOK = RATE * 3 // 2
"""Nearer than this, the running take is looked at for more."""
STALE_SECONDS = 10.0
"""A running take that grew no more for so long has ended."""


class Chunk(NamedTuple):
    """Sound that came from `place` on, `step` places per frame. `looped`: the loop began again."""

    sound: Samples
    place: float
    step: float
    looped: bool = False


class _Break(NamedTuple):
    fed: int
    place: int
    looped: bool


class Rendering:
    """`next` until `ended`. At speed 1 without gain the samples are the takes' own."""

    def __init__(self, timeline: Timeline, route: PlaybackPlan, gains: Gains, speed: float) -> None:
        self._timeline = timeline
        self._route = route
        self._gain = GainRamp(gains, route.place)
        self._speed = speed
        self._stretch = Stretch(speed) if speed != 1.0 else None
        self._breaks: deque[_Break] = deque()
        self._origin = _Break(0, route.place, False)
        self._grew_at = time.monotonic()
        self.ended = False
        self.waiting = False
        """Everything recorded so far has been given."""

    @property
    def at_edge(self) -> bool:
        """Playing as fast as the take grows, instead of faster."""
        return self._stretch is None and self._speed != 1.0

    @property
    def place(self) -> int:
        """What is read next."""
        return self._route.place

    def keep(self, kept: Kept) -> None:
        self._route.keep(kept)

    def next(self) -> list[Chunk]:
        """About one block; may be empty while input is gathered, or at the edge of a take."""
        if self.ended:
            return []
        chunks = self._mind_edge() if self._timeline.running else []
        if self.waiting:
            return chunks
        piece = self._route.next(BLOCK)
        if piece is None:
            self.ended = True
            return chunks + self._finish()
        if not len(piece.sound):
            self.waiting = True
            return chunks + self._finish()
        sound = self._gain.apply(piece.place, piece.sound)
        if self._stretch is None:
            return [*chunks, Chunk(sound, piece.place, 1.0, piece.looped)]
        self._note(piece.place, piece.looped, self._stretch.fed)
        for stretched in self._stretch.feed(sound):
            chunks.extend(self._chunks(stretched))
        return chunks

    def _mind_edge(self) -> list[Chunk]:
        lag = self._timeline.frames - self._route.place
        now = time.monotonic()
        if lag < LOOK and self._timeline.refresh():
            self._grew_at = now
            lag = self._timeline.frames - self._route.place
        if self.waiting:
            if lag >= RESTART or not self._timeline.running:
                self.waiting = False
            elif now - self._grew_at > STALE_SECONDS:
                self._timeline.finish()
                self.waiting = False
        if self._stretch is not None and self._speed > 1 and lag < EDGE:
            return self._finish()
        if self.at_edge and lag > CATCH_UP:
            self._stretch = Stretch(self._speed)
            self._breaks.clear()
            self._origin = _Break(0, self._route.place, False)
        return []

    def _finish(self) -> list[Chunk]:
        """What the stretch still holds, at its own speed; from there on without a stretch."""
        if self._stretch is None:
            return []
        rest = self._stretch.finish()
        self._stretch = None
        return list(self._chunks(rest))

    def _note(self, place: int, looped: bool, fed: int) -> None:
        last = self._breaks[-1] if self._breaks else self._origin
        if place - last.place != fed - last.fed:
            self._breaks.append(_Break(fed, place, looped))

    def _chunks(self, part: Stretched) -> Iterator[Chunk]:
        """The part's sound, divided wherever the places it came from jump."""
        length = len(part.sound)
        if not length:
            return
        step = (part.end - part.start) / length
        at, start, looped = 0, part.start, False
        while True:
            while self._breaks and self._breaks[0].fed <= start:
                self._origin = self._breaks.popleft()
                looped = looped or self._origin.looped
            until = length
            if self._breaks and self._breaks[0].fed < part.end and step > 0:
                until = min(length, round((self._breaks[0].fed - part.start) / step))
            if until > at:
                place = self._origin.place + (start - self._origin.fed)
                yield Chunk(part.sound[at:until], place, step, looped)
                looped = False
            if until >= length:
                return
            at, start = until, self._breaks[0].fed
