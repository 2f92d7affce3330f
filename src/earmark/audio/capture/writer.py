"""The writer's thread (queue → take → level) and the one that syncs each second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from earmark.audio.clock import SECOND_NS
from earmark.audio.peakfile import BinMeter

from .levels import LevelAlarms, SpeechFinder, level_of
from .queue import CaptureQueue, Piece
from .space import free_bytes
from .take import Emit, RunningTake

SYNC_SECONDS = 1.0
_IDLE_SECONDS = 0.2
_LEVELS_PER_SECOND = 10


class Writer:
    """Takes pieces from the intake for as long as it lives; stores them while there is a take."""

    def __init__(
        self,
        intake: CaptureQueue,
        rate: int,
        channels: int,
        emit: Emit,
        on_ended: Callable[[], None],
    ) -> None:
        self.intake = intake
        self._emit, self._on_ended = emit, on_ended
        self._meter = BinMeter(rate, channels)
        self._speech = SpeechFinder(rate, channels)
        self._alarms = LevelAlarms()
        self._turn = threading.Lock()
        self._holding = False
        self._waiting: deque[Piece] = deque()
        self._unmeasured = b""
        self._level_bytes = rate // _LEVELS_PER_SECOND * channels * 2
        self._take: RunningTake | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def hold(self) -> None:
        """What arrives from now on waits for the take that is being prepared."""
        with self._turn:
            self._holding = True
            self._waiting.clear()
            self.intake.forget()

    def release(self, take: RunningTake | None) -> None:
        """Goes on, storing into `take`."""
        with self._turn:
            self._holding = False
            self._take = take
            self._alarms = LevelAlarms()
            if take is None:
                self._waiting.clear()

    def close(self) -> None:
        self._ending.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._ending.is_set():
            piece = self.intake.get(_IDLE_SECONDS)
            with self._turn:
                if piece is not None:
                    self._waiting.append(piece)
                if self._holding:
                    continue
                if not self._waiting:
                    self._handle(None)
                while self._waiting:
                    self._handle(self._waiting.popleft())

    def _handle(self, piece: Piece | None) -> None:
        take = self._take
        if take is not None:
            if piece is None or (not take.started and self.intake.is_void(piece)):
                take.tick()
            else:
                take.add(piece)
        if piece is not None:
            self._measure(piece)
        if take is not None and take.ended is not None:
            self._take = None
            for kind, on in self._alarms.end():
                self._warn(kind, on)
            self._on_ended()

    def _measure(self, piece: Piece) -> None:
        self._unmeasured += piece.pcm
        if len(self._unmeasured) < self._level_bytes:
            return
        pcm, self._unmeasured = self._unmeasured, b""
        level = level_of(self._meter.add(pcm), self._speech.heard(pcm))
        self._emit(
            {
                "ev": "level",
                "rms_db": level.rms_db,
                "peak_db": level.peak_db,
                "clipped": level.clipped,
                "speech": level.speech,
            }
        )
        if self._take is not None:
            for kind, on in self._alarms.add(level):
                self._warn(kind, on, rms_db=level.rms_db, peak_db=level.peak_db)

    def _warn(self, kind: str, on: bool, **figures: Any) -> None:
        self._emit({"ev": "warning", "kind": kind, "on": on, **figures})


class Syncer:
    """Each second: fdatasync of the running take, and what is on disk told."""

    def __init__(self, take: RunningTake, emit: Emit, folder: Path) -> None:
        self._take, self._emit, self._folder = take, emit, folder
        self._ending = threading.Event()
        self.last_ns = time.monotonic_ns()
        """When the last fdatasync came back."""
        self._thread = threading.Thread(target=self._run, name="syncer", daemon=True)
        self._thread.start()

    def close(self, timeout: float = 5.0) -> None:
        self._ending.set()
        self._take.begun.set()
        self._thread.join(timeout)

    def stalled_seconds(self, now_ns: int) -> float:
        """How long the disk has kept the writer or the sync waiting."""
        busy = self._take.busy_since_ns
        waits = [0]
        if self._take.begun.is_set():
            waits.append(now_ns - self.last_ns - int(SYNC_SECONDS * SECOND_NS))
        if busy is not None:
            waits.append(now_ns - busy)
        return max(waits) / SECOND_NS

    def _run(self) -> None:
        # At once when there is something: the first proof does not wait a second.
        self._take.begun.wait()
        self.last_ns = time.monotonic_ns()
        while True:
            begun = time.monotonic()
            self._sync()
            rest = SYNC_SECONDS - (time.monotonic() - begun)
            if self._ending.wait(max(0.0, rest)) or self._take.ended is not None:
                return

    def _sync(self) -> None:
        try:
            frames = self._take.journal.sync()
            free = free_bytes(self._folder)
        except OSError:
            return  # `stalled-write` tells; the writer meets the same error with what to do
        self.last_ns = time.monotonic_ns()
        if self._take.ended is None:
            self._emit(
                {
                    "ev": "stored",
                    "take": self._take.manifest.take,
                    "frames": frames,
                    "mono_ns": self.last_ns,
                    "free_bytes": free,
                }
            )
