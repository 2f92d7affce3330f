"""The list of sessions for the first paint, by the standard library alone.

SQLAlchemy takes a third of a second to load; the window shows this list meanwhile and replaces it
by `Library.summaries`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from earmark.model import Event, EventId, Milliseconds, SessionId, SessionSummary

DATABASE = "library.db"
SCHEMA = "0004"
"""The newest version of the database, the one that this program writes."""
COLUMNS = ("id", "title", "event_id", "created_at", "duration_ms", "take_count", "line_count")
_SQL = (
    f"SELECT {', '.join(COLUMNS)} FROM sessions WHERE binned_at IS NULL"  # noqa: S608
    " ORDER BY created_us DESC, id DESC LIMIT ?"
)


def summary_from(row: Sequence[Any], events: Mapping[str, Event]) -> SessionSummary:
    """A row of the list, in the order of `COLUMNS`."""
    id_, title, event, created_at, duration_ms, takes, lines = row
    return SessionSummary(
        SessionId(id_),
        title,
        events.get(event) if event else None,
        datetime.fromisoformat(created_at),
        Milliseconds(duration_ms),
        takes,
        lines,
    )


def glance(folder: Path, limit: int = 200) -> tuple[SessionSummary, ...]:
    """The newest sessions, or `()` where there is no library or it cannot be read at once.

    Reads only, waits for nobody and makes no library.
    """
    database = folder / DATABASE
    try:
        if not database.is_file() or database.stat().st_size == 0:
            return ()
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        try:
            events = {
                id_: Event(EventId(id_), title)
                for id_, title in connection.execute("SELECT id, title FROM events")
            }
            rows = connection.execute(_SQL, (limit,)).fetchall()
        finally:
            connection.close()
        return tuple(summary_from(row, events) for row in rows)
    except (sqlite3.Error, OSError, ValueError, TypeError):
        return ()
