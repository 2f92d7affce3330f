"""A capture process under test: its events, its take, its journal."""

from __future__ import annotations

import array
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waiting import wait_until

from earmark.audio.capture.client import CaptureProcess, attach
from earmark.audio.journal import JournalReader
from earmark.model import new_id


def take_fields(take: str, **more: Any) -> dict[str, Any]:
    """A `start` command's fields for a take in a folder of its own."""
    folder = f"sessions/2026/01/{take[:6]}"
    return {
        "take": take,
        "session": new_id(),
        "ordinal": 1,
        "title": "Test",
        "event": None,
        "created_at": "2026-01-01T10:00:00+01:00",
        "started_at": "2026-01-01T10:00:00+01:00",
        "folder": folder,
        "journal": f"{folder}/take-1-{take[:6]}.journal",
        "peaks": f"{folder}/take-1-{take[:6]}.peaks",
        "rate": 48_000,
        "channels": 1,
        "codec": "flac",
        "device": None,
        **more,
    }


class Recording:
    """Starts capture and remembers what it says, each event with the moment it came."""

    def __init__(self, library: Path, env: dict[str, str] | None = None) -> None:
        library.mkdir(parents=True, exist_ok=True)
        self.library = library
        self.events: list[dict[str, Any]] = []
        self.fields: dict[str, Any] = {}
        self.started_ns = 0
        self.capture: Any = CaptureProcess(library, self.note, env, log=library / "capture.log")
        self.wait("ready")

    def note(self, event: dict[str, Any]) -> None:
        self.events.append({**event, "_at": time.monotonic_ns()})

    def start(self, **more: Any) -> None:
        self.fields = take_fields(new_id(), **more)
        self.started_ns = time.monotonic_ns()
        self.capture.send("start", **self.fields)

    def all(self, ev: str, /, **fields: Any) -> list[dict[str, Any]]:
        return [
            e
            for e in list(self.events)
            if e.get("ev") == ev and all(e.get(k) == v for k, v in fields.items())
        ]

    def wait(
        self,
        ev: str,
        /,
        where: Callable[[dict[str, Any]], bool] = lambda _e: True,
        limit: float = 60,
        **fields: Any,
    ) -> dict[str, Any]:
        """The first such event, awaited."""
        try:
            found = wait_until(lambda: [e for e in self.all(ev, **fields) if where(e)], limit)
        except AssertionError:
            heard = [e for e in self.events if e["ev"] != "level"][-12:]
            raise AssertionError(f"no {ev} {fields} within {limit} s, but {heard}") from None
        return found[0]

    def wait_frames(self, frames: int, limit: float = 120) -> None:
        self.wait("stored", lambda e: e["frames"] >= frames, limit)

    @property
    def journal(self) -> Path:
        return self.library / self.fields["journal"]

    @property
    def manifest(self) -> Path:
        return self.library / "run" / "intents" / f"{self.fields['take']}.json"

    def reader(self) -> JournalReader:
        return JournalReader(self.journal)

    def samples(self) -> array.array[int]:
        """The whole take as it can be read now."""
        with self.reader() as reader:
            data = array.array("h")
            data.frombytes(reader.read(0, reader.frames))
            return data

    def attach(self) -> None:
        """Goes on over the socket, as the next window does."""
        path = self.library / "run" / f"capture-{self.capture.pid}.sock"
        self.capture = attach(path, self.note)

    def end(self) -> None:
        self.capture.send("quit")
        try:
            wait_until(lambda: not self.capture.alive, 60, "capture's end")
        except AssertionError:
            self.capture.kill()
            raise
        finally:
            self.capture.close()
