"""The lines with a time, and the passages of the transcript, as cues: for subtitles and labels."""

from __future__ import annotations

from dataclasses import dataclass

from earmark.model import LineKind
from earmark.model.i18n import _

from .content import ShareContent, SharedLine
from .markup import seen

_AT_THE_END_MS = 1_000
"""How long a cue stays that begins where everything ends."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch `[start_ms, end_ms)`, never empty, and one line of text without controls."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""


def note_cues(content: ShareContent) -> tuple[Cue, ...]:
    """Lines that have a time and a text, in order of time; of equal times, in order of the notes.

    A cue lasts until the next later line begins. Bookmarks are not among them.
    """
    timed = [(line.ms, line) for line in content.lines if line.ms is not None]
    timed.sort(key=lambda pair: pair[0])
    cues = (_cue(ms, line.end_ms or ms, line_words(line)) for ms, line in timed)
    return tuple(cue for cue in cues if cue.text)


def transcript_cues(content: ShareContent) -> tuple[Cue, ...]:
    """The transcript's passages in order of time."""
    passages = sorted(content.segments, key=lambda passage: passage.ms)
    cues = (_cue(p.ms, p.end_ms, seen(p.segment.text), seen(p.segment.speaker)) for p in passages)
    return tuple(cue for cue in cues if cue.text)


def line_words(line: SharedLine) -> str:
    """A line's text in one line without controls; a picture without a description has a name."""
    words = seen(line.line.text)
    return words or (_("Picture") if line.line.kind is LineKind.PICTURE else "")


def _cue(start_ms: int, end_ms: int, text: str, speaker: str = "") -> Cue:
    end_ms = end_ms if end_ms > start_ms else start_ms + _AT_THE_END_MS
    return Cue(start_ms, end_ms, text, speaker)
