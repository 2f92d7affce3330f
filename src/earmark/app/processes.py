"""The real child processes, started in this one place."""

from __future__ import annotations

from pathlib import Path

from earmark.audio.intent import Intent

from .captures import CaptureLink, OnEvent
from .replays import ReplayLink

LOGS = "run"


class CaptureProcesses:
    """Capture processes of one library."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def spawn(self, on_event: OnEvent) -> CaptureLink:
        from earmark.audio.capture.client import CaptureProcess

        return CaptureProcess(self._library, on_event)

    def attach(self, intent: Intent, on_event: OnEvent) -> CaptureLink | None:
        from earmark.audio.capture.client import attach

        return attach(self._library, intent, on_event)


def spawn_replay_process(on_event: OnEvent) -> ReplayLink:
    """A replay process; `ready` follows once its libraries are loaded."""
    from earmark.audio.replay.client import ReplayProcess

    return ReplayProcess(on_event)
