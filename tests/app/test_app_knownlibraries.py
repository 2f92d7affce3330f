"""A library whose disk is away is never made anew in its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from earmark.app import Earmark
from earmark.app.doctor import examine
from earmark.app.known_libraries import KnownLibraries
from earmark.app.places import state_folder
from earmark.cli.run import main
from earmark.model import Level, LibraryNotConnected
from earmark.model.library_id import give_library_id, is_library, library_id


def open_once(folder: Path) -> str:
    """Opens the library as every command does; gives its id."""
    earmark = Earmark(folder)
    earmark.library.opened.result(60)
    earmark.close()
    found = library_id(folder)
    assert found is not None
    return found


def run(*args: object) -> int:
    return main([str(arg) for arg in args], lambda *_args: 0)


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def test_a_library_keeps_its_id_and_is_remembered(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    first = open_once(folder)
    assert open_once(folder) == first == KnownLibraries().id_of(folder)
    (folder / "library.db").unlink()
    assert open_once(folder) == first


@pytest.mark.parametrize("gone", [empty, shutil.rmtree, lambda f: f.rename(f.with_name("moved"))])
@pytest.mark.parametrize(
    "command", [("list",), ("record", "--seconds", "1"), ("show", "a"), ("recover",)]
)
def test_where_it_is_away_one_sentence_and_nothing_is_written(
    tmp_path: Path, gone, command, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "library"
    open_once(folder)
    gone(folder)
    there = sorted(tmp_path.rglob("*"))
    assert run("--library", folder, *command) == 1
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith(f"The library “{folder}” is not connected: its folder is empty or gone.")
    assert "--new-library" in told
    assert told.count("\n") == 1
    assert [path for path in sorted(tmp_path.rglob("*")) if "home" not in path.parts] == there


def test_a_new_library_in_its_place_has_to_be_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    old = open_once(folder)
    folder.rename(tmp_path / "elsewhere")
    assert run("--library", folder, "list", "--json") == 1
    assert run("--library", folder, "--new-library", "list", "--json") == 0
    assert run("list", "--library", folder, "--json") == 0
    assert library_id(folder) not in (None, old)
    assert open_once(tmp_path / "elsewhere") == old


def test_it_opens_again_when_its_disk_is_back(tmp_path: Path) -> None:
    folder, away = tmp_path / "library", tmp_path / "away"
    old = open_once(folder)
    folder.rename(away)
    folder.mkdir()
    with pytest.raises(LibraryNotConnected):
        KnownLibraries().check(folder)
    folder.rmdir()
    away.rename(folder)
    assert open_once(folder) == old


def test_another_library_on_another_disk_at_the_same_place_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    first, second = open_once(folder), open_once(tmp_path / "second")
    folder.rename(tmp_path / "first")
    (tmp_path / "second").rename(folder)
    assert open_once(folder) == second != first
    assert KnownLibraries().id_of(folder) == second


def test_a_link_to_it_knows_it_too(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    open_once(tmp_path / "link" / "library")
    empty(tmp_path / "disk")
    for folder in (tmp_path / "link" / "library", tmp_path / "disk" / "library"):
        with pytest.raises(LibraryNotConnected):
            KnownLibraries().check(folder)


def test_doctor_says_it_too(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    open_once(folder)
    empty(folder)
    found = [one for one in examine(folder) if "is not connected" in one.what]
    assert [one.level for one in found] == [Level.ERROR]
    assert not any(folder.iterdir())


def test_without_a_state_folder_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "library"
    open_once(folder)
    shutil.rmtree(folder)
    open_once(folder)


def test_what_is_remembered_is_private_and_small(tmp_path: Path) -> None:
    open_once(tmp_path / "library")
    (file,) = (state_folder() / "libraries").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(file.read_text())) == {"v", "folder", "id"}


def test_two_that_make_the_id_at_once_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def looked(path: Path) -> bool:
        path.write_text('{"v": 1, "id": "another"}')  # a second program, right after the look
        return False

    monkeypatch.setattr("earmark.model.library_id.is_there", looked)
    assert give_library_id(tmp_path) == "another"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"id": "../x"}', "\x00"])
def test_an_id_that_cannot_be_read_is_made_again(tmp_path: Path, text: str) -> None:
    (tmp_path / "library.json").write_text(text)
    assert library_id(tmp_path) is None
    assert is_library(tmp_path)
    assert give_library_id(tmp_path) == library_id(tmp_path) is not None
