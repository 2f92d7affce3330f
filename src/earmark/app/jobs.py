"""A job that takes a while: its progress is told, it can be cancelled, its outcome awaited."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Generic, TypeVar

from earmark.model import EarmarkError, SessionId, new_id
from earmark.model.i18n import _

from .events import Events
from .news import JobProgress

T = TypeVar("T")


class Cancelled(EarmarkError):
    """The person cancelled the job; nothing of it is left."""

    def __init__(self) -> None:
        super().__init__(_("Cancelled."))


class Job(Generic[T]):
    """`future` holds the outcome. `cancel()` may come from any thread, at any time."""

    def __init__(self, label: str, events: Events) -> None:
        self.id = new_id()
        self.label = label
        self.future: Future[T] = Future()
        self.cancelled = threading.Event()
        self._events = events

    def cancel(self) -> None:
        self.cancelled.set()

    def progress(self, fraction: float | None) -> None:
        self._events.tell(JobProgress(self.id, self.label, fraction))

    def succeed(self, result: T, session: SessionId | None = None) -> None:
        self._events.tell(JobProgress(self.id, self.label, 1.0, done=True, session=session))
        self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        what, remedy = (
            (error.what, error.remedy)
            if isinstance(error, EarmarkError)
            else (_("Something went wrong inside Earmark."), "")
        )
        self._events.tell(
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
