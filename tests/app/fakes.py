"""Capture and replay processes that are none: the same interface, driven by the test."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from earmark.audio.manifest import TakeManifest

OnEvent = Callable[[dict[str, Any]], None]


class FakeLink:
    """Remembers what it was sent; `say` is what the process tells."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.alive = True
        self.closed = False

    def send(self, cmd: str, **fields: object) -> bool:
        if not self.alive:
            return False
        self.sent.append((cmd, dict(fields)))
        if cmd == "quit":
            self.die()
        return True

    def close(self) -> None:
        self.closed = True
        self.alive = False

    def say(self, ev: str, **fields: object) -> None:
        self._on_event({"v": 1, "ev": ev, **fields})

    def die(self) -> None:
        self.alive = False
        self._on_event({"ev": "died"})

    def last(self, cmd: str) -> dict[str, Any]:
        return [fields for name, fields in self.sent if name == cmd][-1]

    def count(self, cmd: str) -> int:
        return sum(1 for name, _ in self.sent if name == cmd)


class FakeCaptures:
    """Every process ever asked for, in order; `living` is what `attach` finds."""

    def __init__(self) -> None:
        self.links: list[FakeLink] = []
        self.living: dict[str, FakeLink] = {}

    def spawn(self, on_event: OnEvent) -> FakeLink:
        self.links.append(FakeLink(on_event))
        return self.links[-1]

    def attach(self, manifest: TakeManifest, on_event: OnEvent) -> FakeLink | None:
        if manifest.take not in self.living:
            return None
        link = FakeLink(on_event)
        self.living[manifest.take] = link
        return link

    @property
    def now(self) -> FakeLink:
        return self.links[-1]

    def record(self) -> tuple[str, int]:
        """Says that the take last started is being recorded; its id and frame 0's time."""
        take = self.now.last("start")["take"]
        zero = time.monotonic_ns()
        self.now.say("armed", take=take)
        self.now.say("recording", take=take, mono_ns=zero)
        self.now.say("clock", take=take, zero_ns=zero, rate=48_000, frames=96_000)
        return take, zero

    def stop(self, frames: int, reason: str = "stop") -> None:
        take = self.now.last("start")["take"]
        self.now.say("stopped", take=take, frames=frames, reason=reason, sealed=True)
