"""The replay process: takes commands in order, keeps the device fed, tells what is heard."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from earmark.audio.pulse import PulseState, PulseWatch
from earmark.audio.pulse import available as pulse_available
from earmark.model.errors import UnusableMedia

from .playback_engine import PlaybackEngine
from .player import Player, Point, UnknownTake
from .readers import Reader, Unreadable, open_reader
from .survey import Survey
from .timeline import TakeSound
from .wire import Wire

REPORT_SECONDS = 1 / 30
LOOK_SECONDS = 0.01
"""How often the queue is looked at while it is played."""
IDLE_SECONDS = 0.5

Command = dict[str, Any]
Task = Command | PulseState | tuple[Player, int, Survey]


class ReplayService:
    """Runs until `quit`, the end of the input, or a parent that is gone."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._deck = PlaybackEngine(
            wire.emit, lambda player, index, survey: self._tasks.put((player, index, survey))
        )
        self._watch = PulseWatch(self._tasks.put) if pulse_available() else None
        self._actions: dict[str, Callable[[Command], None]] = {
            "load": self._load,
            "play": lambda c: self._deck.play(_point(c) if "take" in c else None),
            "resume": lambda _c: self._deck.play(None),
            "pause": lambda _c: self._deck.pause(),
            "seek": lambda c: self._deck.seek(_point(c)),
            "jump": lambda c: self._deck.jump(float(c["ms"])),
            "speed": lambda c: self._deck.choose(speed=float(c["value"])),
            "skip_silence": lambda c: self._deck.choose(skip_silence=bool(c["on"])),
            "even_loudness": lambda c: self._deck.choose(even_loudness=bool(c["on"])),
            "loop": self._loop,
            "stop_at": self._stop_at,
            "output": lambda c: self._deck.output(c["name"]),
            "live": lambda _c: self._deck.grew(),
            "prepare": lambda _c: None,  # everything is loaded by now
        }

    def run(self) -> None:
        if self._watch is not None:
            self._watch.start()
            self._watch.wait_known(2.0)
        self._wire.listen(self._tasks.put)
        self._wire.emit("ready")
        report_at = 0.0
        try:
            while not self._wire.broken:
                wait = IDLE_SECONDS
                if self._deck.playing:
                    while self._tasks.empty() and self._deck.fill():
                        pass
                    now = time.monotonic()
                    if now >= report_at:
                        report_at = max(report_at + REPORT_SECONDS, now)
                        self._deck.report()
                    self._deck.attend()
                    wait = max(0.001, min(LOOK_SECONDS, report_at - time.monotonic()))
                self._wire.flush()
                try:
                    task = self._tasks.get(timeout=wait)
                except queue.Empty:
                    continue
                if not self._do(task):
                    break
        finally:
            self._deck.close()
            if self._watch is not None:
                self._watch.close(timeout=0.0)  # its thread ends with the process

    def _do(self, task: Task) -> bool:
        """False for `quit`."""
        if isinstance(task, PulseState):
            self._deck.server_changed(task)
        elif isinstance(task, tuple):
            self._deck.found(*task)
        else:
            if task["cmd"] == "quit":
                return False
            self._command(task)
        return True

    def _command(self, command: Command) -> None:
        name = command["cmd"]
        action = self._actions.get(name)
        if action is None:
            self._wire.emit("error", kind="unknown-command", message=name)
        else:
            try:
                action(command)
            except UnknownTake as error:
                self._wire.emit("error", kind="unknown-take", message=str(error))
            except (KeyError, TypeError, ValueError) as error:
                self._wire.emit("error", kind="bad-command", message=f"{name}: {error!r}")
        if "id" in command:
            self._wire.emit("did", id=command["id"], mono_ns=time.monotonic_ns())

    def _load(self, command: Command) -> None:
        takes = [self._take(fields) for fields in command["takes"]]
        self._wire.emit("loaded", ms=self._deck.load(takes))

    def _take(self, fields: dict[str, Any]) -> TakeSound:
        rate, frames = int(fields["rate"]), int(fields["frames"])
        path, kind = Path(fields["path"]), str(fields.get("kind", "file"))
        reader: Reader
        try:
            reader = open_reader(path, kind)
        except (UnusableMedia, OSError) as error:
            self._wire.emit("error", kind="unreadable", message=str(error), take=fields["id"])
            reader = Unreadable(rate, frames)
        return TakeSound(
            id=str(fields["id"]),
            reader=reader,
            rate=rate,
            off_record=tuple(
                (int(frame), int(frame) + int(frames))
                for frame, frames in fields.get("off_record") or ()
            ),
            gain_db=float(fields.get("gain_db") or 0.0),
            peaks=Path(fields["peaks"]) if fields.get("peaks") else None,
            path=path,
            kind=kind,
        )

    def _loop(self, command: Command) -> None:
        if command.get("off"):
            self._deck.bound("loop", ())
        else:
            self._deck.bound("loop", (_point(command["start"]), _point(command["end"])))

    def _stop_at(self, command: Command) -> None:
        self._deck.bound("stop", (_point(command),) if command.get("take") is not None else ())


def _point(fields: dict[str, Any]) -> Point:
    return str(fields["take"]), int(fields["frame"])
