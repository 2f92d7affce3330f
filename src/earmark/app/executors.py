"""The application's threads, made in this one place.

Database work has one thread and takes nothing else: a typed line must be durable within half a
second, whatever a slow disk or a large picture does to other work. That other work runs on
`background`, or on an executor of its own where its order counts. Threads start when they are
first needed; none is daemonic: `shutdown()` runs what is queued and joins.
"""

from __future__ import annotations

import sched
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Timer:
    """Work that is due at a time; `cancel()` works until it has begun."""

    def __init__(self, due: float, work: Callable[[], object]) -> None:
        self.due = due
        self.cancelled = False
        self._work = work

    def cancel(self) -> None:
        self.cancelled = True

    def run(self) -> None:
        """Does the work, unless it was cancelled."""
        if not self.cancelled:
            self._work()


class Pool(Protocol):
    """Runs work elsewhere, several pieces at a time."""

    def submit(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queues `fn(*args)`; the future holds its result or its exception.

        After `shutdown` it is cancelled at once, unless running work asks for it.
        """

    def wait_idle(self) -> None:
        """Waits until everything queued so far is done, callbacks of its futures too."""

    def shutdown(self) -> None:
        """Runs everything queued, then ends the threads."""


class Executor(Pool, Protocol):
    """Runs work in order, one piece at a time."""

    def later(self, seconds: float, work: Callable[[], object]) -> Timer:
        """Queues `work()` once `seconds` have passed; `shutdown` does not wait for that."""


class WorkerPool:
    """Up to `workers` threads."""

    def __init__(self, name: str, workers: int) -> None:
        self._name = name
        self._workers = workers
        self._here = threading.local()
        self._pool = ThreadPoolExecutor(workers, name, self._enter)
        self._lock = threading.Lock()
        self._waiting = threading.Lock()
        self._unfinished = 0
        self._closing = False

    def submit(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with self._lock:
            if self._refuses():
                refused: Future[T] = Future()
                refused.cancel()
                refused.set_running_or_notify_cancel()
                return refused
            self._unfinished += 1
        future = self._pool.submit(fn, *args, **kwargs)
        future.add_done_callback(self._finished)
        return future

    def wait_idle(self) -> None:
        # When every thread stands at the barrier, none has earlier work in its hands.
        barrier = threading.Barrier(self._workers)
        with self._waiting:
            for met in [self._pool.submit(barrier.wait) for _ in range(self._workers)]:
                met.result()

    def shutdown(self) -> None:
        with self._lock:
            self._closing = True
        while self._unfinished:  # work that is running may queue more
            self.wait_idle()
        self._pool.shutdown()

    def _enter(self) -> None:
        """Marks the calling thread as one of this pool's: its work may queue more to the end."""
        self._here.inside = True

    def _refuses(self) -> bool:
        return self._closing and not getattr(self._here, "inside", False)

    def _finished(self, _future: object) -> None:
        with self._lock:
            self._unfinished -= 1


class SerialExecutor(WorkerPool):
    """One thread, and one that waits for what is due later."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 1)
        self._timers = sched.scheduler(time.monotonic)
        self._wake = threading.Event()
        self._clock: threading.Thread | None = None

    def later(self, seconds: float, work: Callable[[], object]) -> Timer:
        timer = Timer(time.monotonic() + seconds, work)
        with self._lock:
            if self._refuses():
                return timer
            self._timers.enterabs(timer.due, 0, self.submit, (timer.run,))
            if self._clock is None and not self._closing:
                self._clock = threading.Thread(target=self._wait, name=f"{self._name}-timer")
                self._clock.start()
        self._wake.set()
        return timer

    def shutdown(self) -> None:
        with self._lock:
            self._closing = True
        self._wake.set()
        if self._clock is not None:
            self._clock.join()
        while self._timers.queue or self._unfinished:
            self._pool.submit(self._hurry).result()
            self.wait_idle()
        super().shutdown()

    def _wait(self) -> None:
        """On the clock's thread."""
        self._enter()
        while not self._closing:
            self._wake.wait(self._timers.run(blocking=False))
            self._wake.clear()

    def _hurry(self) -> None:
        """Queues what is due later now."""
        for event in self._timers.queue:
            self._timers.cancel(event)
            event.action(*event.argument)


class InlineExecutor:
    """Runs everything at once on the caller's thread: for tests whose subject is no thread.

    Delayed work waits for `tick()` or `shutdown()`.
    """

    def __init__(self) -> None:
        self._waiting: list[Timer] = []

    def submit(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(error)
        return future

    def later(self, seconds: float, work: Callable[[], object]) -> Timer:
        timer = Timer(time.monotonic() + seconds, work)
        self._waiting.append(timer)
        return timer

    def tick(self) -> None:
        """Runs everything delayed, as if its time had come."""
        waiting, self._waiting = self._waiting, []
        for timer in sorted(waiting, key=lambda one: one.due):
            timer.run()

    def wait_idle(self) -> None:
        """Everything is done already."""

    def shutdown(self) -> None:
        self.tick()


class Executors:
    """Every thread of the application, by what it is for."""

    def __init__(self, *, inline: bool = False) -> None:
        """`inline`: what belongs to the library runs at once, on the caller's thread."""

        def near(name: str) -> Executor:
            return InlineExecutor() if inline else _serial(name)

        self.library = near("library")
        """The database, and nothing else."""
        self.second_place = near("second-place")
        """Keeps elsewhere what the database cannot take, also while its disk hangs."""
        self.background: Pool = InlineExecutor() if inline else _pool("background", 4)
        """Reading files, share previews, preparing: in no order, and never for long."""
        self.playback = near("playback")
        """Sessions made ready to be played."""
        self.waveform = near("waveform")
        """Peaks files, opened and refreshed."""
        self.jobs = near("jobs")
        """Workers that finish takes and import files, one at a time."""
        self.sharing: Executor = _serial("sharing")
        """The worker of Share: neither imports nor the end of a recording wait for it."""
        self.devices: Executor = _serial("devices")
        """The sound server, which may not answer."""
        self.models: Executor = _serial("models")
        """Speech models looked at and removed."""
        self.downloads: Pool = _pool("downloads", 16)
        """Speech models fetched and added: a download of an hour holds no other up."""
        self.transcription: Executor = _serial("transcribing")
        """The speech engine of the queue."""
        self.live_transcript: Executor = _serial("transcribing-live")
        """The speech engine of the live transcript."""

    def wait_idle(self) -> None:
        """Waits until what was asked of the library, and of what is read beside it, is done."""
        for one in (self.waveform, self.playback, self.background, self.library):
            one.wait_idle()


def _serial(name: str) -> SerialExecutor:
    return SerialExecutor(f"earmark-{name}")


def _pool(name: str, workers: int) -> WorkerPool:
    return WorkerPool(f"earmark-{name}", workers)
