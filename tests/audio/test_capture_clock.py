"""The lower envelope finds when frame 0 was captured, however late its deliveries come."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from earmark.audio.clock import SECOND_NS, LowerEnvelope

RATE = 48_000
MS = SECOND_NS // 1000


@given(st.lists(st.integers(0, 1500), min_size=1, max_size=60), st.integers(0, 59))
def test_one_punctual_delivery_is_enough(lateness: list[int], punctual: int) -> None:
    zero = 123 * SECOND_NS
    clock = LowerEnvelope(RATE)
    lateness[punctual % len(lateness)] = 0
    for number, late in enumerate(lateness, 1):
        clock.add(number * 6000, zero + number * 125 * MS + late * MS)
    assert clock.zero_ns == zero
    assert clock.frame_at(zero + 10 * SECOND_NS) == 10 * RATE


def test_is_never_too_early() -> None:
    rng = random.Random(3)
    clock = LowerEnvelope(RATE)
    for number in range(1, 400):
        clock.add(number * 6000, number * 125 * MS + rng.randrange(30) * MS)
        assert clock.zero_ns is not None
        assert clock.zero_ns >= 0


def test_follows_a_crystal_that_runs_slow() -> None:
    clock = LowerEnvelope(RATE)
    for number in range(1, 8 * 600):
        clock.add(number * 6000, int(number * 125 * MS * 1.0001))
    newest = 8 * 600 * 125 * MS
    expected = clock.frame_at(newest)
    assert abs(expected - newest / 1.0001 * RATE / SECOND_NS) < 0.003 * RATE


def test_knows_nothing_before_the_first_delivery_and_after_a_reset() -> None:
    clock = LowerEnvelope(RATE)
    assert clock.zero_ns is None
    assert clock.frame_at(5) == 0
    clock.add(6000, SECOND_NS)
    clock.reset()
    assert clock.zero_ns is None


def test_an_old_minimum_leaves_the_window() -> None:
    clock = LowerEnvelope(RATE, window_ns=SECOND_NS)
    clock.add(0, 0)
    for number in range(1, 30):
        clock.add(number * 6000, number * 125 * MS + 50 * MS)
    assert clock.zero_ns == 50 * MS
