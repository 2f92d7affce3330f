"""The output device: a callback that never decodes or locks, and the memory of what it played.

The engine fills a queue of chunks up to a second ahead. A seek hands over a new queue; the
callback changes to it with a 3-ms cross-fade. For every stretch it plays the callback notes at
which time it will be heard: what is reported is what is heard.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any, NamedTuple

import numpy as np

from .output import Output, Outputs
from .render import Chunk
from .units import RATE, Samples, silence

SWAP_FADE = 144
"""Frames of the cross-fade on a seek: 3 ms."""
STILL = RATE // 50
"""Frames after the last sound from which on nothing moves any more: 20 ms."""
START_GRACE = 2.0
"""Seconds after opening in which a device may stay idle."""
STALL = 0.5
"""Seconds without a callback after which the device counts as stuck."""


class Mark(NamedTuple):
    """From monotonic time `at` (s), `frames` frames from `place` on are heard, `step` apart."""

    at: float
    place: float
    step: float
    frames: int
    run: int
    looped: bool


class Heard(NamedTuple):
    """What is heard at one moment: `pace` places per frame, 0 while nothing moves on."""

    place: float
    run: int
    pace: float
    looped: bool


class ChunkQueue:
    """Chunks of one run (a run begins with each seek). One thread puts, the callback takes."""

    def __init__(self, run: int) -> None:
        self.run = run
        self._chunks: deque[Chunk] = deque()
        self._put = 0
        self._taken = 0

    @property
    def frames(self) -> int:
        """Frames that wait."""
        return self._put - self._taken

    def put(self, chunk: Chunk) -> None:
        self._put += len(chunk.sound)
        self._chunks.append(chunk)

    def take(self) -> Chunk | None:
        if not self._chunks:
            return None
        chunk = self._chunks.popleft()
        self._taken += len(chunk.sound)
        return chunk

    def peek(self) -> Chunk | None:
        return self._chunks[0] if self._chunks else None


class Speaker:
    """One output stream at a time, closed while nothing plays."""

    def __init__(self) -> None:
        self._outputs = Outputs()
        self._output: Output | None = None
        self._queue = self._wanted = ChunkQueue(0)
        self._chunk: Chunk | None = None
        self._offset = 0
        self._marks: deque[Mark] = deque()
        self._opened = self._last_call = 0.0
        self._loop_told: Mark | None = None
        self.underruns = 0
        self.may_starve = True
        """Nothing more is to come just now: an empty queue is no fault."""
        self.finished = False
        """The device ended the stream by itself."""

    @property
    def is_open(self) -> bool:
        return self._output is not None

    @property
    def device(self) -> str | None:
        """What is played to just now; None while nothing is open."""
        return self._output.device if self._output is not None else None

    @property
    def run(self) -> int:
        """The run that was handed over last."""
        return self._wanted.run

    @property
    def queued(self) -> int:
        return self._wanted.frames

    def play(self, queue: ChunkQueue) -> None:
        """Changes over to another queue, which should hold 40 ms already."""
        self._wanted = queue

    def put(self, chunk: Chunk) -> None:
        self._wanted.put(chunk)

    def open(self, name: str | None, *, anew: bool = False) -> None:
        """Opens an output (None = the default); `anew` after one was lost. Raises NoOutput."""
        self.close()
        self._marks.clear()
        self._queue, self._chunk, self._offset = self._wanted, None, 0
        self.finished = False
        self._opened = self._last_call = time.monotonic()
        self._output = self._outputs.open(name, self._fill_out, self._on_finished, anew=anew)

    def close(self) -> None:
        """Stops at once: what the device still held is not heard."""
        output, self._output = self._output, None
        if output is not None:
            output.close()

    @property
    def stalled(self) -> bool:
        """Open, but the device asks for nothing."""
        if self._output is None:
            return False
        quiet_since = max(self._last_call, self._opened + START_GRACE)
        return self.finished or time.monotonic() - quiet_since > STALL

    def heard(self, now: float) -> Heard | None:
        """What is heard at monotonic time `now` (s); None before the first sound is heard.

        `looped` is told once for each time a loop began again.
        """
        marks = self._marks
        looped = False
        while len(marks) > 1 and marks[1].at <= now:
            looped = self._tell(marks[0]) or looped
            marks.popleft()
        if not marks or marks[0].at > now:
            return None
        mark = marks[0]
        looped = self._tell(mark) or looped
        played = (now - mark.at) * RATE
        place = mark.place + min(played, mark.frames) * mark.step
        pace = mark.step if played < mark.frames + STILL else 0.0
        return Heard(place, mark.run, pace, looped)

    def drained(self, now: float) -> bool:
        """Everything that was put has been heard."""
        if self._wanted is not self._queue or self._chunk is not None or self.queued:
            return False
        return not self._marks or self._marks[-1].at + self._marks[-1].frames / RATE <= now

    def _tell(self, mark: Mark) -> bool:
        if not mark.looped or mark is self._loop_told:
            return False
        self._loop_told = mark
        return True

    def _on_finished(self) -> None:
        self.finished = True

    def _fill_out(self, out: Any, frames: int, ahead: float, ran_dry: bool) -> None:
        now = time.monotonic()
        self._last_call = now
        at = now + ahead
        if ran_dry:
            self.underruns += 1
        sound = np.frombuffer(out, np.float32)
        fading = silence(0)
        if self._wanted is not self._queue:
            fading = self._old_sound()
            self._queue, self._chunk, self._offset = self._wanted, None, 0
        done = self._fill(sound, frames, at)
        if done < frames:
            sound[done:] = 0
            if not self.may_starve:
                self.underruns += 1
        count = min(len(fading), frames)
        if count:
            rise = np.linspace(0, 1, count, endpoint=False, dtype=np.float32)
            sound[:count] = sound[:count] * rise + fading[:count] * (1 - rise)

    def _fill(self, sound: Samples, frames: int, at: float) -> int:
        done = 0
        while done < frames:
            chunk = self._chunk
            if chunk is None:
                chunk = self._queue.take()
                if chunk is None:
                    break
                self._chunk, self._offset = chunk, 0
            offset = self._offset
            count = min(frames - done, len(chunk.sound) - offset)
            sound[done : done + count] = chunk.sound[offset : offset + count]
            self._marks.append(
                Mark(
                    at + done / RATE,
                    chunk.place + offset * chunk.step,
                    chunk.step,
                    count,
                    self._queue.run,
                    chunk.looped and offset == 0,
                )
            )
            done += count
            self._offset = offset + count
            if self._offset == len(chunk.sound):
                self._chunk = None
        return done

    def _old_sound(self) -> Samples:
        """The next 3 ms of what is being left."""
        found = silence(0) if self._chunk is None else self._chunk.sound[self._offset :]
        following = self._queue.peek()
        if len(found) < SWAP_FADE and following is not None:
            found = np.concatenate([found, following.sound])
        return found[:SWAP_FADE]
