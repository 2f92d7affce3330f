"""`session.json` and `events.json`: everything the database holds, beside the sound itself."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select, update

from earmark.model import SessionId, make_folder, write_atomically
from earmark.model.places import SESSION_FILE, SESSIONS

from .store import EVENTS_FILE_REVISION, EVENTS_REVISION, Store, no_session
from .tables import PARTS, Base, EventRow, SessionRow, StateRow

SESSION_SCHEMA = "earmark.library.session/1"
EVENTS_SCHEMA = "earmark.library.events/1"
EVENTS_FILE = f"{SESSIONS}/events.json"
_OF_THE_FILE = ("file_revision", "duration_ms", "take_count", "line_count")
"""Columns the rebuilding works out by itself."""


class SessionFiles(Store):
    def flush_session_files(self) -> int:
        """Writes every file that is behind its database; gives how many that were."""
        with self.reading() as connection:
            behind = connection.scalars(
                select(SessionRow.id).where(SessionRow.revision != SessionRow.file_revision)
            ).all()
            events = _events_behind(connection)
        for session in behind:
            self.write_session_json(SessionId(session))
        if events:
            self._write_events_json()
        return len(behind) + events

    def write_session_json(self, session: SessionId) -> None:
        """Writes the session's file now. Does nothing for a session that is gone."""
        with self.changing() as connection:
            # Under the write lock: two programs writing the same file keep the newer content.
            row = connection.execute(
                select(SessionRow.__table__).where(SessionRow.id == session)
            ).one_or_none()
            if row is None:
                return
            folder = self.folder / row.folder
            make_folder(folder)
            write_atomically(folder / SESSION_FILE, _encoded(session_form(connection, session)))
            connection.execute(
                update(SessionRow)
                .where(SessionRow.id == session)
                .values(file_revision=row.revision)
            )

    def _write_events_json(self) -> None:
        with self.changing() as connection:
            make_folder(self.folder / SESSIONS)
            form = {"schema": EVENTS_SCHEMA, "events": _dump(connection, EventRow)}
            write_atomically(self.folder / EVENTS_FILE, _encoded(form))
            revision = select(StateRow.number).where(StateRow.key == EVENTS_REVISION)
            connection.execute(
                update(StateRow)
                .where(StateRow.key == EVENTS_FILE_REVISION)
                .values(number=revision.scalar_subquery())
            )


def _events_behind(connection: Connection) -> bool:
    numbers = {r.key: r.number for r in connection.execute(select(StateRow.__table__))}
    return numbers.get(EVENTS_REVISION) != numbers.get(EVENTS_FILE_REVISION)


def session_form(connection: Connection, session: SessionId) -> dict[str, Any]:
    """The session as one JSON object: its row, its event's, and those of its parts."""
    found = _dump(connection, SessionRow, SessionRow.id == session)
    if not found:
        raise no_session(session)
    own = {k: v for k, v in found[0].items() if k not in _OF_THE_FILE}
    form: dict[str, Any] = {"schema": SESSION_SCHEMA, "session": own, "event": None}
    if own["event_id"] is not None:
        form["event"] = _dump(connection, EventRow, EventRow.id == own["event_id"])[0]
    for table in PARTS:
        part = _dump(connection, table, table.__table__.c.session_id == session)
        for values in part:
            del values["session_id"]
        form[table.__tablename__] = part
    return form


def _dump(connection: Connection, table: type[Base], *where: Any) -> list[dict[str, Any]]:
    order = "position" if "position" in table.__table__.columns else "id"
    found = connection.execute(
        select(table.__table__).where(*where).order_by(table.__table__.columns[order])
    )
    return [dict(row) for row in found.mappings()]


def _encoded(form: dict[str, Any]) -> bytes:
    """One line per entry of every list: readable, and quick to write."""
    pieces = []
    for key, value in form.items():
        if isinstance(value, list) and value:
            inner = ",\n".join("    " + json.dumps(v, ensure_ascii=False) for v in value)
            pieces.append(f"  {json.dumps(key)}: [\n{inner}\n  ]")
        else:
            pieces.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return ("{\n" + ",\n".join(pieces) + "\n}\n").encode()
