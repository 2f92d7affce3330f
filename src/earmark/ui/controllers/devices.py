"""The choice of microphone and output: menus filled anew whenever they open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from earmark.app.devices import Device
from earmark.model.errors import EarmarkError
from earmark.model.i18n import _
from earmark.model.text import safe_line

from ..bridge import Bridge

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark


class DeviceMenu(QMenu):
    """One choice among devices, the system's default first. `chosen(name or None)`."""

    chosen = Signal(object)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._current: str | None = None
        self._devices: tuple[Device, ...] = ()
        self._trouble = ""
        self.fill()

    def set_current(self, name: str | None) -> None:
        """The device in use; None: the system's default."""
        self._current = name
        self.fill()

    def set_devices(self, devices: tuple[Device, ...], trouble: str = "") -> None:
        self._devices, self._trouble = devices, trouble
        self.fill()

    def fill(self) -> None:
        self.clear()
        group = QActionGroup(self)
        default = next((d.label for d in self._devices if d.default), "")
        words = _("As the system: {name}").format(name=safe_line(default)) if default else ""
        self._add(group, words or _("As the system"), None)
        for device in self._devices:
            self._add(group, safe_line(device.label or device.name), device.name)
        if self._trouble:
            told = self.addAction(self._trouble.replace("&", "&&"))
            told.setEnabled(False)

    def _add(self, group: QActionGroup, text: str, name: str | None) -> None:
        action: QAction = group.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(name == self._current)
        action.triggered.connect(lambda: self.chosen.emit(name))
        self.addAction(action)


class DeviceController(QObject):
    """Keeps both menus (and whoever listens) up to date with the sound server.

    `inputs`, `outputs`: the devices there are, and the name of the one set (None: the system's);
    also after another was chosen.
    """

    inputs = Signal(object, object)
    outputs = Signal(object, object)

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._inputs: tuple[Device, ...] = ()
        self._outputs: tuple[Device, ...] = ()
        self._input: str | None = None
        self._output: str | None = None
        self.input_menu = DeviceMenu(_("&Microphone"), window)
        self.output_menu = DeviceMenu(_("&Output"), window)
        self.input_menu.aboutToShow.connect(self.refresh)
        self.input_menu.chosen.connect(self.use_input)
        self.output_menu.chosen.connect(self.use_output)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        settings = earmark.settings.value
        self._set_input(settings.input)
        self._set_output(settings.output)
        self.refresh()

    def detach(self) -> None:
        self._earmark = None

    def refresh(self) -> None:
        """Asks the sound server what there is."""
        if self._earmark is None:
            return
        devices = self._earmark.devices
        self._bridge.when_done(devices.inputs(), self._got_inputs, self._no_inputs)
        self._bridge.when_done(devices.outputs(), self._got_outputs, self._no_outputs)

    def use_input(self, name: str | None) -> None:
        """Records from this one from now on, also a running take."""
        if self._earmark is not None:
            self._earmark.recording.use_device(name)
            self._set_input(name)

    def use_output(self, name: str | None) -> None:
        """Plays through this one from now on."""
        if self._earmark is not None:
            self._earmark.replay.set_output(name)
            self._set_output(name)

    def _set_input(self, name: str | None) -> None:
        self._input = name
        self.input_menu.set_current(name)
        if self._inputs:
            self.inputs.emit(self._inputs, name)

    def _set_output(self, name: str | None) -> None:
        self._output = name
        self.output_menu.set_current(name)
        if self._outputs:
            self.outputs.emit(self._outputs, name)

    def _got_inputs(self, devices: tuple[Device, ...], trouble: str = "") -> None:
        self._inputs = devices
        self.input_menu.set_devices(devices, trouble)
        self.inputs.emit(devices, self._input)

    def _got_outputs(self, devices: tuple[Device, ...], trouble: str = "") -> None:
        self._outputs = devices
        self.output_menu.set_devices(devices, trouble)
        self.outputs.emit(devices, self._output)

    def _no_inputs(self, error: EarmarkError) -> None:
        self._got_inputs((), error.what)

    def _no_outputs(self, error: EarmarkError) -> None:
        self._got_outputs((), error.what)
