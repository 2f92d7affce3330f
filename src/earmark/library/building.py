"""A new database put in place whole: an empty one, or one rebuilt from the sessions' own files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Float, Integer, insert, select
from sqlalchemy.exc import IntegrityError

from earmark.model import make_folder, sync_folder
from earmark.model.files import FILE_MODE
from earmark.model.places import SESSION_FILE, SESSIONS

from . import rows, search_index, spoken, versions
from .glance import DATABASE
from .schema import make_tables
from .session_files import EVENTS_FILE, EVENTS_SCHEMA, SESSION_SCHEMA
from .store import count_lines, count_takes, engine_on
from .tables import (
    PARTS,
    Base,
    EventRow,
    Json,
    LineRow,
    NoteVersionRow,
    SegmentRow,
    SessionRow,
    TakeRow,
)

_PATHS = ("file", "journal", "peaks", "original")
_BESIDE = ("", "-wal", "-shm", "-journal")


def build(folder: Path, fill: Callable[[Connection], None] | None = None) -> None:
    """Puts a new database in place; one that stands there is kept beside it under another name.

    Until the very end everything happens in a file of its own: a crash leaves what there was.
    """
    part = folder / f".{DATABASE}.part"
    for ending in _BESIDE:
        part.with_name(part.name + ending).unlink(missing_ok=True)
    part.touch(FILE_MODE)
    engine = engine_on(part)
    try:
        with engine.connect() as connection:
            with connection.begin():
                make_tables(connection)
                if fill is not None:
                    fill(connection)
                    search_index.catch_up(connection)
            connection.connection.cursor().execute("PRAGMA journal_mode=DELETE").fetchall()
    finally:
        engine.dispose()
    _put_aside(folder)
    part.replace(folder / DATABASE)
    sync_folder(folder)


def _put_aside(folder: Path) -> None:
    """Renames the old database with its log. Never deletes them: they may hold the last words.

    The log goes too where it stands alone: SQLite would play it into the new database.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    for ending in _BESIDE:
        old = folder / (DATABASE + ending)
        if old.exists():
            old.rename(folder / f"library-{moment}-replaced.db{ending}")
    sync_folder(folder)


def session_files(folder: Path) -> Iterator[Path]:
    """Every `sessions/YYYY/MM/*/session.json`, in order of their names."""
    yield from sorted((folder / SESSIONS).glob(f"*/*/*/{SESSION_FILE}"))


def refill(folder: Path) -> Callable[[Connection], None]:
    """Fills an empty database from the sessions' files; unreadable ones are passed over.

    Where two files tell of one session (a copied folder), the later revision counts.
    """

    def fill(connection: Connection) -> None:
        _events(connection, folder)
        newest: dict[str, tuple[int, Path, dict[str, Any]]] = {}
        for path in session_files(folder):
            form = read_form(path, SESSION_SCHEMA)
            if form is None or not isinstance(form.get("session"), dict):
                continue
            id_, revision = form["session"].get("id"), form["session"].get("revision")
            if not isinstance(id_, str) or not isinstance(revision, int):
                continue
            if id_ not in newest or newest[id_][0] < revision:
                newest[id_] = (revision, path, form)
        for _revision, path, form in newest.values():
            _session(connection, folder, path, form)

    return fill


def read_form(path: Path, schema: str) -> dict[str, Any] | None:
    """The JSON object of the file, or None where it is not one of this schema."""
    try:
        form = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return form if isinstance(form, dict) and form.get("schema") == schema else None


def _events(connection: Connection, folder: Path) -> None:
    form = read_form(folder / EVENTS_FILE, EVENTS_SCHEMA) or {}
    for values in _objects(form.get("events")):
        _insert(connection, EventRow, values)


def _session(connection: Connection, folder: Path, path: Path, form: dict[str, Any]) -> None:
    stored = str(form["session"].get("folder"))
    actual = path.parent.relative_to(folder).as_posix()
    values = {
        **form["session"],
        "folder": actual,
        "file_revision": form["session"]["revision"],
        "duration_ms": 0,
        "take_count": 0,
        "line_count": 0,
    }
    event = form.get("event")
    if isinstance(event, dict):
        known = connection.scalar(select(EventRow.id).where(EventRow.id == str(event.get("id"))))
        if known is None:
            _insert(connection, EventRow, event)
    if not _insert(connection, SessionRow, values):
        return
    id_ = values["id"]
    for table in PARTS:
        parts = _objects(form.get(table.__tablename__))
        _insert_all(
            connection,
            table,
            [_following({**part, "session_id": id_}, stored, actual) for part in parts],
        )
    count_takes(connection, id_)
    count_lines(connection, id_)


def _following(values: dict[str, Any], stored: str, actual: str) -> dict[str, Any]:
    """Paths into the session's folder follow it to where it was found."""
    if stored == actual:
        return values
    prefix = f"{stored}/"
    return {
        name: actual + value[len(stored) :]
        if isinstance(value, str) and value.startswith(prefix) and name in _PATHS
        else value
        for name, value in values.items()
    }


def _objects(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _insert(connection: Connection, table: type[Base], values: dict[str, Any]) -> bool:
    """Inserts one row where its values are of the right kinds; tells whether it went in."""
    columns = table.__table__.columns
    known = {column.name: values.get(column.name) for column in columns}
    return _readable(table, known) and _inserted(connection, table, [known])


def _insert_all(connection: Connection, table: type[Base], found: list[dict[str, Any]]) -> None:
    """Inserts the rows at once, or one by one where some of them cannot go in."""
    columns = table.__table__.columns
    known = [{column.name: row.get(column.name) for column in columns} for row in found]
    fitting = [row for row in known if _readable(table, row)]
    if fitting and not _inserted(connection, table, fitting):
        for row in fitting:
            _inserted(connection, table, [row])


def _inserted(connection: Connection, table: type[Base], values: list[dict[str, Any]]) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(table), values)
    except (IntegrityError, UnicodeEncodeError, OverflowError):
        return False
    return True


def _readable(table: type[Base], values: dict[str, Any]) -> bool:
    """Whether the row would come back as a value: files may be old, or changed by hand."""
    if any(not _fits(column, values[column.name]) for column in table.__table__.columns):
        return False
    if any(_leads_out(values.get(name)) for name in _PATHS):
        return False
    row: Any = SimpleNamespace(**values)
    try:
        if table is LineRow:
            rows.line_from(row)
        elif table is TakeRow:
            rows.take_from(row, shown_in=None)
        elif table is SegmentRow:
            spoken.segment_from(row)
        elif table is NoteVersionRow:
            versions.unpacked(row.lines)
            datetime.fromisoformat(row.saved_at)
        elif table is SessionRow:
            rows.microseconds(datetime.fromisoformat(row.created_at))
    except (ValueError, TypeError, LookupError, OverflowError):
        return False
    return True


def _leads_out(path: Any) -> bool:
    """Whether a path leaves the folder it is relative to."""
    return isinstance(path, str) and (path.startswith("/") or ".." in path.split("/"))


def _fits(column: Any, value: Any) -> bool:
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, Json):
        return isinstance(value, list)
    if isinstance(column.type, Float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(column.type, Integer):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if column.type.python_type is bool else str)


def has_sessions(folder: Path) -> bool:
    """Whether there is anything a database could be rebuilt from."""
    return next(session_files(folder), None) is not None


def make_places(folder: Path) -> None:
    """The folders every library has."""
    for name in (SESSIONS, "run", "backups"):
        make_folder(folder / name)
