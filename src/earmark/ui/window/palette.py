"""The command palette: every action in one list, narrowed by typing. Esc leaves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from earmark.model.i18n import _

from ..actions import Actions
from ..theme import current_theme

_WIDTH = 520
_ROWS = 12
_ACTION = Qt.ItemDataRole.UserRole


def matches(words: str, text: str) -> bool:
    """Whether each typed word occurs in `text`, in any order and case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


class Palette(QWidget):
    """A sheet over the window; the focus goes back where it came from."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._before: QWidget | None = None
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(_("What do you want to do?"))
        self.field.setAccessibleName(_("Filter actions"))
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(_("Actions"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.hide()

    def open(self) -> None:
        """Shows the sheet with all actions that can be done now."""
        window = self.parentWidget()
        if window is None:
            return
        self._before = window.window().focusWidget()
        self.field.clear()
        self._narrow("")
        width = min(_WIDTH, window.width() - 40)
        row = self.fontMetrics().height() + 12
        height = min(row * (_ROWS + 1) + 40, window.height() - 80)
        self.setGeometry((window.width() - width) // 2, 54, width, height)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Hides the sheet and gives the focus back."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

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
            item = self.list.currentItem()
            if item is not None:
                self._run(item)
        else:
            return False
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        painter.setPen(theme.edge)
        painter.setBrush(theme.chrome)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 10, 10)
        painter.end()

    def _narrow(self, words: str) -> None:
        self.list.clear()
        for action in self._actions.all():
            if not action.isEnabled() or action is self._actions["palette"]:
                continue
            if not matches(words, action.text()):
                continue
            self.list.addItem(_row(action))
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem) -> None:
        action = item.data(_ACTION)
        self.leave()
        action.trigger()


def _row(action: QAction) -> QListWidgetItem:
    chord = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    text = action.text()
    item = QListWidgetItem(f"{text}    {chord}" if chord else text)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
    item.setData(_ACTION, action)
    return item
