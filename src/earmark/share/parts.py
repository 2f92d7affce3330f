"""The parts of a session from a stranger's JSON objects."""

from __future__ import annotations

from earmark.model import (
    MAX_INDENT,
    Anchor,
    Bookmark,
    BookmarkId,
    Frames,
    Gap,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    SampleRate,
    Segment,
    SegmentId,
    SessionId,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    Word,
    new_id,
    safe_line,
)

from .fields import Fields, moment
from .refusals import MalformedShare

MAX_TEXT = 400_000
"""Characters: far more than a line has, and no reason to refuse what somebody wrote."""
_RATES = range(4_000, 192_001)
_MAX_GAPS = 10_000
_MANY = 200_000


def take_from(form: Fields) -> Take:
    """A take without its files. One still in its journal when it was shared is complete now."""
    rate, frames = form.count("sample_rate", _RATES[-1]), form.frames("frames")
    if rate not in _RATES:
        raise MalformedShare("sample_rate: out of all use")
    state = form.choice("state", TakeState, TakeState.COMPLETE)
    if state is not TakeState.RECOVERED:
        state = TakeState.COMPLETE
    gaps = tuple(
        Gap(
            Frames(g.frames("frame")),
            Frames(g.frames("frames")),
            safe_line(g.text("cause", 10_000)),
        )
        for g in form.list("gaps", _MAX_GAPS)
    )
    if any(gap.frame + gap.frames > frames for gap in gaps):
        raise MalformedShare("a gap outside its take")
    session = form.id("session", None)
    channels = form.count("channels", 2)
    if not channels:
        raise MalformedShare("channels: none")
    return Take(
        TakeId(form.id("id")),
        form.count("ordinal", 99_999),
        SampleRate(rate),
        channels,
        Frames(frames),
        moment(form.text("started_at", 60)),
        state,
        gaps=gaps,
        session=None if session is None else SessionId(session),
    )


def line_from(form: Fields) -> NoteLine:
    text = form.text("text", MAX_TEXT)
    runs = tuple(
        TimeRun(run.count("offset", MAX_TEXT), _anchor(run)) for run in form.list("runs", _MANY)
    )
    offsets = [run.offset for run in runs]
    fitting = offsets == sorted(set(offsets)) and (not offsets or offsets[-1] < len(text))
    if not fitting or (offsets and offsets[0] != 0):
        raise MalformedShare("time runs that do not fit their text")
    place = form.object("anchor")
    return NoteLine(
        LineId(form.id("id")),
        text,
        form.choice("kind", LineKind),
        form.count("indent", MAX_INDENT, 0),
        form.truth("checked"),
        form.choices("marks", Mark),
        form.truth("private"),
        None if place is None else _anchor(place),
        runs,
    )


def _anchor(form: Fields) -> Anchor | None:
    """Take and frame; None where both are null."""
    if not form.has("take") and not form.has("frame"):
        return None
    return Anchor(TakeId(form.id("take")), Frames(form.frames("frame")))


def bookmark_from(form: Fields) -> Bookmark:
    anchor = Anchor(TakeId(form.id("take")), Frames(form.frames("frame")))
    return Bookmark(BookmarkId(form.id("id")), anchor, safe_line(form.text("label", MAX_TEXT, "")))


def _word(form: Fields) -> Word:
    """A word. Engines are not exact about its ends: they are no reason to refuse anything."""
    start = form.frames("start_frame")
    end = max(start, form.frames("end_frame"))
    text = safe_line(form.text("text", MAX_TEXT))
    return Word(text, Frames(start), Frames(end), form.share("probability", 1.0))


def segment_from(form: Fields) -> Segment:
    words = tuple(_word(word) for word in form.list("words", _MANY))
    start, end = form.frames("start_frame"), form.frames("end_frame")
    if start > end:
        raise MalformedShare("a passage that ends before it begins")
    return Segment(
        SegmentId(form.id("id", None) or new_id()),
        TakeId(form.id("take")),
        Frames(start),
        Frames(end),
        safe_line(form.text("text", MAX_TEXT)),
        words,
        safe_line(form.text("speaker", MAX_TEXT, "")),
        form.truth("edited"),
    )
