"""The first run's one question: which microphone. A panel beside the notes, never in their way."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from earmark.model.i18n import _

from .devices import DeviceChooser, ListedDevice
from .guard import guard
from .icons import icon
from .levelmeter import LevelMeter
from .plain import PlainLabel, chord_tip
from .theme import current_theme, scaled


class FirstRun(QWidget):
    """Microphone with its live level, Record, the demo, and a way to be rid of it.

    Takes no focus by itself: the caret stays in the notes.
    """

    microphone_chosen = Signal(object)
    """Name of a microphone, or None for the system's."""
    record_asked = Signal()
    demo_asked = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Welcome"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.microphone = DeviceChooser(_("Microphone"), self)
        self.microphone.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.level = LevelMeter(self)
        self._heard = PlainLabel(_("Say something: the bar should move."), self, role="muted")
        self._heard.setWordWrap(True)
        self.record = self._button(_("Record"), chord_tip(_("Record"), "Ctrl+R"), "recording")
        self.demo = self._button(_("Open the demo"), "", "")
        self.close_button = self._button(_("Not now"), "", "quiet")
        self._lay_out()
        self.microphone.device_chosen.connect(self.microphone_chosen)
        self.record.clicked.connect(self.record_asked)
        self.demo.clicked.connect(self.demo_asked)
        self.close_button.clicked.connect(self.dismissed)

    def _button(self, text: str, tip: str, look: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMinimumHeight(36)
        if look:
            button.setProperty("look", look)
        return button

    def _lay_out(self) -> None:
        title = PlainLabel(_("Which microphone?"), self)
        bold = scaled(self.font(), 1.2)
        bold.setBold(True)
        title.setFont(bold)
        words = PlainLabel(
            _("That is all Earmark asks. You can begin to type at any time."), self, role="muted"
        )
        words.setWordWrap(True)
        title.setBuddy(self.microphone)
        label = PlainLabel(_("Microphone"), self, role="muted")
        label.setBuddy(self.microphone)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(20, 18, 20, 18)
        lines.setSpacing(8)
        for said in (title, words):
            lines.addWidget(said)
        lines.addSpacing(6)
        for widget in (label, self.microphone, self.level, self._heard):
            lines.addWidget(widget)
        lines.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.record, self.demo, self.close_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        lines.addLayout(buttons)
        self.setMaximumWidth(440)
        self._tint()

    def show_microphones(self, devices: Sequence[ListedDevice], chosen: str | None) -> None:
        """The microphones there are, and the one set."""
        self.microphone.set_devices(devices, chosen)
        if not devices:
            self._heard.setText(_("No microphone was found. Connect one; it appears here."))

    def set_level(self, rms_db: float, peak_db: float, *, speech: bool) -> None:
        """The level just measured (dBFS), and whether it sounded like speech."""
        self.level.set_level(rms_db, peak_db)
        if speech:
            self._heard.set_role("ok")
            self._heard.setText(_("✓ It hears you."))

    def _tint(self) -> None:
        self.record.setIcon(icon("record", current_theme().on_recording))

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "record"):
            self._tint()
        super().changeEvent(event)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.hairline, 1))
        painter.setBrush(theme.chrome)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.end()
