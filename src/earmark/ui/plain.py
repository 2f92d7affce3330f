"""Labels and tooltips that show strangers' text as it is: Qt would guess rich text in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from .guard import guard
from .theme import current_theme


def plain_tip(text: str) -> str:
    """`text` as a tooltip that is never taken for rich text (a picture in it is not fetched)."""
    if not GuiQt.mightBeRichText(text):
        return text
    from html import escape  # its table of all entities is long: not before the first paint

    return f'<span style="white-space:pre-wrap">{escape(text)}</span>'


def chord_tip(text: str, chord: str) -> str:
    """A control's tooltip with the key chord that does the same."""
    return plain_tip(f"{text}  ({chord})" if chord else text)


class PlainLabel(QLabel):
    """A label that always shows plain text. `role` names a colour of the theme."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, role: str = "ink"):
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._role = role
        self.setText(text)
        self._tint()

    def set_role(self, role: str) -> None:
        """Changes the colour to another role of the theme."""
        if role != self._role:
            self._role = role
            self._tint()

    def _tint(self) -> None:
        palette = self.palette()
        colour = getattr(current_theme(), self._role)
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.StyleChange):
            self._tint()
        super().changeEvent(event)


class ElidedLabel(PlainLabel):
    """A one-line plain label that ends in … where it is too long, and tells all in its tooltip."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        role: str = "ink",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ):
        super().__init__(text, parent, role=role)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def shown_text(self) -> str:
        """The text as it fits now."""
        width = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), self._mode, width)

    @guard(QSize(24, 16))
    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 3, super().minimumSizeHint().height())

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.shown_text()
        tip = plain_tip(self.text()) if shown != self.text() else ""
        if tip != self.toolTip():
            self.setToolTip(tip)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(
            self.contentsRect(), int(self.alignment()) | Qt.TextFlag.TextSingleLine, shown
        )
        painter.end()


class Hairline(QFrame):
    """A separator of one pixel in the hairline colour."""

    def __init__(self, parent: QWidget | None = None, *, vertical: bool = False):
        super().__init__(parent)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().hairline)
        painter.end()
