"""Find and replace in the notes on the page, find in its transcript: one bar, Esc leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from earmark.model.i18n import _, ngettext

from ..guard import guard
from ..plain import PlainLabel
from ..theme import current_theme

if TYPE_CHECKING:
    from ..notes import NoteEditor
    from ..transcript.view import TranscriptView


class FindBar(QWidget):
    """Hidden until asked for. Asked for among the passages it looks there first, else in the
    notes; where one has nothing, the other is looked at."""

    def __init__(self, editor: NoteEditor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self.words: TranscriptView | None = None
        """The transcript beside the notes, once it is there."""
        self._among_words = False
        self.wanted = self._field(_("Find"))
        self.replacement = self._field(_("Replace with"))
        self.case = QCheckBox(_("Match case"), self)
        self.case.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._told = PlainLabel("", self, role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 10, 6)
        row.setSpacing(8)
        row.addWidget(self.wanted, 2)
        row.addWidget(self._button("↑", _("Find previous"), lambda: self.next(backwards=True)))
        row.addWidget(self._button("↓", _("Find next"), self.next))
        row.addWidget(self.replacement, 2)
        row.addWidget(self._button(_("Replace all"), _("Replace all"), self.replace_all))
        row.addWidget(self.case)
        row.addWidget(self._told, 1)
        row.addWidget(self._button("✕", _("Close find"), self.leave))
        self.hide()

    def open(self) -> None:
        """Shows the bar with what is selected, in the notes or among the passages."""
        if not self.isAncestorOf(self.window().focusWidget() or self.window()):
            self._among_words = self.words is not None and self.words.is_in_hand
        place = self.words if self._among_words and self.words is not None else self._editor
        chosen = place.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.wanted.setText(chosen)
        self._told.setText("")
        self.show()
        self.wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.wanted.selectAll()

    def leave(self) -> None:
        self.hide()
        if self._among_words and self.words is not None and self.words.isVisible():
            self.words.setFocus()
        else:
            self._editor.setFocus()

    def next(self, *, backwards: bool = False) -> None:
        """Selects the next place."""
        text = self.wanted.text()
        if not text:
            return
        for among_words in (self._among_words, not self._among_words):
            if self._find(text, among_words=among_words, backwards=backwards):
                other = among_words != self._among_words
                where = _("In the transcript.") if among_words else _("In the notes.")
                self._told.setText(where if other else "")
                return
        self._told.setText(_("Not found."))

    def _find(self, text: str, *, among_words: bool, backwards: bool) -> bool:
        case = self.case.isChecked()
        if not among_words:
            return self._editor.find_next(text, match_case=case, backwards=backwards)
        if self.words is None or not self.words.isVisible():
            return False
        from ..transcript.find import find_next

        self.words.by_hand()
        return find_next(self.words, text, match_case=case, backwards=backwards)

    def replace_all(self) -> None:
        """Replaces everywhere, as one undo step; each replacement keeps its moment."""
        text = self.wanted.text()
        if text:
            count = self._editor.replace_all(
                text, self.replacement.text(), match_case=self.case.isChecked()
            )
            words = ngettext("{n} replaced.", "{n} replaced.", count)
            self._told.setText(words.format(n=count))

    @guard(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and watched is self.wanted:
            self.next(backwards=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            return False
        return True

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().chrome)
        painter.fillRect(0, 0, self.width(), 1, current_theme().hairline)
        painter.end()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(name)
        field.setAccessibleName(name)
        field.installEventFilter(self)
        return field

    def _button(self, text: str, name: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: slot())
        return button
