"""The `earmark.session/1` form of a session, as other programs read it."""

from __future__ import annotations

from typing import Any

from .notes import Anchor, NoteLine
from .search import SearchHit
from .session import Session, SessionSummary
from .takes import Take, TakeState, Timeline
from .transcript import Segment, Transcript
from .units import SessionId, TakeId, frames_to_ms

SCHEMA = "earmark.session/1"
_IN_JOURNAL = (TakeState.RECORDING, TakeState.SEALED)

Form = dict[str, Any]


def summary_form(summary: SessionSummary) -> Form:
    """One row of `list --json`."""
    return {
        "id": summary.id,
        "title": summary.title,
        "event": summary.event.title if summary.event else None,
        "created_at": summary.created_at.isoformat(),
        "duration_ms": summary.duration_ms,
        "takes": summary.takes,
        "lines": summary.lines,
    }


def hit_form(hit: SearchHit) -> Form:
    """One of what `search --json` found."""
    return {
        "session": hit.session,
        "title": hit.title,
        "kind": hit.kind.value,
        "snippet": hit.snippet,
        "line": hit.line,
        "take": hit.anchor.take if hit.anchor else None,
        "frame": hit.anchor.frame if hit.anchor else None,
        "session_ms": hit.session_ms,
    }


def session_form(session: Session) -> Form:
    """The session, whole: `show --json`."""
    timeline = session.timeline
    takes = {take.id: take for take in session.takes}
    lines_of_pictures = {line.picture: line.id for line in session.lines if line.picture}
    return {
        "schema": SCHEMA,
        "id": session.id,
        "title": session.title,
        "event": session.event.title if session.event else None,
        "created_at": session.created_at.isoformat(),
        "duration_ms": timeline.duration_ms,
        "place": session.place,
        "summary": session.summary,
        "takes": [_take(take, timeline) for take in session.takes],
        "lines": [
            _line(line, ordinal, timeline, takes)
            for ordinal, line in enumerate(session.lines, start=1)
        ],
        "bookmarks": [
            {"id": b.id, "take": b.anchor.take, "frame": b.anchor.frame, "label": b.label}
            for b in session.bookmarks
        ],
        "pictures": [
            {
                "id": picture.id,
                "line": lines_of_pictures.get(picture.id),
                "file": f"{session.folder}/{picture.file}" if session.folder else picture.file,
                "alt": picture.alt,
            }
            for picture in session.pictures
        ],
        "transcript": _transcript(session.transcript),
    }


def _take(take: Take, timeline: Timeline) -> Form:
    form: Form = {
        "id": take.id,
        "ordinal": take.ordinal,
        "sample_rate": take.sample_rate,
        "channels": take.channels,
        "frames": take.frames,
        "started_at": take.started_at.isoformat(),
        "file": None if take.state in _IN_JOURNAL else take.file,
        "codec": take.codec,
        "start_ms": timeline.start_ms(take.id),
        "gaps": [
            {"frame": gap.frame, "frames": gap.frames, "cause": gap.cause} for gap in take.gaps
        ],
        "state": take.state.value,
    }
    if take.session is not None:
        form["session"] = SessionId(take.session)
    return form


def _transcript(transcript: Transcript | None) -> Form | None:
    if transcript is None:
        return None
    return {
        "engine": transcript.engine,
        "model": transcript.model,
        "language": transcript.language,
        "segments": [_segment(segment) for segment in transcript.segments],
    }


def _segment(segment: Segment) -> Form:
    return {
        "take": segment.take,
        "start_frame": segment.start,
        "end_frame": segment.end,
        "text": segment.text,
        "speaker": segment.speaker or None,
        "words": [
            {
                "text": word.text,
                "start_frame": word.start,
                "end_frame": word.end,
                "probability": word.probability,
            }
            for word in segment.words
        ],
    }


def _line(line: NoteLine, ordinal: int, timeline: Timeline, takes: dict[TakeId, Take]) -> Form:
    return {
        "id": line.id,
        "ordinal": ordinal,
        "kind": line.kind.value,
        "checked": line.checked,
        "indent": line.indent,
        "text": line.text,
        "marks": [mark.value for mark in line.marks],
        "private": line.private,
        "anchor": anchor_form(line.anchor, timeline, takes),
        "runs": [
            {
                "offset": run.offset,
                "take": run.anchor.take if run.anchor else None,
                "frame": run.anchor.frame if run.anchor else None,
            }
            for run in line.runs
        ],
    }


def anchor_form(
    anchor: Anchor | None, timeline: Timeline, takes: dict[TakeId, Take]
) -> Form | None:
    """`ms` counts inside the take; `session_ms` on the session's timeline, null for a take of
    another session (or one that is not there any more)."""
    if anchor is None:
        return None
    take = takes.get(anchor.take)
    return {
        "take": anchor.take,
        "frame": anchor.frame,
        "ms": frames_to_ms(anchor.frame, take.sample_rate) if take else None,
        "session_ms": timeline.to_ms(anchor),
    }
