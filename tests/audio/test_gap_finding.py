"""A gap is what really is missing: never a delivery that is only late."""

from __future__ import annotations

import array

from hypothesis import given
from hypothesis import strategies as st

from earmark.audio.capture.gaps import GapFinder, Missing, Pcm
from earmark.audio.capture.queue import Piece
from earmark.audio.clock import SECOND_NS

RATE = 48_000
MS = SECOND_NS // 1000
PIECE_MS = 125
FRAMES = RATE * PIECE_MS // 1000


class Source:
    """A device whose frames carry the second they were captured in: deliveries by captured time."""

    def __init__(self) -> None:
        self.finder = GapFinder(RATE, 1)
        self.timeline: list[tuple[str, int, int]] = []
        """(kind, frame, captured at ms or frames missing)"""
        self.now_ms = 0
        self.slept_ms = 7_000_000
        self.stream = 1

    def deliver(self, captured_ms: int, arrival_ms: int, lost: int = 0) -> None:
        stamp = captured_ms // PIECE_MS % 30000
        data = array.array("h", [stamp]) * FRAMES
        self._take(
            self.finder.add(
                Piece(data.tobytes(), arrival_ms * MS, self.stream, lost, self.slept_ms * MS)
            ),
        )

    def _take(self, found: list[Pcm | Missing]) -> None:
        for item in found:
            if isinstance(item, Pcm):
                stamp = array.array("h", item.data)[0]
                self.timeline.append(("pcm", self._frames, stamp * PIECE_MS))
            else:
                self.timeline.append((item.cause, self._frames, item.frames))
            self._frames += len(item.data) // 2 if isinstance(item, Pcm) else item.frames

    _frames = 0

    def run(self, from_ms: int, to_ms: int, late_ms: int = 0) -> None:
        for captured in range(from_ms, to_ms, PIECE_MS):
            self.deliver(captured, captured + PIECE_MS + late_ms)

    def finish(self, until_ms: int | None = None) -> None:
        until = None if until_ms is None else until_ms * MS
        self._take(self.finder.finish(until, 600 * MS))

    def worst_error_ms(self) -> float:
        """How far the sound stands from where it was captured."""
        return max(abs(f * 1000 / RATE - at) for kind, f, at in self.timeline if kind == "pcm")

    @property
    def gaps(self) -> list[tuple[str, int, int]]:
        return [g for g in self.timeline if g[0] != "pcm"]


def test_steady_deliveries_have_no_gap() -> None:
    source = Source()
    source.run(0, 60_000)
    assert source.gaps == []
    assert source.worst_error_ms() == 0


@given(st.integers(1, 60), st.integers(0, 30))
def test_a_late_burst_is_no_gap(pieces: int, between_ms: int) -> None:
    """The device stalls, then everything arrives at once, nothing lost."""
    source = Source()
    source.run(0, 5_000)
    stalled = range(5_000, 5_000 + pieces * PIECE_MS, PIECE_MS)
    arrival = 5_000 + pieces * PIECE_MS
    for captured in stalled:
        arrival += between_ms
        source.deliver(captured, max(arrival, captured + PIECE_MS))
    end = 5_000 + pieces * PIECE_MS
    while end + PIECE_MS < arrival + between_ms:
        arrival += between_ms
        source.deliver(end, max(arrival, end + PIECE_MS))
        end += PIECE_MS
    source.run(end, end + 20_000)
    source.finish()
    assert source.gaps == []
    assert source.worst_error_ms() == 0


@given(st.integers(1, 400))
def test_what_is_missing_becomes_a_gap_of_its_length_at_its_place(pieces: int) -> None:
    source = Source()
    source.run(0, 5_000)
    back = 5_000 + pieces * PIECE_MS
    source.run(back, back + 10_000)
    source.finish()
    assert source.gaps == [("stall", 5 * RATE, pieces * FRAMES)]
    assert source.worst_error_ms() == 0


def test_never_holds_more_than_a_moment_back() -> None:
    """What is held is lost at a death: also in a burst that takes long."""
    source = Source()
    source.run(0, 5_000)
    for number in range(60):
        captured = 5_000 + number * PIECE_MS
        source.deliver(captured, 12_000 + number * 80)
        held = 5 * RATE + (number + 1) * FRAMES - source.finder.frames
        assert held <= FRAMES * 9
    source.run(12_500, 20_000, late_ms=0)
    source.finish()
    assert source.gaps == []
    assert source.worst_error_ms() == 0


def test_jitter_below_the_tolerance_is_no_gap() -> None:
    source = Source()
    for number in range(200):
        source.run(number * PIECE_MS, (number + 1) * PIECE_MS, late_ms=(number * 37) % 95)
    source.finish()
    assert source.gaps == []


def test_what_comes_late_for_ever_is_missing() -> None:
    """150 ms lost: every delivery stays 150 ms behind."""
    source = Source()
    source.run(0, 5_000)
    for captured in range(5_150, 9_000, PIECE_MS):
        source.deliver(captured, captured + PIECE_MS)
    source.finish()
    (gap,) = source.gaps
    assert gap == ("stall", 5 * RATE, RATE * 150 // 1000)


def test_another_stream_after_an_interruption() -> None:
    source = Source()
    source.run(0, 5_000)
    source.finder.cause = "device-lost"
    source.stream = 2
    source.run(6_250, 16_250)
    source.finish()
    assert source.gaps == [("device-lost", 5 * RATE, 10 * FRAMES)]
    assert source.worst_error_ms() == 0


def test_another_stream_without_a_seam_has_no_gap() -> None:
    source = Source()
    source.run(0, 5_000)
    source.stream = 2
    source.run(5_000, 9_000)
    source.finish()
    assert source.gaps == []


def test_a_slow_start_of_the_next_stream_is_not_counted_as_missing() -> None:
    """Its first piece comes 400 ms late, the following ones catch up."""
    source = Source()
    source.run(0, 5_000)
    source.finder.cause = "device-changed"
    source.stream = 2
    for number in range(40):
        captured = 5_500 + number * PIECE_MS
        source.deliver(captured, max(captured + PIECE_MS, 6_025 + number * 5))
    source.finish()
    (gap,) = source.gaps
    assert gap == ("device-changed", 5 * RATE, RATE // 2)


def test_frames_that_our_own_queue_dropped_are_an_overrun() -> None:
    source = Source()
    source.run(0, 5_000)
    source.deliver(5_500, 5_625, lost=4 * FRAMES)
    source.run(5_625, 8_000)
    source.finish()
    assert source.gaps == [("overrun", 5 * RATE, 4 * FRAMES)]
    assert source.worst_error_ms() == 0


def test_the_device_is_away_when_the_take_ends() -> None:
    source = Source()
    source.run(0, 5_000)
    source.finder.cause = "device-lost"
    source.finish(until_ms=9_000)
    assert source.gaps == [("device-lost", 5 * RATE, 4 * RATE)]


def test_the_clock_is_right_after_a_gap() -> None:
    source = Source()
    source.run(0, 5_000)
    source.run(7_000, 9_000)
    source.finish()
    assert source.finder.clock.frame_at(9_000 * MS) == 9 * RATE
    assert source.finder.frames == 9 * RATE


@given(st.integers(50, 60 * 3600 * 1000), st.integers(0, 40))
def test_sleep_is_a_gap_of_its_length_though_the_clock_stood_still(
    slept_ms: int, away: int
) -> None:
    """The device comes back only `away` pieces after waking: that is missing of the same cause."""
    source = Source()
    source.run(0, 5_000)
    source.slept_ms += slept_ms
    back = 5_000 + away * PIECE_MS
    source.run(back, back + 30_000)
    source.run(back + 31_000, back + 40_000)
    source.finish()
    *asleep, later = source.gaps
    assert {cause for cause, _frame, _frames in asleep} == {"suspended"}
    assert asleep[0] == ("suspended", 5 * RATE, slept_ms * RATE // 1000)
    assert sum(frames for _c, _f, frames in asleep) == slept_ms * RATE // 1000 + away * FRAMES
    assert later[0] == "stall"  # long after waking it has another reason
    captured = [at for kind, _frame, at in source.timeline if kind == "pcm"]
    assert captured == [*range(0, 5_000, PIECE_MS), *range(back, back + 30_000, PIECE_MS),
                        *range(back + 31_000, back + 40_000, PIECE_MS)]  # fmt: skip


def test_two_clocks_that_are_not_read_at_one_moment_are_no_sleep() -> None:
    source = Source()
    for n in range(200):
        source.slept_ms = 7_000_000 + n * 7 % 49
        source.run(n * PIECE_MS, (n + 1) * PIECE_MS)
    source.finish()
    assert source.gaps == []
