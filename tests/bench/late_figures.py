"""Figures of late notes: replay's start against the true sentence, and what finding it costs."""

from __future__ import annotations

import time
from collections.abc import Iterator

from figures import Figure
from late_measure import measure
from late_talks import make_talk

from earmark.model import replay_start

SEEDS = range(1_000, 1_040)


def late_notes() -> Iterator[Figure]:
    """Forty made talks in one to three takes; then a three-hour one with thousands of lines."""
    told = measure(make_talk(seed, takes=1 + seed % 3) for seed in SEEDS)
    back, best = told.best_fixed
    yield Figure(
        "replay start beside the true sentence, mean |error|",
        f"{told.error_s:.2f} s over {told.notes} notes",
        f"better than every fixed look-back; the best, {back} s, is off by {best:.2f} s",
    )
    yield Figure(
        "the same with 3 s of look-back, the default, alone", f"{told.fixed[3]:.2f} s", "worse"
    )
    yield Figure("notes a sentence was found for", f"{told.found:.0%}", "no bar")
    yield Figure("of those, the right sentence", f"{told.right:.0%}", "no bar")
    yield Figure(
        "notes about nothing said that got one", f"{told.invented}/{told.about_nothing}", "few"
    )
    talk = make_talk(1, minutes=180, every_s=2.0, takes=3)
    words = sum(len(one.words) for one in talk.session.transcript.segments)  # type: ignore[union-attr]
    begun = time.perf_counter()
    replay_start(talk.notes[0].line, talk.session)
    first = (time.perf_counter() - begun) * 1000
    begun = time.perf_counter()
    for note in talk.notes:
        replay_start(note.line, talk.session)
    every = (time.perf_counter() - begun) * 1000
    begun = time.perf_counter()
    for note in talk.notes:
        replay_start(note.line, talk.session)
    again = (time.perf_counter() - begun) * 1000
    yield Figure(
        f"a 3-h talk of {words} words, {len(talk.notes)} lines",
        f"first line {first:.0f} ms, then {every / len(talk.notes):.2f} ms a line",
        "asked for again, all of them < 50 ms: " + f"{again:.0f} ms",
    )
