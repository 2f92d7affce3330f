"""A quick proof that a folder is a library this program can use, by the standard library alone.

Record right after the start waits for nothing else: SQLAlchemy takes a third of a second to load.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from .glance import DATABASE, SCHEMA

MOST_BYTES = 8 * 1024 * 1024
"""A larger database takes too long to check here."""


def is_proven(folder: Path) -> bool:
    """True: the folder can be written and holds a whole database of our newest version, or is new.

    False says nothing: the opening will tell. Changes nothing and raises nothing.
    """
    try:
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            return False
        database = folder / DATABASE
        if not database.exists():
            return not (folder / "sessions").exists()
        return database.stat().st_size <= MOST_BYTES and _is_whole(database)
    except (OSError, sqlite3.Error, UnicodeDecodeError):
        return False


def _is_whole(database: Path) -> bool:
    uri = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=0)) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return False
        return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (SCHEMA,)
        ]
