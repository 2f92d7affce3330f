"""The transcript as a person uses it: lit words, clicks that play, keys, following the sound."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QApplication, QTextEdit, QWidget

from earmark.model import Anchor, SegmentId

from ..guard import guard
from ..theme import current_theme
from .page import TranscriptPage
from .passage_field import PassageField

_ABOVE = 0.3
_EDIT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
_SCROLL_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class TranscriptView(TranscriptPage):
    """The passages with everything a person does to them; what comes of it is told by signals."""

    word_clicked = Signal(object)
    """`Anchor`: hear it from exactly there."""
    play_cancelled = Signal()
    """The click before was half of a double click."""
    edited = Signal(str, str)
    """`SegmentId` and the person's own words for it."""
    passage_changed = Signal()
    """The caret, or the focus, went to another passage."""
    menu_asked = Signal(QPoint)
    """A menu for the passages selected, at a place of the screen."""
    undo_asked = Signal()
    left = Signal()
    suspended = Signal(bool)
    """Scrolling by hand ended the following of the sound; or it is on again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heard: tuple[int, tuple[int, int] | None] | None = None
        self._related: tuple[int, ...] = ()
        self._at: Anchor | None = None
        self._wanted: tuple[SegmentId, ...] = ()
        self._pressed: QPoint | None = None
        self._played = False
        self._is_suspended = False
        self._follows = True
        self._told: int | None = None
        self.field = PassageField(self)
        self.field.kept.connect(self._kept)
        self.field.closed.connect(self._caret_moved)
        self.cursorPositionChanged.connect(self._caret_moved)
        self.verticalScrollBar().actionTriggered.connect(self._bar_moved)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.field.place())

    # -- lit

    def show_heard(self, anchor: Anchor | None) -> None:
        """Lights the word being spoken, and keeps it in view."""
        self._at = anchor
        heard = None
        number = None if anchor is None else self.number_at(anchor)
        if number is not None and anchor is not None:
            shown = self.shown[number]
            place = None
            if shown.segment.take == anchor.take:
                place = shown.place_at(anchor.frame)
            heard = (number, (place.start, place.end) if place else None)
        if heard == self._heard:
            return
        before, self._heard = self._heard, heard
        self._light()
        if heard is not None and (before is None or heard[0] != before[0]):
            self._bring(heard[0])

    def show_related(self, segments: tuple[SegmentId, ...]) -> None:
        """Lights the passages that belong to the note at hand."""
        self._wanted = segments
        found = tuple(n for n in map(self.number_of, segments) if n is not None)
        if found == self._related:
            return
        self._related = found
        self._light()
        if found and self._heard is None and not self.hasFocus():
            self._bring(found[0])

    def relight(self) -> None:
        """The passages or colours changed: what is lit is found again."""
        follows, self._follows = self._follows, False
        self._heard, self._related = None, ()
        self.show_heard(self._at)
        self.show_related(self._wanted)
        self._light()
        self._follows = follows

    def _light(self) -> None:
        theme = current_theme()
        lit = set(self._related)
        if self._heard is not None:
            lit.add(self._heard[0])
        self.recolour(quiet=bool(lit))
        marks = [_mark(self.stretch(number), ink=theme.ink) for number in sorted(lit)]
        if self._heard is not None and self._heard[1] is not None:
            number, span = self._heard
            mark = _mark(self.stretch(number, span), ink=theme.accent)
            mark.format.setBackground(theme.accent_wash)
            marks.append(mark)
        self.setExtraSelections(marks)

    # -- following

    def set_following(self, on: bool) -> None:
        """Whether the sound is followed at all; scrolling by hand only suspends it."""
        self._follows = on
        self.suspend(False)

    def suspend(self, on: bool) -> None:
        if on != self._is_suspended:
            self._is_suspended = on
            self.suspended.emit(on)
        if not on and self._heard is not None:
            self._bring(self._heard[0])

    def _bring(self, number: int) -> None:
        """Scrolls a passage into view, unless the person is elsewhere in the text."""
        if not self._follows or self._is_suspended or self.field.isVisible():
            return
        layout = self.document().documentLayout()
        top = layout.blockBoundingRect(self.head(number)).top()
        bottom = layout.blockBoundingRect(self.body(number)).bottom()
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        if top < bar.value() or bottom > bar.value() + height:
            bar.setValue(round(top - height * _ABOVE))

    def by_hand(self) -> None:
        """The person looks elsewhere in the text: the sound is not followed until asked."""
        if self._heard is not None and self.verticalScrollBar().maximum() > 0:
            self.suspend(True)

    def _bar_moved(self, action: int) -> None:
        if action != QAbstractSlider.SliderAction.SliderNoAction.value:
            self.by_hand()

    @guard(None)
    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self.by_hand()

    # -- mouse

    @guard(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._played = False
        left = event.button() is Qt.MouseButton.LeftButton
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._pressed = event.position().toPoint() if left and not shift else None
        if event.button() is Qt.MouseButton.RightButton:
            return  # the menu comes for what is selected, or for what is under the pointer
        super().mousePressEvent(event)

    @guard(None)
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        way = (event.position().toPoint() - pressed).manhattanLength()
        if way >= QApplication.startDragDistance() or self.textCursor().hasSelection():
            return
        anchor = self.anchor_of(self.cursorForPosition(pressed))
        if anchor is not None:
            self._played = True
            self.suspend(False)
            self.word_clicked.emit(anchor)

    @guard(None)
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if self._played:
            self._played = False
            self.play_cancelled.emit()
        cursor = self.cursorForPosition(event.position().toPoint())
        self.setTextCursor(cursor)
        self.edit()

    @guard(None)
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            place = self.viewport().mapFromGlobal(event.globalPos())
            cursor = self.cursorForPosition(place)
            mine = self.textCursor()
            if not mine.selectionStart() <= cursor.position() < mine.selectionEnd():
                self.setTextCursor(cursor)
            self.menu_asked.emit(event.globalPos())
        else:
            corner = self.cursorRect().bottomLeft()
            self.menu_asked.emit(self.viewport().mapToGlobal(corner))

    # -- keys

    @guard(False)
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            bare = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.KeypadModifier,
            )
            mine = bare and event.key() in _EDIT_KEYS  # F2 renames the session elsewhere
            if mine or event.matches(QKeySequence.StandardKey.Undo):
                event.accept()
                return True
        return super().event(event)

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _EDIT_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.edit()
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self.hear()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_asked.emit()
        else:
            super().keyPressEvent(event)
            if key in _SCROLL_KEYS:
                self.by_hand()
            return
        event.accept()

    @guard(None)
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._caret_moved()

    @guard(None)
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._caret_moved()

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "field"):
            self.dress(QFont(self.font()))
            self._light()

    @property
    def is_in_hand(self) -> bool:
        """Whether the person is among the passages: with the caret, or mending one."""
        return self.hasFocus() or self.field.isVisible()

    def go_to_lit(self) -> None:
        """Puts the caret into the passage that is lit, if one is."""
        lit = [self._heard[0]] if self._heard is not None else list(self._related)
        if lit and self.current() not in lit:
            self.setTextCursor(QTextCursor(self.body(lit[0])))

    def at_hand(self) -> list[int]:
        """The passages that an action is about: selected ones; with the focus elsewhere, the one
        being heard; else those of the note at hand; else the caret's."""
        if not self.shown:
            return []
        if not self.hasFocus() and not self.textCursor().hasSelection():
            if self._heard is not None:
                return [self._heard[0]]
            if self._related:
                return list(self._related)
        return self.selected()

    def hear(self) -> None:
        """Plays the word with the caret."""
        anchor = self.anchor_of(self.textCursor())
        if anchor is not None:
            self.suspend(False)
            self.word_clicked.emit(anchor)

    def edit(self) -> None:
        """Opens the words of the passage with the caret for editing."""
        number = self.current()
        if number is not None:
            cursor = self.textCursor()
            inside = cursor.positionInBlock() if cursor.block().blockNumber() % 2 else 0
            self.field.open(number, inside)

    def _kept(self, segment: str, text: str) -> None:
        self.edited.emit(segment, text)

    def _caret_moved(self) -> None:
        now = self.current() if self.is_in_hand else None
        if now != self._told:
            self._told = now
            self.passage_changed.emit()

    # -- copying

    def copied_text(self) -> str:
        """What is copied: a part of one passage as it is, several with times and speakers; with
        nothing selected, the passage with the caret."""
        cursor = self.textCursor()
        numbers = self.selected()
        if cursor.hasSelection() and len(numbers) == 1:
            text = cursor.selectedText()
            body = self.body(numbers[0])
            if cursor.selectionStart() >= body.position() and text != body.text():
                return text
        return "\n".join(self.shown[number].words() for number in numbers)

    def copy(self) -> None:
        """Copies the selection, or the passage with the caret."""
        text = self.copied_text()
        if text:
            QApplication.clipboard().setText(text)

    @guard(QMimeData)
    def createMimeDataFromSelection(self) -> QMimeData:
        made = QMimeData()
        made.setText(self.copied_text())
        return made


def _mark(cursor: QTextCursor, *, ink: object) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    form = QTextCharFormat()
    form.setForeground(ink)  # type: ignore[arg-type]
    mark.format = form
    mark.cursor = cursor
    return mark
