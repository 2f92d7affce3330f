"""Choosing a microphone or an output by its name: a combo box with a label that names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from earmark.model.i18n import _

from .comboname import name_combos
from .fields import ComboField
from .guard import guard


class ListedDevice(Protocol):
    """What a chooser needs to know of a device."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def default(self) -> bool: ...


class DeviceChooser(ComboField):
    """The first entry follows the system (None); a chosen device that is away stays listed."""

    device_chosen = Signal(object)
    """The device's name, or None for the system's choice."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name_combos(DeviceChooser)
        self._name = name
        self._chosen: str | None = None
        self._labels: dict[str, str] = {}
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(34)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._activated)
        self.set_devices((), None)

    def set_devices(self, devices: Sequence[ListedDevice], chosen: str | None) -> None:
        """The devices there are, and the one in use."""
        self._chosen = chosen
        blocker = QSignalBlocker(self)
        self.clear()
        default = next((d.label for d in devices if d.default), "")
        system = _("Default")
        self.addItem(f"{system} · {default}" if default else system, None)
        for device in devices:
            self._labels[device.name] = device.label
            self.addItem(device.label, device.name)
        if chosen is not None and self.findData(chosen) < 0:
            label = self._labels.get(chosen, chosen)
            self.addItem(_("{device} (not here)").format(device=label), chosen)
        self.setCurrentIndex(max(0, self.findData(chosen) if chosen is not None else 0))
        blocker.unblock()

    def _activated(self, index: int) -> None:
        chosen = self.itemData(index)
        if chosen != self._chosen:
            self._chosen = chosen
            self.device_chosen.emit(chosen)

    @guard(QSize(120, 34))
    def minimumSizeHint(self) -> QSize:
        return QSize(110, 34)
