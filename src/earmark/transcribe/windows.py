"""Utterances packed into one window for the engine, and its times brought back to the take."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .engines import RATE, Heard, HeardWord, Samples
from .utterances import Utterance

FULL = 28 * RATE
"""The engine looks at 30 s at once, whatever it is given: a window is filled up to here."""
TEXT_POSITIONS = 448
"""Of OpenAI's models: room for the words of a full window."""
FAR = 10 * RATE
"""Utterances further apart than this never share a window."""
APART = RATE
"""Words further apart than this are no one passage."""
NEAR_RUN = int(0.1 * RATE)
LEAST_OVERLAP = int(0.05 * RATE)
GRAZE = int(0.15 * RATE)
LEAST_WORD = int(0.06 * RATE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage at samples `[start, end)` of the take; its words likewise, in order, disjoint."""

    start: int
    end: int
    words: tuple[tuple[str, int, int, float], ...]

    @property
    def text(self) -> str:
        return " ".join(word[0] for word in self.words)

    @property
    def probability(self) -> float:
        return sum(word[3] for word in self.words) / len(self.words)


@dataclass(frozen=True, slots=True)
class Window:
    """Utterances one after the other, the silence between them left out."""

    parts: tuple[Utterance, ...]

    @property
    def length(self) -> int:
        return sum(part.end - part.start for part in self.parts)

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end

    @property
    def voiced(self) -> int:
        return sum(b - a for part in self.parts for a, b in part.runs)

    def takes(self, other: Utterance, full: int = FULL) -> bool:
        """Whether `other` still belongs in this window."""
        fits = self.length + other.end - other.start <= full
        return fits and other.start - self.end <= FAR

    def sound(self) -> Samples:
        return np.concatenate([part.sound for part in self.parts])

    def part_at(self, sample: float) -> tuple[int, int]:
        """Which part holds that sample of the window, and where the part begins in it."""
        begin = 0
        for i, part in enumerate(self.parts):
            length = part.end - part.start
            if sample < begin + length or i == len(self.parts) - 1:
                return i, begin
            begin += length
        raise AssertionError

    def place(self, heard: Heard) -> list[Placed]:
        """Where it was said: clamped to speech, cut where a long silence was left out.

        Nothing at all where no speech was.
        """
        groups: list[tuple[int, list[HeardWord]]] = []
        for word in heard.words:
            i, _begin = self.part_at((word.start + word.end) / 2 * RATE)
            i = max(i, groups[-1][0]) if groups else i
            if groups and self.parts[i].start - self.parts[groups[-1][0]].end < APART:
                groups[-1][1].append(word)
                groups[-1] = (i, groups[-1][1])
            elif groups and groups[-1][0] == i:
                groups[-1][1].append(word)
            else:
                groups.append((i, [word]))
        placed: list[Placed] = []
        for n, (last, words) in enumerate(groups):
            first, _begin = self.part_at((words[0].start + words[0].end) / 2 * RATE)
            start = self.parts[first].start if n else self._take(heard.start)
            end = self.parts[last].end if n < len(groups) - 1 else self._take(heard.end, True)
            inside = self._within_speech(start, end)
            if inside is not None:
                placed.append(Placed(*inside, self._words(words, *inside)))
        return placed

    def _take(self, seconds: float, is_end: bool = False) -> int:
        """A time of the window as a sample of the take."""
        at = seconds * RATE
        i, begin = self.part_at(at - 1 if is_end else at)
        part = self.parts[i]
        return round(min(part.end, max(part.start, part.start + at - begin)))

    def _within_speech(self, start: int, end: int) -> tuple[int, int] | None:
        """Moved to where speech begins and ends inside; None where there is (almost) none."""
        runs = [run for part in self.parts for run in part.runs]
        inside = []
        for a, b in runs:
            share = min(b, end) - max(a, start)
            # an engine's edge often grazes the speech before or after what it stands for
            if share >= min(GRAZE, (b - a) / 2):
                inside.append((max(a - NEAR_RUN, start), min(b + NEAR_RUN, end), share))
        if sum(share for _a, _b, share in inside) < LEAST_OVERLAP:
            return None
        return inside[0][0], inside[-1][1]

    def _words(
        self, words: list[HeardWord], start: int, end: int
    ) -> tuple[tuple[str, int, int, float], ...]:
        spans = [(self._take(word.start), self._take(word.end, True)) for word in words]
        times = in_order(spans, [len(word.text) for word in words], start, end)
        return tuple(
            (word.text, a, b, word.probability) for word, (a, b) in zip(words, times, strict=True)
        )


def fullest(text_positions: int) -> int:
    """How far a window is filled for a model that has room for so much text."""
    return FULL * min(text_positions, TEXT_POSITIONS) // TEXT_POSITIONS


def in_order(
    spans: list[tuple[int, int]], weights: list[int], start: int, end: int
) -> list[tuple[int, int]]:
    """The engine's rough word times made orderly: inside `[start, end)`, rising, disjoint.

    Where half of them make no sense, the words share the time by their lengths instead.
    """
    count = len(spans)
    least = min(LEAST_WORD, (end - start) // count)
    odd = sum(b - a < least or a < start - RATE or b > end + RATE for a, b in spans)
    odd += sum(later[0] < sooner[0] for sooner, later in pairwise(spans))
    if odd * 2 >= count and count > 1:
        share = np.concatenate([[0], np.cumsum([weight + 2 for weight in weights])])
        spare = end - start - count
        edges = start + np.arange(count + 1) + share * spare // share[-1]
        return [(int(a), int(b)) for a, b in pairwise(edges)]
    starts: list[int] = []
    for i, (a, _b) in enumerate(spans):
        lowest = starts[-1] + least if starts else start
        starts.append(min(max(a, lowest), end - (count - i) * least))
    ends = [
        min(max(b, a + least), starts[i + 1] if i + 1 < count else end)
        for i, ((_a, b), a) in enumerate(zip(spans, starts, strict=True))
    ]
    return list(zip(starts, ends, strict=True))
