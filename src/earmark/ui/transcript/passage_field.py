"""The words of one passage, edited where they stand. Return keeps, Esc leaves them as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette, QTextBlockFormat
from PySide6.QtWidgets import QFrame, QTextEdit

from earmark.model import SegmentId, safe_line
from earmark.model.i18n import _

from ..guard import guard
from ..notes.textual import is_right_to_left, one_line
from ..theme import current_theme

if TYPE_CHECKING:
    from .page import TranscriptPage

_ROOM = 5
"""Pixels around the words, beyond the place where they stood."""


class PassageField(QTextEdit):
    """Lies over the passage in the transcript's viewport, and grows with what is typed."""

    kept = Signal(str, str)
    closed = Signal()

    def __init__(self, page: TranscriptPage) -> None:
        super().__init__(page.viewport())
        self._page = page
        self._segment: SegmentId | None = None
        self._before = ""
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(_ROOM - 1)
        self.setObjectName("passage")
        self.setAccessibleName(_("Words of the passage"))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.place)  # not amid the layout that tells its size
        self.document().documentLayout().documentSizeChanged.connect(
            lambda _size: self._soon.start()
        )
        self.hide()

    @property
    def segment(self) -> SegmentId | None:
        """The passage being edited."""
        return self._segment if self.isVisible() else None

    def open(self, number: int, position: int = 0) -> None:
        """Edits passage `number`, the caret at a position as Qt counts it."""
        self.keep()
        shown = self._page.shown[number]
        self._segment = shown.segment.id
        self._before = shown.text
        self.setFont(self._page.font())
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Base, current_theme().page)
        palette.setColor(QPalette.ColorRole.Text, current_theme().ink)
        self.setPalette(palette)
        self.setStyleSheet(
            f"#passage {{ border: 1px solid {current_theme().accent.name()};"
            f" border-radius: 5px; background: {current_theme().page.name()}; }}"
        )
        self.setGeometry(0, 0, self._page.viewport().width(), self.height())
        self.setPlainText(shown.text)
        cursor = self.textCursor()
        form = QTextBlockFormat()
        form.setLineHeight(3.0, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        form.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft
            if is_right_to_left(shown.text)
            else Qt.LayoutDirection.LeftToRight
        )
        cursor.setBlockFormat(form)
        cursor.setPosition(min(position, self.document().characterCount() - 1))
        self.document().clearUndoRedoStacks()
        self.setTextCursor(cursor)
        self.show()
        self.place()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_whole()

    def keep(self) -> None:
        """Tells what was written, where it is something else, and closes."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        text = " ".join(safe_line(self.toPlainText()).split())
        self._close()
        if text != " ".join(self._before.split()):
            self.kept.emit(segment, text)

    def leave(self) -> None:
        """Closes without a change."""
        self._segment = None
        self._close()

    def place(self) -> None:
        """Stands over its passage, wherever that is by now."""
        if self._segment is None:
            return
        number = self._page.number_of(self._segment)
        if number is None:
            return  # transcribed anew meanwhile: what was typed stays until it is kept or left
        box = self._page.document().documentLayout().blockBoundingRect(self._page.body(number))
        width = self._page.viewport().width()
        if self.width() != width:
            self.resize(width, self.height())
        top = round(box.top()) - self._page.verticalScrollBar().value() - _ROOM
        frame = self.height() - self.viewport().height()
        height = round(self.document().size().height()) + frame + 1
        wanted = QRect(0, top, width, max(round(box.height()) + 2 * _ROOM, height))
        if wanted != self.geometry():
            self.setGeometry(wanted)

    def _show_whole(self) -> None:
        """Scrolls the page so that the whole field is seen."""
        below = self.geometry().bottom() - self._page.viewport().height()
        bar = self._page.verticalScrollBar()
        if below > 0:
            bar.setValue(bar.value() + min(below, max(0, self.geometry().top())))
        elif self.geometry().top() < 0:
            bar.setValue(bar.value() + self.geometry().top())

    def _close(self) -> None:
        had = self.hasFocus()
        self.hide()
        if had:
            self._page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    @guard(None)
    def insertFromMimeData(self, source: QMimeData) -> None:
        self.textCursor().insertText(one_line(source.text()))

    @guard(None)
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            self.keep()
