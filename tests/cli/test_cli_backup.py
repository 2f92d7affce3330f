"""A copy of the database by `earmark backup`."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import read, run

from earmark.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Path:
    with Library.open(tmp_path / "library") as lib:
        lib.create_session("Talk")
    return tmp_path / "library"


def test_the_copy_is_a_library_of_its_own(library: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    target = tmp_path / "other" / "library.db"
    with Library.open(library) as writer:  # as a window that is open
        writer.create_session("Later, still in the log")
        done = read(library, "backup", "--to", target)
    assert done == {"path": str(target), "bytes": target.stat().st_size}
    assert [one["title"] for one in read(tmp_path / "other", "list")] == [
        "Later, still in the log",
        "Talk",
    ]
    assert target.stat().st_mode & 0o077 == 0


def test_what_is_there_is_replaced_only_when_asked(library: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("mine")
    assert "--force" in run(library, "backup", "--to", target, code=1)
    assert target.read_text() == "mine"
    run(library, "backup", "--to", target, "--force")
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_never_into_the_library_nor_where_nothing_is(library: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(library)
    before = read(library, "list"), (library / "library.db").stat().st_ino
    for target in (
        library / "library.db",
        library / "backups" / "mine.db",
        tmp_path / "link" / "library.db",
        tmp_path,
        tmp_path / "gone" / "copy.db",
        tmp_path / ("x" * 300),
    ):
        told = run(library, "backup", "--to", target, "--force", code=1)
        assert len(told.splitlines()) == 1
    assert (read(library, "list"), (library / "library.db").stat().st_ino) == before
    assert not list((library / "backups").iterdir())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["library", "link"]
