"""The first run's one question, as a panel in the page's corner. The caret stays in the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QWidget

from earmark.app.devices import Device
from earmark.app.news import Level, RecordingState

from ..controllers.devices import DeviceController
from ..firstrun import FirstRun
from ..guard import guard
from .choices import Choices

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

_EDGE = 20


class Welcome(QObject):
    """Shows the panel until the person has answered, recorded, or sent it away."""

    record_asked = Signal()
    demo_asked = Signal()

    def __init__(self, choices: Choices, devices: DeviceController, over: QWidget) -> None:
        super().__init__(over)
        self._choices = choices
        self._devices = devices
        self._over = over
        self._earmark: Earmark | None = None
        self.panel: FirstRun | None = None
        self._known: tuple[Device, ...] | None = None
        devices.inputs.connect(self._microphones)
        if not choices.value.asked_microphone:
            self._show()

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        if self.panel is not None:
            if self._choices.value.asked_microphone:
                self.leave()
            else:
                self._listen()

    def detach(self) -> None:
        self._earmark = None

    def level(self, level: Level) -> None:
        if self.panel is not None:
            self.panel.set_level(level.rms_db, level.peak_db, speech=level.speech)

    def recording(self, state: RecordingState) -> None:
        """Who records has no further question."""
        if state.live and self.panel is not None:
            self.answered()

    def make_room(self, caret: QRect) -> None:
        """Goes, unanswered, when the caret (in the page's pixels) would type behind it."""
        if self.panel is not None and self.panel.geometry().intersects(caret.adjusted(0, 0, 90, 0)):
            self.leave()

    def leave(self) -> None:
        """Takes the panel away."""
        panel, self.panel = self.panel, None
        if panel is None:
            return
        if self._earmark is not None and not self._earmark.recording.state.live:
            self._earmark.recording.monitor(False)
        panel.hide()
        panel.deleteLater()

    @guard(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _show(self) -> None:
        self.panel = panel = FirstRun(self._over)
        panel.microphone_chosen.connect(self._chosen)
        panel.dismissed.connect(self.answered)
        panel.record_asked.connect(self.record_asked)
        panel.demo_asked.connect(self.demo_asked)
        panel.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._over.installEventFilter(self)
        panel.show()
        self._place()

    def _place(self) -> None:
        if self.panel is None:
            return
        size = self.panel.sizeHint().boundedTo(self._over.size())
        self.panel.resize(size)
        self.panel.move(
            self._over.width() - size.width() - _EDGE, self._over.height() - size.height() - _EDGE
        )
        self.panel.raise_()

    def _microphones(self, devices: tuple[Device, ...], chosen: str | None) -> None:
        self._known = devices
        if self.panel is not None:
            self.panel.show_microphones(devices, chosen)
            self._place()

    def _chosen(self, name: str | None) -> None:
        self._devices.use_input(name)
        self._choices.told(input=name)
        self._listen()

    def answered(self) -> None:
        """The question is answered, also by ignoring it."""
        self._choices.set(asked_microphone=True)
        self.leave()

    def _listen(self) -> None:
        if self._earmark is not None and not self._earmark.recording.state.live:
            self._earmark.recording.monitor(True, self._choices.value.input)
