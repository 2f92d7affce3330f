"""Microphones and outputs, by the names the sound server knows them by."""

from __future__ import annotations

from concurrent.futures import Future

from earmark.model.devices import Device

from .events import Events
from .lanes import Lane
from .news import DevicesChanged

__all__ = ["Device", "Devices", "listed"]


class Devices:
    """Asks the sound server on the jobs lane; a missing server is SoundUnavailable."""

    def __init__(self, lane: Lane, events: Events) -> None:
        self._lane = lane
        self._events = events

    def inputs(self) -> Future[tuple[Device, ...]]:
        """The microphones, then the monitors of outputs; the default is marked."""
        return self._lane.run(lambda: listed()[0])

    def outputs(self) -> Future[tuple[Device, ...]]:
        """The outputs; the default is marked."""
        return self._lane.run(lambda: listed()[1])

    def changed(self) -> None:
        """Tells that something came or went."""
        self._events.tell(DevicesChanged())


def listed() -> tuple[tuple[Device, ...], tuple[Device, ...]]:
    """Inputs and outputs there are now. Blocks; at most some seconds where no server answers."""
    from earmark.audio.pulse import devices

    return devices()
