"""Making the database, and bringing an older one up to date (only then Alembic is loaded)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert

from earmark.model import make_folder, sync_folder
from earmark.model.files import FILE_MODE

from . import search_index, tables
from .faults import damaged, newer, stranger
from .glance import DATABASE
from .store import EVENTS_FILE_REVISION, EVENTS_REVISION, engine_on

MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION = "alembic_version"
_ALWAYS_CHECKED = 32 * 1024 * 1024
"""Bytes: a database up to this size is checked at every opening, in some 50 ms at most."""


def schema_of(folder: Path) -> str | None:
    """The version of the folder's database; None where there is none yet (or an empty file).

    Changes nothing. Raises LibraryUnusable for a newer or a stranger's database,
    LibraryDamaged for a broken one.
    """
    database = folder / DATABASE
    if not database.exists() or database.stat().st_size == 0:
        return None
    try:
        return _looked_at(folder, database, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        # A crash left a change half made: only a connection that may write can take it back.
        return _looked_at(folder, database, "rw")


def _looked_at(folder: Path, database: Path, mode: str) -> str:
    uri = f"{database.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=20)) as connection:
        if database.stat().st_size <= _ALWAYS_CHECKED or _left_open(database):
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()
            if answer is None or answer[0] != "ok":
                raise damaged(folder)
        names = {n for (n,) in connection.execute("SELECT name FROM sqlite_master")}
        if _VERSION not in names:
            raise stranger(folder)
        found = connection.execute(f"SELECT version_num FROM {_VERSION}").fetchall()  # noqa: S608
        version = str(found[0][0]) if len(found) == 1 else ""
        if version not in tables.KNOWN_SCHEMAS:
            raise newer(folder)
    return version


def _left_open(database: Path) -> bool:
    """Whether a log stands beside the database: it was not closed, or is open elsewhere."""
    log = database.with_name(f"{database.name}-wal")
    return log.exists() and log.stat().st_size > 0


def make_tables(connection: Connection) -> None:
    """All tables of the newest version, empty, and the stamp that says so."""
    tables.Base.metadata.create_all(connection)
    search_index.make_words(connection)
    search_index.make_triggers(connection)
    connection.exec_driver_sql(
        f"CREATE TABLE {_VERSION} (version_num VARCHAR(32) NOT NULL,"
        f" CONSTRAINT {_VERSION}_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO {_VERSION} VALUES (?)", (tables.SCHEMA,))  # noqa: S608
    connection.execute(
        insert(tables.StateRow),
        [{"key": EVENTS_REVISION, "number": 0}, {"key": EVENTS_FILE_REVISION, "number": 0}],
    )


def migrate(folder: Path) -> None:
    """Brings the database up to date in one transaction, after a backup. All of it or nothing."""
    from alembic import command
    from alembic.config import Config

    back_up(folder, "before-migration")
    engine = engine_on(folder / DATABASE)
    try:
        with engine.connect() as connection:
            # A table is rebuilt by dropping it: with foreign keys on, its rows' rows would go too.
            # Past SQLAlchemy, because inside a transaction SQLite ignores the pragma.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF").fetchall()
            with connection.begin():
                config = Config()
                config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
                config.attributes["connection"] = connection
                command.upgrade(config, tables.SCHEMA)
                search_index.make_triggers(connection)
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise damaged(folder)
    finally:
        engine.dispose()


def back_up(folder: Path, reason: str) -> Path:
    """A consistent, checked copy of the database: `backups/library-<UTC time>-<reason>.db`."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = folder / "backups" / f"library-{moment}-{reason}.db"
    copy_database(folder, target)
    return target


def copy_database(folder: Path, target: Path) -> None:
    """Copies the folder's database, whoever is writing to it, durably to `target`."""
    make_folder(target.parent)
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)  # a killed copy's: half a database cannot be written over
        part.touch(FILE_MODE)
        uri = f"{(folder / DATABASE).absolute().as_uri()}?mode=rw"
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=20)) as source,
            closing(sqlite3.connect(part, isolation_level=None)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise damaged(folder)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
