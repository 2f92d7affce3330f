"""The real child processes, started in this one place."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

from earmark.audio.manifest import TakeManifest

from .captures import CaptureEvent, CaptureLink, OnEvent
from .replays import ReplayLink

ATTACH_LIMIT_S = 5.0


def _ignore(_event: CaptureEvent) -> None:
    """Events of a process that somebody else steers."""


class _Kept:
    """Keeps a process's events until somebody asks for them, then hands each on as it comes."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._events: list[CaptureEvent] = []
        self._on_event: OnEvent | None = None

    def hear(self, event: CaptureEvent) -> None:
        with self._lock:
            if self._on_event is None:
                self._events.append(event)
            else:
                self._on_event(event)

    def hand_to(self, on_event: OnEvent) -> None:
        with self._lock:
            for event in self._events:
                on_event(event)
            self._on_event = on_event


class CaptureProcesses:
    """Capture processes of one library."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._warm: tuple[CaptureLink, _Kept] | None = None

    def warm(self) -> None:
        """Starts the process that the next `spawn` gives: it loads its libraries meanwhile."""
        from earmark.audio.capture.client import CaptureProcess

        kept = _Kept()
        self._warm = (CaptureProcess(self._library, kept.hear), kept)

    def close(self) -> None:
        """Ends the warm process, if nobody asked for it."""
        warm, self._warm = self._warm, None
        if warm is not None:
            warm[0].close()

    def spawn(self, on_event: OnEvent) -> CaptureLink:
        from earmark.audio.capture.client import CaptureProcess

        warm, self._warm = self._warm, None
        if warm is None:
            return CaptureProcess(self._library, on_event)
        link, kept = warm
        kept.hand_to(on_event)
        return link

    def attach(self, manifest: TakeManifest, on_event: OnEvent) -> CaptureLink | None:
        from earmark.audio.capture.client import attach

        first: queue.SimpleQueue[CaptureEvent] = queue.SimpleQueue()
        passed = threading.Event()

        def hear(event: CaptureEvent) -> None:
            if event.get("ev") == "state" and not passed.is_set():
                first.put(event)
                passed.wait(ATTACH_LIMIT_S)
            on_event(event)

        if not manifest.socket:
            return None
        try:
            link = attach(self._library / manifest.socket, hear)
        except OSError:
            return None
        try:
            state = first.get(timeout=ATTACH_LIMIT_S)
        except queue.Empty:
            state = {}
        recording = state.get("recording") or {}
        if state.get("attended", True) or recording.get("take") != manifest.take:
            on_event = _ignore
            passed.set()
            link.close()
            return None
        passed.set()
        return link


def spawn_replay_process(on_event: OnEvent) -> ReplayLink:
    """A replay process; `ready` follows once its libraries are loaded."""
    from earmark.audio.replay.client import ReplayProcess

    return ReplayProcess(on_event)
