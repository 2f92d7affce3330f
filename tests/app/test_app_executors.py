"""Executors: order, delays, errors, and an end that loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from earmark.app.executors import InlineExecutor, SerialExecutor, WorkerPool


@pytest.fixture
def executor() -> Iterator[SerialExecutor]:
    made = SerialExecutor("test-serial")
    yield made
    made.shutdown()


def test_work_runs_in_order_on_one_thread_that_is_no_daemon(executor: SerialExecutor) -> None:
    seen: list[int] = []
    threads = [executor.submit(threading.current_thread) for _ in range(3)]
    futures = [executor.submit(seen.append, n) for n in range(100)]
    for future in futures:
        future.result(60)
    assert seen == list(range(100))
    ran = {future.result(60) for future in threads}
    assert len(ran) == 1
    assert not ran.pop().daemon


def test_an_error_reaches_the_one_who_waits_and_work_goes_on(executor: SerialExecutor) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        executor.submit(fail).result(60)
    assert executor.submit(lambda: 5).result(60) == 5


def test_later_runs_later_unless_cancelled(executor: SerialExecutor) -> None:
    seen: list[str] = []
    done = threading.Event()
    cancelled = executor.later(0.01, lambda: seen.append("never"))
    cancelled.cancel()
    executor.later(0.03, done.set)
    executor.later(0.02, lambda: seen.append("first"))
    assert done.wait(60)
    assert seen == ["first"]


def test_what_is_due_sooner_does_not_wait_for_what_is_due_later(executor: SerialExecutor) -> None:
    soon = threading.Event()
    executor.later(3600, lambda: None)
    executor.later(0.01, soon.set)
    assert soon.wait(60)


def test_shutting_down_runs_what_is_queued_and_what_is_due_later() -> None:
    executor = SerialExecutor("closing")
    seen: list[str] = []
    executor.later(3600, lambda: seen.append("later"))
    executor.submit(seen.append, "queued")
    executor.shutdown()
    assert sorted(seen) == ["later", "queued"]
    assert executor.submit(lambda: 1).cancelled()
    executor.later(0, lambda: seen.append("never"))
    executor.shutdown()
    assert len(seen) == 2


def test_work_that_runs_while_shutting_down_may_queue_more() -> None:
    executor = SerialExecutor("closing")
    seen: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        assert go_on.wait(60)
        executor.later(3600, lambda: seen.append("later"))
        executor.submit(lambda: executor.submit(seen.append, "third"))

    executor.submit(first)
    assert begun.wait(60)
    closing = threading.Thread(target=executor.shutdown)
    closing.start()
    go_on.set()
    closing.join(60)
    assert sorted(seen) == ["later", "third"]


def test_one_that_was_never_used_has_no_thread() -> None:
    before = threading.active_count()
    SerialExecutor("idle").shutdown()
    WorkerPool("idle", 4).shutdown()
    assert threading.active_count() == before


def test_a_pool_works_on_several_pieces_at_once_and_waits_for_all() -> None:
    pool = WorkerPool("test-pool", 2)
    both = threading.Barrier(2, timeout=60)
    seen: list[int] = []
    futures = [pool.submit(both.wait) for _ in range(2)]
    futures[0].add_done_callback(lambda _done: seen.append(1))
    pool.wait_idle()
    assert all(future.done() for future in futures)
    assert seen == [1]
    pool.shutdown()
    assert pool.submit(lambda: 1).cancelled()


def test_the_inline_one_runs_at_once_and_keeps_delayed_work_for_a_tick() -> None:
    executor = InlineExecutor()
    seen: list[str] = []
    executor.later(9, lambda: seen.append("later"))
    assert executor.submit(lambda: 3).result() == 3
    assert not seen
    executor.tick()
    assert seen == ["later"]
    with pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 / 0).result()
