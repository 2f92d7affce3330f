"""The bar at the top: the name, New session, and at the right what recording offers just now."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from earmark.model.i18n import _
from earmark.model.text import format_time

from ..theme import current_theme, scaled

HEADER_HEIGHT = 44


class Offer(Enum):
    """What the record button stands for."""

    RECORD = auto()
    CONTINUE = auto()
    STARTING = auto()
    RECORDING = auto()
    PAUSED = auto()
    STOPPING = auto()


def action_button(action: QAction, text: str, parent: QWidget) -> QPushButton:
    """A button that triggers `action`; takes no focus, so that typing goes on."""
    button = QPushButton(text, parent)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(text)
    button.clicked.connect(action.trigger)
    chord = action.shortcut().toString()
    button.setToolTip(f"{text} ({chord})" if chord else text)
    return button


def dot(colour: QColor, ratio: float) -> QIcon:
    """A filled circle, sharp at the screen's pixel `ratio`."""
    pixmap = QPixmap(QSize(12, 12) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(1, 1, 10, 10)
    painter.end()
    return QIcon(pixmap)


class Header(QWidget):
    """New session at the left; record, pause and off the record at the right."""

    def __init__(
        self,
        new: QAction,
        record: QAction,
        pause: QAction,
        off_record: QAction,
        share: QAction,
        transcript: QAction,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setFixedHeight(max(HEADER_HEIGHT, self.fontMetrics().height() * 2 + 12))
        self._name = QLabel("Earmark", self)
        font = scaled(self.font(), 1.1)
        font.setBold(True)
        self._name.setFont(font)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self.new = action_button(new, _("+ New session"), self)
        self.new.setAccessibleName(_("New session"))
        self.record = action_button(record, _("Record"), self)
        self.pause = action_button(pause, _("Pause"), self)
        self.off_record = action_button(off_record, _("Off the record: last 30 s"), self)
        self.share = action_button(share, _("Share…"), self)
        self.transcript = action_button(transcript, _("Transcript"), self)
        self.transcript.setCheckable(True)
        self.buttons = (
            *(self.new, self.record, self.pause, self.off_record, self.share, self.transcript),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(12)
        row.addWidget(self._name)
        row.addWidget(self.new)
        row.addStretch(1)
        for button in self.buttons[1:]:
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        self._offer = Offer.RECORD
        self._elapsed = -1
        self.show_offer(Offer.RECORD)

    @property
    def offer(self) -> Offer:
        return self._offer

    def show_offer(self, offer: Offer) -> None:
        """Shows what Record would do now, and the red pill while it records."""
        self._offer = offer
        self._elapsed = -1
        busy = offer in (Offer.RECORDING, Offer.PAUSED)
        red = offer is Offer.RECORDING
        self.record.setProperty("look", "recording" if red else None)
        self.record.style().unpolish(self.record)
        self.record.style().polish(self.record)
        theme = current_theme()
        colour = theme.on_recording if red else theme.recording
        self.record.setIcon(dot(colour, self.devicePixelRatioF()))
        self.record.setEnabled(offer is not Offer.STOPPING)
        self.pause.setVisible(busy)
        self.off_record.setVisible(busy)
        self.pause.setText(_("Resume") if offer is Offer.PAUSED else _("Pause"))
        self.pause.setAccessibleName(
            _("Resume recording") if offer is Offer.PAUSED else _("Pause recording")
        )
        self._say(
            {
                Offer.RECORD: _("Record"),
                Offer.CONTINUE: _("Continue recording"),
                Offer.STARTING: _("Starting…"),
                Offer.RECORDING: _("Recording"),
                Offer.PAUSED: _("Paused: stop"),
                Offer.STOPPING: _("Keeping the take…"),
            }[offer]
        )

    def show_elapsed(self, ms: int) -> None:
        """The recorded time, on the red pill; repainted once a second."""
        if self._offer is Offer.RECORDING and ms // 1000 != self._elapsed:
            self._elapsed = ms // 1000
            self.record.setText(_("Recording {time}").format(time=format_time(ms)))

    def refresh(self) -> None:
        """After a change of colours."""
        self.show_offer(self._offer)

    def _say(self, text: str) -> None:
        self.record.setText(text)
        self.record.setAccessibleName(
            _("Stop recording") if self._offer in (Offer.RECORDING, Offer.PAUSED) else text
        )
