"""How the waveform is drawn. The slow part goes into pixmaps; a moving playhead only shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPixmap

from earmark.model import Timeline, format_time, frames_to_ms

from ..theme import Theme
from .columns import Column, Columns
from .flags import Pin
from .view import PITCH, View, ruler_step

FLAGS_PX = 18.0
SIDE_PX = 6.0
"""Room at the left and right edge, so that the first and last flag are whole."""
RULER_PX = 18.0
BAR_PX = 2.0
FLAG_W = 6.0
FLAG_H = 10.0
_FLAG_TOP = 4.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the still part of the picture depends on, besides the peaks."""

    view: View
    timeline: Timeline
    height: float
    ratio: float
    theme: Theme
    font: QFont
    live: bool

    @property
    def top(self) -> float:
        return FLAGS_PX

    @property
    def bottom(self) -> float:
        return max(self.top + 8, self.height - RULER_PX)

    @property
    def middle(self) -> float:
        return float(round((self.top + self.bottom) / 2))

    def snapped(self, x: float) -> float:
        """`x` on a whole pixel of the screen."""
        return round(x * self.ratio) / self.ratio


def bar_height(column: Column, loudest: float) -> float:
    """0–1: mostly the mean power, which is what loudness looks like, with some of the peak."""
    if loudest <= 0:
        return 0.0
    size = 0.45 * column.peak + 1.5 * column.rms
    return float(min(1.0, size / max(loudest, 0.02)) ** 0.8)


def still_picture(scene: Scene, columns: Columns, colour: QColor) -> QPixmap:
    """Everything but pins and playhead, its bars in `colour`."""
    view = scene.view
    first = floor(view.start_ms / view.column_ms)
    last = ceil(min(view.end_ms, view.duration_ms) / view.column_ms)
    bars = columns.view(view.column_ms, first, max(first, last))
    loudest = columns.loudest
    pixmap = blank(scene)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left = scene.snapped(first * PITCH - scene.view.start_ms / scene.view.ms_per_px)
    half = (scene.bottom - scene.top) / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for i, column in enumerate(bars):
        tall = max(1.0, round(half * bar_height(column, loudest) * scene.ratio) / scene.ratio)
        bar = QRectF(left + i * PITCH, scene.middle - tall, BAR_PX, 2 * tall)
        painter.drawRoundedRect(bar, 1.0, 1.0)
    if scene.live:
        _dots(painter, scene, left + len(bars) * PITCH)
    _gaps(painter, scene)
    _off_record(painter, scene)
    _borders(painter, scene)
    _ruler(painter, scene)
    painter.end()
    return pixmap


def blank(scene: Scene) -> QPixmap:
    """A transparent pixmap of the scene's size, at the screen's scale."""
    ratio = scene.ratio
    pixmap = QPixmap(max(1, ceil(scene.view.width * ratio)), max(1, ceil(scene.height * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _dots(painter: QPainter, scene: Scene, x: float) -> None:
    """Where the recording will go."""
    painter.setBrush(scene.theme.waveform)
    while x < scene.view.width:
        painter.drawEllipse(QPointF(x + 1, scene.middle), 0.8, 0.8)
        x += PITCH


def _stretch(scene: Scene, at_ms: float, end_ms: float, least: float = 3.0) -> QRectF | None:
    left, right = scene.view.x(at_ms), scene.view.x(end_ms)
    right = max(right, left + least)
    if right < 0 or left > scene.view.width:
        return None
    return QRectF(QPointF(left, scene.top + 2), QPointF(right, scene.bottom - 2))


def _hatched(colour: QColor, pattern: Qt.BrushStyle, ratio: float) -> QBrush:
    brush = QBrush(colour, pattern)
    transform = brush.transform()
    brush.setTransform(transform.scale(1 / ratio, 1 / ratio))
    return brush


def _gaps(painter: QPainter, scene: Scene) -> None:
    """Silence the device left: hatched, with the ground showing."""
    theme = scene.theme
    for take in scene.timeline.takes:
        start = scene.timeline.start_ms(take.id) or 0
        for gap in take.gaps:
            at = start + frames_to_ms(gap.frame, take.sample_rate)
            end = start + frames_to_ms(gap.frame + gap.frames, take.sample_rate)
            area = _stretch(scene, at, end)
            if area is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.chrome)
                painter.drawRect(area)
                painter.setBrush(_hatched(theme.muted, Qt.BrushStyle.BDiagPattern, scene.ratio))
                painter.drawRect(area)


def _off_record(painter: QPainter, scene: Scene) -> None:
    """What is cut: a quiet block with a line through it, and nothing of its shape."""
    theme = scene.theme
    for take in scene.timeline.takes:
        start = scene.timeline.start_ms(take.id) or 0
        for span in take.off_record:
            at = start + frames_to_ms(span.frame, take.sample_rate)
            area = _stretch(scene, at, start + frames_to_ms(span.end, take.sample_rate), 4.0)
            if area is not None:
                painter.setPen(QPen(theme.muted, 1, Qt.PenStyle.DashLine))
                painter.setBrush(theme.hairline)
                painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
                painter.setPen(QPen(theme.muted, 1.5))
                middle = area.center().y()
                painter.drawLine(QLineF(area.left() + 3, middle, area.right() - 3, middle))


def _borders(painter: QPainter, scene: Scene) -> None:
    """Where one take ends and the next begins."""
    painter.setPen(QPen(scene.theme.muted, 1, Qt.PenStyle.DotLine))
    for take in scene.timeline.takes[1:]:
        x = scene.snapped(scene.view.x(scene.timeline.start_ms(take.id) or 0)) + 0.5
        painter.drawLine(QLineF(x, scene.top, x, scene.bottom + 4))


def _ruler(painter: QPainter, scene: Scene) -> None:
    view = scene.view
    step = ruler_step(view.ms_per_px)
    painter.setFont(scene.font)
    metrics = painter.fontMetrics()
    base = scene.height - metrics.descent() - 3
    at = ceil(view.start_ms / step) * step
    limit = view.end_ms if view.live else min(view.end_ms, view.duration_ms)
    while at <= limit:
        x = scene.snapped(view.x(at)) + 0.5
        words = format_time(at)
        width = metrics.horizontalAdvance(words)
        painter.setPen(QPen(scene.theme.hairline, 1))
        painter.drawLine(QLineF(x, scene.bottom + 1, x, scene.bottom + 4))
        left = min(max(x - width / 2, 0.0), view.width - width)
        if view.width > width * 2:
            painter.setPen(scene.theme.muted)
            painter.drawText(QPointF(left, base), words)
        at += step


def flags_picture(scene: Scene, pins: Iterable[Pin], lit: str | None) -> QPixmap:
    """The pins in view: grey, amber where marked, in the accent where lit. One per pixel."""
    pixmap = blank(scene)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawn: set[tuple[int, str]] = set()
    special: list[tuple[float, QColor, Pin]] = []
    for pin in pins:
        x = scene.view.x(pin.ms)
        if not -FLAG_W <= x <= scene.view.width + FLAG_W:
            continue
        colour = scene.theme.mark if pin.marked else scene.theme.muted
        if lit is not None and pin.line == lit:
            special.append((x, scene.theme.accent, pin))
        elif pin.marked:
            special.append((x, colour, pin))
        elif (place := (round(x), colour.name())) not in drawn:
            drawn.add(place)
            draw_pin(painter, scene.snapped(x), colour, bookmark=pin.bookmark is not None)
    for x, colour, pin in special:
        draw_pin(painter, scene.snapped(x), colour, bookmark=pin.bookmark is not None)
    painter.end()
    return pixmap


def draw_pin(
    painter: QPainter, x: float, colour: QColor, *, bookmark: bool, grow: float = 0
) -> None:
    """A flag (or a bookmark's lozenge) whose point is at `x`."""
    w, h = FLAG_W / 2 + grow, FLAG_H + grow
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    top = _FLAG_TOP - grow
    foot = top + h
    if bookmark:
        middle = (top + foot) / 2
        points = [(x, top), (x + w + 1, middle), (x, foot), (x - w - 1, middle)]
    else:
        points = [(x - w, top), (x + w, top), (x + w, foot - 4), (x, foot), (x - w, foot - 4)]
    painter.drawPolygon([QPointF(*point) for point in points])
