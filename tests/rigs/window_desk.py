"""The real window on a real library, with fakes where the child processes would be."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

import earmark.app.earmark as earmark_module
from earmark.app.devices import Device
from earmark.app.earmark import Earmark
from earmark.app.settings import Settings
from earmark.audio.manifest import TakeManifest
from earmark.ui.bridge import Bridge
from earmark.ui.window.main import MainWindow

OnEvent = Callable[[dict[str, Any]], None]
SECOND = 1_000_000_000


class FakeCapture:
    """A capture process that records at once and whose clock began `ago_s` seconds ago."""

    def __init__(self, on_event: OnEvent, ago_s: float = 10.0) -> None:
        self.tell = on_event
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.ago_s = ago_s
        self.take = ""
        self.zero_ns = 0

    def send(self, cmd: str, **fields: Any) -> bool:
        self.sent.append((cmd, fields))
        if cmd == "start":
            self.take = fields["take"]
            self.zero_ns = time.monotonic_ns() - round(self.ago_s * SECOND)
            self.tell({"ev": "armed", "take": self.take})
            self.tell({"ev": "recording", "take": self.take, "mono_ns": self.zero_ns})
        if cmd in ("stop", "pause"):
            frames = (time.monotonic_ns() - self.zero_ns) * 48_000 // SECOND
            stopped = {"ev": "stopped", "take": self.take, "frames": frames, "sealed": True}
            self.tell({**stopped, "reason": cmd})
        if cmd == "quit":
            self.tell({"ev": "died", "asked": True})
        return True

    def close(self) -> None:
        self.sent.append(("close", {}))


class FakeCaptures:
    """Where they come from; `running` is a recording that outlived its window."""

    def __init__(self) -> None:
        self.links: list[FakeCapture] = []

    def spawn(self, on_event: OnEvent) -> FakeCapture:
        self.links.append(FakeCapture(on_event))
        return self.links[-1]

    def attach(self, manifest: TakeManifest, on_event: OnEvent) -> None:
        return None


class FakeReplay:
    """A replay process that remembers what it was told and plays nothing."""

    def __init__(self, on_event: OnEvent) -> None:
        self.tell = on_event
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send(self, cmd: str, **fields: Any) -> bool:
        self.sent.append((cmd, fields))
        return True

    def close(self) -> None:
        self.sent.append(("close", {}))
        self.tell({"ev": "died", "asked": True})

    def told(self, cmd: str) -> list[dict[str, Any]]:
        """The fields of every `cmd`, in order."""
        return [fields for name, fields in self.sent if name == cmd]


class NoFinishing:
    """Takes stay in their (unwritten) journals."""

    def __init__(self, *_parts: object) -> None:
        pass

    def take_ended(self, *_ended: object) -> None:
        pass

    def is_keeping(self, *_take: object) -> bool:
        return False

    def restore(self, *_attach: object) -> None:
        pass

    def close(self) -> None:
        pass


class FakeDevices:
    """One microphone and one output; no sound server is asked."""

    def __init__(self, *_parts: object) -> None:
        pass

    def inputs(self) -> Future[tuple[Device, ...]]:
        return _there(Device("mic", "A microphone", default=True))

    def outputs(self) -> Future[tuple[Device, ...]]:
        return _there(Device("spk", "An output", default=True))

    def close(self) -> None:
        pass


def _there(device: Device) -> Future[tuple[Device, ...]]:
    future: Future[tuple[Device, ...]] = Future()
    future.set_result((device,))
    return future


class Desk:
    """A window; `open()` brings its services, as happens after the first paint."""

    def __init__(self, folder: Path, monkeypatch: Any, settings: Settings | None = None) -> None:
        monkeypatch.setattr(earmark_module, "Finishing", NoFinishing)
        monkeypatch.setattr(earmark_module, "Devices", FakeDevices)
        self.folder = folder
        self.captures = FakeCaptures()
        self.replays: list[FakeReplay] = []
        self.bridge = Bridge()
        self.settings = settings or Settings(asked_microphone=True)
        self.window = MainWindow(self.bridge, self.settings)
        self.window.complete()
        self.window.show()
        self.editor = self.window.parts.editor
        self.earmark: Earmark | None = None

    def open(self) -> Earmark:
        def spawn(on_event: OnEvent) -> FakeReplay:
            self.replays.append(FakeReplay(on_event))
            return self.replays[-1]

        self.earmark = Earmark(self.folder, captures=self.captures, spawn_replay=spawn)
        self.earmark.settings.change(asked_microphone=self.settings.asked_microphone)
        self.window.attach(self.earmark)
        self.settle()
        return self.earmark

    @property
    def capture(self) -> FakeCapture:
        return self.captures.links[-1]

    @property
    def replay(self) -> FakeReplay:
        return self.replays[-1]

    def settle(self) -> None:
        """Everything that was queued is done, and its news are shown."""
        for _round in range(6):
            QApplication.processEvents()
            if self.earmark is not None:
                self.earmark.notes.flush().result(60)
                self.earmark.executors.wait_idle()
        QApplication.processEvents()

    def sessions(self) -> tuple[Any, ...]:
        """The library's list."""
        assert self.earmark is not None
        return self.earmark.library.run(lambda library: library.summaries()).result(60)

    def session(self) -> Any:
        """The session on the page, as the library has it."""
        assert self.earmark is not None and self.window.desk.id is not None
        name = self.window.desk.id
        return self.earmark.library.run(lambda library: library.session(name)).result(60)

    def close(self) -> None:
        self.settle()
        self.window.detach()
        if self.earmark is not None:
            self.earmark.close()
        self.bridge.close()
        self.window.hide()
        self.window.deleteLater()
        QApplication.processEvents()
