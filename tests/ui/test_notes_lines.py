"""Whole lines: moving, re-anchoring, marks, clipboard, drags, find and replace, odd text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from note_desk import RATE, TAKE, Desk, Key, at, note, timeline, words_of
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from earmark.model import (
    Anchor,
    Frames,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    Picture,
    PictureId,
    Take,
    TakeId,
    TakeState,
    Timeline,
)
from earmark.ui.notes.clipboard import MIME

LINES = (
    note("a", ("alpha", 1), ("amber", 2), marks=(Mark.STAR,)),
    note("b", ("beta", 11), ("birch", 12), kind=LineKind.BULLET, indent=1),
    note("c", ("gamma", 21), ("grape", 22), kind=LineKind.CHECK, checked=True),
    note("d", ("delta", 31), private=True),
)


@pytest.fixture
def desk(qapp: QApplication):
    QApplication.clipboard().clear()
    made = Desk(LINES)
    made.second = 100.0
    yield made
    made.close()


def names(desk: Desk) -> list[str]:
    return [line.id for line in desk.lines()]


def undoes(desk: Desk) -> None:
    """One step brings the start back."""
    desk.editor.undo()
    assert desk.lines() == list(LINES)
    assert not desk.editor.document().isUndoAvailable()


def test_loading_reports_nothing_and_leaves_nothing_to_undo(desk: Desk) -> None:
    assert desk.lines() == list(LINES)
    assert desk.edits == []
    assert not desk.editor.document().isUndoAvailable()


@pytest.mark.parametrize(
    ("line", "step", "order"),
    [(0, 1, "bacd"), (3, -1, "abdc"), (1, -1, "bacd"), (2, 1, "abdc"), (0, -1, "abcd")],
)
def test_moving_a_line_is_one_step_and_changes_no_line(
    desk: Desk, line: int, step: int, order: str
) -> None:
    desk.caret(line, 2)
    desk.editor.actions_on_lines.move(step)
    assert names(desk) == list(order)
    assert set(desk.lines()) == set(LINES)
    assert desk.editor.textCursor().positionInBlock() == 2
    if order != "abcd":
        assert desk.edits[-1].changed == ()
        undoes(desk)


def test_moving_several_selected_lines(desk: Desk) -> None:
    desk.caret(0, 1, until=(1, 3))
    desk.editor.actions_on_lines.move(1)
    assert names(desk) == list("cabd")
    desk.editor.actions_on_lines.move(1)
    assert names(desk) == list("cdab")
    desk.editor.actions_on_lines.move(-1)
    assert names(desk) == list("cabd")


def test_each_action_is_one_step(desk: Desk) -> None:
    actions = desk.editor.actions_on_lines
    for act in (
        lambda: actions.set_kind(LineKind.HEADING2),
        actions.toggle_check,
        lambda: actions.toggle_mark(Mark.QUESTION),
        actions.toggle_private,
        actions.indent,
        lambda: actions.shift_anchor(5_000),
        lambda: actions.anchor_selected(at(77)),
        lambda: actions.set_anchor(LineId("d"), at(5)),
    ):
        desk.caret(0, 0, until=(1, 2))
        act()
        assert desk.lines() != list(LINES)
        undoes(desk)


def test_re_anchoring_moves_the_line_and_not_its_words(desk: Desk) -> None:
    desk.caret(1, 0)
    desk.editor.actions_on_lines.shift_anchor(-5_000)
    line = desk.lines()[1]
    assert line.anchor == at(6)
    assert line.runs == LINES[1].runs
    desk.editor.actions_on_lines.shift_anchor(-60_000)
    assert desk.lines()[1].anchor == at(0)


def test_marks_and_checks_of_mixed_lines_first_turn_on(desk: Desk) -> None:
    actions = desk.editor.actions_on_lines
    desk.caret(0, 0, until=(1, 2))
    actions.toggle_mark(Mark.STAR)
    assert [line.marks for line in desk.lines()[:2]] == [(Mark.STAR,), (Mark.STAR,)]
    actions.toggle_mark(Mark.STAR)
    assert [line.marks for line in desk.lines()[:2]] == [(), ()]
    actions.toggle_check()
    assert [line.kind for line in desk.lines()[:2]] == [LineKind.CHECK] * 2


def test_cut_and_paste_of_lines_is_a_move(desk: Desk) -> None:
    desk.caret(0, 0, until=(2, 0))
    desk.editor.cut()
    assert names(desk) == ["c", "d"]
    desk.caret(1, 0)
    desk.editor.paste()
    assert names(desk) == ["c", "a", "b", "d"]
    assert set(desk.lines()) == set(LINES)


def test_a_copy_has_new_ids_and_the_same_moments(desk: Desk) -> None:
    desk.caret(0, 0, until=(2, 0))
    desk.editor.copy()
    desk.caret(3, 0)
    desk.editor.paste()
    lines = desk.lines()
    assert len({line.id for line in lines}) == 6
    assert [line.anchor for line in lines[3:5]] == [at(1), at(11)]
    assert lines[3].runs == LINES[0].runs
    assert lines[3].marks == (Mark.STAR,)


def test_words_pasted_into_a_line_keep_their_moments(desk: Desk) -> None:
    desk.caret(1, 5, until=(1, 10))
    desk.editor.copy()
    desk.caret(0, 5)
    desk.editor.paste()
    assert words_of(desk.lines()[0]) == [("alphabirch", at(1)), ("amber", at(2))]
    desk.editor.undo()
    assert desk.lines() == list(LINES)


def test_paste_into_another_session_keeps_the_anchor_into_the_first(desk: Desk) -> None:
    desk.caret(0, 0, until=(2, 0))
    desk.editor.copy()
    take = TakeId("take-two")
    other = Take(
        take,
        1,
        RATE,
        1,
        Frames(RATE * 60),
        datetime(2026, 1, 3, tzinfo=UTC),
        TakeState.COMPLETE,
    )
    desk.editor.load((NoteLine(LineId("x")),), Timeline((other,)))
    desk.model, desk.order = {LineId("x"): NoteLine(LineId("x"))}, (LineId("x"),)
    desk.editor.paste()
    lines = desk.lines()
    assert lines[0].anchor == Anchor(TAKE, Frames(RATE))
    assert words_of(lines[0]) == words_of(LINES[0])
    assert desk.editor.line_at_anchor(Anchor(take, Frames(0))) is None


def test_text_from_outside_takes_the_moment_of_pasting(desk: Desk) -> None:
    QApplication.clipboard().setText("one two\r\nthree\rfour\u2028five")
    desk.caret(3, 5)
    desk.editor.paste()
    lines = desk.lines()[3:]
    assert [line.text for line in lines] == ["deltaone two", "three", "four", "five"]
    assert words_of(lines[0]) == [("deltaone", at(31)), ("two", at(100))]
    assert lines[0].anchor == at(31)
    assert [line.anchor for line in lines[1:]] == [at(100)] * 3
    undoes(desk)


def test_text_from_outside_while_nothing_runs(desk: Desk) -> None:
    desk.second = None
    QApplication.clipboard().setText(" one\ntwo")
    desk.caret(0, 11)
    desk.editor.paste()
    lines = desk.lines()
    assert words_of(lines[0])[-1] == ("one", at(2))
    assert lines[1].anchor is None


def test_a_damaged_own_clipboard_falls_back_to_its_text(desk: Desk) -> None:
    for wrong in (b"{", b"[]", b'{"v":1,"lines":[{}]}', json.dumps({"v": 1}).encode(), b"\xff"):
        data = QMimeData()
        data.setData(MIME, wrong)
        data.setText("x")
        desk.caret(3, 5)
        desk.editor.insertFromMimeData(data)
        assert desk.texts()[3] == "deltax"
        desk.editor.undo()


def test_dragging_a_word_elsewhere_keeps_its_moment_and_is_one_step(desk: Desk) -> None:
    desk.caret(0, 0, until=(0, 6))
    data = desk.editor.createMimeDataFromSelection()
    point = QPointF(desk.place(3, 4)) + QPointF(12, 0)
    drop = QDropEvent(
        point,
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    desk.editor.dropEvent(drop)
    assert words_of(desk.lines()[3])[-1][0].startswith("delta") or "alpha" in desk.texts()[3]
    undoes(desk)


def test_replacing_keeps_the_moment_of_what_is_replaced(desk: Desk) -> None:
    count = desk.editor.replace_all("A", "oo")
    assert count == 8
    assert words_of(desk.lines()[0]) == [("oolphoo", at(1)), ("oomber", at(2))]
    undoes(desk)
    assert desk.editor.replace_all("A", "x", match_case=True) == 0
    assert desk.editor.replace_all("", "x") == 0


def test_find_goes_around_the_end(desk: Desk) -> None:
    desk.caret(2, 3)
    assert desk.editor.find_next("alpha")
    assert desk.editor.textCursor().selectedText() == "alpha"
    assert not desk.editor.find_next("nowhere")


def test_odd_text_is_made_safe_and_reported(desk: Desk) -> None:
    odd = "nul\x00 lone\ud800 obj\ufffc frame\ufdd0 break\nend"
    desk.editor.load((NoteLine(LineId("odd"), odd),), timeline())
    desk.editor.flush()
    (line,) = desk.lines()
    assert line.text == "nul\ufffd lone\ufffd obj\ufffd frame\ufffd break end"
    assert desk.edits[-1].changed == (line,)


def test_an_over_long_line_becomes_several_and_loses_nothing(desk: Desk) -> None:
    text = "x" * 1_000_000
    desk.editor.load((NoteLine(LineId("long"), text),), timeline())
    desk.editor.flush()
    lines = desk.lines()
    assert "".join(line.text for line in lines) == text
    assert max(len(line.text) for line in lines) <= 20_000
    assert lines[0].id == "long"
    assert len(desk.edits[-1].order) == len(lines)
    QApplication.clipboard().setText("y " * 500_000)
    desk.caret(0, 0)
    desk.editor.paste()
    assert sum(line.text.count("y") for line in desk.lines()) == 500_000


def test_twice_the_same_id_is_mended(desk: Desk) -> None:
    desk.editor.load((note("s", ("one", 1)), note("s", ("two", 2))), timeline())
    assert len({line.id for line in desk.lines()}) == 2


def picture_file(folder: Path) -> Path:
    image = QImage(1200, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    path = folder / "picture.png"
    assert image.save(str(path))
    return path


def test_a_picture_is_a_line_of_its_own(desk: Desk, tmp_path: Path) -> None:
    path = picture_file(tmp_path)
    desk.caret(0, 6)
    desk.editor.insert_picture(Picture(PictureId("p"), "p.png", "a slide"), path, at(55))
    lines = desk.lines()
    assert [line.kind for line in lines[:3]] == [
        LineKind.PLAIN,
        LineKind.PICTURE,
        LineKind.PLAIN,
    ]
    assert [line.text for line in lines[:3]] == ["alpha ", "a slide", "amber"]
    assert (lines[1].anchor, lines[1].picture) == (at(55), "p")
    assert lines[2].anchor == at(2)
    undoes(desk)


def test_typing_beside_a_picture_makes_a_new_line(desk: Desk, tmp_path: Path) -> None:
    picture = Picture(PictureId("p"), "p.png", "a slide")
    desk.caret(3, 5)
    desk.editor.insert_picture(picture, picture_file(tmp_path), at(55))
    desk.type("below", 60)
    desk.caret(4, 0)
    desk.type("above", 61)
    assert desk.texts()[3:] == ["delta", "above", "a slide", "below"]
    assert desk.lines()[4].anchor == at(61)
    desk.caret(6, 0)
    desk.key(Key.Key_Backspace)
    assert desk.texts()[3:] == ["delta", "above", "a slide", "below"]
    desk.editor.grab()


def test_pasted_and_dropped_pictures_are_offered(desk: Desk, tmp_path: Path) -> None:
    offered: list[tuple[bytes, str]] = []
    desk.editor.picture_offered.connect(lambda data, suffix: offered.append((bytes(data), suffix)))
    files: list[Path] = []
    desk.editor.picture_file_offered.connect(files.append)
    path = picture_file(tmp_path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert desk.editor.canInsertFromMimeData(data)
    desk.editor.insertFromMimeData(data)
    data = QMimeData()
    data.setImageData(QImage(str(path)))
    desk.editor.insertFromMimeData(data)
    assert files == [path]
    ((png, suffix),) = offered
    assert (png[:4], suffix) == (b"\x89PNG", ".png")
    audio = QMimeData()
    audio.setUrls([QUrl.fromLocalFile(str(tmp_path / "talk.mp3"))])
    assert not desk.editor.canInsertFromMimeData(audio)
    assert desk.lines() == list(LINES)


def test_standard_chords_reach_our_own_undo(desk: Desk) -> None:
    desk.caret(0, 0)
    desk.type("x")
    desk.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.lines() == list(LINES)
