"""The transport's buttons: the round one, the jumps, the speed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QPushButton, QToolButton, QWidget

from earmark.model.i18n import _

from ..guard import guard
from ..icons import draw_icon, icon
from ..plain import chord_tip
from ..theme import current_theme, mix

SPEEDS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0)


def speed_words(speed: float) -> str:
    """A speed as people write it: 1×, 1.25×."""
    return f"{speed:.2f}".rstrip("0").rstrip(".") + "×"


class PlayButton(QAbstractButton):
    """The big round one: play or pause. While recording and not replaying it shows a dot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = "play"
        self.setFixedSize(48, 48)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_state(playing=False, recording=False)

    def show_state(self, *, playing: bool, recording: bool) -> None:
        """What pressing it would do, in shape and words."""
        self._shape = "pause" if playing else "record" if recording else "play"
        words = _("Pause replay") if playing else _("Play")
        self.setAccessibleName(words)
        self.setToolTip(chord_tip(words, "Ctrl+Space"))
        self.update()

    @guard(QSize(48, 48))
    def sizeHint(self) -> QSize:
        return QSize(48, 48)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = theme.accent if self.isEnabled() else theme.waveform
        if self.isDown():
            fill = mix(fill, theme.ink, 0.25)
        elif self.underMouse() and self.isEnabled():
            fill = mix(fill, theme.ink, 0.1)
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawEllipse(area)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.ink, 1.5))
            painter.drawEllipse(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75))
        colour = theme.on_accent if self.isEnabled() else theme.chrome
        draw_icon(painter, self._shape, area.adjusted(9, 9, -9, -9), colour)
        painter.end()


class TintedButton(QToolButton):
    """A tool button whose icon follows the theme."""

    def __init__(self, icon_name: str, parent: QWidget | None = None, *, role: str = "ink"):
        super().__init__(parent)
        self._icon_name = icon_name
        self._role = role
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(32, 32)
        self._tint()

    def set_role(self, role: str) -> None:
        """The colour of the icon: a role of the theme."""
        self._role = role
        self._tint()

    def _tint(self) -> None:
        self.setIcon(icon(self._icon_name, getattr(current_theme(), self._role)))

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._tint()
        super().changeEvent(event)


def jump_button(*, back: bool, parent: QWidget) -> QPushButton:
    """Five seconds back or forward."""
    words = _("Back 5 seconds") if back else _("Forward 5 seconds")
    button = QPushButton("↺ 5" if back else "5 ↻", parent)
    button.setAccessibleName(words)
    button.setToolTip(chord_tip(words, "Ctrl+J" if back else "Ctrl+L"))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setMinimumHeight(34)
    return button


class SpeedButton(QToolButton):
    """Shows the speed; its menu chooses another."""

    speed_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(68, 34)
        menu = QMenu(self)
        group = QActionGroup(menu)
        self._choices = {}
        for speed in SPEEDS:
            action = menu.addAction(speed_words(speed))
            action.setCheckable(True)
            action.setData(speed)
            group.addAction(action)
            self._choices[speed] = action
        group.triggered.connect(lambda action: self.speed_chosen.emit(float(action.data())))
        self.setMenu(menu)
        self.setToolTip(chord_tip(_("Speed"), f"{_native('Ctrl+[')}, {_native('Ctrl+]')}"))
        self.set_speed(1.0)

    def set_speed(self, speed: float) -> None:
        """Shows the speed in force."""
        self.setText(speed_words(speed))
        self.setAccessibleName(_("Speed {speed}").format(speed=speed_words(speed)))
        for value, action in self._choices.items():
            action.setChecked(abs(value - speed) < 0.005)


def _native(chord: str) -> str:
    return QKeySequence(chord).toString(QKeySequence.SequenceFormat.NativeText)
