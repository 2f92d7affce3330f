"""Number fields and combo boxes whose arrows are drawn in the theme's colours.

A style sheet that rounds their corners takes Qt's own arrows away.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionSpinBox,
    QWidget,
)

from .guard import guard
from .icons import draw_icon
from .theme import current_theme

_ARROW_PX = 12.0


def _arrow(painter: QPainter, area: QRectF, *, up: bool) -> None:
    painter.save()
    painter.translate(area.center())
    if up:
        painter.rotate(180)
    box = QRectF(-_ARROW_PX / 2, -_ARROW_PX / 2, _ARROW_PX, _ARROW_PX)
    draw_icon(painter, "down", box, current_theme().muted)
    painter.restore()


class NumberField(QDoubleSpinBox):
    """A number with a unit; the wheel turns it only where it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(2, 0, 0, 0)
        self.setMinimumSize(78, 34)

    @guard("")
    def textFromValue(self, value: float) -> str:
        return f"{value:g}"

    @guard(None)
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    @guard(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        painter = QPainter(self)
        for part, up in (
            (QStyle.SubControl.SC_SpinBoxUp, True),
            (QStyle.SubControl.SC_SpinBoxDown, False),
        ):
            control = QStyle.ComplexControl.CC_SpinBox
            area = self.style().subControlRect(control, option, part, self)
            _arrow(painter, QRectF(area), up=up)
        painter.end()


class ComboField(QComboBox):
    """A combo box that the wheel does not change in passing; an entry too long ends in “…”."""

    @guard(None)
    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, part, self).width() - 8
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room
        )

    @guard(None)
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    @guard(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxArrow
        painter = QPainter(self)
        area = QRectF(self.style().subControlRect(control, option, part, self))
        _arrow(painter, area.translated(-3, 0), up=False)
        painter.end()
