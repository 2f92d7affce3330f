"""A whole session that came from elsewhere, entered in one step: all of it is there, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, or_, select, update

from earmark.model import Changes, EventId, Session, SessionId, TakeId

from . import rows
from .positions import renumbered
from .store import Store, count_lines, count_takes, known_session, touch
from .tables import BookmarkRow, EventRow, LateRefusalRow, LineRow, PictureRow, SessionRow, TakeRow
from .transcripts import enter_transcript


class Entering(Store):
    def enter_session(self, session: Session, *, instead_of: SessionId | None = None) -> Changes:
        """Enters the session with everything in it; its folder and files stand there already.

        `instead_of` goes to the bin in the same transaction. An event that is not there (any
        more) leaves the session unfiled. The ids must be free (`ids_taken`).
        """
        moment = rows.aware(session.created_at)
        with self.changing() as connection:
            event = session.event.id if session.event else None
            filed = connection.scalar(select(EventRow.id).where(EventRow.id == event))
            values = rows.session_values(session.id, session.title, moment, session.folder, filed)
            values |= {"place": session.place, "summary": session.summary}
            connection.execute(insert(SessionRow).values(**values))
            places = renumbered([line.id for line in session.lines])
            own = [take for take in session.takes if take.session is None]
            for table, entered in (
                (TakeRow, [rows.take_values(session.id, take) for take in own]),
                (
                    LineRow,
                    [
                        {**rows.line_values(session.id, line), "position": places[line.id]}
                        for line in session.lines
                    ],
                ),
                (BookmarkRow, [rows.bookmark_values(session.id, b) for b in session.bookmarks]),
                (
                    PictureRow,
                    [
                        {"session_id": session.id, "id": p.id, "file": p.file, "alt": p.alt}
                        for p in session.pictures
                    ],
                ),
                (
                    LateRefusalRow,
                    [{"session_id": session.id, "id": one} for one in sorted(session.late_refused)],
                ),
            ):
                if entered:
                    connection.execute(insert(table), entered)
            if session.transcript is not None:
                enter_transcript(connection, session.id, session.transcript)
            count_takes(connection, session.id)
            count_lines(connection, session.id)
            if instead_of is not None:
                known_session(connection, instead_of)
                binned = {"binned_at": datetime.now(UTC).isoformat()}
                this = SessionRow.id == instead_of
                connection.execute(update(SessionRow).where(this).values(**binned))
                touch(connection, instead_of)
        touched = {session.id} | ({instead_of} if instead_of else set())
        return Changes(
            frozenset(touched),
            titles=True,
            notes=True,
            takes=True,
            bookmarks=True,
            details=True,
            transcript=session.transcript is not None,
        )

    def ids_taken(self, session: SessionId, takes: tuple[TakeId, ...]) -> bool:
        """Whether one of these ids is in the library already, also in the bin."""
        with self.reading() as connection:
            if connection.scalar(select(SessionRow.id).where(SessionRow.id == session)):
                return True
            return any(
                connection.scalar(select(TakeRow.id).where(TakeRow.id.in_(takes[i : i + 500])))
                for i in range(0, len(takes), 500)
            )

    def same_sitting(self, session: SessionId, created_at: datetime) -> SessionId | None:
        """The session outside the bin that has this id, or else began at this very moment."""
        moment = rows.microseconds(rows.aware(created_at))
        with self.reading() as connection:
            found = connection.execute(
                select(SessionRow.id)
                .where(SessionRow.binned_at.is_(None))
                .where(or_(SessionRow.id == session, SessionRow.created_us == moment))
            ).scalars()
            ids = [SessionId(one) for one in found]
        return session if session in ids else next(iter(sorted(ids)), None)

    def event_of_title(self, title: str) -> EventId | None:
        """The event of exactly this title."""
        with self.reading() as connection:
            found = select(EventRow.id).where(EventRow.title == title).order_by(EventRow.id)
            event = connection.scalar(found.limit(1))
        return None if event is None else EventId(event)
