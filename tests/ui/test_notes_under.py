"""Words under lines: the page edits, undoes and redoes exactly as it does without them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from note_desk import Desk
from PySide6.QtWidgets import QApplication
from test_notes_fuzz import START, Play
from test_notes_fuzz import steps as random_steps

from earmark.ui.notes.block_data import SPACE, line_id

SAID = "what was said in the time of this line, at some length, and then even more of it " * 4


def words_for(desk: Desk, every: int = 1) -> dict:
    return {name: SAID for n, name in enumerate(desk.editor.shadow.ids) if n % every == 0}


def fit(desk: Desk) -> None:
    """Everything that waits for a quiet moment is done now."""
    under = desk.editor.painter.under
    under.fit()
    under._fit()
    while under._turn.isActive() and not desk.editor.document().isRedoAvailable():
        under._fit()
    under._turn.stop()


@pytest.fixture(scope="module")
def plain(qapp: QApplication):
    made = Desk(START)
    yield made
    made.close()


@pytest.fixture(scope="module")
def spoken(qapp: QApplication):
    made = Desk(START)
    yield made
    made.close()


def looks(desk: Desk) -> list[tuple]:
    return [(one.text, one.kind, one.indent, one.runs) for one in desk.lines()]


def margins(desk: Desk) -> dict[str, float]:
    found = {}
    block = desk.editor.document().begin()
    while block.isValid():
        found[line_id(block)] = block.blockFormat().bottomMargin()
        block = block.next()
    return found


def test_lines_with_words_get_room_and_lose_it_again(spoken: Desk):
    spoken.load(START)
    spoken.editor.show_under({START[1].id: SAID, START[2].id: "two words"})
    fit(spoken)
    room = margins(spoken)
    assert room[START[1].id] > room[START[2].id] > SPACE
    assert room[START[0].id] == SPACE
    assert not spoken.editor.document().isUndoAvailable()
    assert spoken.edits == [] or spoken.told() == list(START)
    spoken.editor.show_under({})
    fit(spoken)
    assert set(margins(spoken).values()) == {SPACE}
    assert spoken.lines() == list(START)


def test_they_are_painted_below_their_line(spoken: Desk, qtbot):
    spoken.load(START)
    spoken.editor.show_under({})
    fit(spoken)
    QApplication.processEvents()
    without = spoken.editor.grab().toImage()
    spoken.editor.show_under({START[1].id: SAID})
    fit(spoken)
    QApplication.processEvents()
    assert spoken.editor.grab().toImage() != without
    assert SAID[:20] not in spoken.editor.toPlainText()
    spoken.editor.show_under({})


def test_what_could_be_redone_stays_so(spoken: Desk):
    spoken.load(START)
    spoken.editor.show_under({})
    fit(spoken)
    spoken.caret(1, 2)
    spoken.type("xyz")
    spoken.editor.undo()
    assert spoken.editor.document().isRedoAvailable()
    spoken.editor.show_under(words_for(spoken))
    fit(spoken)
    assert spoken.editor.document().isRedoAvailable()
    spoken.editor.redo()
    assert "xyz" in spoken.texts()[1]
    fit(spoken)
    assert margins(spoken)[START[1].id] > SPACE
    spoken.editor.show_under({})


def test_the_caret_comes_back_to_where_the_undone_words_were(plain: Desk, spoken: Desk):
    for desk in (plain, spoken):
        desk.load(START)
        desk.editor.show_under(words_for(desk) if desk is spoken else {})
        fit(desk)
        desk.caret(3, 4)
        desk.type("here")
        if desk is spoken:
            desk.editor.show_under(words_for(desk, every=2))
        fit(desk)
        desk.caret(0, 0)
        desk.editor.undo()
    assert spoken.texts() == plain.texts()
    assert spoken.editor.textCursor().position() == plain.editor.textCursor().position()
    spoken.editor.show_under({})


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(random_steps, st.lists(st.integers(1, 3), min_size=40, max_size=40))
def test_editing_is_the_same_as_without(plain: Desk, spoken: Desk, todo, every) -> None:
    plays = []
    for desk in (plain, spoken):
        QApplication.clipboard().clear()
        desk.second = 1000.0
        desk.load(START)
        desk.editor.show_under({})
        fit(desk)
        play = Play(desk)
        for number, step in enumerate(todo):
            play.go(step)
            if desk is spoken:
                desk.editor.show_under(words_for(desk, every[number]))
                fit(desk)
            play.check()
        plays.append(play)
    look = [
        [(one.text, one.kind, one.indent, one.runs) for one in d.lines()] for d in (plain, spoken)
    ]
    assert look[0] == look[1]
    back = [desk.undo_all() for desk in (plain, spoken)]
    assert back[0] == back[1]
    assert spoken.lines() == list(START)
    for desk, count in ((plain, back[0]), (spoken, back[1])):
        fit(desk)
        for _ in range(count):
            desk.editor.redo()
        plays[desk is spoken].check()
    assert looks(plain) == looks(spoken)
