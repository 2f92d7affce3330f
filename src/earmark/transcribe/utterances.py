"""Whether somebody speaks, 30 ms at a time, and the utterances that makes.

webrtcvad says what sounds like a voice; the level above an adaptive floor (what the last seconds
were like at their quietest) says what is more than the room. Both must agree.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import webrtcvad

from .engines import RATE, Samples
from .pitch import has_pitch
from .resampler import STEP

MODE = 2
ABOVE_FLOOR_DB = 5.0
LEAST_DB = -72.0
"""Quieter than this is nobody."""
DIGITAL_DB = -96.0
_FLOOR_STEPS = 400
"""The last 12 s; what was louder than the rest most of that time is speech."""
_FLOOR_SHARE = 12
_FLOOR_EVERY = 8
_PRIOR_DB = -60.0
_PRIOR_STEPS = 40
"""The floor before anything was heard: a quiet room."""
_BEGIN = (3, 4)
"""So many voiced looks of so many begin an utterance."""
SILENCE = int(0.6 * RATE)
"""Ends an utterance."""
PAD = int(0.2 * RATE)
LONGEST = 25 * RATE
LAST_LOOK = 5 * RATE
LEAST_VOICED = 4 * STEP


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech in samples `[start, end)` of the take at 16 kHz, padding included.

    `runs` are the voiced stretches inside it.
    """

    start: int
    end: int
    sound: Samples
    runs: tuple[tuple[int, int], ...]


class UtteranceDetector:
    """Takes samples from `first` on, in blocks of any size; gives utterances that ended.

    Nothing before `not_before` is told. `quiet_until`: nothing that begins before it can come.
    """

    def __init__(self, first: int, not_before: int = 0) -> None:
        self._vad = webrtcvad.Vad(MODE)
        self._rest: Samples = np.zeros(0, np.float32)
        self._last = np.float32(0)
        self._at = first
        self._free = not_before
        self._sound: deque[tuple[int, Samples, float]] = deque()
        self._flags: deque[tuple[int, bool]] = deque(maxlen=_BEGIN[1])
        self._floor = np.full(_FLOOR_STEPS, np.inf, np.float32)
        self._floor[:_PRIOR_STEPS] = _PRIOR_DB
        self._floor_next = _PRIOR_STEPS
        self._floor_db = _PRIOR_DB
        self._steps = 0
        self._start: int | None = None
        self._runs: list[tuple[int, int]] = []

    @property
    def heard(self) -> int:
        """Samples looked at, as a position in the take."""
        return self._at

    @property
    def quiet_until(self) -> int:
        """Up to here everything was told."""
        if self._start is not None:
            return self._start
        return max(self._free, self._at - PAD - _BEGIN[1] * STEP)

    def push(self, samples: Samples) -> Iterator[Utterance]:
        joined = np.concatenate([self._rest, samples])
        count = len(joined) // STEP
        self._rest = joined[count * STEP :]
        if not count:
            return
        steps = joined[: count * STEP].reshape(count, STEP)
        levels = self._levels(joined[: count * STEP])
        voiced = (np.clip(steps, -1, 1) * 32767).astype("<i2")
        for i in range(count):
            level = float(levels[i])
            speech = self._above_room(level) and self._vad.is_speech(voiced[i].tobytes(), RATE)
            self._sound.append((self._at, steps[i], level))
            self._at += STEP
            yield from self._look(speech)

    def finish(self) -> Iterator[Utterance]:
        """The take is over: what is open ends here."""
        if len(self._rest):
            yield from self.push(np.zeros(STEP - len(self._rest), np.float32))
        if self._start is not None:
            yield from self._close(min(self._at, self._runs[-1][1] + PAD))

    def open_sound(self) -> tuple[int, Samples] | None:
        """The voice that goes on just now: where it began, and its sound so far."""
        if self._start is None or self._start < self._free:
            return None
        start, sound = self._start, self._cut(self._start, self._at)
        voiced = has_pitch(sound, [(a - start, b - start) for a, b in self._runs])
        return (start, sound) if voiced else None

    def _levels(self, sound: Samples) -> Samples:
        """dBFS of each look, low rumble lowered."""
        before = np.concatenate([[self._last], sound[:-1]])
        self._last = sound[-1]
        bright = (sound - np.float32(0.9) * before).reshape(-1, STEP)
        power = np.einsum("ij,ij->i", bright, bright) / STEP
        return np.asarray(10 * np.log10(np.maximum(power, 1e-12)), np.float32)

    def _above_room(self, level: float) -> bool:
        if level > DIGITAL_DB:
            self._floor[self._floor_next % _FLOOR_STEPS] = level
            self._floor_next += 1
        self._steps += 1
        if self._steps % _FLOOR_EVERY == 0:
            rank = min(self._floor_next, _FLOOR_STEPS) * _FLOOR_SHARE // 100
            self._floor_db = float(np.partition(self._floor, rank)[rank])
        return level > max(LEAST_DB, self._floor_db + ABOVE_FLOOR_DB)

    def _look(self, speech: bool) -> Iterator[Utterance]:
        begin = self._at - STEP
        self._flags.append((begin, speech))
        if self._start is None:
            if sum(flag for _at, flag in self._flags) >= _BEGIN[0]:
                first = next(at for at, flag in self._flags if flag)
                self._start = max(self._free, first - PAD, self._sound[0][0])
                self._runs = [(max(self._start, first), max(self._at, self._start + STEP))]
            else:
                self._forget(self._at - PAD - (_BEGIN[1] + 1) * STEP)
            return
        if self._start < self._free < self._at:
            # told before, up to here: what goes on begins here
            later = [(max(a, self._free), b) for a, b in self._runs if b > self._free]
            self._start, self._runs = self._free, later or [(self._free, self._free)]
        if speech:
            start, end = self._runs[-1]
            if end == begin:
                self._runs[-1] = (start, self._at)
            else:
                self._runs.append((begin, self._at))
        silent = self._at - self._runs[-1][1]
        if silent >= SILENCE:
            yield from self._close(self._runs[-1][1] + PAD)
        elif self._at - self._start >= LONGEST:
            yield from self._close(self._quietest(), goes_on=True)

    def _quietest(self) -> int:
        """The middle of the quietest 90 ms of the last 5 s."""
        looks = [(at, level) for at, _sound, level in self._sound if at >= self._at - LAST_LOOK]
        level = np.array([level for _at, level in looks])
        three = level[:-2] + level[1:-1] + level[2:]
        return looks[int(np.argmin(three)) + 1][0] + STEP // 2 // 2 * 2

    def _close(self, end: int, goes_on: bool = False) -> Iterator[Utterance]:
        start, runs = self._start, self._runs
        assert start is not None
        inside = tuple((a, min(b, end)) for a, b in runs if a < end)
        if inside and sum(b - a for a, b in inside) >= LEAST_VOICED and end > self._free:
            sound = self._cut(start, end)
            if has_pitch(sound, [(a - start, b - start) for a, b in inside]):
                yield Utterance(start, end, sound, inside)
        self._free = max(self._free, end)
        self._start = None
        self._flags.clear()
        if goes_on:
            later = [(max(a, end), b) for a, b in runs if b > end]
            self._start, self._runs = end, later or [(end, end)]
        self._forget(end)

    def _cut(self, start: int, end: int) -> Samples:
        looks = [(at, sound) for at, sound, _level in self._sound if at < end and at + STEP > start]
        whole = np.concatenate([sound for _at, sound in looks])
        first = looks[0][0]
        return whole[start - first : end - first]

    def _forget(self, before: int) -> None:
        while self._sound and self._sound[0][0] + STEP <= before:
            self._sound.popleft()
