"""How often a child process that dies is started again by itself."""

from __future__ import annotations

import time

RESTARTS = 3
WINDOW_S = 20.0


class Restarts:
    """More than RESTARTS deaths within WINDOW_S: something is wrong that no restart mends."""

    def __init__(self) -> None:
        self._deaths: list[float] = []

    def again(self) -> bool:
        """Counts one death; whether the process is to be started once more."""
        now = time.monotonic()
        self._deaths = [t for t in self._deaths if now - t < WINDOW_S] + [now]
        return len(self._deaths) <= RESTARTS
