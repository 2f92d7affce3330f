"""A library that cannot be used gets one sentence and a remedy, and nothing in it changes."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shelves import a_line, all_of

from earmark.library import Library
from earmark.model import Busy, DiskFull, EarmarkError, LibraryDamaged, LibraryUnusable
from earmark.model.i18n import _


def everything_in(folder: Path) -> dict[str, object]:
    """Names, contents and times of everything, except what SQLite keeps for its readers."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


@contextlib.contextmanager
def refused(folder: Path, kind: type[EarmarkError]) -> Iterator[None]:
    before = everything_in(folder)
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.what.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert everything_in(folder) == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library with some content, closed."""
    place = tmp_path / "library"
    with Library.open(place) as library:
        for number in range(5):
            session = library.create_session(f"Talk {number}").id
            library.save_notes(session, all_of(*(a_line(f"line {n} " * 20) for n in range(20))))
    with Library.open(place):  # brings the files up to date
        pass
    return place


def titles(folder: Path) -> list[str]:
    with Library.open(folder) as library:
        assert all(len(library.session(s.id).lines) == 20 for s in library.summaries())
        return sorted(s.title for s in library.summaries())


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere; somebody else meets the folder's permissions."""
    if os.getuid() != 0:
        yield
        return
    _("Loaded while it may still be read.")
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_read_only_folder(folder: Path) -> None:
    upwards = [p for p in folder.parents if p.stat().st_uid == os.getuid() and p != Path("/")]
    modes = {p: p.stat().st_mode for p in [*upwards, folder, *folder.rglob("*")]}
    try:
        for path in upwards:
            path.chmod(path.stat().st_mode | 0o555)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        with refused(folder, LibraryUnusable), as_nobody():
            Library.open(folder)
        with refused(folder, LibraryUnusable), as_nobody():
            Library.open(folder / "new one inside")
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert len(titles(folder)) == 5


def test_full_disk(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here; the failing calls are swept elsewhere")
    try:
        with Library.open(place / "library") as library:
            session = library.create_session("Talk").id
            kept = a_line("kept")
            library.save_notes(session, all_of(kept))
            with pytest.raises(DiskFull) as caught:
                library.save_notes(session, all_of(kept, a_line("x" * 2_000_000)))
            assert caught.value.remedy
            assert library.session(session).lines == (kept,)
            with pytest.raises(DiskFull):
                library.add_picture(session, b"x" * 2_000_000, "png")
            assert library.session(session).pictures == ()
        with Library.open(place / "library") as library:
            assert library.session(session).lines == (kept,)
        with contextlib.suppress(OSError), open(place / "rest", "wb") as rest:
            while True:
                rest.write(bytes(4096))
                rest.flush()
        with contextlib.suppress(DiskFull), Library.open(place / "library") as library:
            assert library.session(session).lines == (kept,)
            with pytest.raises(DiskFull):
                library.save_notes(session, all_of(kept, a_line("x" * 100_000)))
        with pytest.raises(DiskFull):
            Library.open(place / "another").close()
        (place / "rest").unlink()
        with Library.open(place / "library") as library:
            assert library.session(session).lines == (kept,)
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with refused(tmp_path, LibraryUnusable):
        Library.open(tmp_path / "file")
    with refused(tmp_path, LibraryUnusable):
        Library.open(tmp_path / "file" / "below")


def test_a_folder_that_is_not_there_is_made_only_where_asked(tmp_path: Path) -> None:
    with refused(tmp_path, LibraryUnusable):
        Library.open(tmp_path / "nothing", create=False)
    (tmp_path / "gone").symlink_to(tmp_path / "unplugged" / "library")
    with refused(tmp_path, LibraryUnusable):
        Library.open(tmp_path / "gone")
    with refused(tmp_path, LibraryUnusable):
        Library.open(Path("/media/nobody/unplugged disk/library"))
    assert not (tmp_path / "nothing").exists()


def test_a_folder_that_vanishes_while_open(folder: Path) -> None:
    with Library.open(folder) as library:
        session = library.summaries()[0].id
        folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(LibraryUnusable):
            library.save_notes(session, all_of(a_line("into nowhere")))
        assert not folder.exists()
        folder.with_name("elsewhere").rename(folder)
        library.rename_session(session, "Back again")
    with Library.open(folder) as library:
        assert library.session(session).title == "Back again"


def test_a_newer_version(folder: Path) -> None:
    connection = sqlite3.connect(folder / "library.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with refused(folder, LibraryUnusable):
        Library.open(folder)


def test_somebody_elses_database(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "library.db")
    connection.execute("CREATE TABLE books (title)")
    connection.commit()
    connection.close()
    with refused(tmp_path, LibraryUnusable):
        Library.open(tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_database_is_said_and_rebuilt(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray((folder / "library.db").read_bytes())
    if seed == 0:
        data[:] = b"not a database at all, " * 1000
    elif seed == 1:
        del data[len(data) // 2 :]
    else:
        for _ in range(200):
            data[dice.randrange(100, len(data))] = dice.randrange(256)
    (folder / "library.db").write_bytes(data)
    try:
        with Library.open(folder) as library:
            for summary in library.summaries():
                library.session(summary.id)
    except LibraryUnusable as error:
        assert (
            isinstance(error, LibraryDamaged) or "newer" in error.what or "not from" in error.what
        )
    assert (folder / "library.db").read_bytes()
    (folder / "library.db").rename(folder.parent / "damaged.db")  # as the remedy says
    assert titles(folder) == [f"Talk {n}" for n in range(5)]


def test_rebuilding_keeps_the_old_database_beside_it(folder: Path) -> None:
    old = (folder / "library.db").read_bytes()
    with Library.rebuild(folder) as library:
        assert len(library.summaries()) == 5
    (kept,) = folder.glob("library-*-replaced.db")
    assert kept.read_bytes() == old


def test_a_log_without_its_database_is_not_played_into_the_new_one(folder: Path) -> None:
    library = Library.open(folder)
    log = folder / "library.db-wal"
    library.rename_session(library.summaries()[0].id, "In the log")
    stale = log.read_bytes()
    library.close()
    (folder / "library.db").unlink()
    log.write_bytes(stale)
    assert len(titles(folder)) == 5
    assert [p.read_bytes() for p in folder.glob("library-*-replaced.db-wal")] == [stale]


def test_a_library_in_use_is_said_and_goes_on_afterwards(folder: Path) -> None:
    other = sqlite3.connect(folder / "library.db", isolation_level=None)
    try:
        with Library.open(folder) as library:
            session = library.summaries()[0].id
            library._connection.connection.cursor().execute("PRAGMA busy_timeout=10").fetchall()
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Busy):
                library.rename_session(session, "Not now")
            assert library.session(session).title != "Not now"
            other.execute("COMMIT")
            library.rename_session(session, "Now")
            assert library.session(session).title == "Now"
    finally:
        other.close()


def test_files_behind_the_database_are_written_at_the_next_opening(folder: Path) -> None:
    with Library.open(folder) as library:
        session = library.session(library.summaries()[0].id)
        event = library.create_event("Without sessions")
        library.rename_session(session.id, "New title")
    file = folder / session.folder / "session.json"
    assert "New title" not in file.read_text()
    with Library.open(folder) as library:
        assert "New title" in file.read_text()
        assert library.flush_session_files() == 0
    (folder / "library.db").unlink()
    with Library.open(folder) as library:
        assert library.events() == (event,)
        assert library.session(session.id).title == "New title"


def test_a_file_written_by_another_program_meanwhile_stays_the_newer(folder: Path) -> None:
    with Library.open(folder) as one, Library.open(folder) as two:
        session = one.session(one.summaries()[0].id)
        one.rename_session(session.id, "By one")
        two.rename_session(session.id, "By two")
        assert two.flush_session_files() == 1
        one.write_session_json(session.id)
        assert '"By two"' in (folder / session.folder / "session.json").read_text()
        assert one.flush_session_files() == 0


def test_rebuilding_waits_for_nobody_who_has_it_open(folder: Path) -> None:
    with Library.open(folder) as library:
        with pytest.raises(Busy):
            Library.rebuild(folder)
        library.rename_session(library.summaries()[0].id, "Still mine")


def test_a_rebuilding_cut_short_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_args: object) -> None:
        raise KeyboardInterrupt

    before = everything_in(folder)
    with monkeypatch.context() as patch:
        patch.setattr("earmark.library.building._put_aside", power_cut)
        with pytest.raises(KeyboardInterrupt):
            Library.rebuild(folder)
    now = everything_in(folder)
    assert {name: now[name] for name in before} == before
    assert len(titles(folder)) == 5
    with Library.rebuild(folder) as library:
        assert len(library.summaries()) == 5


def test_rebuilding_passes_over_what_it_cannot_read(folder: Path) -> None:
    files = sorted((folder / "sessions").glob("*/*/*/session.json"))
    files[0].write_text("{ broken")
    files[1].write_text('{"schema": "earmark.library.session/1", "session": {"id": 5}}')
    text = files[2].read_text()
    files[2].write_text(text.replace('"kind": "plain"', '"kind": "hologram"', 1))
    shutil.copytree(files[3].parent, files[3].parent.with_name("a copy made by hand"))
    with Library.rebuild(folder) as library:
        counts = sorted(s.lines for s in library.summaries())
        assert counts == [19, 20, 20]
        warned = [f.what for f in library.check()]
        for path in (files[0], files[1]):
            assert any(path.parent.name in what for what in warned)


def test_a_moved_session_folder_is_found_by_rebuilding(folder: Path) -> None:
    with Library.open(folder) as library:
        session = library.session(library.summaries()[0].id)
    moved = (folder / session.folder).with_name("renamed by hand")
    (folder / session.folder).rename(moved)
    with Library.rebuild(folder) as library:
        again = library.session(session.id)
        assert folder / again.folder == moved
        assert again.lines == session.lines


def test_the_check_names_what_is_missing(folder: Path) -> None:
    with Library.open(folder) as library:
        first, second = library.summaries()[:2]
        gone = library.session(first.id).folder
        shutil.rmtree(folder / gone)
        picture = library.add_picture(second.id, b"png", "png")
        (folder / library.session(second.id).folder / picture.file).unlink()
        found = [f.what for f in library.check()]
    assert any(first.title in what for what in found)
    assert any(second.title in what for what in found)
    assert len(found) == 2


def test_files_and_folders_are_private(folder: Path) -> None:
    with Library.open(folder) as library:
        library.backup("asked")
        library.create_session("Talk")
        for path in [folder, *folder.rglob("*")]:
            expected = 0o700 if path.is_dir() else 0o600
            assert path.stat().st_mode & 0o777 == expected, path
