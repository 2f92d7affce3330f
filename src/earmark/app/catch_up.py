"""Catching up with a running recording: faster until its live edge, at its own speed from there."""

from __future__ import annotations

from collections.abc import Callable

from .replays import ReplayEvent

CATCH_UP_SPEED = 1.5
_FASTER = 1.25
"""Frames of the timeline per frame of sound from which on it is played faster."""
_SURE = 10
"""So many positions in a row (~30/s) at the recording's own pace are the live edge: those before
the speed changed still come for a moment."""


class CatchUp:
    """Sets the speed by `set_speed`; `usual` is the person's own. Called under replay's lock."""

    def __init__(self, set_speed: Callable[[float], None], usual: Callable[[], float]) -> None:
        self._set_speed = set_speed
        self._usual = usual
        self._catching = False
        self._borrowed = False
        self._slow = 0

    def begin(self) -> None:
        self._set_speed(CATCH_UP_SPEED)
        self._catching = self._borrowed = True
        self._slow = 0

    def forget(self) -> None:
        """The person chose a speed: that one counts."""
        self._catching = self._borrowed = False

    def give_back(self) -> None:
        """Something else is played now: at the person's own speed."""
        if self._borrowed:
            self.forget()
            self._set_speed(self._usual())

    def hear(self, event: ReplayEvent) -> None:
        """An event of the replay process."""
        kind = event.get("ev")
        if kind == "ended":
            self.give_back()
        elif self._catching and kind == "state" and event.get("waiting"):
            self._arrived()
        elif self._catching and kind == "pos":
            pace = float(event.get("pace") or 0.0)
            if pace >= _FASTER:
                self._slow = 0
            elif pace > 0:
                self._slow += 1
                if self._slow >= _SURE:
                    self._arrived()

    def _arrived(self) -> None:
        self._catching = False
        self._set_speed(1.0)
