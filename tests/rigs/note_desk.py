"""A note editor to type into, with settable moment and clock, and a model kept from its edits."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from earmark.model import (
    Anchor,
    Frames,
    LineId,
    NoteLine,
    NotesEdit,
    SampleRate,
    Take,
    TakeId,
    TakeState,
    Timeline,
)
from earmark.model.notes import TimeRun, tidy_runs
from earmark.ui.notes import NoteEditor
from earmark.ui.notes.document import read_line

TAKE = TakeId("take-one")
RATE = SampleRate(48_000)
Key = Qt.Key


def at(seconds: float, take: TakeId = TAKE) -> Anchor:
    return Anchor(take, Frames(round(seconds * RATE)))


def timeline(seconds: float = 36_000) -> Timeline:
    take = Take(
        id=TAKE,
        ordinal=1,
        sample_rate=RATE,
        channels=1,
        frames=Frames(round(seconds * RATE)),
        started_at=datetime(2026, 1, 2, 9, tzinfo=UTC),
        state=TakeState.COMPLETE,
    )
    return Timeline((take,))


def note(name: str, *words: tuple[str, float], **facts: object) -> NoteLine:
    """A line of words, each with its second; its anchor is the first word's."""
    text, runs = "", []
    for word, second in words:
        runs.append(TimeRun(len(text), at(second)))
        text += word + " "
    text = text[:-1]
    anchor = at(words[0][1]) if words else None
    made = {"anchor": anchor, "runs": tidy_runs(text, tuple(runs)), **facts}
    return NoteLine(id=LineId(name), text=text, **made)


class Desk:
    """The editor shown offscreen; `second` is the moment that is stamped (None: nothing runs)."""

    def __init__(self, lines: tuple[NoteLine, ...] = (), step: float = 0.0) -> None:
        self.second: float | None = 0.0
        self.step = step
        self.time = 0.0
        self.edits: list[NotesEdit] = []
        self.model: dict[LineId, NoteLine] = {}
        self.order: tuple[LineId, ...] = ()
        self.editor = NoteEditor()
        self.editor.now = self._now
        self.editor.typist.clock = lambda: self.time
        self.editor.edited.connect(self._edited)
        self.editor.resize(900, 600)
        self.load(lines)
        self.editor.show()
        self.editor.setFocus()
        QApplication.processEvents()

    def load(self, lines: tuple[NoteLine, ...]) -> None:
        self.editor.load(lines, timeline())
        self.model = {line.id: line for line in lines}
        self.order = tuple(line.id for line in lines)

    def close(self) -> None:
        self.editor.close()
        self.editor.deleteLater()
        QApplication.sendPostedEvents(None, 0)

    def type(self, text: str, second: float | None = None) -> None:
        if second is not None:
            self.second = second
        for character in text:
            if self.second is not None:
                self.second += self.step
            if character.isascii():
                QTest.keyClicks(self.editor, character)
            else:  # QTest ends the process over characters beyond Latin 1
                held = Qt.KeyboardModifier.NoModifier
                for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                    event = QKeyEvent(kind, Key.Key_unknown, held, character)
                    QApplication.sendEvent(self.editor, event)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.editor, key, held)

    def caret(self, line: int, offset: int = 0, *, until: tuple[int, int] | None = None) -> None:
        """Puts the caret (UTF-16 offset) or selects from there `until` (line, offset)."""
        document = self.editor.document()
        cursor = self.editor.textCursor()
        cursor.setPosition(document.findBlockByNumber(line).position() + offset)
        if until is not None:
            end = document.findBlockByNumber(until[0]).position() + until[1]
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.editor.setTextCursor(cursor)
        self.editor.typist.end_burst()

    def place(self, line: int, offset: int) -> QPoint:
        """The middle of a character of a line, in the viewport."""
        block = self.editor.document().findBlockByNumber(line)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + offset)
        left = self.editor.cursorRect(cursor)
        cursor.setPosition(block.position() + offset + 1)
        right = self.editor.cursorRect(cursor)
        return QPointF((left.center().x() + right.center().x()) / 2, left.center().y()).toPoint()

    def click(
        self, point: QPoint, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        QTest.mouseClick(self.editor.viewport(), Qt.MouseButton.LeftButton, held, point)

    def texts(self) -> list[str]:
        return [line.text for line in self.lines()]

    def lines(self) -> list[NoteLine]:
        """Every line read afresh from the document."""
        self.editor.flush()
        found = []
        block = self.editor.document().begin()
        while block.isValid():
            found.append(read_line(block, self.editor.stamps))
            block = block.next()
        return found

    def told(self) -> list[NoteLine]:
        """The lines as the reported edits make them."""
        self.editor.flush()
        return [self.model[name] for name in self.order]

    def undo_all(self) -> int:
        """Undoes everything; how many steps that took."""
        steps = 0
        while self.editor.document().isUndoAvailable():
            self.editor.undo()
            steps += 1
        return steps

    def word_times(self) -> dict[str, float]:
        """Each word's second, by the word."""
        found: dict[str, float] = {}
        for line in self.lines():
            for word, anchor in words_of(line):
                if anchor is not None:
                    found[word] = anchor.frame / RATE
        return found

    def _now(self) -> Anchor | None:
        return None if self.second is None else at(self.second)

    def _edited(self, edit: NotesEdit) -> None:
        self.edits.append(edit)
        assert len(set(edit.order)) == len(edit.order)
        for name in edit.removed:
            assert name not in edit.order
            del self.model[name]
        for line in edit.changed:
            assert self.model.get(line.id) != line, "an unchanged line was reported"
            self.model[line.id] = line
        self.order = edit.order


def words_of(line: NoteLine) -> list[tuple[str, Anchor | None]]:
    """The line's words with the anchor of their first character."""
    found = []
    offset = 0
    for word in line.text.split(" "):
        if word:
            anchor = None
            for run in line.runs:
                if run.offset <= offset:
                    anchor = run.anchor
            found.append((word, anchor))
        offset += len(word) + 1
    return found
