"""One connection to the database and the two ways to use it: reading and one durable change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, select, update
from sqlalchemy.pool import StaticPool

from earmark.model import Busy, EventId, NotFound, SessionId
from earmark.model.i18n import _

from . import search_index
from .faults import damaged, told, vanished
from .tables import EventRow, LineRow, SessionRow, StateRow, TakeRow

_BUSY_MS = 20_000
_READERS_MS = 2_000
"""So long one who reads just now is awaited before the log is emptied: every key waits too."""
_PRAGMAS = (
    f"busy_timeout={_BUSY_MS}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
)
EVENTS_REVISION = "events_revision"
EVENTS_FILE_REVISION = "events_file_revision"


def engine_on(database: Path) -> Engine:
    """An engine with one connection to the existing file, durable at every commit."""

    def connect() -> sqlite3.Connection:
        opened = sqlite3.connect(
            f"{database.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_MS / 1000,
        )
        try:
            for pragma in _PRAGMAS:
                opened.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            opened.close()
            raise
        return opened

    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """SQLAlchemy leaves the beginning to us (isolation_level=None): a change locks at once."""
    connection.exec_driver_sql("BEGIN" if connection.info.get("reading") else "BEGIN IMMEDIATE")


class Store:
    """The open database of one library folder. Every call comes from one thread at a time."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine
        self._connection = engine.connect()
        self._place = _identity(folder)
        self._seen_by_caller = self._data_version()

    def shut(self) -> None:
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database. What does not read as a value is damage."""
        with told(self.folder):
            self._connection.info["reading"] = True
            with self._connection.begin():
                try:
                    yield self._connection
                except ValueError as error:
                    raise damaged(self.folder) from error

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """One transaction: durable when the block is left, nothing of it after an error."""
        with told(self.folder):
            self.check_place()
            self._connection.info["reading"] = False
            with self._connection.begin():
                yield self._connection
                search_index.catch_up(self._connection)

    @contextmanager
    def beside_database(self) -> Iterator[None]:
        """For a file that is written beside the database: not where its disk should be."""
        with told(self.folder):
            self.check_place()
            yield

    def check_place(self) -> None:
        """Raises LibraryUnusable where the folder is not the one that was opened any more."""
        if _identity(self.folder) != self._place:
            raise vanished(self.folder)

    def secure_delete(self) -> None:
        """From now on this connection overwrites with zeros what it deletes."""
        with told(self.folder):
            self._raw().execute("PRAGMA secure_delete=ON").fetchall()

    def wipe(self) -> None:
        """Leaves nothing of what was deleted in the database and its log, also of what was deleted
        long before: pages keep that until they are written anew. Raises Busy."""
        raw = self._raw()
        with told(self.folder):
            raw.execute(f"PRAGMA busy_timeout={_READERS_MS}").fetchall()
            try:
                raw.execute("VACUUM")
                busy, _pages, _moved = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}").fetchall()
        if busy:
            raise Busy(
                _("Another program reads the library just now, so its log still holds old words."),
                _("Close other Earmarks of this library, then ask again."),
            )

    def changed_elsewhere(self) -> bool:
        """Whether another process changed the library since the last call (or the opening)."""
        with told(self.folder):
            version = self._data_version()
        changed = version != self._seen_by_caller
        self._seen_by_caller = version
        return changed

    def _data_version(self) -> int:
        """Grows when another connection commits; our own commits leave it."""
        return int(self._raw().execute("PRAGMA data_version").fetchone()[0])

    def _raw(self) -> sqlite3.Connection:
        raw = self._connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        return raw


def _identity(folder: Path) -> tuple[int, int] | None:
    """Tells the database file from another at the same place: SQLite writes on into a lost one."""
    try:
        found = os.stat(folder / "library.db")  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


def known_session(connection: Connection, session: SessionId) -> None:
    """Raises NotFound for a session that is not in the library."""
    if connection.scalar(select(SessionRow.id).where(SessionRow.id == session)) is None:
        raise no_session(session)


def known_event(connection: Connection, event_id: EventId) -> None:
    """Raises NotFound for an event that is not in the library."""
    if connection.scalar(select(EventRow.id).where(EventRow.id == event_id)) is None:
        raise no_event(event_id)


def no_session(text: str) -> NotFound:
    return NotFound(
        _("There is no session “{id}”.").format(id=text[:80]),
        _("`earmark list` shows the sessions and their ids."),
    )


def no_event(text: str) -> NotFound:
    return NotFound(
        _("There is no event “{id}”.").format(id=text[:80]),
        _("`earmark list` shows the sessions and their events."),
    )


def touch(connection: Connection, *sessions: str) -> None:
    """Marks the sessions' files as behind: their next `session.json` is yet to be written."""
    connection.execute(
        update(SessionRow)
        .where(SessionRow.id.in_(sessions))
        .values(revision=SessionRow.revision + 1)
    )


def touch_events(connection: Connection) -> None:
    """Marks `events.json` as behind."""
    connection.execute(
        update(StateRow).where(StateRow.key == EVENTS_REVISION).values(number=StateRow.number + 1)
    )


def count_takes(connection: Connection, session: str) -> None:
    """Brings the list's figures about takes up to date (each take rounded as `frames_to_ms`)."""
    rounded = (TakeRow.frames * 1000 + TakeRow.sample_rate // 2) // TakeRow.sample_rate
    own = TakeRow.session_id == session
    connection.execute(
        update(SessionRow)
        .where(SessionRow.id == session)
        .values(
            take_count=select(func.count()).where(own).scalar_subquery(),
            duration_ms=select(func.coalesce(func.sum(rounded), 0)).where(own).scalar_subquery(),
        )
    )


def count_lines(connection: Connection, session: str) -> None:
    """Brings the list's figure about lines up to date."""
    own = LineRow.session_id == session
    connection.execute(
        update(SessionRow)
        .where(SessionRow.id == session)
        .values(line_count=select(func.count()).where(own).scalar_subquery())
    )
