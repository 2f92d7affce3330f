"""The built-in talk: two minutes of speech with notes, brought in like any recording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from earmark.model import (
    Anchor,
    Changes,
    Frames,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    NotesEdit,
    Segment,
    SegmentId,
    SessionId,
    Timeline,
    TimeRun,
    Transcript,
    Word,
    ms_to_frames,
    new_id,
    tidy_runs,
)

from .assets import asset
from .earmark import Earmark
from .wallclock import local_now

if TYPE_CHECKING:
    from earmark.library import Library

TALK = "demo/talk.opus"
NOTES = "demo/notes.json"
WRITTEN_BY = ("espeak-ng", "the talk's own words", "en")
"""Nothing had to be recognised: the talk was made from these words."""


def open_demo(earmark: Earmark) -> SessionId:
    """The built-in talk's session: brought in unless it is in the library already. Blocks.

    Its words stand beside its notes at the first look; afterwards as the person leaves it.
    """
    form: dict[str, Any] = json.loads(asset(NOTES).read_text(encoding="utf-8"))
    title = str(form["title"])
    there = earmark.library.run(_find, title).result()
    if there is not None:
        return there
    session = earmark.imports.import_file(
        asset(TALK), title=title, date=local_now()
    ).future.result()
    earmark.library.run(_annotate, session.id, form).result()
    earmark.settings.change(transcript_shown=True)
    return session.id


def _find(library: Library, title: str) -> SessionId | None:
    for summary in library.summaries():
        if summary.title == title:
            takes = library.session(summary.id).takes
            if len(takes) >= 1 and takes[0].state.value == "complete":
                return summary.id
    return None


def _annotate(library: Library, session: SessionId, form: dict[str, Any]) -> Changes:
    timeline = library.session(session).timeline
    lines = tuple(_line(line, timeline) for line in form["lines"])
    for name in ("place", "summary"):
        if form.get(name):
            library.set_details(session, **{name: str(form[name])})
    library.save_notes(session, NotesEdit(tuple(line.id for line in lines), lines))
    segments = tuple(_segment(segment, timeline) for segment in form.get("segments", ()))
    if segments:
        library.put_transcript(session, Transcript(*WRITTEN_BY, segments))
    return Changes(
        sessions=frozenset({session}), titles=True, notes=True, details=True, transcript=True
    )


def _segment(form: dict[str, Any], timeline: Timeline) -> Segment:
    take = timeline.takes[0]

    def frame(at_48_khz: int) -> Frames:
        return Frames(min(ms_to_frames(at_48_khz / 48, take.sample_rate), take.frames))

    return Segment(
        SegmentId(new_id()),
        take.id,
        frame(form["start_frame"]),
        frame(form["end_frame"]),
        str(form["text"]),
        tuple(Word(str(word), frame(start), frame(end)) for word, start, end in form["words"]),
        str(form["speaker"]),
    )


def _line(form: dict[str, Any], timeline: Timeline) -> NoteLine:
    """A line in the form of `show --json`; its times are milliseconds or 48-kHz frames."""
    anchor = _anchor(form.get("anchor"), timeline)
    text = str(form["text"])
    runs = tuple(
        TimeRun(int(run["offset"]), _anchor(run, timeline)) for run in form.get("runs") or ()
    )
    return NoteLine(
        id=LineId(new_id()),
        text=text,
        kind=LineKind(form.get("kind", "plain")),
        indent=int(form.get("indent", 0)),
        checked=bool(form.get("checked", False)),
        marks=tuple(Mark(mark) for mark in form.get("marks", ())),
        private=bool(form.get("private", False)),
        anchor=anchor,
        runs=tidy_runs(text, runs or (TimeRun(0, anchor),)),
    )


def _anchor(form: dict[str, Any] | None, timeline: Timeline) -> Anchor | None:
    if not form or not timeline.takes:
        return None
    take = timeline.takes[0]
    if form.get("frame") is not None:
        frame = ms_to_frames(int(form["frame"]) / 48, take.sample_rate)
    elif form.get("ms") is not None:
        frame = ms_to_frames(float(form["ms"]), take.sample_rate)
    else:
        return None
    return Anchor(take.id, min(frame, take.frames))
