"""Which passage of the transcript belongs to which line of the notes. Places are on the timeline.

A passage belongs to the first line whose anchor lies in it, else to the last line before it; so
every passage is under one line at most.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from .notes import Anchor, NoteLine
from .session import Session
from .takes import Timeline
from .transcript import Segment, Transcript
from .units import LineId, TakeId

REACH_MS = 90_000
"""How long after its end a passage still counts as what a line was written about."""

_Made = TypeVar("_Made")


class Spoken:
    """A transcript laid on the timeline: its passages by their start, in milliseconds.

    Passages of takes that are not on the timeline are left out.
    """

    def __init__(self, transcript: Transcript | None, timeline: Timeline) -> None:
        self.timeline = timeline
        origins: dict[TakeId, tuple[float, float]] = {}
        for take in timeline.takes:
            begins = timeline.start_ms(take.id)
            if begins is not None:
                origins[take.id] = (float(begins), 1000 / take.sample_rate)
        found: list[tuple[float, float, Segment]] = []
        for segment in transcript.segments if transcript is not None else ():
            origin = origins.get(segment.take)
            if origin is not None:
                zero, factor = origin
                start, end = zero + segment.start * factor, zero + segment.end * factor
                found.append((start, end, segment))
        found.sort(key=lambda one: (one[0], one[1]))
        self.starts = [one[0] for one in found]
        self.ends = [one[1] for one in found]
        self.segments = tuple(one[2] for one in found)

    def number_at(self, ms: float, reach_ms: float = REACH_MS) -> int | None:
        """The passage being spoken at a moment, else the last one before it, within `reach_ms`."""
        number = bisect_right(self.starts, ms) - 1
        if number < 0 or ms - self.ends[number] > reach_ms:
            return None
        return number

    def at(self, anchor: Anchor | None, reach_ms: float = REACH_MS) -> Segment | None:
        """As `number_at`, for an anchor."""
        ms = self.timeline.to_ms(anchor) if anchor is not None else None
        number = None if ms is None else self.number_at(ms, reach_ms)
        return None if number is None else self.segments[number]


class _Written:
    """The lines that have a time, by it; of several at one moment the topmost counts."""

    def __init__(self, session: Session, spoken: Spoken) -> None:
        places: dict[int, NoteLine] = {}
        for line in session.lines:
            ms = spoken.timeline.to_ms(line.anchor) if line.anchor is not None else None
            if ms is not None:
                places.setdefault(int(ms), line)
        self.times = sorted(places)
        self.lines = [places[ms] for ms in self.times]
        self.under: dict[LineId, list[Segment]] = {}
        self.owner: dict[str, NoteLine] = {}
        for number, segment in enumerate(spoken.segments):
            start = spoken.starts[number]
            following = spoken.starts[number + 1] if number + 1 < len(spoken.starts) else None
            end = spoken.ends[number] if following is None else min(spoken.ends[number], following)
            first = bisect_left(self.times, start)
            if not (first < len(self.times) and self.times[first] < end):
                first -= 1
            if first >= 0:
                line = self.lines[first]
                self.under.setdefault(line.id, []).append(segment)
                self.owner[segment.id] = line


class Newest:
    """The last few things made from sessions: made again only for others, by identity."""

    def __init__(self, keep: int = 4) -> None:
        self._keep = keep
        self._made: OrderedDict[tuple[int, ...], tuple[tuple[object, ...], object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, make: Callable[[], _Made], *sources: object) -> _Made:
        """What `make` made for exactly these objects; they are kept alive with it."""
        key = tuple(id(source) for source in sources)
        with self._lock:
            found = self._made.get(key)
        if found is None:
            found = (sources, make())  # outside of the lock: at worst two threads make the same
            with self._lock:
                self._made[key] = found
                while len(self._made) > self._keep:
                    self._made.popitem(last=False)
        return found[1]  # type: ignore[return-value]  # made by the same `make`


_spoken = Newest()
_written = Newest()


def spoken(session: Session) -> Spoken:
    """The session's transcript on its timeline; kept for the next question."""
    return _spoken.get(
        lambda: Spoken(session.transcript, session.timeline), session.transcript, session.takes
    )


def passage_of(line: NoteLine, session: Session) -> Segment | None:
    """The passage spoken at the line's anchor, or the last one shortly before it."""
    return spoken(session).at(line.anchor)


def line_of(segment: Segment, session: Session) -> NoteLine | None:
    """The line a passage belongs to; None before the first line."""
    return _lines(session).owner.get(segment.id)


def spoken_under(line: NoteLine, session: Session) -> tuple[Segment, ...]:
    """What was said in the line's window: from its anchor to the next line's, by whole passages."""
    return tuple(_lines(session).under.get(line.id, ()))


def _lines(session: Session) -> _Written:
    talk = spoken(session)
    return _written.get(lambda: _Written(session, talk), talk, session.lines)
