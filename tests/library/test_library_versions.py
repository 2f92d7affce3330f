"""Earlier versions of notes: kept before text goes, thinned with age, back after a rebuilding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from earmark.library import Library
from earmark.library import notes as notes_module
from earmark.model import (
    Anchor,
    Frames,
    LineId,
    Mark,
    NoteLine,
    NotesEdit,
    NotFound,
    TakeId,
    TimeRun,
)

TAKE = TakeId("t" * 32)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()


class Clock:
    """Stands for `datetime` where versions are dated."""

    now_ = datetime(2026, 3, 1, 9, tzinfo=UTC)
    fromisoformat = datetime.fromisoformat

    @classmethod
    def now(cls, _zone: Any) -> datetime:
        return cls.now_


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(notes_module, "datetime", Clock)
    monkeypatch.setattr(Clock, "now_", Clock.now_)
    return Clock


def line(name: str, text: str, second: int = 1, **more: Any) -> NoteLine:
    anchor = Anchor(TAKE, Frames(second * 48_000))
    return NoteLine(LineId(name), text, anchor=anchor, runs=(TimeRun(0, anchor),), **more)


LINES = (
    line("a", "The first thing that was said", 1, marks=(Mark.STAR,)),
    line("b", "What only I may read of it", 2, private=True),
)


def put(library: Library, session: Any, *lines: NoteLine, gone: tuple[str, ...] = ()) -> None:
    order = tuple(one.id for one in lines)
    edit = NotesEdit(order, tuple(lines), tuple(LineId(one) for one in gone))
    library.save_notes(session, edit)


def test_select_all_and_cut_right_away_keeps_what_was_there(library: Library) -> None:
    session = library.create_session("Talk").id
    put(library, session, *LINES)
    put(library, session, line("c", ""), gone=("a", "b"))
    (version,) = library.note_versions(session)
    assert version.lines == 2
    assert library.note_version(session, version.id) == LINES


def test_a_line_overwritten_is_kept_too(library: Library) -> None:
    session = library.create_session("Talk").id
    put(library, session, line("a", "A sentence of more than forty characters, typed"))
    put(library, session, line("a", "x"))
    (version,) = library.note_versions(session)
    assert library.note_version(session, version.id)[0].text.startswith("A sentence")


def test_what_goes_little_by_little_is_kept_too(library: Library) -> None:
    session = library.create_session("Talk").id
    text = "word " * 120
    put(library, session, line("a", "A heading that is long enough for the first version"))
    put(library, session, line("a", "A heading that is long enough for the first version."))
    put(library, session, line("b", text))
    for end in range(len(text) - 5, -1, -5):
        put(library, session, line("b", text[:end]))
    kept = [library.note_version(session, one.id) for one in library.note_versions(session)]
    assert max(len(one.text) for lines in kept for one in lines) >= len(text) - 260, (
        "200 letters and the spaces between"
    )
    assert len(kept) <= 6


def test_typing_splitting_and_joining_keep_nothing_for_some_minutes(
    library: Library, clock: type[Clock]
) -> None:
    session = library.create_session("Talk").id
    text = "A sentence of more than forty characters, typed in one go"
    put(library, session, line("a", text))
    put(library, session, line("a", text + " and on"))
    first = library.note_versions(session)
    assert len(first) == 1
    put(library, session, line("a", text[:10]), line("b", text[10:] + " and on"))
    put(library, session, line("a", text + " and on"), gone=("b",))
    assert library.note_versions(session) == first
    clock.now_ += timedelta(minutes=6)
    put(library, session, line("a", text + " and on further"))
    assert len(library.note_versions(session)) == 2


def test_they_are_thinned_with_age_and_the_fullest_stay(
    library: Library, clock: type[Clock]
) -> None:
    session = library.create_session("Talk").id
    start = clock.now_
    for step in range(60):
        clock.now_ = start + timedelta(minutes=step)
        put(library, session, line("a", f"Sentence {step} " + "and more of the same " * (step + 5)))
        put(library, session, line("a", ""))
    full = len(library.note_versions(session))
    assert full >= 60
    clock.now_ = start + timedelta(hours=10)
    put(library, session, line("a", "Again " * 20))
    put(library, session, line("a", ""))
    day = library.note_versions(session)
    assert 3 <= len(day) <= 6
    clock.now_ = start + timedelta(days=100)
    put(library, session, line("a", "Again " * 20))
    put(library, session, line("a", ""))
    old = library.note_versions(session)
    assert len(old) <= 4
    texts = [library.note_version(session, one.id)[0].text for one in old]
    assert any(text.startswith("Sentence 59 ") for text in texts), "the fullest one stays"


def test_they_come_back_with_a_rebuilding(library: Library) -> None:
    session = library.create_session("Talk").id
    put(library, session, *LINES)
    put(library, session, gone=("a", "b"))
    before = library.note_versions(session)
    library.flush_session_files()
    folder = library.folder
    library.close()
    with pytest.raises(NotFound):
        again = Library.rebuild(folder)
        try:
            assert again.note_versions(session) == before
            assert again.note_version(session, before[0].id) == LINES
            again.note_version(session, "none")
        finally:
            again.close()
