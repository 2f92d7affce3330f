"""The crossing into Qt: everything arrives on the GUI thread, or not at all after the end."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from earmark.model.errors import DiskFull
from earmark.ui.bridge import Bridge


@pytest.fixture
def bridge(qapp):
    bridge = Bridge()
    yield bridge
    bridge.close()


def test_results_and_news_arrive_on_the_gui_thread_in_order(bridge: Bridge, qtbot):
    seen: list[tuple[object, bool]] = []

    def note(value: object) -> None:
        seen.append((value, threading.current_thread() is threading.main_thread()))

    bridge.news.connect(note)
    with ThreadPoolExecutor(1) as pool:
        for number in range(20):
            pool.submit(bridge.receive, number)
        bridge.when_done(pool.submit(lambda: "done"), note)
    qtbot.waitUntil(lambda: len(seen) == 21, timeout=60_000)
    assert seen == [*((n, True) for n in range(20)), ("done", True)]


def test_an_error_of_the_persons_world_is_trouble_and_any_other_a_bug(bridge: Bridge, qtbot):
    troubles: list[object] = []
    bugs: list[object] = []
    own: list[object] = []
    bridge.trouble.connect(troubles.append)
    bridge.bug.connect(bugs.append)
    full, broken = DiskFull("Full.", "Free some."), ZeroDivisionError("no")
    for error, failed in ((full, None), (broken, None), (full, own.append)):
        future: Future[None] = Future()
        bridge.when_done(future, None, failed)
        future.set_exception(error)
    qtbot.waitUntil(lambda: bool(troubles and bugs and own), timeout=60_000)
    assert (troubles, bugs, own) == ([full], [broken], [full])


def test_a_cancelled_future_is_silent(bridge: Bridge, qtbot):
    told: list[object] = []
    bridge.bug.connect(told.append)
    future: Future[None] = Future()
    bridge.when_done(future, told.append)
    future.cancel()
    later: Future[str] = Future()
    bridge.when_done(later, told.append)
    later.set_result("after")
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert told == ["after"]


def test_nothing_arrives_after_the_end(bridge: Bridge, qapp):
    told: list[object] = []
    bridge.news.connect(told.append)
    future: Future[int] = Future()
    bridge.when_done(future, told.append)
    bridge.receive("in flight")
    bridge.close()
    bridge.receive("late")
    future.set_result(1)
    qapp.processEvents()
    assert told == []
