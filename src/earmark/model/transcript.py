"""Transcripts: what was said, as segments of words, each with its frames and its probability."""

from __future__ import annotations

from dataclasses import dataclass

from .units import Frames, SegmentId, SessionId, TakeId


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was said: frames `[start, end)` of its segment's take, probability 0..1.

    `text` carries no surrounding spaces; the words of a segment joined by spaces are its text
    (unless a person wrote it anew).
    """

    text: str
    start: Frames
    end: Frames
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage: what was said in frames `[start, end)` of one take.

    `speaker` is a name a person gave, or empty. `edited`: a person changed the text; it outlives
    every later transcription of the same stretch.
    """

    id: SegmentId
    take: TakeId
    start: Frames
    end: Frames
    text: str
    words: tuple[Word, ...] = ()
    speaker: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """A session's transcript. `segments` in order of the session's takes, then of their start.

    `engine`, `model`, `language` tell who wrote the newest part of it.
    """

    engine: str
    model: str
    language: str
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcription:
    """How far a take is transcribed: everything before frame `done` is, and `finished` says that
    nothing is left. `queued`: a person asked for it and it is not finished yet.

    `language` is the one that was asked for (`auto`) until the engine tells which it hears.
    """

    take: TakeId
    session: SessionId
    engine: str
    model: str
    language: str
    done: Frames
    finished: bool
    queued: bool
