"""The library as one object."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from earmark.model import DiskFull

from . import faults, opening
from .entering import Entering
from .events import Events
from .glance import DATABASE
from .lock import LibraryLock
from .notes import Notes
from .safety import Safety
from .search import Search
from .session_files import SessionFiles
from .sessions import Sessions
from .store import engine_on
from .takes import Takes
from .transcripts import Transcripts


class Library(Sessions, Events, Notes, Takes, Transcripts, Entering, SessionFiles, Search, Safety):
    """One library folder, open. Every call is synchronous and comes from one thread at a time.

    Whatever changes something is durable when it returns, and raises one of the model's errors
    (LibraryUnusable, DiskFull, Busy, NotFound) with nothing changed when it cannot be done.
    """

    def __init__(self, folder: Path, engine: Engine, lock: LibraryLock) -> None:
        super().__init__(folder, engine)
        self._lock = lock

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Opens the library; makes, migrates or rebuilds its database where that is needed.

        Raises LibraryUnusable (LibraryDamaged for a broken database), DiskFull or Busy.
        """
        folder = folder.absolute()
        lock = opening.prepare(folder, create=create)
        engine = engine_on(folder / DATABASE)
        try:
            with faults.told(folder):
                library = cls(folder, engine, lock)
        except BaseException:
            engine.dispose()
            lock.release()
            raise
        try:
            with suppress(DiskFull):  # the files stay marked; what is there can be read and heard
                library.flush_session_files()
        except BaseException:
            library.close()
            raise
        return library

    @classmethod
    def rebuild(cls, folder: Path) -> Self:
        """Makes the database anew from every `session.json` and opens it.

        The old database stays beside it as `library-<UTC time>-replaced.db`. Raises Busy while
        anybody has the library open (close your own first).
        """
        folder = folder.absolute()
        opening.rebuild(folder)
        return cls.open(folder, create=False)

    def close(self) -> None:
        """Closes the database; files not yet flushed stay marked and are written next time."""
        self.shut()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
