"""Microphones and outputs, by the names the sound server knows them by."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model.devices import Device

from .events import Events
from .executors import Executor
from .news import DevicesChanged

if TYPE_CHECKING:
    from earmark.audio.pulse import PulseState, PulseWatch

__all__ = ["Device", "Devices", "listed"]


class Devices:
    """Asks the sound server on an executor of its own: a server that does not answer holds nobody
    else up. From the first question on, what comes and goes is told."""

    def __init__(self, executor: Executor, events: Events) -> None:
        self._executor = executor
        self._events = events
        self._lock = threading.Lock()
        self._watching = False
        self._watch: PulseWatch | None = None
        self._seen: object = None

    def inputs(self) -> Future[tuple[Device, ...]]:
        """The microphones, then the monitors of outputs; the default is marked."""
        return self._watched().submit(lambda: listed()[0])

    def outputs(self) -> Future[tuple[Device, ...]]:
        """The outputs; the default is marked."""
        return self._watched().submit(lambda: listed()[1])

    def close(self) -> None:
        """Ends the watch."""
        self._executor.shutdown()
        if self._watch is not None:
            self._watch.close()

    def _watched(self) -> Executor:
        with self._lock:
            if not self._watching:
                self._watching = True
                self._executor.submit(self._begin_watch)
        return self._executor

    def _begin_watch(self) -> None:
        from earmark.audio.pulse import PulseWatch, available

        if available():
            self._watch = PulseWatch(self._changed)
            self._watch.start()

    def _changed(self, state: PulseState) -> None:
        """On the watch's thread, also for streams and volumes: told only for devices."""
        seen = (state.inputs, state.outputs)
        if seen != self._seen:
            first, self._seen = self._seen is None, seen
            if not first:
                self._events.tell(DevicesChanged())


def listed() -> tuple[tuple[Device, ...], tuple[Device, ...]]:
    """Inputs and outputs there are now. Blocks; at most some seconds where no server answers."""
    from earmark.audio.pulse import state_now

    state = state_now()
    return told_apart(state.inputs), told_apart(state.outputs)


def told_apart(devices: tuple[Device, ...]) -> tuple[Device, ...]:
    """The same; those that share a label carry their name in it, too."""
    shared = Counter(device.label for device in devices)
    return tuple(
        dataclasses.replace(d, label=f"{d.label} ({d.name})") if shared[d.label] > 1 else d
        for d in devices
    )
