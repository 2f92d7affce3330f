"""`earmark list`, `show` and `note`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.app.running_take import as_recorded
from earmark.model import (
    Anchor,
    EarmarkError,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    Session,
    SessionId,
    SessionSummary,
    Timeline,
    TimeRun,
    Transcript,
    format_time,
    new_id,
    safe_line,
    without_private_sign,
)
from earmark.model.forms import session_form, summary_form
from earmark.model.i18n import _

from .opening import opened
from .output import print_json, print_line, print_table

if TYPE_CHECKING:
    from earmark.library import Library

_SIGNS = {
    LineKind.HEADING1: "# ",
    LineKind.HEADING2: "## ",
    LineKind.HEADING3: "### ",
    LineKind.BULLET: "- ",
}


def listing(folder: Path, arguments: Namespace) -> int:
    """All sessions, or an event's, newest first."""

    def read(library: Library) -> tuple[tuple[SessionSummary, ...], dict[SessionId, str]]:
        asked = arguments.event
        event = library.find_event(asked).id if asked is not None else None
        found = library.binned() if arguments.binned else library.summaries(event)
        if arguments.binned and event is not None:
            found = tuple(one for one in found if one.event and one.event.id == event)
        return found, {} if arguments.json else library.short_ids()

    with opened(folder) as earmark:
        found, ids = earmark.library.run(read).result()
    if arguments.json:
        print_json([summary_form(summary) for summary in found])
        return 0
    print_table(
        [_("id"), _("title"), _("event"), _("start"), _("duration"), _("takes"), _("lines")],
        [
            (
                ids[one.id],
                one.title,
                one.event.title if one.event else "",
                one.created_at.strftime("%Y-%m-%d %H:%M"),
                format_time(one.duration_ms),
                str(one.takes),
                str(one.lines),
            )
            for one in found
        ],
        always_headed=True,
    )
    return 0


def show(folder: Path, arguments: Namespace) -> int:
    """One session, whole."""
    with opened(folder) as earmark:
        session = earmark.library.run(
            lambda lib: as_recorded(folder, lib.session(lib.find_session(arguments.id)))
        ).result()
    if arguments.json:
        print_json(session_form(session))
    else:
        _print_session(session)
    return 0


def _print_session(session: Session) -> None:
    timeline = session.timeline
    print_line(f"{session.title}  ({session.id})")
    event = f"{session.event.title}, " if session.event else ""
    place = f", {session.place}" if session.place else ""
    print_line(
        f"{event}{session.created_at:%Y-%m-%d %H:%M}{place}, {format_time(timeline.duration_ms)}"
    )
    if session.summary:
        print_line(session.summary)
    for take in timeline.takes:
        print_line(
            _("take {ordinal}: {duration} {state} {file}").format(
                ordinal=take.ordinal,
                duration=format_time(take.duration_ms),
                state=take.state.value,
                file=take.file or "",
            )
        )
    print_line("")
    for line in session.lines:
        ms = timeline.to_ms(line.anchor) if line.anchor else None
        time = format_time(ms) if ms is not None else ""
        box = ("[x] " if line.checked else "[ ] ") if line.kind is LineKind.CHECK else ""
        marks = "".join(f" {mark.spec.sign}" for mark in line.marks)
        sign = _SIGNS.get(line.kind, box) + ("% " if line.private else "")
        print_line(f"{time:>8}  {'  ' * line.indent}{sign}{line.text}{marks}")
    if session.transcript is not None:
        _print_transcript(session.transcript, timeline)


def _print_transcript(transcript: Transcript, timeline: Timeline) -> None:
    by = " ".join(part for part in (transcript.engine, transcript.model) if part)
    print_line("")
    print_line(_("Transcript ({by})").format(by=by) if by else _("Transcript"))
    for segment in transcript.segments:
        ms = timeline.to_ms(Anchor(segment.take, segment.start))
        speaker = f"{segment.speaker}: " if segment.speaker else ""
        print_line(f"{format_time(ms) if ms is not None else '':>8}  {speaker}{segment.text}")
    if not transcript.segments:
        print_line(_("No speech was found."))


def note(folder: Path, arguments: Namespace) -> int:
    """Adds a line anchored at a time of the session, in order of time."""
    ms: float = arguments.at
    text, private = without_private_sign(safe_line(arguments.text))
    id_ = LineId(new_id())

    def add(library: Library) -> object:
        session = as_recorded(folder, library.session(library.find_session(arguments.id)))
        timeline = session.timeline
        anchor = timeline.to_anchor(ms)
        if anchor is None or ms > timeline.duration_ms:
            raise EarmarkError(
                _("The session has no moment {time}.").format(time=format_time(int(ms))),
                _("It is {duration} long.").format(duration=format_time(timeline.duration_ms)),
            )
        line = NoteLine(
            id=id_,
            text=text,
            kind=LineKind(arguments.kind),
            indent=arguments.indent,
            marks=tuple(dict.fromkeys(Mark(mark) for mark in arguments.mark)),
            private=private,
            anchor=anchor,
            runs=(TimeRun(0, anchor),) if text else (),
        )
        return library.add_line(session.id, line)

    with opened(folder) as earmark:
        earmark.library.run(add).result()
    if arguments.json:
        print_json({"id": id_})
    else:
        print_line(id_)
    return 0
