"""The waveform for assistive technology: playhead, flags and bookmarks as objects of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from earmark.model import format_time
from earmark.model.i18n import _

from ..guard import guard
from .painting import FLAG_W, FLAGS_PX, SIDE_PX

if TYPE_CHECKING:
    from .widget import Waveform

_kept: list[QAccessibleInterface] = []
"""Qt keeps bare pointers to interfaces in its cache: they may not go before the program does."""
_NOTHING: Any = None
"""A null pointer, where Qt's stubs know none."""
_state = {"installed": False}


def announce_waveforms() -> None:
    """Tells Qt, once, how to make a waveform accessible."""
    if not _state["installed"]:
        _state["installed"] = True
        QAccessible.installFactory(_make)


def _make(name: str, widget: QObject | None) -> QAccessibleInterface | None:
    if name != "Waveform" or widget is None:
        return None
    made = _AccessibleWaveform(cast("Waveform", widget))
    _kept.append(made)
    return made


class _AccessibleWaveform(QAccessibleWidget):
    """Child 0 is the playhead, the others are the pins in the order of time."""

    def __init__(self, waveform: Waveform) -> None:
        super().__init__(waveform, QAccessible.Role.Grouping, waveform.accessibleName())
        self._waveform = waveform
        self._children: list[_Part] = []

    @guard(0)
    def childCount(self) -> int:
        return 1 + len(self._waveform.pins) if isValid(self._waveform) else 0

    @guard(_NOTHING)
    def child(self, index: int) -> QAccessibleInterface:
        if not 0 <= index < self.childCount():
            return cast("QAccessibleInterface", _NOTHING)
        while len(self._children) <= index:
            part = _Part(self, self._waveform, len(self._children))
            _kept.append(part)
            self._children.append(part)
        return self._children[index]

    @guard(-1)
    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return next((i for i, part in enumerate(self._children) if part is child), -1)

    @guard(_NOTHING)
    def childAt(self, x: int, y: int) -> Any:
        where = self._waveform.mapFromGlobal(QPoint(x, y)).toPointF()
        where.setX(where.x() - SIDE_PX)
        pin = self._waveform.pin_at(where)
        return None if pin is None else self.child(pin + 1)


class _Part(QAccessibleInterface):
    """The playhead (index 0) or the pin at `index − 1`, whatever that is by now."""

    def __init__(self, whole: _AccessibleWaveform, waveform: Waveform, index: int) -> None:
        super().__init__()
        self._whole = whole
        self._waveform = waveform
        self._index = index

    @guard(False)
    def isValid(self) -> bool:
        return isValid(self._waveform) and self._index <= len(self._waveform.pins)

    @guard(_NOTHING)
    def object(self) -> Any:
        return None

    @guard(_NOTHING)
    def window(self) -> Any:
        if not isValid(self._waveform):
            return None
        return self._waveform.window().windowHandle()

    @guard(_NOTHING)
    def parent(self) -> QAccessibleInterface:
        return self._whole

    @guard(_NOTHING)
    def child(self, _index: int) -> Any:
        return None

    @guard(_NOTHING)
    def childAt(self, _x: int, _y: int) -> Any:
        return None

    @guard(0)
    def childCount(self) -> int:
        return 0

    @guard(-1)
    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    @guard("")
    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid() or kind not in (QAccessible.Text.Name, QAccessible.Text.Value):
            return ""
        waveform = self._waveform
        if self._index:
            return waveform.pins[self._index - 1].label
        if waveform.playhead_ms is None:
            return _("Playhead: nothing played yet")
        return _("Playhead {time} of {total}").format(
            time=format_time(round(waveform.playhead_ms)),
            total=format_time(waveform.timeline.duration_ms),
        )

    @guard(None)
    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        return None

    @guard(QRect())
    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        waveform = self._waveform
        if self._index:
            x = waveform.view.x(waveform.pins[self._index - 1].ms)
            local = QRect(round(x - FLAG_W / 2), 2, round(FLAG_W), round(FLAGS_PX) - 4)
        else:
            x = waveform.view.x(waveform.playhead_ms or 0.0)
            local = QRect(round(x) - 1, 0, 3, waveform.height())
        local.translate(round(SIDE_PX), 0)
        return QRect(waveform.mapToGlobal(local.topLeft()), local.size())

    @guard(QAccessible.Role.StaticText)
    def role(self) -> QAccessible.Role:
        return QAccessible.Role.Button if self._index else QAccessible.Role.StaticText

    @guard(QAccessible.State())
    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if self.isValid() and self._index:
            x = self._waveform.view.x(self._waveform.pins[self._index - 1].ms)
            if not 0 <= x <= self._waveform.view.width:
                state.offscreen = True
        if not isValid(self._waveform) or not self._waveform.isVisible():
            state.invisible = True
        return state

    @guard(QColor())
    def foregroundColor(self) -> QColor:
        return QColor()

    @guard(QColor())
    def backgroundColor(self) -> QColor:
        return QColor()
