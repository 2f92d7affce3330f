"""Clicking plays, the line being spoken is lit and followed; margins, boxes, links, readers."""

from __future__ import annotations

import pytest
from note_desk import Desk, Key, at, note, timeline
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication

from earmark.model import LineId, LineKind, Mark, NoteLine, NotesEdit, TimeRun
from earmark.ui.guard import guard
from earmark.ui.notes.line_announcer import describe
from earmark.ui.notes.links import links
from earmark.ui.notes.menu import context_menu
from earmark.ui.notes.pointer import target_at
from earmark.ui.theme import DARK, LIGHT

LINES = (
    note("a", ("alpha", 1), ("amber", 2)),
    note("b", ("beta", 11), ("birch", 12), kind=LineKind.CHECK),
    note("c", ("see", 21), ("https://example.org/a_(b).", 22)),
    NoteLine(LineId("d"), "untimed", runs=(TimeRun(0, None),)),
)
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


class Heard:
    """What the editor asked for."""

    def __init__(self, desk: Desk) -> None:
        self.all: list[object] = []
        editor = desk.editor
        editor.word_clicked.connect(self.all.append)
        editor.line_played.connect(self.all.append)
        editor.link_opened.connect(self.all.append)
        editor.play_cancelled.connect(lambda: self.all.append("cancelled"))


@pytest.fixture
def desk(qapp: QApplication):
    made = Desk(LINES)
    made.second = 100.0
    yield made
    made.close()


@pytest.fixture
def heard(desk: Desk) -> Heard:
    return Heard(desk)


def margin(desk: Desk, line: int) -> QPoint:
    return QPoint(20, desk.place(line, 0).y())


def test_a_click_on_a_word_plays_it_and_moves_the_caret(desk: Desk, heard: Heard) -> None:
    desk.click(desk.place(0, 8))
    assert heard.all == [at(2)]
    assert desk.editor.current_line() == "a"
    assert 6 <= desk.editor.textCursor().positionInBlock() <= 9


def test_typing_goes_on_where_the_click_put_the_caret(desk: Desk, heard: Heard) -> None:
    desk.click(desk.place(0, 8))
    desk.type("x")
    assert "x" in desk.texts()[0]


def test_click_plays_off_and_recording_leave_ctrl_click(desk: Desk, heard: Heard) -> None:
    desk.editor.set_click_plays(False)
    desk.click(desk.place(0, 1))
    assert heard.all == []
    desk.click(desk.place(0, 1), CONTROL)
    assert heard.all == [at(1)]
    desk.editor.set_click_plays(True)
    desk.editor.recording = True
    desk.click(desk.place(0, 1))
    desk.click(margin(desk, 0))
    assert heard.all == [at(1)]
    desk.click(desk.place(0, 1), CONTROL)
    desk.click(margin(desk, 0), CONTROL)
    assert heard.all == [at(1), at(1), "a"]


def test_dragging_a_selection_never_plays(desk: Desk, heard: Heard) -> None:
    viewport = desk.editor.viewport()
    start, end = desk.place(0, 1), desk.place(0, 9)
    QTest.mousePress(viewport, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, LEFT, Qt.KeyboardModifier.NoModifier, end)
    assert heard.all == []
    assert desk.lines() == list(LINES)


def test_a_double_click_takes_its_first_click_back(desk: Desk, heard: Heard) -> None:
    point = desk.place(0, 8)
    desk.click(point)
    QTest.mouseDClick(desk.editor.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, point)
    assert heard.all[0] == at(2)
    assert heard.all[-1] == "cancelled"
    assert desk.editor.textCursor().selectedText() == "amber"


def test_the_margin_plays_the_line_and_leaves_the_caret(desk: Desk, heard: Heard) -> None:
    desk.caret(0, 3)
    desk.click(margin(desk, 1))
    assert heard.all == ["b"]
    assert desk.editor.textCursor().positionInBlock() == 3
    desk.click(margin(desk, 3))
    assert heard.all == ["b"]


def test_an_untimed_line_is_silent(desk: Desk, heard: Heard) -> None:
    desk.click(desk.place(3, 2))
    assert heard.all == []


def test_a_word_without_a_time_plays_its_lines_anchor(desk: Desk, heard: Heard) -> None:
    desk.editor.actions_on_lines.set_anchor(LineId("d"), at(44))
    desk.click(desk.place(3, 2))
    assert heard.all == [at(44)]


def test_a_word_with_a_later_head_plays_from_its_earliest_letter(desk: Desk, heard: Heard) -> None:
    desk.caret(0, 6)
    desk.type("un", 90)
    desk.click(desk.place(0, 6))
    assert heard.all == [at(2)]


def test_check_boxes_are_ticked_by_a_click(desk: Desk, heard: Heard) -> None:
    box = QPoint(int(desk.place(1, 0).x() - desk.editor.document().indentWidth() * 0.9), 0)
    box.setY(desk.place(1, 0).y())
    desk.caret(0, 3)
    desk.click(box)
    assert desk.lines()[1].checked
    assert heard.all == []
    assert desk.editor.current_line() == "a"
    desk.editor.undo()
    assert not desk.lines()[1].checked


def test_links_open_with_ctrl_and_are_plain_text_otherwise(desk: Desk, heard: Heard) -> None:
    desk.click(desk.place(2, 10))
    assert heard.all == [at(22)]
    desk.click(desk.place(2, 10), CONTROL)
    assert heard.all[-1] == "https://example.org/a_(b)"


def test_only_known_schemes_are_links() -> None:
    text = "http://a mailto:b@c.d javascript:alert(1) file:///x (https://e.f/g), https://"
    assert [link for _, link in links(text)] == ["http://a", "mailto:b@c.d", "https://e.f/g"]


def test_the_line_being_spoken(desk: Desk) -> None:
    editor = desk.editor
    assert editor.line_at_anchor(at(0.5)) is None
    assert editor.line_at_anchor(at(1)) == "a"
    assert editor.line_at_anchor(at(20.9)) == "b"
    assert editor.line_at_anchor(at(9999)) == "c"
    assert editor.word_at_anchor(LineId("b"), at(11.5)) == (0, 4)
    assert editor.word_at_anchor(LineId("b"), at(12)) == (5, 5)
    assert editor.next_line(LineId("a"), None, 1) == "b"
    assert editor.next_line(LineId("a"), None, -1) is None
    assert editor.next_line(None, at(15), 1) == "c"
    editor.actions_on_lines.set_anchor(LineId("d"), at(5))
    editor.flush()
    assert editor.line_at_anchor(at(6)) == "d"


def test_the_lit_line_is_painted_and_followed_until_scrolled_by_hand(desk: Desk) -> None:
    told: list[bool] = []
    editor = desk.editor
    editor.followed.connect(told.append)
    editor.load(tuple(note(f"n{i}", (f"word{i}", i + 1)) for i in range(200)), timeline())
    before = editor.grab().toImage()
    editor.show_heard(at(1.5))
    assert editor.grab().toImage() != before
    bar = editor.verticalScrollBar()
    editor.show_heard(at(150))
    assert bar.value() > 0
    here = bar.value()
    bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)
    assert told == [False]
    moved = bar.value()
    assert moved < here
    editor.show_heard(at(190))
    assert bar.value() == moved
    editor.set_following(True)
    assert told == [False, True]
    assert bar.value() > here
    editor.show_heard(None)


def test_the_view_stays_where_somebody_types(desk: Desk) -> None:
    editor = desk.editor
    editor.load(tuple(note(f"n{i}", (f"word{i}", i + 1)) for i in range(200)), timeline())
    desk.time = 10
    desk.caret(0, 0)
    desk.type("x")
    editor.show_heard(at(150))
    assert editor.verticalScrollBar().value() == 0
    desk.time = 60
    editor.show_heard(at(160))
    assert editor.verticalScrollBar().value() > 0


def test_lines_are_unsaved_until_said_to_be_saved(desk: Desk) -> None:
    desk.caret(0, 0)
    desk.type("x")
    desk.editor.flush()
    first = desk.edits[-1]
    assert desk.editor.accessibleDescription() == "Not saved yet"
    assert not desk.editor.is_saved(LineId("a"))
    desk.type("y")
    desk.editor.flush()
    desk.editor.set_saved(first)
    assert not desk.editor.is_saved(LineId("a"))
    desk.editor.set_saved(desk.edits[-1])
    assert desk.editor.is_saved(LineId("a"))
    assert desk.editor.accessibleDescription() == "Saved"
    desk.type("z")
    desk.editor.flush()
    desk.editor.set_saved([LineId("a")])
    assert desk.editor.is_saved(LineId("a"))


def test_edits_are_reported_once_per_turn(desk: Desk) -> None:
    desk.caret(0, 0)
    for _ in range(5):
        QTest.keyClick(desk.editor, Key.Key_X)
    assert len(desk.edits) <= 5
    desk.editor.flush()
    count = len(desk.edits)
    desk.editor.flush()
    assert len(desk.edits) == count
    assert isinstance(desk.edits[-1], NotesEdit)
    assert {line.id for edit in desk.edits for line in edit.changed} == {"a"}


def test_screen_readers_find_a_text_with_its_words_and_places(desk: Desk) -> None:
    found = QAccessible.queryAccessibleInterface(desk.editor)
    assert found.text(QAccessible.Text.Name) == "Notes"
    assert found.role() == QAccessible.Role.EditableText
    text = found.textInterface()
    assert text.text(0, 11) == "alpha amber"
    assert text.characterRect(3).width() > 0


def test_a_line_is_told_in_words() -> None:
    line = note(
        "x",
        ("word", 750),
        kind=LineKind.CHECK,
        checked=True,
        indent=1,
        marks=(Mark.STAR,),
        private=True,
    )
    told = describe(line, timeline(), is_saved=False)
    assert told == "check box, ticked, level 2, star, private, 12:30, not saved yet"
    assert describe(NoteLine(LineId("y"), "bare"), timeline()) == ""


def test_the_menu_offers_what_fits(desk: Desk, heard: Heard) -> None:
    target = target_at(desk.editor, desk.place(2, 10).toPointF())
    menu = context_menu(desk.editor, target)
    actions = {action.text(): action for action in menu.actions()}
    actions["Open the link"].trigger()
    actions["Play this line"].trigger()
    actions["Star"].trigger()
    assert heard.all == ["https://example.org/a_(b)", "c"]
    assert desk.lines()[0].marks == (Mark.STAR,)
    menu.deleteLater()


def test_themes_and_fonts_change_nothing_in_the_notes(desk: Desk) -> None:
    desk.editor.set_theme(DARK)
    font = desk.editor.font()
    font.setPixelSize(22)
    desk.editor.setFont(font)
    desk.editor.grab()
    desk.editor.set_theme(LIGHT)
    assert desk.lines() == list(LINES)
    assert desk.edits == []
    assert not desk.editor.document().isUndoAvailable()


def test_an_error_in_a_guarded_method_is_reported_and_does_not_escape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: told.append(kind))

    @guard(list)
    def broken() -> list[int]:
        return [int("x")]

    assert broken() == []
    assert told == [ValueError]
