"""A sheet over the window: a field to type in and a list it narrows. Return chooses, Esc leaves.

The palette, the choice of an event, the bin and every question for a name are this one sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from earmark.model.text import safe_title

from ..guard import guard
from ..panel import Panel
from ..theme import current_theme

_WIDTH = 520
_ROWS = 12
_ENTRY = Qt.ItemDataRole.UserRole
_BESIDE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class PickerEntry:
    """One row: its words, what is chosen with it, and a note at its right (a chord, a date)."""

    text: str
    value: Any
    beside: str = ""


def matches(words: str, text: str) -> bool:
    """Whether each typed word occurs in `text`, in any order and case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


def _nothing(_value: Any) -> None:
    pass


class QuickPicker(Panel):
    """One sheet at a time; the focus goes back where it came from."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: Sequence[PickerEntry] = ()
        self._choose: Callable[[Any], object] = _nothing
        self._new: Callable[[str], object] | None = None
        self.field = QLineEdit(self)
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setAutoFillBackground(False)
        self.list.viewport().setAutoFillBackground(False)
        self.list.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.hide()

    def open(
        self,
        prompt: str,
        entries: Sequence[PickerEntry],
        choose: Callable[[Any], object],
        *,
        new: Callable[[str], object] | None = None,
        text: str = "",
    ) -> None:
        """Asks for one of `entries`, or where `new` is given also for a text of the person's."""
        window = self.parentWidget()
        if window is None:
            return
        self._remember_focus()
        self._entries, self._choose, self._new = entries, choose, new
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(prompt)
        self.list.setAccessibleName(prompt)
        self.field.setText(text)
        self.field.selectAll()
        self._narrow("" if text else self.field.text())
        self._place(window, len(entries))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Hides the sheet and gives the focus back."""
        self.hide()
        self._give_focus_back()

    def _place(self, window: QWidget, count: int) -> None:
        width = min(_WIDTH, window.width() - 40)
        row = self.fontMetrics().height() + 12
        rows = min(count, _ROWS)
        self.list.setVisible(count > 0)
        height = min(row * rows + 64 if rows else 54, window.height() - 80)
        self.setGeometry((window.width() - width) // 2, 84, width, height)

    @guard(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        if watched is not self.field or not isinstance(event, QKeyEvent):
            return False
        if event.type() != QEvent.Type.KeyPress:
            return False
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            row = self.list.currentRow() + step
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._chosen()
        else:
            return False
        return True

    def _narrow(self, words: str) -> None:
        self.list.clear()
        for entry in self._entries:
            if matches(words, entry.text):
                item = QListWidgetItem(entry.text)
                item.setData(_ENTRY, entry)
                item.setData(_BESIDE, entry.beside)
                self.list.addItem(item)
        if self._new is None or (self.list.count() and not words):
            self.list.setCurrentRow(0)

    def _chosen(self) -> None:
        item: QListWidgetItem | None = self.list.currentItem()
        text = safe_title(self.field.text())
        exact = next((e for e in self._entries if e.text == text), None)
        if self._new is not None and item is None and exact is None:
            if text:
                new = self._new
                self.leave()
                new(text)
            return
        if exact is None and item is not None:
            self._run(item)
        elif exact is not None:
            self.leave()
            self._choose(exact.value)

    def _run(self, item: QListWidgetItem) -> None:
        entry: PickerEntry = item.data(_ENTRY)
        self.leave()
        self._choose(entry.value)


class _Rows(QStyledItemDelegate):
    """The words at the left, the note at the right in the muted ink."""

    @guard()
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        theme = current_theme()
        rect: QRect = option.rect
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.accent_wash)
            painter.drawRoundedRect(rect, 6, 6)
            painter.restore()
        inner = rect.adjusted(10, 0, -10, 0)
        beside = str(index.data(_BESIDE) or "")
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setPen(theme.muted)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, beside)
        metrics = painter.fontMetrics()
        inner.setRight(inner.right() - metrics.horizontalAdvance(beside) - 12)
        text = metrics.elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.setPen(theme.ink)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, text)

    @guard(lambda: QSize(100, 30))
    def sizeHint(self, option: QStyleOptionViewItem, _index: Any) -> QSize:
        return QSize(100, option.fontMetrics.height() + 12)


def below(widget: QWidget) -> QPoint:
    """Where a menu that belongs to `widget` opens."""
    return widget.mapToGlobal(QPoint(0, widget.height()))


__all__ = ["PickerEntry", "QuickPicker", "below", "matches"]
