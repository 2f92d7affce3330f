"""How far from the true sentence replay starts: with late notes, and with each fixed look-back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from late_talks import Talk

from earmark.model import replay_start

LOOK_BACK_MS = 3_000.0
"""Where no sentence is found, replay starts as it always did."""


@dataclass(frozen=True)
class LateFigures:
    """Errors in seconds, means of the absolute ones. `fixed[b]`: with b seconds of look-back."""

    notes: int
    error_s: float
    fixed: tuple[float, ...]
    found: float
    """The part of the notes that a sentence was found for."""
    right: float
    """The part of those found whose sentence is the one."""
    invented: int
    """Notes about nothing that was said which got a sentence."""
    about_nothing: int

    @property
    def best_fixed(self) -> tuple[int, float]:
        return min(enumerate(self.fixed), key=lambda one: one[1])


def measure(talks: Iterable[Talk]) -> LateFigures:
    errors: list[float] = []
    lags: list[float] = []
    found = right = invented = nothing = 0
    for talk in talks:
        timeline = talk.session.timeline
        for note in talk.notes:
            start = replay_start(note.line, talk.session)
            if note.truth_ms is None:
                nothing += 1
                invented += start is not None
                continue
            assert note.line.anchor is not None
            now = timeline.to_ms(note.line.anchor) or 0
            at = now - LOOK_BACK_MS if start is None else float(timeline.to_ms(start) or 0)
            errors.append(abs(at - note.truth_ms) / 1000)
            lags.append((now - note.truth_ms) / 1000)
            found += start is not None
            right += start is not None and errors[-1] < 0.5
    fixed = tuple(fmean(abs(lag - back) for lag in lags) for back in range(91))
    count = len(errors)
    return LateFigures(
        count, fmean(errors), fixed, found / count, right / max(1, found), invented, nothing
    )
