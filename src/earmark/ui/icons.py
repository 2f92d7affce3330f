"""The window's icons: drawn from paths on a grid of 24 units, in any colour, crisp at any scale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPainterPath, QPen, QPixmap

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


def _stop(painter: QPainter, colour: QColor) -> None:
    painter.fillRect(QRectF(6.5, 6.5, 11, 11), colour)


def _plus(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (12, 5), (12, 19))
    _line(painter, (5, 12), (19, 12))


def _close(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (6.5, 6.5), (17.5, 17.5))
    _line(painter, (17.5, 6.5), (6.5, 17.5))


def _down(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (7, 10), (12, 15), (17, 10))


def _turn(painter: QPainter, colour: QColor, *, back: bool) -> None:
    if back:
        painter.translate(24, 0)
        painter.scale(-1, 1)
    painter.drawArc(QRectF(5, 6, 14, 14), 75 * 16, -330 * 16)
    _polygon(painter, colour, (9.6, 2.6), (9.6, 9.4), (15, 6))


def _loop(painter: QPainter, colour: QColor) -> None:
    path = QPainterPath(QPointF(14, 17.5))
    path.lineTo(8, 17.5)
    path.arcTo(QRectF(2.5, 6.5, 11, 11), 270, -180)
    path.lineTo(16, 6.5)
    path.arcTo(QRectF(10.5, 6.5, 11, 11), 90, -150)
    painter.drawPath(path)
    _polygon(painter, colour, (13, 13.5), (13, 21.5), (8.5, 17.5))


def _microphone(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(9.25, 3, 5.5, 11), 2.75, 2.75)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(6, 6, 12, 11.5), 180 * 16, 180 * 16)
    _line(painter, (12, 17.5), (12, 21))
    _line(painter, (8.5, 21), (15.5, 21))


def _speaker(painter: QPainter, colour: QColor) -> None:
    _polygon(painter, colour, (4, 9.5), (7.5, 9.5), (12, 5.5), (12, 18.5), (7.5, 14.5), (4, 14.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(9, 8, 8, 8), -55 * 16, 110 * 16)
    painter.drawArc(QRectF(7, 5, 14, 14), -55 * 16, 110 * 16)


def _bin(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (5, 7), (19, 7))
    _line(painter, (9.5, 7), (9.5, 4.5), (14.5, 4.5), (14.5, 7))
    _line(painter, (6.8, 7), (7.8, 20), (16.2, 20), (17.2, 7))
    _line(painter, (12, 10.5), (12, 16.5))


def _pencil(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (5, 19), (6, 15), (16, 5), (19, 8), (9, 18), (5, 19))


def _folder(painter: QPainter, _colour: QColor) -> None:
    _line(painter, (4, 18.5), (4, 6), (10, 6), (12, 8.5), (20, 8.5), (20, 18.5), (4, 18.5))


def _warning(painter: QPainter, colour: QColor) -> None:
    _line(painter, (12, 4), (21, 19.5), (3, 19.5), (12, 4))
    _line(painter, (12, 10), (12, 14))
    painter.fillRect(QRectF(11.1, 16, 1.8, 1.8), colour)


def _told(painter: QPainter, colour: QColor) -> None:
    painter.drawEllipse(QPointF(12, 12), 8.5, 8.5)
    _line(painter, (12, 11.5), (12, 16.5))
    painter.fillRect(QRectF(11.1, 7.2, 1.8, 1.8), colour)


_DRAWN: dict[str, Callable[[QPainter, QColor], None]] = {
    "play": _play,
    "pause": _pause,
    "record": _record,
    "stop": _stop,
    "plus": _plus,
    "close": _close,
    "down": _down,
    "back": lambda p, c: _turn(p, c, back=True),
    "forward": lambda p, c: _turn(p, c, back=False),
    "loop": _loop,
    "microphone": _microphone,
    "speaker": _speaker,
    "bin": _bin,
    "rename": _pencil,
    "event": _folder,
    "warning": _warning,
    "told": _told,
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


def draw_count(painter: QPainter, rect: QRectF, text: str, colour: QColor, font: QFont) -> None:
    """A small number in the middle of `rect`, e.g. the 5 of "5 seconds back"."""
    painter.save()
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
