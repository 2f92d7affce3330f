"""The same session under new ids: what stays of it points to what it pointed to."""

from __future__ import annotations

from dataclasses import replace

from earmark.model import (
    Anchor,
    BookmarkId,
    LineId,
    NoteLine,
    PictureId,
    SegmentId,
    Session,
    SessionId,
    TakeId,
    TimeRun,
    new_id,
)


def with_new_ids(session: Session) -> Session:
    """New ids for the session, its own takes, lines, bookmarks, pictures and passages; anchors
    follow. Takes of other sessions keep theirs."""
    takes = {take.id: TakeId(new_id()) for take in session.takes if take.session is None}
    lines = {line.id: LineId(new_id()) for line in session.lines}
    pictures = {picture.id: PictureId(new_id()) for picture in session.pictures}

    def moved(anchor: Anchor | None) -> Anchor | None:
        return anchor and Anchor(takes.get(anchor.take, anchor.take), anchor.frame)

    def line(before: NoteLine) -> NoteLine:
        return replace(
            before,
            id=lines[before.id],
            anchor=moved(before.anchor),
            runs=tuple(TimeRun(run.offset, moved(run.anchor)) for run in before.runs),
            picture=before.picture and pictures.get(before.picture, before.picture),
        )

    transcript = session.transcript
    if transcript is not None:
        segments = tuple(
            replace(s, id=SegmentId(new_id()), take=takes.get(s.take, s.take))
            for s in transcript.segments
        )
        transcript = replace(transcript, segments=segments)
    return replace(
        session,
        id=SessionId(new_id()),
        takes=tuple(replace(t, id=takes.get(t.id, t.id)) for t in session.takes),
        lines=tuple(line(each) for each in session.lines),
        bookmarks=tuple(
            replace(
                b,
                id=BookmarkId(new_id()),
                anchor=Anchor(takes.get(b.anchor.take, b.anchor.take), b.anchor.frame),
            )
            for b in session.bookmarks
        ),
        pictures=tuple(replace(p, id=pictures[p.id]) for p in session.pictures),
        transcript=transcript,
        late_refused=frozenset(lines[one] for one in session.late_refused if one in lines),
    )
