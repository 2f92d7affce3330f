"""Where people speak, from the level of each 10-ms bin: for skipping silence, and for evening.

Built not to err on one side: speech is never taken for silence. The floor is the room's noise,
the 2nd percentile of a minute around; what rises 6 dB above it, or cannot be told apart from it
with certainty, counts as speech.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.float32]
"""dBFS (root mean square) per bin; -120 for digital silence."""
Flags = npt.NDArray[np.bool_]

BINS_PER_SECOND = 100
NOTHING_DB = -120.0
DIGITAL_DB = -96.0
"""Below this no microphone was heard."""
HOP = 10 * BINS_PER_SECOND
AROUND = 30 * BINS_PER_SECOND
ABOVE_FLOOR_DB = 6.0
STEADY_DB = 3.0
"""A minute whose levels lie this close together is noise (or a tone), never speech."""
UNSURE_DB = 8.0
MARGIN = 25
"""Bins kept before and after speech: 250 ms."""
SHORTEST_CUT = 30
"""Bins: a pause that would save less than 300 ms stays as it is."""

TARGET_DB = -20.0
"""Level of speech after evening."""
MOST_DB, LEAST_DB = 30.0, -12.0
WINDOW = 300
"""Bins over which speech is averaged: 3 s."""
RAMP = 100
"""Bins over which a change of gain is spread: 1 s."""
ENOUGH = 10
"""Bins of speech in a window from which its level is known."""


def to_db(rms: npt.NDArray[np.float64]) -> Levels:
    """Root mean square (full scale 1) as dBFS."""
    db: Levels = np.maximum(20 * np.log10(np.maximum(rms, 1e-6)), NOTHING_DB).astype(np.float32)
    return db


def noise_floor(db: Levels) -> tuple[Levels, Levels]:
    """For each bin the floor around it and the range from there to the 95th percentile."""
    floor = np.empty(len(db), np.float32)
    spread = np.empty(len(db), np.float32)
    for start in range(0, len(db), HOP):
        middle = start + HOP // 2
        around = db[max(0, middle - AROUND) : middle + AROUND]
        heard = around[around > DIGITAL_DB]
        low, high = np.percentile(heard, (2, 95)) if len(heard) else (NOTHING_DB, NOTHING_DB)
        floor[start : start + HOP] = low
        spread[start : start + HOP] = high - low
    return floor, spread


def speech_bins(db: Levels) -> Flags:
    """True wherever somebody may be speaking."""
    if not len(db):
        return np.zeros(0, np.bool_)
    floor, spread = noise_floor(db)
    speech = db > floor + ABOVE_FLOOR_DB
    heard = db > DIGITAL_DB
    unsure = spread < UNSURE_DB
    # Steady noise is silence only where it is the take's own room noise and speech exists at all.
    room = float(np.min(floor[heard])) if heard.any() else NOTHING_DB
    if heard.any() and float(np.max(spread)) >= UNSURE_DB:
        unsure &= ~((spread < STEADY_DB) & (floor <= room + ABOVE_FLOOR_DB))
    return (speech | unsure) & heard


def pauses(speech: Flags) -> list[tuple[int, int]]:
    """Bins `[from, to)` that can be left out: no speech, less the margins."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], speech.view(np.int8), [1]])))
    found = []
    for start, end in edges.reshape(-1, 2):
        first = start + (MARGIN if start > 0 else 0)
        last = end - (MARGIN if end < len(speech) else 0)
        if last - first >= SHORTEST_CUT:
            found.append((int(first), int(last)))
    return found


def evening_gain(db: Levels) -> Levels:
    """dB to add to each bin so that speech is at `TARGET_DB`: slow, held through pauses."""
    if not len(db):
        return np.zeros(0, np.float32)
    floor, _spread = noise_floor(db)
    gate = (db > floor + ABOVE_FLOOR_DB) & (db > DIGITAL_DB)
    energy = _moving_sum(np.where(gate, 10.0 ** (db / 10.0), 0.0), WINDOW)
    count = _moving_sum(gate.astype(np.float64), WINDOW)
    known = np.flatnonzero(count >= ENOUGH - 0.5)
    if not len(known):
        return np.zeros(len(db), np.float32)
    level = 10 * np.log10(np.maximum(energy[known], 1e-12) / count[known])
    gain = np.interp(np.arange(len(db)), known, np.clip(TARGET_DB - level, LEAST_DB, MOST_DB))
    ones = _moving_sum(np.ones(len(db)), RAMP)
    return (_moving_sum(gain, RAMP) / ones).astype(np.float32)


def _moving_sum(values: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """The sum over `width` bins centred on each, fewer at the ends."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low = np.maximum(0, at - width // 2)
    high = np.minimum(len(values), at + width // 2 + 1)
    return np.asarray(total[high] - total[low])
