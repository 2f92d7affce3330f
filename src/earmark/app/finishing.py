"""Finishing: sealed takes become their kept form, one at a time; what a death left, too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from earmark.audio.intent import Intent
from earmark.model import SessionId, TakeId

from .events import Events
from .lanes import Lane
from .librarylane import LibraryLane


class Finishing:
    """Runs on the jobs lane, the worker process at low priority. Can be killed at any step."""

    def __init__(self, library: LibraryLane, events: Events, jobs: Lane) -> None:
        self._library = library
        self._events = events
        self._jobs = jobs

    def take_ended(self, intent: Intent, frames: int | None) -> None:
        """The recorder's word that a journal is complete: it is finished in the background."""
        raise NotImplementedError

    def done(self) -> Future[None]:
        """Done when every take that has ended so far is in its kept form, or could not be."""
        raise NotImplementedError

    def restore(self, attach: Callable[[Intent], bool] | None = None) -> Future[object]:
        """Finishes every take whose journal nobody writes; `attach` is offered the others."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
