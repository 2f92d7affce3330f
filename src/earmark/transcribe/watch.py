"""Notices an engine that hangs, and says now and then that the work goes on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from earmark.model.i18n import _

BEAT_SECONDS = 0.5
LEAST_CPU = 0.02
STUCK_SECONDS = float(os.environ.get("EARMARK_STUCK_SECONDS", "180"))
"""So long without a result and without using the processor: it will never come back."""
ENDLESS_SECONDS = 3600.0
"""Processor time of one step (30 s of sound) after which it will not end either."""


class Watch:
    """Tells `progress` at most twice a second while there is some, and at least every 5 s.

    Ends the process when nothing moves any more: what was told until then is the parent's.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._take: str | None = None
        self._frame = 0
        self._steps = 0
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def begin(self, take: str) -> None:
        """Work begins, on a take ("" while a model is loaded)."""
        self._frame, self._take = 0, take
        self._steps += 1

    def at(self, frame: int) -> None:
        """The work has come to that frame."""
        self._frame = frame
        self._steps += 1

    def rest(self) -> None:
        self._take = None

    def _run(self) -> None:
        seen, cpu, step_cpu, moved, told, frame = -1, 0.0, 0.0, 0.0, 0.0, -1
        while True:
            time.sleep(BEAT_SECONDS)
            now, used, take = time.monotonic(), time.process_time(), self._take
            if take is None or self._steps != seen:
                step_cpu = used
            if take is None or self._steps != seen or used - cpu > LEAST_CPU:
                seen, cpu, moved = self._steps, used, now
            if take is None:
                continue
            if take and (self._frame != frame or now - told >= 5):
                frame, told = self._frame, now
                self._tell({"ev": "progress", "take": take, "frame": frame})
            if now - moved > STUCK_SECONDS or used - step_cpu > ENDLESS_SECONDS * _cores():
                self._give_up()

    def _give_up(self) -> None:
        what = _("The speech engine did not get on any more, so it was stopped.")
        remedy = _("Try again, or with another model; what was told until now is kept.")
        self._tell({"ev": "failed", "kind": "EngineFailed", "what": what, "remedy": remedy})
        os._exit(3)


def _cores() -> int:
    return os.cpu_count() or 1
