"""Imports: existing recordings become sessions, decoded in the worker."""

from __future__ import annotations

from pathlib import Path

from earmark.model import EventId, Session

from .events import Events
from .jobs import Job
from .lanes import Lane
from .librarylane import LibraryLane


class Imports:
    """One session per file, made only when its sound is in the library."""

    def __init__(self, library: LibraryLane, events: Events, jobs: Lane) -> None:
        self._library = library
        self._events = events
        self._jobs = jobs

    def import_file(
        self,
        path: Path,
        *,
        title: str = "",
        event: EventId | None = None,
        notes: str | None = None,
    ) -> Job[Session]:
        """Begins to import a file; `notes` is the text of a notes file (`--notes`)."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
