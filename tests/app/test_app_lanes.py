"""Lanes: order, delays, errors, and an end that loses nothing."""

from __future__ import annotations

import threading

import pytest

from earmark.app.lanes import InlineLane, ThreadLane


@pytest.fixture
def lane():
    made = ThreadLane("test-lane")
    yield made
    made.close()


def test_work_runs_in_order_on_one_thread_that_is_no_daemon(lane: ThreadLane) -> None:
    seen: list[int] = []
    threads = [lane.run(threading.current_thread) for _ in range(3)]
    futures = [lane.run(seen.append, n) for n in range(100)]
    for future in futures:
        future.result(60)
    assert seen == list(range(100))
    assert len({future.result(60) for future in threads}) == 1
    assert not threads[0].result().daemon


def test_an_error_reaches_the_one_who_waits_and_the_lane_goes_on(lane: ThreadLane) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        lane.run(fail).result(60)
    assert lane.run(lambda: 5).result(60) == 5


def test_later_runs_later_unless_cancelled(lane: ThreadLane) -> None:
    done = threading.Event()
    seen: list[str] = []
    cancelled = lane.later(0.01, lambda: seen.append("never"))
    cancelled.cancel()
    lane.later(0.03, done.set)
    lane.later(0.02, lambda: seen.append("first"))
    assert done.wait(60)
    assert seen == ["first"]


def test_closing_runs_what_is_queued_and_what_is_due_later() -> None:
    lane = ThreadLane("closing")
    seen: list[str] = []
    lane.later(3600, lambda: seen.append("later"))
    lane.run(seen.append, "queued")
    lane.close()
    assert sorted(seen) == ["later", "queued"]
    assert lane.run(lambda: 1).cancelled()


def test_inline_runs_at_once_and_delays_until_the_tick() -> None:
    lane = InlineLane()
    seen: list[str] = []
    lane.later(9, lambda: seen.append("later"))
    assert lane.run(lambda: 3).result() == 3
    assert seen == []
    lane.tick()
    assert seen == ["later"]
