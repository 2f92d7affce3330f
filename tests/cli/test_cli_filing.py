"""Sessions named by id or title, renamed, moved, binned and restored from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import read, run

from earmark.library import Library
from earmark.model import SessionId

DAY = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Two sessions of one title, one whose title is another's id, ids that begin alike."""
    folder = tmp_path / "library"
    with Library.open(folder) as lib:
        for id_, title, day in (
            ("abcd10000000aaaa", "Lecture", DAY),
            ("abcd20000000aaaa", "Lecture", DAY.replace(day=5)),
            ("cafe00000000aaaa", "Kick-off: plans", DAY.replace(day=6)),
            ("beef00000000aaaa", "cafe", DAY.replace(day=7)),
        ):
            lib.create_session(title, id=SessionId(id_), created_at=day)
    return folder


def titles(library: Path) -> dict[str, str]:
    return {one["id"][:5]: one["title"] for one in read(library, "list")}


def test_a_title_goes_where_an_id_goes(library: Path) -> None:
    assert read(library, "show", "Kick-off: plans")["id"] == "cafe00000000aaaa"
    assert read(library, "show", "abcd2")["id"] == "abcd20000000aaaa"
    assert read(library, "show", "cafe")["title"] == "Kick-off: plans"  # the id wins


def test_a_title_of_several_names_them_and_changes_nothing(library: Path) -> None:
    before = read(library, "list")
    for words in (("show",), ("bin",), ("play",), ("transcribe",)):
        told = run(library, *words, "Lecture", code=1)
        assert "abcd1 “Lecture” of 2026-03-04" in told
        assert "abcd2 “Lecture” of 2026-03-05" in told
        assert len(told.splitlines()) == 1
    told = run(library, "rename", "abcd", "X", code=1)
    assert "abcd1" in told and "abcd2" in told and "Write more of the id" in told
    assert read(library, "list") == before


def test_the_list_has_headings_and_the_shortest_ids(library: Path) -> None:
    head, *lines = run(library, "list").splitlines()
    assert head.split("\t") == ["id", "title", "event", "start", "duration", "takes", "lines"]
    ids = [line.split("\t")[0] for line in lines]
    assert ids == ["beef", "cafe", "abcd2", "abcd1"]
    run(library, "bin", "abcd2")
    assert "abcd1" in run(library, "list"), "as long as it has to be when the other comes back"


def test_renamed_and_moved(library: Path) -> None:
    done = read(library, "rename", "beef", "Day\ntwo")
    assert done == {"id": "beef00000000aaaa", "title": "Day two", "event": None}
    assert run(library, "move", "Day two", "--event", "Camp") == "beef00000000aaaa\tDay two\tCamp\n"
    read(library, "move", "cafe", "--event", "Camp")
    assert {one["id"][:4] for one in read(library, "list", "--event", "Camp")} == {"beef", "cafe"}
    assert read(library, "move", "beef", "--event", "")["event"] is None
    run(library, "rename", "beef", " ", code=1)
    run(library, "move", "beef", code=2)
    assert titles(library)["beef0"] == "Day two"


def test_binned_and_restored_by_title(library: Path) -> None:
    run(library, "bin", "Kick-off: plans")
    assert "cafe0" not in titles(library)
    (lying,) = read(library, "list", "--binned")
    assert lying["id"] == "cafe00000000aaaa"
    assert "earmark list" in run(library, "show", "Kick-off: plans", code=1)
    assert "in the bin" in run(library, "restore", "beef", code=1)
    assert read(library, "restore", "Kick-off: plans")["id"] == "cafe00000000aaaa"
    assert read(library, "list", "--binned") == []
    assert titles(library)["cafe0"] == "Kick-off: plans"


def test_what_is_not_there_is_one_sentence(library: Path) -> None:
    for words in (
        ("rename", "none", "X"),
        ("bin", ""),
        ("restore", "%"),
        ("move", "_", "--event", "E"),
    ):
        assert len(run(library, *words, code=1).splitlines()) == 1
    assert len(titles(library)) == 4


def test_an_empty_library_has_headings_and_no_session(tmp_path: Path) -> None:
    assert run(tmp_path, "list").startswith("id\ttitle\t")
    assert len(run(tmp_path, "list").splitlines()) == 1
    assert "no session" in run(tmp_path, "show", "Talk", code=1)
    assert "in the bin" in run(tmp_path, "restore", "Talk", code=1)
