"""A job that takes a while: its progress is told, it can be cancelled, its outcome awaited."""

from __future__ import annotations

import threading
import time
import traceback
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

from earmark.model import EarmarkError, SessionId, new_id
from earmark.model.i18n import _
from earmark.worker.faults import what_happened, what_to_send

from .events import Events
from .news import JobProgress

T = TypeVar("T")


def _place_of(error: BaseException) -> str:
    trace = traceback.extract_tb(error.__traceback__)
    kind = type(error).__name__
    return f"{kind} at {Path(trace[-1].filename).name}:{trace[-1].lineno}" if trace else kind


_FIRST_LOOK_S, _FIRST_SHARE = 1.0, 0.005
"""Less time, or less of the work, says nothing about the rest."""


class Cancelled(EarmarkError):
    """The person cancelled the job; nothing of it is left."""

    def __init__(self) -> None:
        super().__init__(_("Cancelled."))


class TimeLeft:
    """Seconds left at the pace since the first share of the work was done."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None

    def after(self, fraction: float | None, now: float) -> float | None:
        """`fraction` 0…1 of the work is done at `now` seconds; None while nothing can be said."""
        if fraction is None:
            return None
        if self._first is None:
            self._first = (fraction, now)
            return None
        done, passed = fraction - self._first[0], now - self._first[1]
        if passed < _FIRST_LOOK_S or done < _FIRST_SHARE:
            return None
        return passed * (1.0 - fraction) / done


class Job(Generic[T]):
    """`future` holds the outcome. `cancel()` may come from any thread, at any time. `quiet`: it is
    a part of another job, which tells how it goes."""

    def __init__(self, label: str, events: Events, *, quiet: bool = False) -> None:
        self.id = new_id()
        self.label = label
        self.future: Future[T] = Future()
        self.cancelled = threading.Event()
        self._events = events
        self._quiet = quiet
        self._left = TimeLeft()

    def cancel(self) -> None:
        self.cancelled.set()

    def progress(self, fraction: float | None) -> None:
        left = self._left.after(fraction, time.monotonic())
        self._tell(JobProgress(self.id, self.label, fraction, seconds_left=left))

    def succeed(self, result: T, session: SessionId | None = None) -> None:
        self._tell(JobProgress(self.id, self.label, 1.0, done=True, session=session))
        self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        what, remedy = (
            (error.what, error.remedy)
            if isinstance(error, EarmarkError)
            else (what_happened(_place_of(error)), what_to_send(None))
        )
        self._tell(
            JobProgress(
                self.id,
                self.label,
                None,
                done=True,
                failed=what,
                remedy=remedy,
                cancelled=isinstance(error, Cancelled),
            )
        )
        self.future.set_exception(error)

    def _tell(self, progress: JobProgress) -> None:
        if not self._quiet:
            self._events.tell(progress)
