"""What lies over the still picture and moves: ranges, edges, the pin under or in the hand."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from .flags import Pin
from .painting import FLAGS_PX, Scene, draw_pin

Stretch = tuple[float, float]
"""Milliseconds of the timeline, ascending."""


def paint_ranges(
    painter: QPainter, scene: Scene, selection: Stretch | None, loop: Stretch | None
) -> None:
    """The picked stretch as a wash, the looped one as a line below."""
    theme, view = scene.theme, scene.view
    if selection is not None:
        left, right = (view.x(ms) for ms in selection)
        area = QRectF(left, scene.top - 2, right - left, scene.bottom - scene.top + 4)
        painter.fillRect(area, theme.accent_wash)
        painter.setPen(QPen(theme.accent, 1))
        for x in (left, right):
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
    if loop is not None:
        left, right = (view.x(ms) for ms in loop)
        painter.fillRect(QRectF(left, scene.bottom, right - left, 2), theme.accent)


def paint_edge(painter: QPainter, scene: Scene, ms: float, colour: QColor) -> None:
    """An upright line: the playhead, or where the recording is."""
    x = scene.snapped(scene.view.x(ms))
    if -2 <= x <= scene.view.width + 2:
        painter.fillRect(QRectF(x - 1, 3, 2, scene.bottom - 3), colour)


def paint_hover(painter: QPainter, scene: Scene, pin: Pin) -> None:
    """The pin under the pointer, a little larger."""
    colour = scene.theme.mark if pin.marked else scene.theme.ink
    x = scene.view.x(pin.ms)
    draw_pin(painter, x, colour, bookmark=pin.bookmark is not None, grow=1.5)


def paint_ghost(painter: QPainter, scene: Scene, x: float, pin: Pin) -> None:
    """The pin in the hand, at `x`, and where it would point."""
    accent = scene.theme.accent
    draw_pin(painter, x, accent, bookmark=pin.bookmark is not None, grow=1.5)
    painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(x, FLAGS_PX, x, scene.bottom))
