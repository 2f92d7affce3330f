"""The transcript of what is shared: cut as its sound is, and timed on the shared timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace

from earmark.model import (
    Anchor,
    Frames,
    Milliseconds,
    Segment,
    TakeId,
    Timeline,
    Transcript,
    Word,
)

from .cuts import Kept


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A spoken word on the shared timeline."""

    text: str
    ms: Milliseconds
    end_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class SharedSegment:
    """A passage of the transcript on the shared timeline; `words` may be empty."""

    segment: Segment
    ms: Milliseconds
    end_ms: Milliseconds
    words: tuple[SharedWord, ...]


def shared_transcript(transcript: Transcript | None, kept: dict[TakeId, Kept]) -> Transcript | None:
    """What was said in the shared sound; a passage cut in the middle keeps its words that are."""
    if transcript is None:
        return None
    shared = (_passage(s, kept[s.take]) for s in transcript.segments if s.take in kept)
    return replace(transcript, segments=tuple(s for s in shared if s is not None))


def _passage(before: Segment, kept: Kept) -> Segment | None:
    whole = kept.covers(before.start, before.end)
    words = tuple(
        Word(w.text, kept.moved(w.start), kept.moved(w.end), w.probability)
        for w in before.words
        if kept.covers(w.start, w.end)
    )
    if not whole and not words:
        return None
    start = kept.moved(before.start) if whole else words[0].start
    end = kept.moved(before.end) if whole else words[-1].end
    text = before.text if whole else " ".join(word.text for word in words)
    return replace(before, start=start, end=end, text=text, words=words)


def timed_segments(transcript: Transcript | None, timeline: Timeline) -> tuple[SharedSegment, ...]:
    if transcript is None:
        return ()

    def ms(take: TakeId, frame: Frames) -> Milliseconds:
        return timeline.to_ms(Anchor(take, frame)) or Milliseconds(0)

    return tuple(
        SharedSegment(
            s,
            ms(s.take, s.start),
            ms(s.take, s.end),
            tuple(SharedWord(w.text, ms(s.take, w.start), ms(s.take, w.end)) for w in s.words),
        )
        for s in transcript.segments
    )
