"""The session's timeline: takes end to end, and moving anchors along it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.model import (
    Anchor,
    Frames,
    SampleRate,
    SessionId,
    Take,
    TakeId,
    TakeState,
    Timeline,
    frames_to_ms,
)

DAY = datetime(2026, 1, 2, tzinfo=UTC)


def take(name: str, ordinal: int, seconds: float, rate: int = 48_000, session=None) -> Take:
    return Take(
        TakeId(name), ordinal, SampleRate(rate), 1, Frames(int(seconds * rate)), DAY,
        TakeState.COMPLETE, session=session,
    )  # fmt: skip


TWO = Timeline((take("b", 2, 5, 44_100), take("a", 1, 10)))


def test_takes_stand_end_to_end_in_order():
    assert [t.id for t in TWO.takes] == ["a", "b"]
    assert TWO.start_ms(TakeId("b")) == 10_000
    assert TWO.duration_ms == 15_000
    assert TWO.to_ms(Anchor(TakeId("b"), Frames(44_100))) == 11_000


def test_a_take_of_another_session_is_not_on_the_timeline():
    foreign = take("f", 1, 9, session=SessionId("other"))
    timeline = Timeline((take("a", 1, 10), foreign))
    assert timeline.duration_ms == 10_000
    assert timeline.to_ms(Anchor(TakeId("f"), Frames(5))) is None
    assert timeline.shifted(Anchor(TakeId("f"), Frames(480)), -5).frame == 480


def test_no_takes_no_anchor():
    assert Timeline(()).to_anchor(5) is None
    assert Timeline(()).duration_ms == 0


@pytest.mark.parametrize(
    ("start", "by_ms", "end"),
    [
        (("a", 48_000), -500, ("a", 24_000)),
        (("b", 0), -1000, ("a", 432_000)),
        (("a", 470_000), 1000, ("b", 34_912)),
        (("a", 100), -5000, ("a", 0)),
        (("b", 44_100 * 4), 5000, ("b", 44_100 * 5)),
    ],
)
def test_shifting_crosses_borders_and_stops_at_both_ends(start, by_ms, end):
    found = TWO.shifted(Anchor(TakeId(start[0]), Frames(start[1])), by_ms)
    assert found.take == end[0]
    assert abs(found.frame - end[1]) <= 25


@given(st.integers(0, 480_000), st.integers(-5000, 5000))
def test_shifting_there_and_back_inside_a_take_is_exact(frame, by_ms):
    anchor = Anchor(TakeId("a"), Frames(frame))
    there = TWO.shifted(anchor, by_ms)
    if there.take == "a" and 0 < there.frame < 480_000:
        assert TWO.shifted(there, -by_ms) == anchor


@given(st.integers(0, 15_000))
def test_a_time_and_its_anchor_agree_within_a_millisecond(ms):
    anchor = TWO.to_anchor(ms)
    assert anchor is not None
    back = TWO.to_ms(anchor)
    assert back is not None
    assert abs(back - ms) <= 1


@given(st.integers(0, 1 << 45), st.sampled_from([8000, 16_000, 44_100, 48_000, 96_000]))
def test_milliseconds_are_rounded_to_the_nearest(frames, rate):
    assert abs(frames_to_ms(frames, rate) * rate - frames * 1000) * 2 <= rate


def test_stretches_go_take_by_take_from_one_moment_to_another():
    timeline = Timeline((take("a", 1, 10), take("b", 2, 5), take("c", 3, 0)))
    a, c = Anchor(TakeId("a"), Frames(480_000 - 7)), Anchor(TakeId("c"), Frames(99))
    found = [(name, span.frame, span.frames) for name, span in timeline.stretches(a, c)]
    assert found == [("a", 480_000 - 7, 7), ("b", 0, 240_000), ("c", 0, 99)]
    assert timeline.stretches(c, a) == ()
    assert timeline.stretches(a, Anchor(TakeId("elsewhere"), Frames(1))) == ()
