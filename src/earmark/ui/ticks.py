"""Check boxes and choices painted in the theme's colours: the style's own vanish in the dark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
)

from .guard import guard
from .theme import current_theme, mix

_BOX_PX = 16.0
_SHIFT_PX = 4
"""So far right of where the style puts them stand the words, for the box and the ring."""


class TickBox(QCheckBox):
    """A check box."""

    @guard(QSize)
    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(_SHIFT_PX, 0)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        element = QStyle.SubElement
        _paint(self, element.SE_CheckBoxIndicator, element.SE_CheckBoxContents, round_=False)


class OneOf(QRadioButton):
    """One of several."""

    @guard(QSize)
    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(_SHIFT_PX, 0)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        element = QStyle.SubElement
        _paint(self, element.SE_RadioButtonIndicator, element.SE_RadioButtonContents, round_=True)


def _paint(
    button: QCheckBox | QRadioButton,
    indicator: QStyle.SubElement,
    contents: QStyle.SubElement,
    *,
    round_: bool,
) -> None:
    option = QStyleOptionButton()
    button.initStyleOption(option)
    box = button.style().subElementRect(indicator, option, button)
    text = button.style().subElementRect(contents, option, button)
    theme = current_theme()
    painter = QPainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on = button.isEnabled()
    faint = mix(theme.muted, theme.chrome, 0.45)
    area = QRectF(0, 0, _BOX_PX, _BOX_PX)
    area.moveCenter(QPointF(box.center()) + QPointF(0.5, 0.5))
    area.moveLeft(max(0.0, area.left()))
    accent = theme.accent if on else faint
    checked = button.isChecked()
    edge = accent if checked else theme.edge if on else faint
    painter.setPen(QPen(edge, 1.4))
    painter.setBrush(accent if checked and not round_ else theme.page)
    corner = _BOX_PX / 2 if round_ else 4
    painter.drawRoundedRect(area.adjusted(0.7, 0.7, -0.7, -0.7), corner, corner)
    if checked and round_:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(area.center(), 4.0, 4.0)
    elif checked:
        pen = QPen(theme.on_accent, 1.9)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        points = ((4.2, 8.4), (7.0, 11.2), (11.8, 5.2))
        painter.drawPolyline([area.topLeft() + QPointF(x, y) for x, y in points])
    painter.setPen(theme.ink if on else faint)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    text = text.translated(_SHIFT_PX, 0)
    flags = middle | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip
    painter.drawText(text, flags, button.text())
    if button.hasFocus():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.accent, 2))
        width = painter.fontMetrics().horizontalAdvance(button.text())
        ring = QRectF(text.left() - 3, text.top() - 1, width + 6, text.height() + 2)
        painter.drawRoundedRect(
            ring.intersected(QRectF(button.rect()).adjusted(1, 1, -1, -1)), 4, 4
        )
    painter.end()
