"""The single crossing into Qt: news and finished futures of other threads, on the GUI thread.

Made on the GUI thread. Nothing else in the window may touch a `Future` or subscribe to news.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from earmark.model.errors import EarmarkError

log = logging.getLogger(__name__)


class Bridge(QObject):
    """Delivers on the GUI thread, in the order of arrival, until `close()`.

    `news(value)` carries the frozen values of `app.news`. A future's outcome goes to the slot
    given with it; an outcome nobody asked about goes to `trouble` (the person's world) or `bug`.
    """

    news = Signal(object)
    trouble = Signal(object)
    bug = Signal(object)
    _arrived = Signal(object)
    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        queued = Qt.ConnectionType.QueuedConnection
        self._arrived.connect(self._pass_on, queued)
        self._finished.connect(self._settle, queued)

    def receive(self, value: object) -> None:
        """The callback for `events.subscribe`: may be called on any thread."""
        if self._open:
            self._arrived.emit(value)

    def when_done(
        self,
        future: Future[Any],
        slot: Callable[[Any], object] | None = None,
        failed: Callable[[EarmarkError], object] | None = None,
    ) -> None:
        """Calls `slot(result)` on the GUI thread once `future` is done.

        An `EarmarkError` goes to `failed`, else to `trouble`; any other exception to `bug`.
        A cancelled future is silent.
        """

        def done(finished: Future[Any]) -> None:
            if self._open:
                self._finished.emit(finished, slot, failed)

        future.add_done_callback(done)

    def close(self) -> None:
        """Nothing is delivered any more; what other threads still bring is dropped."""
        self._open = False

    @Slot(object)
    def _pass_on(self, value: object) -> None:
        if self._open:
            self.news.emit(value)

    @Slot(object, object, object)
    def _settle(
        self,
        future: Future[Any],
        slot: Callable[[Any], object] | None,
        failed: Callable[[EarmarkError], object] | None,
    ) -> None:
        if not self._open:
            return
        try:
            result = future.result(timeout=0)
        except CancelledError:
            return
        except EarmarkError as error:
            if failed is None:
                self.trouble.emit(error)
            else:
                failed(error)
        except BaseException as error:
            log.error("a background job failed", exc_info=error)
            self.bug.emit(error)
        else:
            if slot is not None:
                slot(result)
