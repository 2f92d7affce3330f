"""Random editing: no surviving word changes its time, every report is right, undo is whole."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from note_desk import Desk, Key, note, words_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from earmark.model import LineKind, Mark, NoteLine, PictureId
from earmark.ui.notes.block_data import line_id
from earmark.ui.notes.clipboard import Excerpt

START = (
    note("a", ("alpha", 1), ("amber", 2), ("apple", 3), kind=LineKind.HEADING1),
    note("b", ("beta", 11), ("birch", 12), kind=LineKind.BULLET, indent=1),
    note("c"),
    note("d", ("delta", 21), ("dog😀", 22), ("dune", 23), kind=LineKind.CHECK, checked=True),
    note("e", ("echo", 31), marks=(Mark.STAR,), private=True),
    note("f", ("שלום", 41), ("עולם", 42)),
    note("g", ("gamma", 51), ("grape", 52), kind=LineKind.HEADING3),
)
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
_DEEDS = (
    *("undo", "undo", "redo", "cut", "copy", "paste", "type_over", "delete", "up", "down"),
    *("star", "check", "heading", "private", "shift", "paste_out", "end_burst"),
    *("nothing_runs", "runs", "replace", "picture"),
)
place = st.tuples(st.integers(0, 400), st.integers(0, 60))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("type"), place, st.sampled_from(("x", " new ", "y z", "😀", "ש"))),
        st.tuples(
            st.just("key"),
            place,
            st.sampled_from(("enter", "back", "delete", "tab", "backtab", "back word", "enter")),
        ),
        st.tuples(st.just("select"), place, st.integers(0, 60)),
        st.tuples(
            st.just("do"),
            st.none(),
            st.sampled_from(_DEEDS),
        ),
        st.tuples(
            st.just("start"), place, st.sampled_from(("# ", "- ", "[] ", "[x] ", "! ", "% "))
        ),
    ),
    max_size=40,
)


class Play:
    """Does the steps and checks after each of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.second = 1000.0
        self.fresh = 0

    def go(self, step: tuple[str, tuple[int, int] | int | None, object]) -> None:
        kind, where, what = step
        desk, editor = self.desk, self.desk.editor
        self.second += 1
        if desk.second is not None:
            desk.second = self.second
        desk.time += 1
        if isinstance(where, tuple) and (kind != "key" or where[0] % 2):
            end = editor.document().characterCount() - 1
            cursor = editor.textCursor()
            cursor.setPosition(min(where[0], end))
            if kind == "start":
                cursor.movePosition(cursor.MoveOperation.StartOfBlock)
            if kind == "select":
                cursor.setPosition(min(end, cursor.position() + int(str(what))), _KEEP)
            editor.setTextCursor(cursor)
        if kind == "type" or kind == "start":
            desk.type(str(what))
        elif kind == "key":
            key, held = _KEYS[str(what)]
            desk.key(key, held)
        elif kind == "do":
            self._do(str(what))
        QApplication.processEvents()

    def _do(self, what: str) -> None:
        desk, editor = self.desk, self.desk.editor
        lines = editor.actions_on_lines
        self.fresh += 1
        if what == "nothing_runs":
            desk.second = None
        elif what == "runs":
            desk.second = self.second
        elif what == "type_over":
            desk.type(f"over{self.fresh}")
        elif what == "paste_out":
            QApplication.clipboard().setText(
                f"out{self.fresh} side{self.fresh}\r\nnext{self.fresh}"
            )
            editor.paste()
        elif what == "replace":
            editor.replace_all("zz", "y")
        elif what == "picture":
            line = NoteLine(START[0].id, "a picture", LineKind.PICTURE, picture=PictureId("p"))
            editor.insert_excerpts([Excerpt(line, is_whole=True)])
        elif what == "delete":
            desk.key(Key.Key_Delete)
        else:
            {
                "undo": editor.undo,
                "redo": editor.redo,
                "cut": editor.cut,
                "copy": editor.copy,
                "paste": editor.paste,
                "up": lambda: lines.move(-1),
                "down": lambda: lines.move(1),
                "star": lambda: lines.toggle_mark(Mark.STAR),
                "check": lambda: lines.toggle_check(),
                "heading": lambda: lines.set_kind(LineKind.HEADING2),
                "private": lines.toggle_private,
                "shift": lambda: lines.shift_anchor(1000),
                "end_burst": editor.typist.end_burst,
            }[what]()

    def check(self) -> None:
        desk, editor = self.desk, self.desk.editor
        lines = desk.lines()
        assert [line.id for line in lines] == editor.shadow.ids
        assert all(line.id for line in lines)
        assert len(set(editor.shadow.ids)) == len(editor.shadow.ids)
        assert desk.told() == lines
        for line in lines:
            assert line.runs == () or line.runs[0].offset == 0
            if line.kind is LineKind.PICTURE:
                assert line.picture is not None
            else:
                assert "\ufffc" not in line.text
        self._check_times(lines)
        self._check_looks()

    def _check_times(self, lines: list[NoteLine]) -> None:
        """A word that was there at the start, whole, has the time it had."""
        first = {word: anchor for line in START for word, anchor in words_of(line)}
        for line in lines:
            for word, anchor in words_of(line):
                if word in first:
                    assert anchor == first[word], word

    def _check_looks(self) -> None:
        block = self.desk.editor.document().begin()
        while block.isValid():
            name = line_id(block)
            line = self.desk.model[name]
            headed = any(f.format.fontWeight() > 400 for f in block.layout().formats())
            assert headed == (line.kind.is_heading), line
            block = block.next()


_KEEP = QTextCursor.MoveMode.KeepAnchor
_KEYS = {
    "enter": (Key.Key_Return, Qt.KeyboardModifier.NoModifier),
    "back": (Key.Key_Backspace, Qt.KeyboardModifier.NoModifier),
    "delete": (Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
    "tab": (Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
    "backtab": (Key.Key_Backtab, SHIFT),
    "back word": (Key.Key_Backspace, CONTROL),
}


@pytest.fixture(scope="module")
def desk(qapp: QApplication):
    made = Desk(START)
    yield made
    made.close()


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_random_editing(desk: Desk, todo) -> None:
    QApplication.clipboard().clear()
    desk.second = 1000.0
    desk.load(START)
    play = Play(desk)
    for step in todo:
        play.go(step)
        play.check()
    end = desk.lines()
    steps_back = desk.undo_all()
    assert desk.lines() == list(START)
    play.check()
    for _ in range(steps_back):
        desk.editor.redo()
    assert desk.lines() == end
    play.check()
