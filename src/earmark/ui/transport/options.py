"""How replay plays: speed, look-back, silence, loudness, clicks, loop and the output."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from earmark.model.i18n import _

from ..devices import DeviceChooser
from ..fields import NumberField
from ..plain import PlainLabel, chord_tip
from .buttons import SpeedButton


class ReplayOptions(QWidget):
    """One row of controls; each tells what the person chose, and shows what is in force."""

    look_back_changed = Signal(float)
    """Seconds."""
    skip_silence_toggled = Signal(bool)
    even_loudness_toggled = Signal(bool)
    click_plays_toggled = Signal(bool)
    loop_toggled = Signal(bool)
    left = Signal()
    """A number was entered, or an output chosen: the caret belongs into the notes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.speed = SpeedButton(self)
        self.look_back = self._look_back()
        self.skip_silence = self._toggle(
            _("Skip silence"), _("Skip silence while playing"), "Ctrl+Shift+K"
        )
        self.even_loudness = self._toggle(
            _("Even loudness"), _("Make quiet passages as loud as the rest"), "Ctrl+Shift+V"
        )
        self.click_plays = self._toggle(
            _("Click plays"), _("A click on a word plays it"), "Ctrl+Shift+C"
        )
        self.loop = self._toggle(
            _("Loop line"), _("Play this line again and again"), "Ctrl+Shift+L"
        )
        self.output = DeviceChooser(_("Output"), self)
        self.output.setMaximumWidth(260)
        self._lay_out()
        self.look_back.valueChanged.connect(self.look_back_changed)
        self.skip_silence.toggled.connect(self.skip_silence_toggled)
        self.even_loudness.toggled.connect(self.even_loudness_toggled)
        self.click_plays.toggled.connect(self.click_plays_toggled)
        self.loop.toggled.connect(self.loop_toggled)
        self.look_back.lineEdit().returnPressed.connect(self.left)
        self.output.activated.connect(lambda _index: self.left.emit())

    def _look_back(self) -> NumberField:
        box = NumberField(self)
        box.setRange(0.0, 60.0)
        box.setDecimals(1)
        box.setSingleStep(1.0)
        box.setValue(3.0)
        box.setSuffix(_(" s"))
        box.setAccessibleName(_("Look-back in seconds"))
        box.setToolTip(_("How far before a word its replay starts"))
        return box

    def _toggle(self, text: str, tip: str, chord: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setAccessibleName(text)
        button.setToolTip(chord_tip(tip, chord))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMinimumHeight(34)
        return button

    def _lay_out(self) -> None:
        look_back = PlainLabel(_("Look-back"), self, role="muted")
        look_back.setBuddy(self.look_back)
        output = PlainLabel(_("Output"), self, role="muted")
        output.setBuddy(self.output)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.speed)
        row.addSpacing(4)
        row.addWidget(look_back)
        row.addWidget(self.look_back)
        row.addSpacing(4)
        for button in (self.skip_silence, self.even_loudness, self.click_plays, self.loop):
            row.addWidget(button)
        row.addStretch(1)
        row.addSpacing(4)
        row.addWidget(output)
        row.addWidget(self.output, 2)

    def show_options(
        self,
        *,
        look_back_s: float,
        skip_silence: bool,
        even_loudness: bool,
        click_plays: bool,
        loop: bool,
    ) -> None:
        """Shows what is in force, without telling it back."""
        with QSignalBlocker(self):
            self.look_back.setValue(look_back_s)
            self.skip_silence.setChecked(skip_silence)
            self.even_loudness.setChecked(even_loudness)
            self.click_plays.setChecked(click_plays)
            self.loop.setChecked(loop)
