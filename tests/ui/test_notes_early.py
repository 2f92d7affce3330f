"""Moments typed before the recorder knows its clock become exact, wherever the words went."""

from __future__ import annotations

import pytest
from note_desk import TAKE, Desk, Key, at
from PySide6.QtWidgets import QApplication

from earmark.model import Anchor, EarlyAnchor, Frames, TakeId

SECOND = 1_000_000_000
ZERO = Anchor(TAKE, Frames(0))


class EarlyInput(Desk):
    """Nothing is known of the clock until `zero_ns` is set; `take` never begins where None."""

    def __init__(self) -> None:
        self.zero_ns: int | None = None
        self.never: set[TakeId] = set()
        self.take = TAKE
        super().__init__()
        self.editor.exact = self.exact

    def _now(self) -> Anchor | None:
        assert self.second is not None
        return EarlyAnchor(self.take, Frames(0), round(self.second * SECOND))

    def exact(self, early: EarlyAnchor) -> Anchor | None:
        if early.take in self.never:
            return None
        if self.zero_ns is None:
            return early
        return at(max(0, early.mono_ns - self.zero_ns) / SECOND, early.take)


@pytest.fixture
def desk(qapp: QApplication):
    made = EarlyInput()
    yield made
    made.close()


def test_words_get_their_own_moments_once_the_clock_is_known(desk: EarlyInput) -> None:
    desk.type("so ", 10)
    desk.type("many ", 11)
    desk.key(Key.Key_Return)
    desk.type("words", 12.5)
    assert [line.anchor for line in desk.told()] == [ZERO, ZERO]
    assert {type(line.anchor) for line in desk.told()} == {Anchor}
    desk.zero_ns = round(10.5 * SECOND)
    desk.editor.settle_moments()
    assert desk.word_times() == {"so": 0, "many": 0.5, "words": 2}
    assert [line.anchor for line in desk.told()] == [at(0), at(2)]
    assert desk.told() == desk.lines()


def test_undo_and_redo_keep_them_exact(desk: EarlyInput) -> None:
    desk.type("gone ", 11)
    desk.editor.flush()
    desk.editor.selectAll()
    desk.key(Key.Key_Backspace)
    desk.editor.flush()
    desk.zero_ns = 10 * SECOND
    desk.editor.settle_moments()
    assert desk.texts() == [""]
    desk.editor.undo()
    assert desk.word_times() == {"gone": 1}
    desk.undo_all()
    assert desk.texts() == [""]
    while desk.editor.document().isRedoAvailable():
        desk.editor.redo()
    desk.editor.undo()
    assert desk.word_times() == {"gone": 1}
    assert desk.told() == desk.lines()


def test_a_cut_of_the_line_takes_them_along(desk: EarlyInput) -> None:
    desk.type("left ", 11)
    desk.type("right", 12)
    desk.editor.flush()
    desk.caret(0, 5)
    desk.key(Key.Key_Return)
    desk.zero_ns = 10 * SECOND
    desk.editor.settle_moments()
    assert [(line.text.strip(), line.anchor) for line in desk.told()] == [
        ("left", at(1)),
        ("right", at(2)),
    ]


def test_a_take_that_never_began_leaves_no_moment(desk: EarlyInput) -> None:
    desk.type("words", 11)
    desk.editor.flush()
    desk.never.add(TAKE)
    desk.editor.settle_moments()
    (line,) = desk.told()
    assert line.anchor is None
    assert [run.anchor for run in line.runs] == [None]


def test_a_second_take_is_awaited_by_itself(desk: EarlyInput) -> None:
    desk.type("one ", 11)
    desk.zero_ns = 10 * SECOND
    desk.editor.flush()
    assert desk.told()[0].anchor == at(1)
    desk.zero_ns = None
    desk.take = TakeId("take-two")
    desk.type("two", 31)
    desk.editor.flush()
    desk.zero_ns = 30 * SECOND
    desk.editor.settle_moments()
    assert [run.anchor for run in desk.told()[0].runs] == [at(1), at(1, TakeId("take-two"))]
    assert not desk.editor.stamps.awaits
