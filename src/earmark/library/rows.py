"""Model values to rows and back. Text from people is made safe here, on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from earmark.model import (
    MAX_INDENT,
    Anchor,
    Bookmark,
    BookmarkId,
    Event,
    EventId,
    Frames,
    Gap,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    Picture,
    PictureId,
    SampleRate,
    SessionId,
    Span,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    safe_line,
    safe_text,
    tidy_runs,
)

Values = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BREAKS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC: what sessions are ordered by."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def aware(moment: datetime) -> datetime:
    """The moment with its zone; without one it is taken as local time."""
    return moment if moment.tzinfo is not None else moment.astimezone()


def line_text(text: str) -> str:
    """Safe text for one line, character for character, so that run offsets still fit."""
    return safe_text(text).translate(_BREAKS)


def session_values(
    session: SessionId, title: str, created_at: datetime, folder: str, event: str | None
) -> Values:
    """The columns of a session nothing is in yet; `created_at` with its zone."""
    return {
        "id": session,
        "title": title,
        "created_at": created_at.isoformat(),
        "created_us": microseconds(created_at),
        "folder": folder,
        "event_id": event,
        "place": "",
        "summary": "",
        "binned_at": None,
        "duration_ms": 0,
        "take_count": 0,
        "line_count": 0,
        "revision": 1,
        "file_revision": 0,
    }


def line_values(session: SessionId, line: NoteLine) -> Values:
    """The line's columns, except its position."""
    text = line_text(line.text)
    return {
        "session_id": session,
        "id": line.id,
        "text": text,
        "kind": line.kind.value,
        "indent": min(max(line.indent, 0), MAX_INDENT),
        "checked": line.checked,
        "marks": [mark.value for mark in dict.fromkeys(line.marks)],
        "private": line.private,
        "anchor_take": line.anchor.take if line.anchor else None,
        "anchor_frame": line.anchor.frame if line.anchor else None,
        "runs": _packed(tidy_runs(text, line.runs)),
        "picture": line.picture,
    }


def _packed(runs: Iterable[TimeRun]) -> list[Any]:
    takes: dict[TakeId, int] = {}
    flat: list[int] = []
    for run in runs:
        if run.anchor is None:
            flat += (run.offset, -1, 0)
        else:
            index = takes.setdefault(run.anchor.take, len(takes))
            flat += (run.offset, index, run.anchor.frame)
    return [list(takes), flat] if flat else []


def _unpacked(packed: list[Any]) -> tuple[TimeRun, ...]:
    if not packed:
        return ()
    takes, flat = packed
    return tuple(
        TimeRun(offset, Anchor(takes[index], Frames(frame)) if index >= 0 else None)
        for offset, index, frame in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    )


def line_from(row: Row[Any]) -> NoteLine:
    anchor = None
    if row.anchor_take is not None:
        anchor = Anchor(TakeId(row.anchor_take), Frames(row.anchor_frame))
    return NoteLine(
        LineId(row.id),
        row.text,
        LineKind(row.kind),
        row.indent,
        row.checked,
        tuple(Mark(mark) for mark in row.marks),
        row.private,
        anchor,
        _unpacked(row.runs),
        None if row.picture is None else PictureId(row.picture),
    )


def take_values(session: SessionId, take: Take) -> Values:
    return {
        "id": take.id,
        "session_id": session,
        "ordinal": take.ordinal,
        "sample_rate": take.sample_rate,
        "channels": take.channels,
        "frames": take.frames,
        "started_at": aware(take.started_at).isoformat(),
        "state": take.state.value,
        "file": _path(take.file),
        "codec": take.codec,
        "journal": _path(take.journal),
        "peaks": _path(take.peaks),
        "original": _path(take.original),
        "gaps": [[gap.frame, gap.frames, safe_text(gap.cause)] for gap in take.gaps],
        "off_record": spans_values(take.off_record),
    }


def _path(path: str | None) -> str | None:
    return None if path is None else safe_text(path)


def spans_values(spans: Iterable[Span]) -> list[list[int]]:
    """The spans in normal form: ascending, apart from each other, none empty."""
    kept: list[list[int]] = []
    for span in sorted(spans, key=lambda s: s.frame):
        start, end = max(0, span.frame), span.end
        if kept and start <= kept[-1][0] + kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], end - kept[-1][0])
        elif end > start:
            kept.append([start, end - start])
    return kept


def take_from(row: Row[Any], *, shown_in: SessionId | None) -> Take:
    """The take as shown in a session; its own session is named when that is another one."""
    return Take(
        TakeId(row.id),
        row.ordinal,
        SampleRate(row.sample_rate),
        row.channels,
        Frames(row.frames),
        datetime.fromisoformat(row.started_at),
        TakeState(row.state),
        row.file,
        row.codec,
        tuple(Gap(Frames(frame), Frames(frames), cause) for frame, frames, cause in row.gaps),
        row.journal,
        row.peaks,
        row.original,
        tuple(Span(Frames(frame), Frames(frames)) for frame, frames in row.off_record),
        None if row.session_id == shown_in else SessionId(row.session_id),
    )


def bookmark_values(session: SessionId, bookmark: Bookmark) -> Values:
    return {
        "session_id": session,
        "id": bookmark.id,
        "take": bookmark.anchor.take,
        "frame": bookmark.anchor.frame,
        "label": safe_line(bookmark.label),
    }


def bookmark_from(row: Row[Any]) -> Bookmark:
    return Bookmark(BookmarkId(row.id), Anchor(TakeId(row.take), Frames(row.frame)), row.label)


def picture_from(row: Row[Any]) -> Picture:
    return Picture(PictureId(row.id), row.file, row.alt)


def event_of(id_: str | None, title: str | None) -> Event | None:
    return None if id_ is None or title is None else Event(EventId(id_), title)


def event_from(row: Row[Any]) -> Event:
    return Event(EventId(row.id), row.title)


def foreign_takes(
    lines: Iterable[NoteLine], bookmarks: Iterable[Bookmark], own: set[str]
) -> set[str]:
    """The takes that lines and bookmarks point to and that are not the session's own."""
    found: set[str] = {b.anchor.take for b in bookmarks}
    for line in lines:
        if line.anchor:
            found.add(line.anchor.take)
        found.update(run.anchor.take for run in line.runs if run.anchor)
    return found - own
