"""A session made for a recording that never began goes; one with anything in it stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from shelves import NOW, a_line, a_take, all_of

from earmark.library import Library
from earmark.model import Anchor, Bookmark, BookmarkId, Changes, Frames, NotFound, SessionId, TakeId

FILLINGS: dict[str, Callable[[Library, SessionId], object]] = {
    "a line": lambda lib, id_: lib.save_notes(id_, all_of(a_line())),
    "an empty line": lambda lib, id_: lib.save_notes(id_, all_of(a_line(""))),
    "a take": lambda lib, id_: lib.put_take(id_, a_take()),
    "a bookmark": lambda lib, id_: lib.add_bookmark(
        id_, Bookmark(BookmarkId("b"), Anchor(TakeId("t"), Frames(0)))
    ),
    "a picture": lambda lib, id_: lib.add_picture(id_, b"\x89PNG", "png", ""),
    "a title": lambda lib, id_: lib.rename_session(id_, "Mine"),
    "a place": lambda lib, id_: lib.set_details(id_, place="Here"),
    "the bin": lambda lib, id_: lib.bin_session(id_),
    "a journal": lambda lib, id_: (
        lib.folder / lib.session(id_).folder / "take-1-abc.journal"
    ).write_bytes(b"sound"),
}


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


def test_an_empty_one_goes_with_its_folder(library: Library) -> None:
    made = library.create_session("Talk", None, NOW)
    library.flush_session_files()
    assert (library.folder / made.folder / "session.json").exists()
    changes = library.withdraw_session(made.id, "Talk")
    assert changes.titles and made.id in changes.sessions
    assert library.summaries() == ()
    assert not (library.folder / made.folder).exists()
    with pytest.raises(NotFound):
        library.session(made.id)
    assert library.withdraw_session(made.id, "Talk") == Changes()


@pytest.mark.parametrize("filling", FILLINGS)
def test_one_with_anything_in_it_stays(library: Library, filling: str) -> None:
    made = library.create_session("Talk", None, NOW)
    FILLINGS[filling](library, made.id)
    before = library.session(made.id)
    there = sorted((library.folder / made.folder).rglob("*"))
    assert library.withdraw_session(made.id, "Talk") == Changes()
    assert library.session(made.id) == before
    assert sorted((library.folder / made.folder).rglob("*")) == there
