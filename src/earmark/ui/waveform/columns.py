"""The waveform's columns: what is asked from the peaks, and what is kept between paintings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Protocol

from earmark.model import Frames, Take, TakeId, Timeline, ms_to_frames

FULL_SCALE = 32768
_MOST_KEPT = 20_000


class PeaksProvider(Protocol):
    """Where the shape comes from: peaks only, never samples, and quick enough for painting."""

    def columns(
        self, take: TakeId, start: Frames, end: Frames, n: int
    ) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        """(min, max, rms) of `n` equal parts of `[start, end)`, as 16-bit sample values.

        `0 ≤ start < end ≤` the take's frames. Parts without peaks yet are 0; a take without
        any may answer with three empty sequences.
        """
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """One bar: the loudest swing and the mean power in it, 0–1 of full scale."""

    peak: float
    rms: float


SILENT = Column(0.0, 0.0)
_LOUD = Column(1.0, 1.0)


class Columns:
    """Columns of a fixed width in time, numbered from the timeline's start.

    Scrolling asks only for what comes into view; a growing take only for its end.
    """

    def __init__(self) -> None:
        self._provider: PeaksProvider | None = None
        self._timeline = Timeline(())
        self._width_ms = 0.0
        self._kept: dict[int, Column] = {}
        self.loudest = 0.0
        """The highest peak met so far, 0–1: quiet recordings are drawn larger by it."""

    def set_provider(self, provider: PeaksProvider | None) -> None:
        """Takes another source; everything is asked for again."""
        self._provider = provider
        self.forget()

    def set_timeline(self, timeline: Timeline) -> None:
        """Takes a changed timeline. Where takes only grew, what was complete stays."""
        before, after = self._timeline.takes, timeline.takes
        self._timeline = timeline
        same = len(before) <= len(after) and all(
            a.id == b.id and a.sample_rate == b.sample_rate and a.frames <= b.frames
            for a, b in zip(before, after, strict=False)
        )
        grown = [a.id for a, b in zip(before, after, strict=False) if a.frames != b.frames]
        inner = {take.id for take in before[:-1]}
        if not same or inner.intersection(grown):
            self.forget()
        elif before and self._width_ms:
            last = timeline.start_ms(before[-1].id) or 0
            self._forget_from(floor((last + before[-1].duration_ms) / self._width_ms) - 1)

    def forget(self) -> None:
        """Everything is asked for again, e.g. because a take's peaks were made anew."""
        self._kept.clear()
        self.loudest = 0.0

    def forget_end(self, ms: float) -> None:
        """Columns from `ms` on are asked for again, and silent ones before them.

        The peaks reach further now; how far they reached when those were asked is not known.
        """
        if self._width_ms:
            column = floor(ms / self._width_ms) - 1
            while column > 0 and self._kept.get(column - 1, _LOUD).peak == 0.0:
                column -= 1
            self._forget_from(column)

    def _forget_from(self, column: int) -> None:
        for key in [k for k in self._kept if k >= column]:
            del self._kept[key]

    def view(self, width_ms: float, first: int, last: int) -> list[Column]:
        """Columns `first` to `last` (exclusive), each `width_ms` of the timeline."""
        if width_ms != self._width_ms or len(self._kept) > _MOST_KEPT:
            self._width_ms = width_ms
            self._kept.clear()
        missing = [k for k in range(first, last) if k not in self._kept]
        for start, end in _runs(missing):
            self._ask(start, end)
        return [self._kept.get(k, SILENT) for k in range(first, last)]

    def _ask(self, start: int, end: int) -> None:
        for k in range(start, end):
            self._kept[k] = SILENT
        if self._provider is None:
            return
        for take in self._timeline.takes:
            at = self._timeline.start_ms(take.id) or 0
            lo = max(start * self._width_ms, at)
            hi = min(end * self._width_ms, at + take.duration_ms)
            if lo < hi:
                self._ask_take(take, at, lo, hi)

    def _ask_take(self, take: Take, at: float, lo: float, hi: float) -> None:
        """Whole columns of the take in one question, the cut ones at its ends by themselves."""
        width = self._width_ms
        first, last = floor(lo / width + 1e-9), ceil(hi / width - 1e-9)
        whole_first, whole_last = ceil(lo / width - 1e-9), floor(hi / width + 1e-9)
        parts = [(whole_first, whole_last)] if whole_first < whole_last else []
        parts += [(first, first + 1)] if first < whole_first else []
        if whole_last < last and whole_last >= whole_first:
            parts.append((whole_last, last))
        for a, b in parts:
            begin = ms_to_frames(max(a * width, lo) - at, take.sample_rate)
            end = min(ms_to_frames(min(b * width, hi) - at, take.sample_rate), take.frames)
            if begin < end:
                self._take_in(take.id, Frames(begin), Frames(end), a, b - a)

    def _take_in(self, take: TakeId, begin: Frames, end: Frames, first: int, n: int) -> None:
        if self._provider is None:
            return
        lows, highs, powers = self._provider.columns(take, begin, end, n)
        for i, (low, high, power) in enumerate(zip(lows, highs, powers, strict=False)):
            peak = max(-float(low), float(high)) / FULL_SCALE
            self.loudest = max(self.loudest, peak)
            old = self._kept[first + i]
            self._kept[first + i] = Column(
                max(old.peak, peak), max(old.rms, float(power) / FULL_SCALE)
            )


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Neighbours in ascending `numbers` as ranges (start, end exclusive)."""
    start = previous = None
    for number in numbers:
        if start is None or previous is None:
            start = number
        elif number != previous + 1:
            yield start, previous + 1
            start = number
        previous = number
    if start is not None and previous is not None:
        yield start, previous + 1
