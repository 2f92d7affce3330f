"""The waveform as something to work with: seek, zoom, scroll, pick a range, drag a flag."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from earmark.model import Anchor, BookmarkId, LineId, format_time
from earmark.model.i18n import _

from ..guard import guard
from ..plain import plain_tip
from .accessible import announce_waveforms
from .flags import HIT_PX, Pin, nearest
from .painting import FLAGS_PX, RULER_PX, SIDE_PX
from .picture import WaveformPicture

JUMP_MS = 5_000
_DRAG_PX = 4.0
_ZOOM_KEY = 1.5


class _Grip(Enum):
    """What the pressed mouse button holds."""

    NOTHING = auto()
    SEEK = auto()
    PIN = auto()
    RANGE = auto()
    PAN = auto()


class Waveform(WaveformPicture):
    """The whole waveform. Anchors out; the window decides what they mean."""

    sought = Signal(object)
    """Anchor: the person wants to hear from there."""
    flag_clicked = Signal(str)
    """LineId"""
    flag_dragged = Signal(str, object)
    """LineId, Anchor: the line is to point there now."""
    bookmark_removal_asked = Signal(str)
    """BookmarkId"""
    range_selected = Signal(object, object)
    """Anchor, Anchor: ascending."""
    range_cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        announce_waveforms()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Waveform"))
        self.setAccessibleDescription(
            _("Left and Right move by 5 seconds, + and − zoom, 0 shows everything.")
        )
        self._grip = _Grip.NOTHING
        self._pressed = QPointF()
        self._moved = False
        self._held: Pin | None = None

    def anchor_at_x(self, x: float) -> Anchor | None:
        """The moment `x` logical pixels from the view's left edge; None where there is no sound."""
        return self.timeline.to_anchor(self.view.ms(x))

    def pin_at(self, where: QPointF) -> int | None:
        """The index of the pin under a point of the view."""
        if where.y() > FLAGS_PX:
            return None
        reach = HIT_PX * self.view.ms_per_px
        unclamped = self.view.start_ms + where.x() * self.view.ms_per_px
        return nearest(self.pins, unclamped, reach)

    def zoom(self, factor: float, at_x: float | None = None) -> None:
        """`factor` times more detail around `at_x` (default: the playhead, else the middle)."""
        if at_x is None:
            at_x = self.view.width / 2
            if (
                self.playhead_ms is not None
                and 0 <= self.view.x(self.playhead_ms) <= self.view.width
            ):
                at_x = self.view.x(self.playhead_ms)
        self.show_view(self.view.zoomed(factor, at_x))

    def zoom_in(self) -> None:
        self.zoom(_ZOOM_KEY)

    def zoom_out(self) -> None:
        self.zoom(1 / _ZOOM_KEY)

    def zoom_fit(self) -> None:
        """Shows the whole session."""
        self.show_view(self.view.fitted())

    def clear_selection(self) -> None:
        """Forgets the picked range."""
        if self.selection is not None:
            self.set_selection(None)
            self.range_cleared.emit()

    @guard(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = _inside(event.position())
        self._pressed, self._moved, self._held = where, False, None
        if event.button() == Qt.MouseButton.MiddleButton:
            self._grip = _Grip.PAN
        elif event.button() != Qt.MouseButton.LeftButton:
            self._grip = _Grip.NOTHING
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grip = _Grip.RANGE
        elif (pin := self.pin_at(where)) is not None:
            self._grip, self._held = _Grip.PIN, self.pins[pin]
        elif where.y() > self.height() - RULER_PX and not self.view.fit:
            self._grip = _Grip.PAN
        else:
            self._grip = _Grip.SEEK
            self.clear_selection()
            self._seek(where.x())

    @guard(None)
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        where = _inside(event.position())
        if self._grip is _Grip.NOTHING:
            pin = self.pin_at(where)
            self.show_hover(pin)
            self.setCursor(_cursor(pin is not None))
            return
        far = abs(where.x() - self._pressed.x()) > _DRAG_PX
        self._moved = self._moved or far
        if self._grip is _Grip.PAN:
            self.show_view(self.view.scrolled(self._pressed.x() - where.x()))
            self._pressed = where
        elif self._moved and self._grip is _Grip.RANGE:
            self.set_selection((self.view.ms(self._pressed.x()), self.view.ms(where.x())))
        elif self._moved and self._held is not None and self._held.line is not None:
            self.show_ghost((self._put_down(self._held, where.x()), self._held))

    @guard(None)
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grip, self._grip = self._grip, _Grip.NOTHING
        self.show_ghost(None)
        x = _inside(event.position()).x()
        if grip is _Grip.SEEK and self._moved:
            self._seek(x)
        elif grip is _Grip.RANGE:
            self._release_range()
        elif grip is _Grip.PIN and self._held is not None:
            self._release_pin(self._held, x)

    def _release_range(self) -> None:
        if not self._moved or self.selection is None:
            self.clear_selection()
            return
        start, end = (self.timeline.to_anchor(ms) for ms in self.selection)
        if start is not None and end is not None and start != end:
            self.range_selected.emit(start, end)

    def _release_pin(self, pin: Pin, x: float) -> None:
        if pin.line is not None and self._moved:
            anchor = self.anchor_at_x(self._put_down(pin, x))
            if anchor is not None:
                self.flag_dragged.emit(pin.line, anchor)
        elif pin.line is not None:
            self.flag_clicked.emit(pin.line)
        else:
            self._seek_ms(pin.ms)

    def _put_down(self, pin: Pin, x: float) -> float:
        """Where a held pin is: moved as far as the hand was, whichever part of it was grasped."""
        moved = self.view.x(pin.ms) + x - self._pressed.x()
        return min(max(moved, 0.0), self.view.width)

    def _seek(self, x: float) -> None:
        self._seek_ms(self.view.ms(x))

    def _seek_ms(self, ms: float) -> None:
        anchor = self.timeline.to_anchor(ms)
        if anchor is not None:
            self.sought.emit(anchor)

    @guard(None)
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if turned.x() and abs(turned.x()) >= abs(turned.y()):
            self.show_view(self.view.scrolled(-turned.x()))
        elif sideways:
            self.show_view(self.view.scrolled(-turned.y()))
        elif turned.y():
            self.zoom(1.2 ** (turned.y() / 120), _inside(event.position()).x())
        event.accept()

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        at = self.playhead_ms or 0.0
        seeks = {
            key.Key_Left: at - JUMP_MS,
            key.Key_Right: at + JUMP_MS,
            key.Key_Home: 0.0,
            key.Key_End: float(self.timeline.duration_ms),
        }
        does = {
            key.Key_Plus: self.zoom_in,
            key.Key_Equal: self.zoom_in,
            key.Key_Minus: self.zoom_out,
            key.Key_0: self.zoom_fit,
        }
        pressed = key(event.key())
        if event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            super().keyPressEvent(event)
        elif pressed in seeks:
            self._seek_ms(seeks[pressed])
        elif pressed in does:
            does[pressed]()
        elif pressed == key.Key_Escape and (self._grip is not _Grip.NOTHING or self.selection):
            self._grip = _Grip.NOTHING
            self.show_ghost(None)
            self.clear_selection()
        else:
            super().keyPressEvent(event)

    @guard(None)
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.pin_at(_inside(QPointF(event.pos())))
        bookmark: BookmarkId | None = None if index is None else self.pins[index].bookmark
        line: LineId | None = None if index is None else self.pins[index].line
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if bookmark is not None:
            remove = menu.addAction(_("Remove bookmark"))
            remove.triggered.connect(lambda: self.bookmark_removal_asked.emit(bookmark))
        elif line is not None:
            play = menu.addAction(_("Play this line"))
            play.triggered.connect(lambda: self.flag_clicked.emit(line))
        menu.addAction(_("Zoom in")).triggered.connect(self.zoom_in)
        menu.addAction(_("Zoom out")).triggered.connect(self.zoom_out)
        menu.addAction(_("Show everything")).triggered.connect(self.zoom_fit)
        menu.popup(event.globalPos())

    @guard(False)
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.pin_at(_inside(QPointF(event.pos())))
            text = format_time(round(self.view.ms(event.pos().x() - SIDE_PX)))
            if index is not None:
                text = self.pins[index].label
            if self.timeline.takes:
                QToolTip.showText(event.globalPos(), plain_tip(text), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self.show_hover(None)
        return super().event(event)

    @guard(None)
    def focusInEvent(self, _event: QFocusEvent) -> None:
        self.update()

    @guard(None)
    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self.update()


def _inside(where: QPointF) -> QPointF:
    """A point of the widget as a point of the view, whose left edge is a little to the right."""
    return QPointF(where.x() - SIDE_PX, where.y())


def _cursor(over_pin: bool) -> Qt.CursorShape:
    return Qt.CursorShape.PointingHandCursor if over_pin else Qt.CursorShape.ArrowCursor
