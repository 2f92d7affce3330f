"""The note editor: the page with keys, mouse, clipboard and paint put together."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QTextEdit, QToolTip, QWidget

from earmark.model import Anchor, LineId
from earmark.model.i18n import _
from earmark.ui.guard import guard
from earmark.ui.theme import Theme

from . import clipboard
from .editable_page import EditablePage
from .keys import deletion, is_command, is_modifier, typed_text
from .line_announcer import LineAnnouncer
from .menu import context_menu
from .painting import PagePainter
from .playback_highlight import PlaybackHighlight
from .pointer import Part, Pointer, target_at
from .textual import lines_of


class NoteEditor(EditablePage):
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
    late_refused = Signal(str, bool)
    """`LineId`: whether it is to start at its own time, not at the sentence it is about."""
    line_share_asked = Signal(str)
    """`LineId`: share it alone."""
    link_opened = Signal(str)
    followed = Signal(bool)
    """Whether the page follows the line being spoken; scrolling by hand ends that."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.click_plays = True
        self.recording = False
        self.refuses_late: frozenset[LineId] = frozenset()
        self.painter = PagePainter(self)
        self.following = PlaybackHighlight(self, self.followed.emit, self.typist.is_typing)
        self.pointer = Pointer(self)
        self._speaker = LineAnnouncer(self, self.late_words)
        self.viewport().setMouseTracking(True)
        self.cursorPositionChanged.connect(self._caret_moved)
        self.edited.connect(self._speaker.look)
        self.edited.connect(self.painter.under.changed)

    # -- for the window

    def set_playing(self, line: LineId | None, word: tuple[int, int] | None = None) -> None:
        """Lights the line being spoken and underlines the word (offset, length) in it."""
        self.following.light(line, word)

    def show_heard(self, anchor: Anchor | None) -> None:
        """Lights the line being spoken at the moment, and its word; none for None."""
        line = self.line_at_anchor(anchor) if anchor else None
        word = self.word_at_anchor(line, anchor) if line and anchor else None
        self.set_playing(line, word)

    def set_related(self, line: LineId | None) -> None:
        """Lights the time of the line that belongs to a passage at hand; none for None."""
        if line != self.painter.related:
            self.painter.related = line
            self.viewport().update()

    def late_words(self, line: LineId) -> str:
        """How much earlier the line's replay begins, in words; empty where it does not."""
        seconds = self.painter.late.get(line)
        if seconds is None:
            return ""
        return _("starts at its sentence, {seconds} s earlier").format(seconds=round(seconds))

    def show_under(self, words: Mapping[LineId, str]) -> None:
        """What was said in each line's time, shown below it; never part of the notes."""
        self.painter.under.show(words)

    def set_late(self, late: Mapping[LineId, float], refused: frozenset[LineId]) -> None:
        """Which lines' replay begins with their sentence (so many seconds earlier), and which
        ones' may not."""
        self.refuses_late = refused
        if dict(late) != self.painter.late:
            self.painter.late = dict(late)
            self.viewport().update()

    @property
    def is_following(self) -> bool:
        return self.following.is_on

    def set_following(self, on: bool) -> None:
        """Keeps the line being spoken in view from now on, or no longer."""
        self.following.turn(on)

    def set_click_plays(self, on: bool) -> None:
        self.click_plays = on

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.painter.set_font(self.font())

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

    @guard(False)
    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            target = target_at(self, event.pos().toPointF())
            words = self.late_words(target.line) if target.part is Part.TIME else ""
            if words:
                QToolTip.showText(event.globalPos(), words, self.viewport())
                return True
            QToolTip.hideText()
        return super().viewportEvent(event)

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
        if not is_modifier(event):
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
            self.insert_excerpts(clipboard.outside(text, moment))
            return
        self.typist.typed(text, moment, lambda: QTextEdit.inputMethodEvent(self, event))

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
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "painter"):
            self.painter.under.changed()

    @guard(None)
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.settled()
        super().focusOutEvent(event)

    @Slot()
    def _caret_moved(self) -> None:
        self._speaker.look()
