"""Finding the line and the word that belong to a moment, and the moment of a word."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from earmark.model import Anchor, LineId, NoteLine, Timeline, anchor_at

from .textual import word_around


def earliest(anchors: Iterable[Anchor | None], timeline: Timeline) -> Anchor | None:
    """The anchor that comes first on the timeline; those into other sessions come last."""
    best: Anchor | None = None
    best_ms = float("inf")
    for anchor in anchors:
        if anchor is None or anchor == best:
            continue
        ms = timeline.to_ms(anchor)
        place = float("inf") if ms is None else float(ms)
        if best is None or place < best_ms or (place == best_ms and _before(anchor, best)):
            best, best_ms = anchor, place
    return best


def _before(one: Anchor, other: Anchor) -> bool:
    return one.take == other.take and one.frame < other.frame


def word_anchor(line: NoteLine, offset: int, timeline: Timeline) -> Anchor | None:
    """When the word at `offset` was typed: the earliest of its characters, or the line's time.

    A word can have several times: letters put in front of it later carry their own.
    """
    span = word_around(line.text, offset)
    if span is None:
        return anchor_at(line, offset) or line.anchor
    start, end = span
    inside = (run.anchor for run in line.runs if start < run.offset < end)
    return earliest((anchor_at(line, start), *inside), timeline) or line.anchor


def word_at_moment(line: NoteLine, ms: float, timeline: Timeline) -> tuple[int, int] | None:
    """Offset and length of the line's last word typed at or before `ms`."""
    best: tuple[float, int] | None = None
    for run in line.runs:
        at = timeline.to_ms(run.anchor) if run.anchor else None
        if at is None or at > ms:
            continue
        offset = run.offset
        while offset < len(line.text) and line.text[offset].isspace():
            offset += 1
        if offset < len(line.text) and (best is None or at >= best[0]):
            best = (at, offset)
    span = word_around(line.text, best[1]) if best else None
    return (span[0], span[1] - span[0]) if span else None


class LineIndex:
    """The lines that have a place on the timeline, sorted by it (ties: the upper line first)."""

    def __init__(self, lines: Iterable[NoteLine], timeline: Timeline) -> None:
        placed: list[tuple[int, int, LineId]] = []
        for number, line in enumerate(lines):
            ms = timeline.to_ms(line.anchor) if line.anchor else None
            if ms is not None:
                placed.append((ms, number, line.id))
        placed.sort()
        self._times = [ms for ms, _number, _line in placed]
        self._lines = [line for _ms, _number, line in placed]

    def at(self, ms: float) -> LineId | None:
        """The last line whose anchor is at or before `ms`."""
        index = bisect_right(self._times, ms) - 1
        return self._lines[index] if index >= 0 else None

    def neighbour(self, line: LineId | None, ms: float, step: int) -> LineId | None:
        """The line `step` (±1) after `line` in time, or after the one being spoken at `ms`."""
        if line in self._lines:
            index = self._lines.index(line) + step
        elif step > 0:
            index = bisect_right(self._times, ms)
        else:
            index = bisect_right(self._times, ms) - 1
        return self._lines[index] if 0 <= index < len(self._lines) else None
