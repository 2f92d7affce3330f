"""The quick proof that a library is usable: never given where the opening would refuse."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from earmark.library import Library, is_proven
from earmark.model import EarmarkError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library with a session, closed."""
    library = Library.open(tmp_path / "library")
    library.create_session("A talk")
    library.close()
    return tmp_path / "library"


def change(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection, connection:
        connection.execute(sql)


def test_a_whole_library_of_the_newest_version_is_proven(folder: Path):
    before = (folder / "library.db").read_bytes()
    assert is_proven(folder)
    assert (folder / "library.db").read_bytes() == before


def test_an_open_library_is_proven(folder: Path):
    library = Library.open(folder)
    library.create_session("Another")
    assert is_proven(folder)
    library.close()


def test_a_new_folder_is_proven(tmp_path: Path):
    (tmp_path / "run").mkdir()
    assert is_proven(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_newer_library_is_not(folder: Path):
    change(folder, "UPDATE alembic_version SET version_num = '9999'")
    assert not is_proven(folder)
    with pytest.raises(EarmarkError):
        Library.open(folder)


def test_a_strangers_database_is_not(folder: Path):
    change(folder, "DROP TABLE alembic_version")
    assert not is_proven(folder)
    with pytest.raises(EarmarkError):
        Library.open(folder)


def test_a_broken_database_is_not(folder: Path):
    database = folder / "library.db"
    data = bytearray(database.read_bytes())
    data[4096 : 4096 * 4] = b"\xff" * (4096 * 3)
    database.write_bytes(data)
    assert not is_proven(folder)
    with pytest.raises(EarmarkError):
        Library.open(folder)


def test_what_is_no_database_is_not(folder: Path):
    (folder / "library.db").write_bytes(b"no database at all, and longer than any header" * 9)
    assert not is_proven(folder)


def test_a_library_to_be_rebuilt_is_not(folder: Path):
    (folder / "library.db").unlink()
    assert not is_proven(folder)


def test_a_missing_folder_is_not(tmp_path: Path):
    assert not is_proven(tmp_path / "gone")
    (tmp_path / "file").write_text("x")
    assert not is_proven(tmp_path / "file")
