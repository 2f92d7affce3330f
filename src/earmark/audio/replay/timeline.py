"""The takes end to end at 48 kHz: joins need nothing, because every take is read exactly.

A *place* is a frame at 48 kHz from the start of the first take. Stretches that are off the record
keep their places: the route leaves them out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .readers import Reader
from .resample import Resampled
from .units import RATE, Samples, silence

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TakeSound:
    """One take as it is to be played. `rate` is the rate its positions are counted in."""

    id: str
    reader: Reader
    rate: int
    off_record: tuple[Interval, ...] = ()
    """`[from, to)` in the take's frames."""
    gain_db: float = 0.0
    peaks: Path | None = None
    path: Path | None = None
    kind: str = "file"

    @property
    def running(self) -> bool:
        """It is being recorded: more sound is appended."""
        return self.reader.growing


class Timeline:
    """Reads across takes. Only the last take can be running."""

    def __init__(self, takes: Sequence[TakeSound]) -> None:
        self.takes = tuple(takes)
        self._sounds = [Resampled(take.reader) for take in takes]
        self._starts: list[int] = []
        at = 0
        for sound in self._sounds:
            self._starts.append(at)
            at += sound.frames
        self._index = {take.id: i for i, take in enumerate(takes)}
        self._over = False

    @property
    def frames(self) -> int:
        """Where the last take ends now."""
        return self._starts[-1] + self._sounds[-1].frames if self._sounds else 0

    @property
    def running(self) -> bool:
        """More may still come at the end."""
        return bool(self.takes) and self.takes[-1].running and not self._over

    def finish(self) -> None:
        """The running take has ended: nothing more comes."""
        self._over = True

    def refresh(self) -> bool:
        """Looks for what was appended to the running take; True when there is more."""
        if not self.running:
            return False
        before = self.frames
        self._sounds[-1].reader.refresh()
        return self.frames > before

    def has(self, take: str) -> bool:
        return take in self._index

    def start(self, index: int) -> int:
        return self._starts[index]

    def place(self, take: str, frame: float) -> int:
        """The place of a take's frame, within the take. KeyError for an unknown take."""
        index = self._index[take]
        at = min(max(0, round(frame * RATE / self.takes[index].rate)), self._sounds[index].frames)
        return self._starts[index] + at

    def anchor(self, place: float) -> tuple[str, int]:
        """The take and its frame at a place, clamped to the timeline.

        A place on a border belongs to the take that begins there. IndexError without takes.
        """
        place = min(max(place, 0), self.frames)
        index = max(0, bisect_right(self._starts, place) - 1)
        take = self.takes[index]
        return take.id, round((place - self._starts[index]) * take.rate / RATE)

    def read(self, place: int, count: int) -> Samples:
        """`count` frames from `place` on; fewer only at the end."""
        count = min(count, self.frames - place)
        if count <= 0:
            return silence(0)
        index = max(0, bisect_right(self._starts, place) - 1)
        pieces: list[Samples] = []
        left = count
        while left > 0 and index < len(self._sounds):
            got = self._sounds[index].read(place - self._starts[index], left)
            pieces.append(got)
            place += len(got)
            left -= len(got)
            index += 1
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def off_record(self) -> list[Interval]:
        """Places that must never sound, ascending and joined."""
        found: list[Interval] = []
        for take in self.takes:
            for start, end in sorted(take.off_record):
                a, b = self.place(take.id, start), self.place(take.id, end)
                if found and a <= found[-1][1]:
                    a, b = found[-1][0], max(found.pop()[1], b)
                if a < b:
                    found.append((a, b))
        return found

    def close(self) -> None:
        for take in self.takes:
            take.reader.close()
