"""Several channels made one: their average, or the louder one where they cancel each other out.

A balanced cable in a stereo input, or a plug wired the wrong way round, brings right = -left: the
average of that is silence. So sound is looked at in stretches of 0.2 s of the take, each on its
own; where the average is far weaker than the channels, the louder channel stands for both. The
change from one to the other is faded, and a frame has one value wherever reading began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", np.int16, np.float32)
Weights = npt.NDArray[np.float64]
"""What share of the mix each channel is; 1 in all."""

STRETCHES_PER_SECOND = 5
FADE_SECONDS = 0.01
CANCELLED = 0.1
"""Power of the average against that of the louder channel. At or below: they cancel out (-10 dB).
One silent channel leaves 0.25 of the other's, two that have nothing in common 0.5."""
SOUND = 0.2
"""At or above: the average. Between the two a blend, so that sound at a limit does not flutter."""
LOUDER = 1.1
"""The first channel stays until another has so much more power: equal ones do not take turns."""


class Mixer:
    """Sound that passes by in blocks of shape (frames, channels). `start`: its first frame's place
    in the take. `at_once`: each block is a stretch of its own, so that nothing has to wait.
    """

    def __init__(self, rate: int, start: int = 0, *, at_once: bool = False) -> None:
        self._size, self._fade = _sizes(rate)
        self._at_once = at_once
        self._at = start
        self._waiting: list[Any] = []
        self._count = 0
        self._before: Weights | None = None

    def add(self, block: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """The mix of what has come, as far as stretches are whole; the rest follows."""
        if block.shape[1] == 1:
            return np.ascontiguousarray(block[:, 0])
        if self._at_once:
            return self._mix(block)
        self._waiting.append(block)
        self._count += len(block)
        if self._count < self._size - self._at % self._size:
            return np.zeros(0, block.dtype)
        sound = np.concatenate(self._waiting)
        mixed = []
        done = 0
        while len(sound) - done >= (left := self._size - self._at % self._size):
            mixed.append(self._mix(sound[done : done + left]))
            done += left
        self._waiting, self._count = [sound[done:]], len(sound) - done
        return np.concatenate(mixed)

    def finish(self) -> npt.NDArray[Any]:
        """The mix of what was still waiting."""
        if not self._count:
            return np.zeros(0, np.float32)
        sound, self._waiting, self._count = np.concatenate(self._waiting), [], 0
        return self._mix(sound)

    def through(self, blocks: Iterable[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
        """The mix of all the blocks, in blocks."""
        for block in blocks:
            if len(mixed := self.add(block)):
                yield mixed
        if len(rest := self.finish()):
            yield rest

    def _mix(self, stretch: npt.NDArray[Any]) -> npt.NDArray[Any]:
        weights = weights_of(stretch)
        mixed = _mixed(stretch, weights, self._before, self._fade)
        self._at += len(stretch)
        self._before = weights
        return mixed


@dataclass(frozen=True, slots=True)
class _Stretch:
    number: int
    mixed: npt.NDArray[Any]
    weights: Weights


class MonoReader:
    """Mono out of sound that is read at any place. `read(frame, count)` gives an array of shape
    (frames, channels), shorter only at the end.
    """

    def __init__(
        self, read: Callable[[int, int], npt.NDArray[np.float32]], rate: int, channels: int
    ) -> None:
        self._read, self._single = read, channels == 1
        self._size, self._fade = _sizes(rate)
        self._last: _Stretch | None = None

    def read(self, frame: int, count: int) -> npt.NDArray[np.float32]:
        """Frames `[frame, frame + count)`; fewer only at the end."""
        if self._single:
            return np.ascontiguousarray(self._read(frame, count)[:, 0])
        mixed: list[npt.NDArray[np.float32]] = [np.zeros(0, np.float32)]
        end = frame + count
        for number in range(frame // self._size, -(-end // self._size)):
            start = number * self._size
            part = self._stretch(number)
            mixed.append(part[max(0, frame - start) : end - start])
            if len(part) < self._size:
                break
        return np.concatenate(mixed)

    def _stretch(self, number: int) -> npt.NDArray[np.float32]:
        last = self._last
        if last is not None and last.number == number:
            return last.mixed
        if last is not None and last.number == number - 1:
            before: Weights | None = last.weights
            sound = self._read(number * self._size, self._size)
        else:
            first = max(0, number - 1)
            sound = self._read(first * self._size, (number - first + 1) * self._size)
            split = (number - first) * self._size
            before = weights_of(sound[:split]) if split else None
            sound = sound[split:]
        if not len(sound):
            return np.zeros(0, np.float32)
        weights = weights_of(sound)
        mixed = _mixed(sound, weights, before, self._fade)
        # one that is not whole yet may still grow
        self._last = _Stretch(number, mixed, weights) if len(sound) == self._size else None
        return mixed


def mono_of(file: Any) -> MonoReader:
    """Mono out of an open `soundfile.SoundFile`, whose own errors come through."""

    def read(frame: int, count: int) -> Any:
        if file.tell() != frame:
            file.seek(min(frame, file.frames))
        return file.read(count, dtype="float32", always_2d=True)

    return MonoReader(read, file.samplerate, file.channels)


def weights_of(stretch: npt.NDArray[Any]) -> Weights:
    """Which mix is right for sound of shape (frames, channels)."""
    channels = stretch.shape[1]
    average = np.full(channels, 1 / channels)
    if not len(stretch):
        return average
    sound = stretch.astype(np.float64)
    power = sound.var(axis=0)  # without a constant offset, which is no sound
    most = int(np.argmax(power))
    if not power[most]:
        return average
    share = float(sound.mean(axis=1).var() / power[most])
    alone = min(1.0, max(0.0, (SOUND - share) / (SOUND - CANCELLED)))
    louder = np.zeros(channels)
    louder[0 if power[most] <= LOUDER * power[0] else most] = 1
    return average * (1 - alone) + louder * alone


def _sizes(rate: int) -> tuple[int, int]:
    return max(1, rate // STRETCHES_PER_SECOND), round(rate * FADE_SECONDS)


def _mixed(
    stretch: npt.NDArray[Number], weights: Weights, before: Weights | None, fade: int
) -> npt.NDArray[Number]:
    mixed = _weighted(stretch, weights)
    if before is not None and not np.array_equal(before, weights):
        fade = min(fade, len(stretch))
        old = _weighted(stretch[:fade], before).astype(np.float64)
        ramp = np.arange(1, fade + 1) / (fade + 1)
        mixed[:fade] = _as_before(stretch, old + (mixed[:fade] - old) * ramp)
    return mixed


def _weighted(sound: npt.NDArray[Number], weights: Weights) -> npt.NDArray[Number]:
    if weights.max() == 1:
        alone: npt.NDArray[Number] = sound[:, int(weights.argmax())].copy()
        return alone
    if (weights == weights[0]).all() and sound.dtype.kind == "f":
        return np.asarray(sound.mean(axis=1, dtype=sound.dtype))
    return _as_before(sound, sound @ weights)


def _as_before(sound: npt.NDArray[Number], mixed: npt.NDArray[np.float64]) -> npt.NDArray[Number]:
    """`mixed` in the form that `sound` has."""
    return (np.rint(mixed) if sound.dtype.kind == "i" else mixed).astype(sound.dtype)
