"""The time link while typing: what is stamped when, and what each key does to lines."""

from __future__ import annotations

import pytest
from note_desk import RATE, Desk, Key, at, note, words_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QInputMethodEvent, QKeySequence
from PySide6.QtWidgets import QApplication

from earmark.model import LineKind, Mark

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(qapp: QApplication):
    made = Desk()
    yield made
    made.close()


@pytest.fixture
def full(qapp: QApplication):
    made = Desk(
        (
            note("a", ("alpha", 1), ("amber", 2)),
            note("b", ("beta", 11), ("birch", 12), kind=LineKind.BULLET),
            note("c", ("gamma", 21), ("grape", 22)),
        )
    )
    made.second = 100.0
    yield made
    made.close()


def seconds(line) -> list[tuple[str, float | None]]:
    return [(w, a.frame / RATE if a else None) for w, a in words_of(line)]


def test_a_line_is_anchored_at_its_first_keystroke_and_each_word_at_its_own(desk: Desk) -> None:
    desk.type("so ", 10)
    desk.type("m", 11)
    desk.type("any", 12)
    desk.type(" words", 13)
    line = desk.lines()[0]
    assert line.anchor == at(10)
    assert seconds(line) == [("so", 10), ("many", 11), ("words", 13)]


def test_moments_are_kept_to_the_frame_beyond_2_31(desk: Desk) -> None:
    desk.type("late", 60_000.00001)
    assert desk.lines()[0].anchor == at(60_000.00001)


def test_enter_and_focus_anchor_nothing(desk: Desk) -> None:
    desk.type("one", 5)
    desk.second = 9
    desk.key(Key.Key_Return)
    assert desk.lines()[1].anchor is None
    desk.type("two", 12)
    assert desk.lines()[1].anchor == at(12)


def test_nothing_runs_takes_the_run_on_the_left_and_none_in_a_new_line(full: Desk) -> None:
    full.second = None
    full.caret(0, 11)
    full.type(" more")
    assert seconds(full.lines()[0])[-1] == ("more", 2)
    full.key(Key.Key_Return)
    full.type("bare")
    line = full.lines()[1]
    assert line.anchor is None
    assert seconds(line) == [("bare", None)]


def test_typing_inside_a_word_keeps_its_time(full: Desk) -> None:
    full.caret(0, 3)
    full.type("x")
    assert seconds(full.lines()[0]) == [("alpxha", 1), ("amber", 2)]


def test_retyping_an_emptied_line_keeps_its_anchor_and_stamps_the_words(full: Desk) -> None:
    full.caret(0, 0, until=(0, 11))
    full.key(Key.Key_Delete)
    assert full.lines()[0].anchor == at(1)
    full.type("again", 50)
    line = full.lines()[0]
    assert (line.id, line.anchor) == ("a", at(1))
    assert seconds(line) == [("again", 50)]


def test_typing_over_a_selection_stamps_anew(full: Desk) -> None:
    full.caret(0, 6, until=(0, 11))
    full.type("new", 60)
    assert seconds(full.lines()[0]) == [("alpha", 1), ("new", 60)]


def test_split_gives_the_tail_its_first_timed_word_and_merge_keeps_the_upper(full: Desk) -> None:
    full.caret(0, 6)
    full.key(Key.Key_Return)
    first, second = full.lines()[:2]
    assert (first.id, first.anchor, first.text) == ("a", at(1), "alpha ")
    assert (second.anchor, second.text) == (at(2), "amber")
    full.key(Key.Key_Backspace)
    line = full.lines()[0]
    assert (line.id, line.anchor) == ("a", at(1))
    assert seconds(line) == [("alpha", 1), ("amber", 2)]


def test_split_of_an_untimed_tail_takes_the_heads_anchor(full: Desk) -> None:
    full.editor.load((note("z", ("head", 7)),), full.editor.timeline)
    full.second = None
    full.caret(0, 0)
    full.type("bare ")
    full.caret(0, 2)
    full.key(Key.Key_Return)
    assert [line.anchor for line in full.lines()] == [at(7), at(7)]


def test_enter_at_a_lines_start_leaves_the_identity_with_the_text(full: Desk) -> None:
    full.caret(1, 0)
    full.key(Key.Key_Return)
    lines = full.lines()
    assert (lines[1].text, lines[1].anchor) == ("", None)
    assert (lines[2].id, lines[2].anchor) == ("b", at(11))


def test_delete_at_the_end_joins_the_next_line(full: Desk) -> None:
    full.caret(0, 11)
    full.key(Key.Key_Delete)
    line = full.lines()[0]
    assert (line.text, line.id, line.anchor) == ("alpha amberbeta birch", "a", at(1))


def test_deleting_whole_lines_leaves_the_next_one_what_it_was(full: Desk) -> None:
    full.caret(0, 0, until=(2, 0))
    full.key(Key.Key_Backspace)
    assert full.lines() == [full.model["c"]]
    assert full.lines()[0].anchor == at(21)


def test_deleting_over_lines_keeps_the_first_lines_identity(full: Desk) -> None:
    full.caret(0, 6, until=(1, 5))
    full.key(Key.Key_Delete)
    line = full.lines()[0]
    assert (line.id, line.kind) == ("a", LineKind.PLAIN)
    assert seconds(line) == [("alpha", 1), ("birch", 12)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("# ", {"kind": LineKind.HEADING1}),
        ("## ", {"kind": LineKind.HEADING2}),
        ("### ", {"kind": LineKind.HEADING3}),
        ("- ", {"kind": LineKind.BULLET}),
        ("* ", {"kind": LineKind.BULLET}),
        ("[] ", {"kind": LineKind.CHECK, "checked": False}),
        ("[ ] ", {"kind": LineKind.CHECK, "checked": False}),
        ("[x] ", {"kind": LineKind.CHECK, "checked": True}),
        ("! ", {"marks": (Mark.STAR,)}),
        ("? ", {"marks": (Mark.QUESTION,)}),
        ("% ", {"private": True}),
    ],
)
def test_shortcuts_at_a_lines_start_and_their_undo(desk: Desk, typed: str, expected) -> None:
    desk.type(typed, 3)
    line = desk.lines()[0]
    assert line.text == ""
    assert line.anchor == at(3)
    assert {name: getattr(line, name) for name in expected} == expected
    desk.key(Key.Key_Z, CONTROL)
    line = desk.lines()[0]
    assert line.text == typed
    assert (line.kind, line.marks, line.private) == (LineKind.PLAIN, (), False)
    desk.type("x")
    assert desk.lines()[0].text == typed + "x"


def test_shortcuts_work_only_at_the_start(desk: Desk) -> None:
    desk.type("a # b - c! ")
    assert desk.lines()[0].text == "a # b - c! "
    assert desk.lines()[0].kind is LineKind.PLAIN


def test_lists_go_on_with_enter_and_end_on_an_empty_entry(desk: Desk) -> None:
    desk.type("- one")
    desk.key(Key.Key_Return)
    assert desk.lines()[1].kind is LineKind.BULLET
    desk.key(Key.Key_Return)
    lines = desk.lines()
    assert len(lines) == 2
    assert lines[1].kind is LineKind.PLAIN


def test_a_line_after_a_heading_is_plain_and_a_new_check_box_is_not_ticked(desk: Desk) -> None:
    desk.type("# head")
    desk.key(Key.Key_Return)
    desk.type("[x] done")
    desk.key(Key.Key_Return)
    lines = desk.lines()
    assert [line.kind for line in lines] == [
        LineKind.HEADING1,
        LineKind.CHECK,
        LineKind.CHECK,
    ]
    assert [line.checked for line in lines] == [False, True, False]


def test_tab_indents_and_backspace_takes_off_layer_by_layer(full: Desk) -> None:
    full.caret(1, 0)
    full.key(Key.Key_Tab)
    full.key(Key.Key_Tab)
    full.key(Key.Key_Backtab, SHIFT)
    assert full.lines()[1].indent == 1
    full.key(Key.Key_Backspace)
    assert (full.lines()[1].kind, full.lines()[1].indent) == (LineKind.PLAIN, 1)
    full.key(Key.Key_Backspace)
    assert full.lines()[1].indent == 0
    full.key(Key.Key_Backspace)
    assert full.texts() == ["alpha amberbeta birch", "gamma grape"]
    full.undo_all()
    assert full.texts() == ["alpha amber", "beta birch", "gamma grape"]


def test_the_shift_of_a_capital_letter_does_not_end_a_burst(desk: Desk) -> None:
    desk.type("old ")
    desk.time += 60
    for letter in "NATO":
        desk.key(Key.Key_Shift)
        desk.type(letter)
    desk.editor.undo()
    assert desk.texts() == ["old "]


def test_a_burst_of_typing_is_one_step_and_a_pause_begins_another(desk: Desk) -> None:
    desk.step = 0.1
    desk.type("one two three")
    desk.time += 60
    desk.type(" four five")
    desk.editor.undo()
    assert desk.texts() == ["one two three"]
    desk.editor.undo()
    assert desk.texts() == [""]
    assert desk.lines()[0].anchor is None
    desk.editor.redo()
    desk.editor.redo()
    assert [w for w, _ in seconds(desk.lines()[0])] == ["one", "two", "three", "four", "five"]
    assert len({second for _, second in seconds(desk.lines()[0])}) == 5


def test_an_input_method_stamps_at_its_commit(desk: Desk) -> None:
    desk.second = 5
    QApplication.sendEvent(desk.editor, QInputMethodEvent("に", []))
    assert desk.lines()[0].text == ""
    desk.second = 7
    commit = QInputMethodEvent("", [])
    commit.setCommitString("日本")
    QApplication.sendEvent(desk.editor, commit)
    line = desk.lines()[0]
    assert (line.text, line.anchor) == ("日本", at(7))
    lines = QInputMethodEvent("", [])
    lines.setCommitString(" a\nb")
    QApplication.sendEvent(desk.editor, lines)
    assert desk.texts() == ["日本 a", "b"]
    assert len({line.id for line in desk.lines()}) == 2


def test_the_window_keeps_its_chords(desk: Desk) -> None:
    desk.type("keep this", 1)
    desk.caret(0, 0)
    for key in (Key.Key_K, Key.Key_E, Key.Key_J, Key.Key_M, Key.Key_Return, Key.Key_Space):
        desk.key(key, CONTROL)
    assert desk.texts() == ["keep this"]
    desk.key(Key.Key_Space, SHIFT)
    assert desk.texts() == [" keep this"]


def test_right_to_left_lines_know_their_direction(desk: Desk) -> None:
    desk.type("שלום")
    desk.key(Key.Key_Return)
    desk.type("left")
    document = desk.editor.document()
    right = Qt.LayoutDirection.RightToLeft
    assert document.findBlockByNumber(0).blockFormat().layoutDirection() == right
    assert document.findBlockByNumber(1).blockFormat().layoutDirection() != right


def test_actions_of_the_window_are_reached_from_the_notes(desk: Desk) -> None:
    fired: list[str] = []
    chords = [
        "Ctrl+K",
        "Ctrl+E",
        "Ctrl+J",
        "Ctrl+Up",
        "Ctrl+Return",
        "Ctrl+Space",
        "Ctrl+M",
        "Alt+Up",
        "Alt+Left",
    ]
    for chord in chords:
        action = QAction(desk.editor, shortcut=chord)
        action.triggered.connect(lambda _on=False, chord=chord: fired.append(chord))
        desk.editor.addAction(action)
    desk.type("text stays")
    for chord in chords:
        combination = QKeySequence(chord)[0]
        desk.key(combination.key(), combination.keyboardModifiers())
    assert fired == chords
    assert desk.texts() == ["text stays"]
