"""The bar at the bottom: jumps, play, time, waveform, and what is going on in words."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from earmark.app.news import Proof
from earmark.model import format_time
from earmark.model.i18n import _

from ..devices import ListedDevice
from ..guard import guard
from ..levelmeter import LevelMeter
from ..plain import ElidedLabel, PlainLabel, plain_tip
from ..theme import current_theme, fixed_font, scaled
from ..waveform import Waveform
from .buttons import PlayButton, TintedButton, jump_button
from .options import ReplayOptions
from .words import proof_words, replay_words

WORDS_PX = 196
_PROOF_MS = 200


class Transport(QWidget):
    """Everything at the bottom. Its parts are public: `waveform`, `options`, `play`, `level`."""

    play_pressed = Signal()
    jumped = Signal(int)
    """Milliseconds, − for back."""
    speed_chosen = Signal(float)
    output_chosen = Signal(object)
    """Name of an output, or None for the system's."""
    microphone_chosen = Signal(object)
    """Name of a microphone, or None for the system's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Transport"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.waveform = Waveform(self)
        self.options = ReplayOptions(self)
        self.back = jump_button(back=True, parent=self)
        self.play = PlayButton(self)
        self.forward = jump_button(back=False, parent=self)
        self.level = LevelMeter(self, vertical=True, role="muted")
        self.level.setFixedHeight(56)
        self.level.hide()
        self._time = PlainLabel("00:00", self)
        self._time.setAccessibleDescription(_("Time"))
        self._total = PlainLabel("", self, role="muted")
        self.microphone = self._microphone()
        self._words = tuple(ElidedLabel("", self, role="muted") for _line in range(3))
        self._proof: Proof | None = None
        self._recording = False
        self._playing = False
        self._replay = replay_words(
            None, 3.0, skip_silence=False, evened_db=None, even_loudness=True
        )
        self._clock = QTimer(self)
        self._clock.setInterval(_PROOF_MS)
        self._clock.timeout.connect(self._tell)
        self._lay_out()
        self._join()
        self._tell()

    def _microphone(self) -> QToolButton:
        button = TintedButton("microphone", self, role="muted")
        button.setProperty("look", "quiet")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        return button

    def _lay_out(self) -> None:
        self._time.setFont(fixed_font(self.font(), 1.6))
        self._total.setFont(fixed_font(self.font(), 0.95))
        drop = self._time.fontMetrics().descent() - self._total.fontMetrics().descent()
        self._total.setContentsMargins(0, 0, 0, drop + 1)
        times = QHBoxLayout()
        times.setSpacing(8)
        times.setContentsMargins(10, 0, 0, 0)
        times.addWidget(self._time)
        times.addWidget(self._total, 0, Qt.AlignmentFlag.AlignBottom)
        times.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addStretch(1)
        left.addLayout(times)
        left.addWidget(self.microphone, 0, Qt.AlignmentFlag.AlignLeft)
        left.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addStretch(1)
        for label in self._words:
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setFont(scaled(self.font(), 0.92))
            label.setFixedWidth(self._words_width())
            words.addWidget(label)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.back, self.play, self.forward):
            row.addWidget(widget)
        row.addSpacing(2)
        row.addLayout(left)
        row.addWidget(self.level)
        row.addWidget(self.waveform, 1)
        row.addLayout(words)
        whole = QGridLayout(self)
        whole.setContentsMargins(16, 8, 16, 8)
        whole.setVerticalSpacing(6)
        whole.addLayout(row, 0, 0)
        whole.addWidget(self.options, 1, 0)
        self.waveform.setFixedHeight(92)

    def _words_width(self) -> int:
        sample = _("speech heard {ago} · {level}").format(ago="59 s ago", level="−120 dBFS")
        return max(WORDS_PX, self.fontMetrics().horizontalAdvance(sample))

    def _join(self) -> None:
        self.play.clicked.connect(self.play_pressed)
        self.back.clicked.connect(lambda: self.jumped.emit(-5_000))
        self.forward.clicked.connect(lambda: self.jumped.emit(5_000))
        self.options.speed.speed_chosen.connect(self.speed_chosen)
        self.options.output.device_chosen.connect(self.output_chosen)
        self.show_microphones((), None)

    def show_time(self, at_ms: float, total_ms: float | None) -> None:
        """The moment heard (or captured), and how long the session is."""
        at = format_time(round(at_ms))
        if at != self._time.text():
            self._time.setText(at)
        total = "" if total_ms is None else f"/ {format_time(round(total_ms))}"
        if total != self._total.text():
            self._total.setText(total)

    def show_replay(
        self,
        *,
        playing: bool,
        speed: float,
        from_ms: float | None,
        look_back_s: float,
        skip_silence: bool,
        even_loudness: bool,
        evened_db: float | None = None,
        late_s: float | None = None,
    ) -> None:
        """What replay is doing. `from_ms`: where on the timeline the last replay began;
        `late_s`: how much earlier than its line, where it began with the line's sentence."""
        self._playing = playing
        self.options.speed.set_speed(speed)
        self._replay = replay_words(
            from_ms,
            look_back_s,
            late_s=late_s,
            skip_silence=skip_silence,
            evened_db=evened_db,
            even_loudness=even_loudness,
        )
        self._show_button()

    def show_recording(self, recording: bool, microphone: str = "") -> None:
        """Whether sound is being recorded, and with which microphone (its label)."""
        self._recording = recording
        self.level.setVisible(recording)
        if recording:
            self._clock.start()
            if microphone:
                self._name_microphone(microphone)
        else:
            self._clock.stop()
            self._proof = None
            self.level.clear()
        self._show_button()

    def set_proof(self, proof: Proof | None) -> None:
        """The newest proof; its ages go on counting by themselves."""
        self._proof = proof
        if proof is not None and self._recording:
            self.level.set_level(proof.rms_db, proof.peak_db)
        self._tell()

    def show_microphones(self, devices: Sequence[ListedDevice], chosen: str | None) -> None:
        """The microphones there are, and the one set (None: the system's)."""
        menu = self.microphone.menu()
        menu.clear()
        choices: list[tuple[str, str | None]] = [(_("System default"), None)]
        choices += [(device.label, device.name) for device in devices]
        for label, name in choices:
            action = menu.addAction(label.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == chosen)
            action.triggered.connect(
                lambda _checked=False, picked=name: self.microphone_chosen.emit(picked)
            )
        label = next((label for label, name in choices if name == chosen), _("Microphone"))
        if chosen is None:
            label = next((d.label for d in devices if d.default), label)
        self._name_microphone(label)

    def words(self) -> tuple[str, ...]:
        """The lines told at the right just now."""
        return tuple(label.text() for label in self._words)

    def _name_microphone(self, label: str) -> None:
        fitting = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, 110)
        self.microphone.setText(fitting.replace("&", "&&"))
        name = _("Microphone: {device}").format(device=label)
        self.microphone.setAccessibleName(name)
        self.microphone.setToolTip(plain_tip(name))

    def _show_button(self) -> None:
        self.play.show_state(playing=self._playing, recording=self._recording)
        self._tell()

    def _tell(self) -> None:
        lines = self._replay
        if self._recording:
            lines = proof_words(self._proof, time.monotonic_ns())
        for label, (role, text) in zip(self._words, lines, strict=True):
            label.set_role(role)
            if label.text() != text:
                label.setText(text)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.chrome)
        painter.fillRect(0, 0, self.width(), 1, theme.hairline)
        painter.end()
