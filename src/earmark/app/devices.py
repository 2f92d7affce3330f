"""Microphones and outputs, by the names the sound server knows them by."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from earmark.audio.pulse import Device

from .events import Events
from .lanes import Lane
from .news import DevicesChanged

__all__ = ["Device", "Devices"]


class Devices:
    """Asks the sound server on the jobs lane; a missing server is SoundUnavailable."""

    def __init__(self, lane: Lane, events: Events) -> None:
        self._lane = lane
        self._events = events
        self._lock = threading.Lock()
        self._end_watch: Callable[[], None] | None = None

    def inputs(self) -> Future[tuple[Device, ...]]:
        """The microphones, monitors of outputs left out; the default is marked."""
        from earmark.audio.pulse import inputs

        return self._lane.run(lambda: tuple(inputs()))

    def outputs(self) -> Future[tuple[Device, ...]]:
        """The outputs; the default is marked."""
        from earmark.audio.pulse import outputs

        return self._lane.run(lambda: tuple(outputs()))

    def changed(self) -> None:
        """Tells that something came or went."""
        self._events.tell(DevicesChanged())
