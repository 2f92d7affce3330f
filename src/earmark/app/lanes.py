"""The application's threads, made in this one place: a lane runs its work in order.

The library's does all database work, the jobs' talks to workers; made when first needed, the
devices' to the sound server and Share's to its worker. None is daemonic: `close()` runs what is
queued and joins.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Later:
    """Work that is due at a time; `cancel()` and `now()` work until it has begun."""

    def __init__(self, due: float, work: Callable[[], object]) -> None:
        self.due = due
        self.work = work
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Lane(Protocol):
    """Runs work in order, one piece at a time."""

    def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queues `fn(*args)`; the future holds its result or its exception."""

    def later(self, seconds: float, work: Callable[[], object]) -> Later:
        """Queues `work()` to run once `seconds` have passed, between other work."""

    def close(self) -> None:
        """Runs everything queued (what is due later, at once), then ends the lane."""


class _Piece:
    """One queued call with its future."""

    def __init__(self, call: Callable[[], object], future: Future[object]) -> None:
        self._call = call
        self._future = future

    def __call__(self) -> None:
        if not self._future.set_running_or_notify_cancel():
            return
        try:
            result = self._call()
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            self._future.set_exception(error)
        else:
            self._future.set_result(result)


def _piece(call: Callable[[], T]) -> tuple[_Piece, Future[T]]:
    future: Future[T] = Future()
    return _Piece(call, future), future  # type: ignore[arg-type]


class ThreadLane:
    """A lane of its own thread."""

    def __init__(self, name: str) -> None:
        self._ready = threading.Condition()
        self._queue: list[_Piece] = []
        self._due: list[tuple[float, int, Later]] = []
        self._count = itertools.count()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name)
        self._thread.start()

    @property
    def inside(self) -> bool:
        """Whether the caller already is on this lane's thread."""
        return threading.current_thread() is self._thread

    def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        piece, future = _piece(lambda: fn(*args, **kwargs))
        with self._ready:
            if self._closing and not self.inside:
                future.cancel()
                future.set_running_or_notify_cancel()
                return future
            self._queue.append(piece)
            self._ready.notify()
        return future

    def later(self, seconds: float, work: Callable[[], object]) -> Later:
        later = Later(time.monotonic() + seconds, work)
        with self._ready:
            heapq.heappush(self._due, (later.due, next(self._count), later))
            self._ready.notify()
        return later

    def close(self) -> None:
        with self._ready:
            self._closing = True
            self._ready.notify()
        if not self.inside:
            self._thread.join()

    def _next(self) -> Callable[[], object] | None:
        """The next piece of work; waits for it; None when the lane ends."""
        with self._ready:
            while True:
                if self._due and (self._closing or self._due[0][0] <= time.monotonic()):
                    later = heapq.heappop(self._due)[2]
                    if later.cancelled:
                        continue
                    return _piece(later.work)[0]
                if self._queue:
                    return self._queue.pop(0)
                if self._closing:
                    return None
                wait = self._due[0][0] - time.monotonic() if self._due else None
                self._ready.wait(wait if wait is None else max(0.0, wait))

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            piece()


class InlineLane:
    """Runs everything at once on the caller's thread: for tests whose subject is no thread.

    Delayed work waits for `tick()` or `close()`.
    """

    inside = True

    def __init__(self) -> None:
        self._waiting: list[Later] = []

    def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        piece, future = _piece(lambda: fn(*args, **kwargs))
        piece()
        return future

    def later(self, seconds: float, work: Callable[[], object]) -> Later:
        later = Later(time.monotonic() + seconds, work)
        self._waiting.append(later)
        return later

    def tick(self) -> None:
        """Runs everything delayed, as if its time had come."""
        waiting, self._waiting = self._waiting, []
        for later in sorted(waiting, key=lambda one: one.due):
            if not later.cancelled:
                later.work()

    def close(self) -> None:
        self.tick()


def library_lane() -> ThreadLane:
    """The lane on which all database work runs."""
    return ThreadLane("earmark-library")


def devices_lane() -> ThreadLane:
    """The lane that asks the sound server what there is."""
    return ThreadLane("earmark-devices")


def sharing_lane() -> ThreadLane:
    """The lane that talks to the worker of Share, one share at a time."""
    return ThreadLane("earmark-sharing")


def transcribing_lane() -> ThreadLane:
    """A lane that talks to a speech engine: one for the queue, one for the live transcript."""
    return ThreadLane("earmark-transcribing")


def jobs_lane() -> ThreadLane:
    """The lane that talks to workers, one job at a time."""
    return ThreadLane("earmark-jobs")


def models_lane() -> ThreadLane:
    """A lane on which speech models are looked at, or fetched."""
    return ThreadLane("earmark-models")
