"""The pins over the waveform: a flag for each anchored line, a pin for each bookmark."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from earmark.model import Bookmark, BookmarkId, LineId, NoteLine, Timeline, format_time, mark_names
from earmark.model.i18n import _

HIT_PX = 7.0


@dataclass(frozen=True, slots=True)
class Pin:
    """One flag (`line` set) or bookmark (`bookmark` set) and its place on the timeline."""

    ms: float
    text: str
    line: LineId | None = None
    bookmark: BookmarkId | None = None
    marked: bool = False
    words: str = ""
    """The marks as words, for those who do not see the colour."""

    @property
    def label(self) -> str:
        """Time, text and marks in one sentence: its name for screen readers, its tooltip."""
        parts = (format_time(round(self.ms)), self.text[:200], self.words)
        return " ".join(part for part in parts if part)


def pins_of(
    lines: Sequence[NoteLine], bookmarks: Sequence[Bookmark], timeline: Timeline
) -> tuple[Pin, ...]:
    """Pins in the order of time; lines and bookmarks without a place here have none."""
    pins: list[Pin] = []
    for line in lines:
        ms = None if line.anchor is None else timeline.to_ms(line.anchor)
        if ms is not None:
            text = line.text or _("empty line")
            words = mark_names(line.marks)
            pins.append(Pin(ms, text, line.id, None, bool(line.marks), words and f"({words})"))
    for bookmark in bookmarks:
        ms = timeline.to_ms(bookmark.anchor)
        if ms is not None:
            text = bookmark.label or _("Bookmark")
            pins.append(Pin(ms, text, None, bookmark.id, True))
    return tuple(sorted(pins, key=lambda pin: pin.ms))


def nearest(pins: Sequence[Pin], ms: float, reach_ms: float) -> int | None:
    """The index of the pin nearest to `ms`, not further than `reach_ms`; else None."""
    at = bisect_left(pins, ms, key=lambda pin: pin.ms)
    near = [i for i in (at - 1, at) if 0 <= i < len(pins)]
    best = min(near, key=lambda i: abs(pins[i].ms - ms), default=None)
    return best if best is not None and abs(pins[best].ms - ms) <= reach_ms else None
