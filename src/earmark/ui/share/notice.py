"""A sentence inside the sheet, with what can be done about it as buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..alarms import announce
from ..guard import guard
from ..icons import draw_icon
from ..plain import PlainLabel
from ..theme import current_theme

_ICON_PX = 18
Offer = tuple[str, Callable[[], object]]
"""A button's words and what it does."""


class Notice(QWidget):
    """Hidden while there is nothing to say. Spoken once when its words change."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._good = False
        self._words = PlainLabel("", self)
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14 + _ICON_PX + 8, 8, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._words)
        column.addLayout(self._row)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def say(self, sentence: str, offers: Sequence[Offer] = (), *, good: bool = False) -> None:
        """Shows the sentence and a button for each offer; `good`: it is no warning."""
        self._good = good
        fresh = sentence != self.sentence
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        if [button.text() for button in self.buttons] != [text for text, _do in offers]:
            self._make_buttons(offers)
        for button, (_text, do) in zip(self.buttons, offers, strict=True):
            button.clicked.disconnect()
            button.clicked.connect(_without_argument(do))
        self.show()
        if fresh:
            announce(self, sentence)

    def clear(self) -> None:
        """Says nothing any more."""
        self.hide()
        self._words.setText("")
        self._make_buttons(())

    def _make_buttons(self, offers: Sequence[Offer]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for place, (text, _do) in enumerate(offers):
            button = QPushButton(text, self)
            button.setAccessibleName(text)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(_nothing)
            self._row.insertWidget(place, button)
            button.show()
            self.buttons.append(button)

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.hairline)
        painter.setBrush(theme.page)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        place = QRectF(12, 8, _ICON_PX, _ICON_PX)
        if self._good:
            painter.setPen(theme.ok)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "✓")
        else:
            draw_icon(painter, "warning", place, theme.mark)
        painter.end()


def _nothing() -> None:
    pass


def _without_argument(do: Callable[[], object]) -> Callable[[], None]:
    def call() -> None:
        do()

    return call
