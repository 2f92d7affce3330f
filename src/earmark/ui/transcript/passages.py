"""A passage as it is shown: safe plain text, and which of its words stands where."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from earmark.model import Anchor, Segment, Timeline, Word, format_time

from ..notes.textual import LONGEST_LINE, one_line


@dataclass(frozen=True)
class Place:
    """A word at `[start, end)` code points of the shown text."""

    start: int
    end: int
    word: Word


class Shown:
    """A segment with its place on the timeline, in ms; None for a take that is not on it."""

    def __init__(self, segment: Segment, timeline: Timeline) -> None:
        self.segment = segment
        self.start = Anchor(segment.take, segment.start)
        self.ms = timeline.to_ms(self.start)
        self.text = one_line(segment.text)[:LONGEST_LINE]

    @property
    def time(self) -> str:
        return "" if self.ms is None else format_time(self.ms)

    @property
    def speaker(self) -> str:
        return one_line(self.segment.speaker)

    def is_like(self, other: Shown) -> bool:
        """Whether both look the same: nothing needs to be shown anew."""
        mine, its = self.segment, other.segment
        return self.ms == other.ms and (mine is its or mine == its)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where the words stand; those the text does not have (any more) stand nowhere."""
        found: list[Place] = []
        offset = 0
        for word in self.segment.words:
            text = one_line(word.text)
            at = self.text.find(text, offset) if text else -1
            if at >= 0:
                offset = at + len(text)
                found.append(Place(at, offset, word))
        return tuple(found)

    def anchor_at(self, offset: int) -> Anchor:
        """The moment of the word at `offset`: of the one before it, in a gap; else the start."""
        number = bisect_right([place.start for place in self.places], offset) - 1
        if number < 0:
            return self.start
        return Anchor(self.segment.take, self.places[number].word.start)

    def place_at(self, frame: int) -> Place | None:
        """The word being spoken at a frame of the segment's take: the last one begun."""
        found: Place | None = None
        for place in self.places:
            if place.word.start > frame:
                break
            found = place
        return found

    def words(self) -> str:
        """The passage as it is copied: time, speaker, text."""
        head = f"[{self.time}] " if self.time else ""
        who = f"{self.speaker}: " if self.speaker else ""
        return f"{head}{who}{self.text}"


def speakers(segments: Iterable[Segment]) -> tuple[str, ...]:
    """The names given, each once, in order of first speaking."""
    return tuple(dict.fromkeys(one.speaker for one in segments if one.speaker))
