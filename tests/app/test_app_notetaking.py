"""Note taking: durable word by word, nothing lost at the close or by a failing disk."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk

from earmark.app.edits import joined
from earmark.app.news import Alarm, NotesSaved
from earmark.app.notetaking import safe_note
from earmark.model import DiskFull, LineId, NoteLine, NotesEdit, SessionId, TimeRun

A, B, C = LineId("a" * 16), LineId("b" * 16), LineId("c" * 16)


@pytest.fixture
def session(desk: Desk) -> SessionId:
    return desk.earmark.library.run(lambda lib: lib.create_session("S")).result().id


def lines(desk: Desk, session: SessionId) -> list[str]:
    found = desk.earmark.library.run(lambda lib: lib.session(session)).result()
    return [line.text for line in found.lines]


def test_edits_are_joined_saved_and_acknowledged(desk: Desk, session: SessionId) -> None:
    notes = desk.earmark.notes
    assert notes.edit(session, NotesEdit((A,), (NoteLine(A, "on"),))) == 1
    assert notes.edit(session, NotesEdit((A, B), (NoteLine(A, "one"), NoteLine(B, "two")))) == 2
    assert notes.unsaved
    assert desk.of(NotesSaved) == []
    desk.lane.tick()
    assert lines(desk, session) == ["one", "two"]
    (saved,) = desk.of(NotesSaved)
    assert (saved.session, set(saved.lines), saved.revision) == (session, {A, B}, 2)
    assert not notes.unsaved


def test_the_close_saves_what_waits(desk: Desk, session: SessionId) -> None:
    desk.earmark.notes.edit(session, NotesEdit((A,), (NoteLine(A, "last word"),)))
    desk.earmark.notes.flush().result()
    assert lines(desk, session) == ["last word"]


def test_what_cannot_be_saved_is_kept_told_and_tried_again(
    desk: Desk, session: SessionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    from earmark.library import Library

    real = Library.save_notes

    def full(*_args: Any) -> None:
        raise DiskFull("The disk is full.", "Free some space.")

    monkeypatch.setattr(Library, "save_notes", full)
    desk.earmark.notes.edit(session, NotesEdit((A,), (NoteLine(A, "kept"),)))
    desk.lane.tick()
    assert [(a.kind, a.on) for a in desk.of(Alarm)] == [("notes-not-saved", True)]
    desk.earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "too"),)))
    monkeypatch.setattr(Library, "save_notes", real)
    desk.lane.tick()
    assert lines(desk, session) == ["kept", "too"]
    assert [(a.kind, a.on) for a in desk.of(Alarm)][-1] == ("notes-not-saved", False)


def test_joined_edits_mean_the_same_as_both() -> None:
    first = NotesEdit((A, B), (NoteLine(A, "a"), NoteLine(B, "b")), ())
    then = NotesEdit((A, C), (NoteLine(C, "c"),), (B,))
    both = joined(first, then)
    assert both.order == (A, C)
    assert {line.id for line in both.changed} == {A, C}
    assert both.removed == (B,)
    back = joined(both, NotesEdit((A, B, C), (NoteLine(B, "again"),), ()))
    assert back.removed == ()


def test_text_is_made_safe_with_its_runs() -> None:
    line = NoteLine(A, "a\x00b\ud800\nc", runs=(TimeRun(0, None),))
    safe = safe_note(line)
    assert safe.text == "a\ufffdb\ufffd c"
    assert safe.runs == (TimeRun(0, None),)
