"""The note editor: the page with keys, mouse, clipboard and paint put together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from earmark.model import Anchor, LineId, LineKind, NoteLine, Picture, TimeRun
from earmark.ui.guard import guard
from earmark.ui.theme import Theme

from . import clipboard, offers, searching
from .facts import line_id
from .insertion import insert
from .keys import deletion, is_command, typed_text
from .lines import LineActions
from .menu import context_menu
from .page import NotesPage
from .painting import PagePainter
from .playing import Follower
from .pointing import Pointer, target_at
from .speech import Speaker
from .textual import lines_of, one_line
from .typist import Typist


class NoteEditor(NotesPage):
    """The widget.

    `click_plays`: a plain click in the text plays too. `recording`: plain clicks only edit.
    A click plays at once, on release: waiting for a possible double click would cost more than
    the 100 ms a click may take. When a double click follows, `play_cancelled` takes it back.
    """

    word_clicked = Signal(object)
    """`Anchor` of the word (or the line): play from there."""
    play_cancelled = Signal()
    """The click before was the first of a double click: stop what it started."""
    line_played = Signal(str)
    """`LineId`: play the whole line."""
    picture_offered = Signal(bytes, str)
    """A picture's bytes and suffix (`.png`): store it, then call `insert_picture`."""
    link_opened = Signal(str)
    followed = Signal(bool)
    """Whether the page follows the line being spoken; scrolling by hand ends that."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.click_plays = True
        self.recording = False
        self.typist = Typist(self)
        self.actions_on_lines = LineActions(self, self.settled)
        self.painter = PagePainter(self)
        self.following = Follower(self, self.followed.emit, self.typist.is_typing)
        self.pointer = Pointer(self)
        self._speaker = Speaker(self)
        self._is_dropping = False
        self.viewport().setMouseTracking(True)
        self.cursorPositionChanged.connect(self._caret_moved)
        self.edited.connect(self._speaker.look)

    # -- for the window

    def set_playing(self, line: LineId | None, word: tuple[int, int] | None = None) -> None:
        """Lights the line being spoken and underlines the word (offset, length) in it."""
        self.following.light(line, word)

    def show_heard(self, anchor: Anchor | None) -> None:
        """Lights the line being spoken at the moment, and its word; none for None."""
        line = self.line_at_anchor(anchor) if anchor else None
        word = self.word_at_anchor(line, anchor) if line and anchor else None
        self.set_playing(line, word)

    @property
    def is_following(self) -> bool:
        return self.following.is_on

    def set_following(self, on: bool) -> None:
        """Keeps the line being spoken in view from now on, or no longer."""
        self.following.turn(on)

    def set_click_plays(self, on: bool) -> None:
        self.click_plays = on

    def insert_picture(self, picture: Picture, path: Path, moment: Anchor | None) -> None:
        """Puts a stored picture in at the caret, as a line of its own, anchored at the moment."""
        self.shelf.put(picture.id, path)
        alt = one_line(picture.alt)
        runs = (TimeRun(0, moment),) if alt else ()
        line = NoteLine(
            LineId(""), alt, LineKind.PICTURE, anchor=moment, runs=runs, picture=picture.id
        )
        self._insert([clipboard.Excerpt(line, is_whole=True)])

    def replace_all(self, find: str, replacement: str, *, match_case: bool = False) -> int:
        """Replaces every occurrence as one undo step; each keeps its moment. Returns how many."""
        count = searching.replace_all(self, find, replacement, match_case=match_case)
        self.settled()
        return count

    def find_next(self, find: str, *, match_case: bool = False, backwards: bool = False) -> bool:
        """Selects the next occurrence, around the end; False if there is none."""
        return searching.find_next(self, find, match_case=match_case, backwards=backwards)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.painter.set_font(self.font())

    def settled(self) -> None:
        self.typist.end_burst()

    @Slot()
    def undo(self) -> None:
        self.settled()
        super().undo()

    @Slot()
    def redo(self) -> None:
        self.settled()
        super().redo()

    # -- keys

    @guard(False)
    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and is_command(event)
        ):
            event.ignore()
            return False
        return super().event(event)

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        moment = self.now()
        text = typed_text(event)
        if text and not self.isReadOnly():
            self.typist.typed(text, moment, lambda: QTextEdit.keyPressEvent(self, event))
            return
        if is_command(event):
            event.ignore()
            return
        if not self.isReadOnly() and self._edit_key(event):
            event.accept()
            return
        self.settled()
        QTextEdit.keyPressEvent(self, event)
        self.following.scrolled_by_key(event)

    def _edit_key(self, event: QKeyEvent) -> bool:
        """Does what an editing key does; False for all other keys."""
        move = deletion(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.typist.enter()
        elif event.key() == Qt.Key.Key_Tab:
            self.actions_on_lines.indent()
        elif event.key() == Qt.Key.Key_Backtab:
            self.actions_on_lines.indent(-1)
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.cut()
        elif move in (
            QTextCursor.MoveOperation.PreviousCharacter,
            QTextCursor.MoveOperation.PreviousWord,
        ):
            self.typist.backspace(move)
        elif move is not None:
            self.typist.delete(move)
        else:
            return False
        return True

    @guard(None)
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        moment = self.now()
        text = event.commitString()
        if not text:
            QTextEdit.inputMethodEvent(self, event)
            return
        lines = lines_of(text)
        if lines != [text]:
            event.setCommitString("", event.replacementStart(), event.replacementLength())
            QTextEdit.inputMethodEvent(self, event)
            self._insert(clipboard.outside(text, moment))
            return
        self.typist.typed(text, moment, lambda: QTextEdit.inputMethodEvent(self, event))

    # -- clipboard and drags

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
            pictures = offers.pictures(source)
            for data, suffix in pictures:
                self.picture_offered.emit(data, suffix)
            if pictures or not source.text():
                return
            found = clipboard.outside(source.text(), moment)
        self._insert(found)

    @guard(None)
    def dropEvent(self, event: QDropEvent) -> None:
        self._is_dropping = True
        try:
            super().dropEvent(event)
        finally:
            self._is_dropping = False
        self.settled()

    def _insert(self, found: list[clipboard.Excerpt]) -> None:
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

    # -- mouse

    @guard(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.settled()
        if not self.pointer.pressed(event):
            super().mousePressEvent(event)

    @guard(None)
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.pointer.moved(event)

    @guard(None)
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.pointer.released(event)

    @guard(None)
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.pointer.double_clicked(event):
            super().mouseDoubleClickEvent(event)

    @guard(None)
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = self.viewport().mapFromGlobal(event.globalPos()).toPointF()
        menu = context_menu(self, target_at(self, place))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    @guard(None)
    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self.following.scrolled_by_hand()

    # -- paint

    @guard(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        self.painter.behind(painter, self.following.lit)
        painter.end()
        super().paintEvent(event)
        painter.begin(self.viewport())
        self.painter.around(painter, event.rect(), self.following.lit)
        painter.end()

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "painter"):
            self.painter.set_font(self.font())
            self.refresh_fonts()

    @guard(None)
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.settled()
        super().focusOutEvent(event)

    @Slot()
    def _caret_moved(self) -> None:
        self._speaker.look()
