"""The bounded queue between the device's callback and the writer."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import NamedTuple

from earmark.audio.clock import slept_ns

SECONDS = 90
"""How much sound the queue holds while the writer waits for the disk."""


class Piece(NamedTuple):
    """What one callback delivered: 16-bit PCM, when it came (ns, monotonic), by which stream.

    `lost` frames were thrown away just before it, the queue being full. `slept_ns`: how long the
    computer had been asleep by then.
    """

    pcm: bytes
    arrival_ns: int
    stream: int
    lost: int = 0
    slept_ns: int = 0


class CaptureQueue:
    """`put` is called by the device's thread and never waits; `get` by the writer."""

    def __init__(
        self,
        rate: int,
        channels: int,
        seconds: float = SECONDS,
        slept: Callable[[], int] = slept_ns,
    ) -> None:
        self._slept = slept
        self._unit = 2 * channels
        self._limit = int(rate * seconds) * self._unit
        self._pieces: queue.SimpleQueue[Piece] = queue.SimpleQueue()
        self._put_bytes = self._got_bytes = 0
        self._lost = 0
        self._void: set[int] = set()
        self.last_arrival_ns: int | None = None

    def put(self, pcm: bytes, stream: int) -> None:
        now = time.monotonic_ns()
        self.last_arrival_ns = now
        if self._put_bytes - self._got_bytes + len(pcm) > self._limit:
            self._lost += len(pcm) // self._unit
            return
        lost, self._lost = self._lost, 0
        self._put_bytes += len(pcm)
        self._pieces.put(Piece(pcm, now, stream, lost, self._slept()))

    def get(self, timeout: float) -> Piece | None:
        """The next piece; None when none came within `timeout` seconds."""
        try:
            piece = self._pieces.get(timeout=timeout)
        except queue.Empty:
            return None
        self._got_bytes += len(piece.pcm)
        return piece

    def void(self, stream: int) -> None:
        """That stream was never open for good: nothing begins with what it brought."""
        self._void.add(stream)

    def is_void(self, piece: Piece) -> bool:
        return piece.stream in self._void

    def forget(self) -> None:
        """Throws away what waits: sound from before a take."""
        while self.get(0) is not None:
            pass
        self._lost = 0
