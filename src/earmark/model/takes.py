"""Takes: the unbroken stretches of recording, their gaps, and the session's timeline over them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate

from .notes import Anchor
from .units import Frames, Milliseconds, SampleRate, SessionId, TakeId, frames_to_ms, ms_to_frames


class TakeState(StrEnum):
    RECORDING = "recording"
    """Its journal is being written (or was, when the machine stopped)."""
    SEALED = "sealed"
    """The journal is whole; its kept form is not made yet."""
    RECOVERED = "recovered"
    """In its kept form, after a death: it ends where the journal ended."""
    COMPLETE = "complete"
    """In its kept form, verified."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch the device did not deliver: silence of the right length, and why."""

    frame: Frames
    frames: Frames
    cause: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a take, `[frame, frame + frames)`: e.g. one that is off the record."""

    frame: Frames
    frames: Frames

    @property
    def end(self) -> Frames:
        return Frames(self.frame + self.frames)


@dataclass(frozen=True, slots=True)
class Take:
    """One unbroken stretch of recording. Files are relative to the library folder, with `/`.

    `file` is None while the take is only in its journal. `original` is an imported file, kept
    untouched. `peaks` is the file the waveform is drawn from (it may lag while recording).
    """

    id: TakeId
    ordinal: int
    sample_rate: SampleRate
    channels: int
    frames: Frames
    started_at: datetime
    state: TakeState
    file: str | None = None
    codec: str | None = None
    gaps: tuple[Gap, ...] = ()
    journal: str | None = None
    peaks: str | None = None
    original: str | None = None
    off_record: tuple[Span, ...] = ()
    session: SessionId | None = None
    """Set only where the take belongs to another session than the one it is shown in."""

    @property
    def duration_ms(self) -> Milliseconds:
        return frames_to_ms(self.frames, self.sample_rate)


class Timeline:
    """A session's takes end to end in order: pauses between takes take no time, gaps do."""

    def __init__(self, takes: tuple[Take, ...]) -> None:
        own = sorted((t for t in takes if t.session is None), key=lambda t: t.ordinal)
        self.takes: tuple[Take, ...] = tuple(own)
        self._index = {t.id: i for i, t in enumerate(own)}
        ends = list(accumulate((t.duration_ms for t in own), initial=0))
        self._starts = ends[:-1]
        self.duration_ms = Milliseconds(ends[-1])

    def start_ms(self, take: TakeId) -> Milliseconds | None:
        """Where the take begins on the timeline; None for a take of another session."""
        index = self._index.get(take)
        return None if index is None else Milliseconds(self._starts[index])

    def take(self, take: TakeId) -> Take | None:
        index = self._index.get(take)
        return None if index is None else self.takes[index]

    def to_ms(self, anchor: Anchor) -> Milliseconds | None:
        """The anchor's place on the timeline; None for a take of another session."""
        index = self._index.get(anchor.take)
        if index is None:
            return None
        rate = self.takes[index].sample_rate
        return Milliseconds(self._starts[index] + frames_to_ms(anchor.frame, rate))

    def to_anchor(self, ms: float) -> Anchor | None:
        """The take and frame at a time, clamped to the timeline; None where there are no takes."""
        if not self.takes:
            return None
        ms = min(max(ms, 0), self.duration_ms)
        index = max(0, bisect_right(self._starts, ms) - 1)
        take = self.takes[index]
        frame = min(ms_to_frames(ms - self._starts[index], take.sample_rate), take.frames)
        return Anchor(take.id, Frames(frame))

    def shifted(self, anchor: Anchor, by_ms: float) -> Anchor:
        """The anchor moved along the timeline, over take borders, clamped at both ends.

        Frame-exact within a take; an anchor into another session's take is clamped at its start.
        """
        index = self._index.get(anchor.take)
        if index is None:
            return Anchor(anchor.take, Frames(max(0, anchor.frame)))
        take = self.takes[index]
        frame = anchor.frame + ms_to_frames(by_ms, take.sample_rate)
        if 0 <= frame <= take.frames:
            return Anchor(take.id, Frames(frame))
        at = self._starts[index] + frame * 1000 / take.sample_rate
        return self.to_anchor(at) or anchor

    def stretches(self, start: Anchor, end: Anchor) -> tuple[tuple[TakeId, Span], ...]:
        """What lies from `start` to `end`, take by take; empty if one is of another session.

        The last take may run still: its stretch ends at `end`, however long it is said to be.
        """
        first, last = self._index.get(start.take), self._index.get(end.take)
        if first is None or last is None:
            return ()
        found: list[tuple[TakeId, Span]] = []
        for number in range(first, last + 1):
            take = self.takes[number]
            begin = start.frame if number == first else 0
            stop = end.frame if number == last else take.frames
            if stop > begin:
                found.append((take.id, Span(Frames(begin), Frames(stop - begin))))
        return tuple(found)
