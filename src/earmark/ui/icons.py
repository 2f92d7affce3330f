"""The window's icons: drawn from paths on a grid of 24 units, in any colour, crisp at any scale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

_RATIOS = (1.0, 1.5, 2.0, 3.0)


def _line(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline([QPointF(x, y) for x, y in points])


def _polygon(painter: QPainter, colour: QColor, *points: tuple[float, float]) -> None:
    painter.setBrush(colour)
    painter.drawPolygon([QPointF(x, y) for x, y in points])


def _play(painter: QPainter, colour: QColor) -> None:
    _polygon(painter, colour, (8, 5), (19, 12), (8, 19))


def _pause(painter: QPainter, colour: QColor) -> None:
    painter.fillRect(QRectF(6.5, 5, 4, 14), colour)
    painter.fillRect(QRectF(13.5, 5, 4, 14), colour)


def _record(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(QPointF(12, 12), 6, 6)


def _close(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (6.5, 6.5), (17.5, 17.5))
    _line(painter, (17.5, 6.5), (6.5, 17.5))


def _down(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (7, 10), (12, 15), (17, 10))


def _microphone(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(9.25, 3, 5.5, 11), 2.75, 2.75)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(6, 6, 12, 11.5), 180 * 16, 180 * 16)
    _line(painter, (12, 17.5), (12, 21))
    _line(painter, (8.5, 21), (15.5, 21))


def _warning(painter: QPainter, colour: QColor) -> None:
    _line(painter, (12, 4), (21, 19.5), (3, 19.5), (12, 4))
    _line(painter, (12, 10), (12, 14))
    painter.fillRect(QRectF(11.1, 16, 1.8, 1.8), colour)


_DRAWN: dict[str, Callable[[QPainter, QColor], None]] = {
    "play": _play,
    "pause": _pause,
    "record": _record,
    "close": _close,
    "down": _down,
    "microphone": _microphone,
    "warning": _warning,
}
NAMES = tuple(_DRAWN)


def draw_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draws the icon into `rect`; KeyError for a name not in `NAMES`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    pen = QPen(colour, 1.7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAWN[name](painter, colour)
    painter.restore()


def icon(name: str, colour: QColor, size: int = 18) -> QIcon:
    """The icon at `size` logical pixels, with a pixmap for each usual scale of screens."""
    made = QIcon()
    for ratio in _RATIOS:
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw_icon(painter, name, QRectF(0, 0, size, size), colour)
        painter.end()
        made.addPixmap(pixmap)
    return made
