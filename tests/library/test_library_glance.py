"""The glance for the first paint: the list as the library gives it, or nothing; never an error."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from shelves import NOW, a_line, a_take, all_of

from earmark.library import Library, glance


def test_the_glance_shows_what_the_library_lists(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        event = library.create_event("Course")
        for number in range(5):
            filed = event.id if number % 2 else None
            session = library.create_session(f"T{number}", filed, NOW.replace(day=number + 1))
            library.put_take(session.id, a_take(1, number))
            library.save_notes(session.id, all_of(a_line()))
        library.bin_session(library.summaries()[0].id)
        assert len(library.summaries()) == 4
        assert glance(tmp_path) == library.summaries()
        assert glance(tmp_path, limit=2) == library.summaries()[:2]
        expected = library.summaries()
    assert glance(tmp_path) == expected


def test_the_glance_sees_what_a_killed_program_saved(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    library.create_session("Saved, not yet in the main file")
    os.makedirs(tmp_path / "copy")
    for name in ("library.db", "library.db-wal"):
        (tmp_path / "copy" / name).write_bytes((tmp_path / "library" / name).read_bytes())
    library.close()
    assert [s.title for s in glance(tmp_path / "copy")] == ["Saved, not yet in the main file"]


def test_odd_places_give_nothing(tmp_path: Path) -> None:
    assert glance(tmp_path / "missing") == ()
    assert glance(tmp_path) == ()
    assert not list(tmp_path.iterdir())
    database = tmp_path / "library.db"
    for content in (b"", b"garbage" * 1000):
        database.write_bytes(content)
        assert glance(tmp_path) == ()
        assert database.read_bytes() == content
    database.unlink()
    database.mkdir()
    assert glance(tmp_path) == ()


def test_a_locked_library_gives_nothing_at_once(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        library.create_session("Talk")
    connection = sqlite3.connect(tmp_path / "library.db", isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        assert glance(tmp_path) == ()
    finally:
        connection.close()
