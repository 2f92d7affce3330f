"""The page with undo, clipboard, drags, pictures, and find and replace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtGui import QDropEvent, QTextBlock, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from earmark.model import Anchor, LineId, LineKind, NoteLine, Picture, TimeRun
from earmark.ui.guard import guard

from . import clipboard, offers
from . import find as searching
from .anchor_table import NO_STAMP
from .block_data import block_format, facts_of, line_id, text_format
from .document import insert_content, line_facts, write_lines
from .insertion import insert
from .keyboard_input import KeyboardInput
from .lines import LineActions
from .textual import one_line
from .timed_page import TimedPage


class EditablePage(TimedPage):
    """What changes more than a key's worth of text; every such thing is one undo step."""

    picture_offered = Signal(bytes, str)
    """A picture's bytes and suffix (`.png`): store it, then call `insert_picture`."""
    picture_file_offered = Signal(object)
    """The `Path` of a picture: the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.typist = KeyboardInput(self)
        self.actions_on_lines = LineActions(self, self.settled)
        self._is_dropping = False

    def insert_picture(self, picture: Picture, path: Path, moment: Anchor | None) -> None:
        """Puts a stored picture in at the caret, as a line of its own, anchored at the moment."""
        self.shelf.put(picture.id, path)
        alt = one_line(picture.alt)
        runs = (TimeRun(0, moment),) if alt else ()
        line = NoteLine(
            LineId(""), alt, LineKind.PICTURE, anchor=moment, runs=runs, picture=picture.id
        )
        self.insert_excerpts([clipboard.Excerpt(line, is_whole=True)])

    def insert_line(self, line: NoteLine) -> None:
        """Puts a line in where its time is among the others', as one undo step, and the caret
        into it. A page with nothing on it takes it as its first line."""
        block = self._block_before(line)
        cursor = self.textCursor()
        cursor.beginEditBlock()
        if block is None:
            cursor.movePosition(QTextCursor.MoveOperation.Start)
            first = cursor.block()
            if first.length() > 1 or self.document().blockCount() > 1:
                cursor.insertBlock(first.blockFormat(), text_format(NO_STAMP))
                cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock)
        else:
            cursor.setPosition(block.position() + block.length() - 1)
            cursor.insertBlock(QTextBlockFormat(), text_format(NO_STAMP))
        cursor.setBlockFormat(block_format(line_facts(line, self.stamps)))
        insert_content(cursor, line, self.stamps)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.settled()

    def restore_lines(self, lines: Sequence[NoteLine]) -> None:
        """Puts these lines in place of all that are there, as one step of undo; they keep their
        ids, moments, marks and pictures."""
        self.flush()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        write_lines(cursor, lines, self.stamps)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.settled()

    def _block_before(self, line: NoteLine) -> QTextBlock | None:
        """The last line's that is not later than this one; the page's last for one without."""
        at = None if line.anchor is None else self.timeline.to_ms(line.anchor)
        found: QTextBlock | None = None
        timed = False
        block = self.document().begin()
        while block.isValid():
            anchor = self.stamps.anchor(facts_of(block).anchor)
            ms = None if anchor is None else self.timeline.to_ms(anchor)
            timed = timed or ms is not None
            if at is None or (ms is not None and ms <= at):
                found = block
            block = block.next()
        if not timed and not self.document().isEmpty():
            return self.document().lastBlock()
        return found

    def replace_all(self, find: str, replacement: str, *, match_case: bool = False) -> int:
        """Replaces every occurrence as one undo step; each keeps its moment. Returns how many."""
        count = searching.replace_all(self, find, replacement, match_case=match_case)
        self.settled()
        return count

    def find_next(self, find: str, *, match_case: bool = False, backwards: bool = False) -> bool:
        """Selects the next occurrence, around the end; False if there is none."""
        return searching.find_next(self, find, match_case=match_case, backwards=backwards)

    def settled(self) -> None:
        """Something other than typing was done: the next key starts a new step of undo."""
        self.typist.end_burst()

    @Slot()
    def undo(self) -> None:
        self.settled()
        super().undo()

    @Slot()
    def redo(self) -> None:
        self.settled()
        super().redo()

    @Slot()
    def cut(self) -> None:
        if self.textCursor().hasSelection():
            self.copy()
            self.typist.delete(QTextCursor.MoveOperation.NoMove)

    @guard(QMimeData)
    def createMimeDataFromSelection(self) -> QMimeData:
        return clipboard.mime_of(clipboard.excerpts(self))

    @guard(False)
    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        if source.hasFormat(clipboard.MIME) or offers.picture_files(source) or source.hasImage():
            return True
        return source.hasText() and not offers.has_other_files(source)

    @guard(None)
    def insertFromMimeData(self, source: QMimeData) -> None:
        moment = self.now()
        found = clipboard.read_mime(source) if source.hasFormat(clipboard.MIME) else []
        if not found:
            files = offers.picture_files(source)
            for file in files:
                self.picture_file_offered.emit(file)
            image = b"" if files else offers.pasted_image(source)
            if image:
                self.picture_offered.emit(image, ".png")
            if files or image or not source.text():
                return
            found = clipboard.outside(source.text(), moment)
        self.insert_excerpts(found)

    @guard(None)
    def dropEvent(self, event: QDropEvent) -> None:
        self._is_dropping = True
        try:
            super().dropEvent(event)
        finally:
            self._is_dropping = False
        self.settled()

    def insert_excerpts(self, found: list[clipboard.Excerpt]) -> None:
        """Puts them in at the caret as one undo step."""
        cursor = self.textCursor()
        insert(self, cursor, found, self._is_free)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.settled()

    def _is_free(self, name: LineId) -> bool:
        """Whether no line has the id. In a drop the shadow does not know yet what was taken."""
        if not self._is_dropping:
            return name not in self.shadow.count
        block = self.document().begin()
        while block.isValid():
            if line_id(block) == name:
                return False
            block = block.next()
        return True
