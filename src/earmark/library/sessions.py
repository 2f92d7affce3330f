"""Sessions: making, finding, renaming, filing, the bin."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from earmark.model import (
    Changes,
    EventId,
    NotFound,
    Session,
    SessionId,
    SessionSummary,
    make_folder,
    new_id,
    safe_line,
    safe_text,
    safe_title,
    session_folder,
    sync_folder,
)
from earmark.model.i18n import _
from earmark.model.places import SESSION_FILE

from . import rows
from .glance import COLUMNS, summary_from
from .spoken import load_transcript, refused_lines
from .store import Store, known_event, known_session, no_session, touch
from .tables import PARTS, BookmarkRow, EventRow, LineRow, PictureRow, SessionRow, TakeRow

_SHORTEST = 4
"""Characters of a shortened id: fewer are soon those of another session too."""
_MOST_NAMED = 8
"""So many sessions are named where several could be meant."""


class Sessions(Store):
    def summaries(self, event: EventId | None = None) -> tuple[SessionSummary, ...]:
        """The sessions of the event, or all, newest first, without those in the bin."""
        where: ColumnElement[bool] = SessionRow.binned_at.is_(None)
        if event is not None:
            where = and_(where, SessionRow.event_id == event)
        return self._summaries(where, SessionRow.created_us.desc())

    def binned(self) -> tuple[SessionSummary, ...]:
        """What lies in the bin, the latest first."""
        return self._summaries(SessionRow.binned_at.is_not(None), SessionRow.binned_at.desc())

    def _summaries(
        self, where: ColumnElement[bool], order: ColumnElement[Any]
    ) -> tuple[SessionSummary, ...]:
        columns = [getattr(SessionRow, name) for name in COLUMNS]
        with self.reading() as connection:
            events = {
                row.id: rows.event_from(row)
                for row in connection.execute(select(EventRow.__table__))
            }
            found = connection.execute(
                select(*columns).where(where).order_by(order, SessionRow.id.desc())
            )
            return tuple(summary_from(row, events) for row in found)

    def session(self, id: SessionId, *, transcript: bool = True) -> Session:  # noqa: A002
        """The session, whole (also one in the bin). Raises NotFound.

        Without its transcript it is there in a tenth of the time, where the talk was long.
        """
        with self.reading() as connection:
            return load_session(connection, id, transcript=transcript)

    def find_session(self, text: str, *, binned: bool = False) -> SessionId:
        """The session whose id is so or begins so, else the one of exactly this title.

        Outside the bin, or with `binned` inside it. Raises NotFound for none or several.
        """
        prefix, title = safe_text(text).strip().lower(), safe_title(text)
        columns = select(SessionRow.id, SessionRow.created_at, SessionRow.title).where(
            SessionRow.binned_at.is_not(None) if binned else SessionRow.binned_at.is_(None)
        )
        with self.reading() as connection:
            by_id = connection.execute(
                columns.where(SessionRow.id.startswith(prefix, autoescape=True))
                .order_by(SessionRow.id)
                .limit(_MOST_NAMED + 1)
            ).all()
            by_title = connection.execute(
                columns.where(SessionRow.title == title)
                .order_by(SessionRow.created_us.desc(), SessionRow.id)
                .limit(_MOST_NAMED + 1)
            ).all()
            by_id, by_title = (by_id if prefix else []), (by_title if title else [])
            if len(by_id) > 1 and by_id[0].id == prefix:  # begins others, and is one itself
                by_id = by_id[:1]
            found = by_id if len(by_id) == 1 or not by_title else by_title
            if len(found) == 1:
                return SessionId(found[0].id)
            ids = _short_ids(connection)
        if not found and binned:
            raise _not_in_bin(title)
        if not found:
            raise no_session(title)
        if found is by_title:
            what = _("Several sessions are called “{title}”: {candidates}.")
            remedy = _("Give the id in place of the title.")
        else:
            what = _("Several sessions have an id that begins with “{id}”: {candidates}.")
            remedy = _("Write more of the id.")
        told = what.format(
            id=prefix[:80], title=title, candidates=_candidates([(*one,) for one in found], ids)
        )
        raise NotFound(told, remedy)

    def short_ids(self) -> dict[SessionId, str]:
        """Of every session, also in the bin, the shortest beginning of its id that fits no other,
        of at least four characters: to be read and typed by people."""
        with self.reading() as connection:
            return _short_ids(connection)

    def create_session(
        self,
        title: str,
        event: EventId | None = None,
        created_at: datetime | None = None,
        id: SessionId | None = None,  # noqa: A002
    ) -> Session:
        """Makes a session and its folder, now unless told otherwise.

        With the id of a session that is there already, gives that one back unchanged: recovery
        may do this twice. An event that is not there (any more) leaves the session unfiled.
        """
        session = id if id is not None else SessionId(new_id())
        moment = rows.aware(created_at or datetime.now(UTC).astimezone())
        title = safe_title(title)
        folder = session_folder(moment, title, session)
        with self.changing() as connection:
            there = select(SessionRow.id).where(SessionRow.id == session)
            if connection.scalar(there) is None:
                make_folder(self.folder / folder)
                filed = connection.scalar(select(EventRow.id).where(EventRow.id == event))
                values = rows.session_values(session, title, moment, folder, filed)
                connection.execute(insert(SessionRow).values(**values))
            return load_session(connection, session)

    def rename_session(self, id: SessionId, title: str) -> Changes:  # noqa: A002
        """Gives the session another title. Its folder stays where it is."""
        return self._alter(id, title=safe_title(title))

    def set_details(
        self,
        id: SessionId,  # noqa: A002
        *,
        place: str | None = None,
        summary: str | None = None,
    ) -> Changes:
        """Sets what is given; None leaves as it is."""
        given = {"place": place, "summary": summary}
        values = {k: safe_line(v).strip() for k, v in given.items() if v is not None}
        return self._alter(id, **values)

    def set_date(self, id: SessionId, created_at: datetime) -> Changes:  # noqa: A002
        """Says when the session was; its takes move by as much. Its folder stays where it is."""
        moment = rows.aware(created_at)
        with self.changing() as connection:
            was = connection.scalar(select(SessionRow.created_at).where(SessionRow.id == id))
            if was is None:
                raise no_session(id)
            by = moment - datetime.fromisoformat(was)
            took = select(TakeRow.id, TakeRow.started_at).where(TakeRow.session_id == id)
            for take, started in connection.execute(took).all():
                moved = (datetime.fromisoformat(started) + by).astimezone(moment.tzinfo)
                one = update(TakeRow).where(TakeRow.id == take)
                connection.execute(one.values(started_at=moved.isoformat()))
            at, us = moment.isoformat(), rows.microseconds(moment)
            changes = _alter(connection, id, {"created_at": at, "created_us": us})
            return replace(changes, takes=True)

    def move_session(self, id: SessionId, event: EventId | None) -> Changes:  # noqa: A002
        """Files the session under the event, or under none. Raises NotFound for either."""
        with self.changing() as connection:
            if event is not None:
                known_event(connection, event)
            return _alter(connection, id, {"event_id": event})

    def bin_session(self, id: SessionId) -> Changes:  # noqa: A002
        """Puts the session into the bin: out of the list, with everything kept."""
        return self._alter(id, binned_at=datetime.now(UTC).isoformat())

    def restore_session(self, id: SessionId) -> Changes:  # noqa: A002
        """Takes the session out of the bin again."""
        with self.changing() as connection:
            folder = _folder(connection, id)
            put_aside = self._put_aside(folder)
            if put_aside.is_dir() and not (self.folder / folder).exists():
                make_folder((self.folder / folder).parent)
                put_aside.rename(self.folder / folder)
                sync_folder((self.folder / folder).parent)
            return _alter(connection, id, {"binned_at": None})

    def purge_session(self, id: SessionId) -> Changes:  # noqa: A002
        """Deletes the session with its recordings, for good. Only on a person's word.

        The folder is put aside in `bin/` first, so that a crash before the end leaves a session in
        the bin that can still be restored, or purged again.
        """
        with self.changing() as connection:
            folder = _folder(connection, id)
            put_aside = self._put_aside(folder)
            if (self.folder / folder).is_dir():
                make_folder(put_aside.parent)
                (self.folder / folder).rename(put_aside)
                sync_folder(put_aside.parent)
            for table in PARTS:
                own = table.__table__.c.session_id == id
                connection.execute(delete(table).where(own))
            connection.execute(delete(SessionRow).where(SessionRow.id == id))
        if put_aside.is_dir():
            shutil.rmtree(put_aside, ignore_errors=True)
        return Changes(
            frozenset({id}), True, notes=True, takes=True, bookmarks=True, transcript=True
        )

    def withdraw_session(self, id: SessionId, title: str) -> Changes:  # noqa: A002
        """Takes out a session that was made for a recording which never began.

        Nothing changes (and nothing is told) where there is anything in it or in its folder, or
        where a person named, described, filed or binned it: its row is as it was made.
        """
        with self.changing() as connection:
            row = connection.execute(
                select(SessionRow.__table__).where(SessionRow.id == id)
            ).one_or_none()
            if (
                row is None
                or row.title != safe_title(title)
                or row.place
                or row.summary
                or row.binned_at
            ):
                return Changes()
            for table in PARTS:
                own = table.__table__.c.session_id == id
                if connection.execute(select(table.__table__).where(own).limit(1)).first():
                    return Changes()
            if not _rid_of_empty(self.folder / row.folder):
                return Changes()
            connection.execute(delete(SessionRow).where(SessionRow.id == id))
        return Changes(frozenset({id}), True)

    def _put_aside(self, folder: str) -> Path:
        return self.folder / "bin" / Path(folder).name

    def _alter(self, id: SessionId, **values: Any) -> Changes:  # noqa: A002
        with self.changing() as connection:
            return _alter(connection, id, values)


def _short_ids(connection: Connection) -> dict[SessionId, str]:
    ids = sorted(connection.scalars(select(SessionRow.id)).all())
    return {
        SessionId(id_): id_[: max(_SHORTEST, 1 + max(_shared(id_, one), _shared(id_, other)))]
        for one, id_, other in zip(["", *ids], ids, [*ids[1:], ""], strict=False)
    }


def _shared(one: str, other: str) -> int:
    """So many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _candidates(found: Sequence[tuple[str, str, str]], ids: dict[SessionId, str]) -> str:
    """What could be meant: id, title and date of each."""
    named = [
        _("{id} “{title}” of {date}").format(
            id=ids[SessionId(id_)],
            title=title,
            date=f"{datetime.fromisoformat(created_at):%Y-%m-%d %H:%M}",
        )
        for id_, created_at, title in found[:_MOST_NAMED]
    ]
    return ", ".join([*named, "…"] if len(found) > _MOST_NAMED else named)


def _not_in_bin(title: str) -> NotFound:
    return NotFound(
        _("There is no session “{id}” in the bin.").format(id=title[:80]),
        _("`earmark list --binned` shows what is in it."),
    )


def _rid_of_empty(folder: Path) -> bool:
    """Whether the folder is gone: it held nothing but what is written about the session."""
    if not folder.exists():
        return True
    if {path.name for path in folder.iterdir()} - {SESSION_FILE}:
        return False
    (folder / SESSION_FILE).unlink(missing_ok=True)
    folder.rmdir()
    return True


def _alter(connection: Connection, session: SessionId, values: dict[str, Any]) -> Changes:
    known_session(connection, session)
    if values:
        connection.execute(update(SessionRow).where(SessionRow.id == session).values(**values))
        touch(connection, session)
    return Changes(frozenset({session}), titles=True, details=True)


def _folder(connection: Connection, session: SessionId) -> str:
    folder = connection.scalar(select(SessionRow.folder).where(SessionRow.id == session))
    if folder is None:
        raise no_session(session)
    return folder


def load_session(connection: Connection, session: SessionId, *, transcript: bool = True) -> Session:
    """The session, whole (or without its transcript, which is long). Raises NotFound."""
    row = connection.execute(
        select(SessionRow.__table__, EventRow.title.label("event_title"))
        .outerjoin(EventRow, EventRow.id == SessionRow.event_id)
        .where(SessionRow.id == session)
    ).one_or_none()
    if row is None:
        raise no_session(session)
    own = tuple(
        rows.take_from(take, shown_in=session)
        for take in connection.execute(
            select(TakeRow.__table__)
            .where(TakeRow.session_id == session)
            .order_by(TakeRow.ordinal, TakeRow.started_at, TakeRow.id)
        )
    )
    lines = tuple(
        rows.line_from(line)
        for line in connection.execute(
            select(LineRow.__table__)
            .where(LineRow.session_id == session)
            .order_by(LineRow.position, LineRow.id)
        )
    )
    bookmarks = tuple(
        rows.bookmark_from(bookmark)
        for bookmark in connection.execute(
            select(BookmarkRow.__table__)
            .where(BookmarkRow.session_id == session)
            .order_by(BookmarkRow.take, BookmarkRow.frame, BookmarkRow.id)
        )
    )
    pictures = tuple(
        rows.picture_from(picture)
        for picture in connection.execute(
            select(PictureRow.__table__)
            .where(PictureRow.session_id == session)
            .order_by(PictureRow.id)
        )
    )
    elsewhere = rows.foreign_takes(lines, bookmarks, {take.id for take in own})
    return Session(
        session,
        row.title,
        datetime.fromisoformat(row.created_at),
        row.folder,
        rows.event_of(row.event_id, row.event_title),
        row.place,
        row.summary,
        own + _takes(connection, elsewhere, session),
        lines,
        bookmarks,
        pictures,
        load_transcript(connection, session, own) if transcript else None,
        refused_lines(connection, session),
    )


def _takes(connection: Connection, ids: set[str], shown_in: SessionId) -> tuple[Any, ...]:
    """The takes of other sessions, as far as they are still there."""
    found: list[Row[Any]] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        found += connection.execute(
            select(TakeRow.__table__).where(TakeRow.id.in_(some)).order_by(TakeRow.id)
        ).all()
    return tuple(rows.take_from(row, shown_in=shown_in) for row in found)
