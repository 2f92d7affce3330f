"""The library on its thread: calls in order on one thread, changes told, files written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from earmark.library import is_proven
from earmark.model import Changes, EarmarkError, SessionId
from earmark.model.library_id import give_library_id

from .edits import WriteSettings
from .events import Events
from .executors import Executor, Pool, Timer
from .known_libraries import KnownLibraries
from .news import Changed
from .outbox import Outbox

if TYPE_CHECKING:
    from earmark.library import Library

    from .take_plan import TakePlan

P = ParamSpec("P")
T = TypeVar("T")

SESSION_FILES_AFTER_S = 2.0
"""How long after the last change the session.json files follow: the database is durable at once."""
TRANSCRIPT_FILES_AFTER_S = 30.0
"""The same after words were found: a long transcript is much to write for each new sentence."""
LOOK_ELSEWHERE_S = 2.0
"""How often the window looks whether the command line changed the library."""


class LibraryLane:
    """Opens the library on its thread at once; `opened` fails with LibraryUnusable if it cannot."""

    def __init__(
        self,
        folder: Path,
        events: Events,
        executor: Executor,
        *,
        create: bool = True,
        second: Executor | None = None,
        background: Pool | None = None,
        write_settings: WriteSettings | None = None,
    ) -> None:
        self.folder = folder
        self._events = events
        self._executor = executor
        self._library: Library | None = None
        self._files: Timer | None = None
        self._closing = False
        self.fresh: dict[SessionId, TakePlan] = {}
        """Sessions made by this program and not recorded into yet: Record need not ask for them."""
        self._known = KnownLibraries()
        self.id: str | None = None
        """Which library it is, once it is open (None where its disk was too full to say)."""
        self._proven = create and is_proven(folder) and not self._known.is_away(folder)
        self.outbox = Outbox(
            self, events, second or executor, background or executor, write_settings
        )
        """What a person changed and the library has yet to take."""
        self.opened: Future[None] = executor.submit(self._open, create)

    @property
    def is_usable(self) -> bool:
        """Whether the library has proved usable (by now): it is open, or surely will be."""
        if self.opened.done():
            return self._library is not None
        return self._proven

    @property
    def opened_library(self) -> Library | None:
        """For what needs no thread: whether the folder is still the one that was opened."""
        return self._library

    def run(
        self, fn: Callable[Concatenate[Library, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Queues `fn(library, *args)`. A `Changes` in its result is told to everybody.

        The future fails with what `fn` raised, or with LibraryUnusable when nothing is open.
        """

        def call() -> T:
            library = self._library
            if library is None:
                self.opened.result()
                raise AssertionError("the library is closed")
            result = fn(library, *args, **kwargs)
            for part in result if isinstance(result, tuple) else (result,):
                if isinstance(part, Changes):
                    self.tell(part)
            return result

        return self._executor.submit(call)

    def tell(self, changes: Changes) -> None:
        """Tells what changed, and has the session files follow soon."""
        only_words = changes == Changes(changes.sessions, transcript=True)
        waits = self._files is not None and not self._files.cancelled
        if not (only_words and waits):
            if self._files is not None:
                self._files.cancel()
            after = TRANSCRIPT_FILES_AFTER_S if only_words else SESSION_FILES_AFTER_S
            self._files = self._executor.later(after, self._write_files)
        self._events.tell(Changed(changes))

    def later(self, seconds: float, work: Callable[[], object]) -> Timer:
        """Work on the library's thread after a while; it calls `run` itself for the library."""
        return self._executor.later(seconds, work)

    def watch(self) -> None:
        """From now on tells when another program changed something, e.g. `earmark record` or
        `earmark transcribe`; which sessions, is not known."""
        self._executor.later(LOOK_ELSEWHERE_S, self._look_elsewhere)

    def close(self) -> None:
        """Runs what is queued, writes the session files, closes the database, ends the thread."""
        self._closing = True
        self._executor.submit(self._shut)
        self._executor.shutdown()
        self.outbox.close()

    def _open(self, create: bool) -> None:
        from earmark.library import Library

        self._known.check(self.folder)
        self._library = Library.open(self.folder, create=create)
        with contextlib.suppress(OSError):
            self.id = give_library_id(self.folder)
        if self.id is not None:
            self._known.remember(self.folder, self.id)
        self.outbox.restore(self._library)

    def _look_elsewhere(self) -> None:
        library = self._library
        if library is None or self._closing:
            return
        try:
            if library.changed_elsewhere():
                self._events.tell(Changed(Changes(titles=True, events=True, transcript=True)))
        except EarmarkError:
            pass  # the folder is gone for now: whoever next uses the library says so
        self.watch()

    def _write_files(self) -> None:
        self._files = None
        if self._library is not None:
            self._library.flush_session_files()

    def _shut(self) -> None:
        if self._library is not None:
            self.outbox.last_try(self._library)
        library, self._library = self._library, None
        if library is not None:
            try:
                library.flush_session_files()
            except (EarmarkError, OSError):
                pass  # the database holds it all; the files follow at the next change
            library.close()
