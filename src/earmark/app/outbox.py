"""Edits on their way into the library: saved in order, tried again, and meanwhile kept elsewhere.

What the library does not take within a second (its disk is full, away, read-only or hangs) is
written to the second place, before anybody ends this program. It leaves there only once it is
durable in the library, and before anything newer is saved: so a file that is found at a start
never speaks of something older than the library holds by this program's own doing.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.model import Changes, EarmarkError, NotFound, SessionId
from earmark.model.i18n import _
from earmark.model.library_id import library_id

from .edits import Edit, NewSession, SettingsOf, Target, WriteSettings
from .events import Events
from .executors import Executor, Pool
from .known_libraries import KnownLibraries
from .news import Alarm, Told, Unsaved
from .second_place import LeftBehind, SecondPlace, key_of, left_behind

if TYPE_CHECKING:
    from earmark.library import Library

    from .librarylane import LibraryLane

log = logging.getLogger(__name__)
KEEP_AFTER_S = 1.0
"""An edit that waits longer is kept in the second place too."""
_SOON_S = 0.25
AGAIN_AFTER_S = 2.0
END_AFTER_S = 5.0
"""At the end the library is waited for no longer before everything is kept elsewhere."""
ALARM = "notes-not-saved"


@dataclass(eq=False)
class _Waiting:
    """An edit that is not in the library yet."""

    edit: Edit
    since: float
    futures: list[Future[Changes]] = field(default_factory=list)
    saved: Callable[[Edit], object] | None = None


class Outbox:
    """One for each library that is open. Calls come from any thread, `restore` and `last_try`
    from the library's."""

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        second: Executor,
        background: Pool,
        write_settings: WriteSettings | None = None,
    ) -> None:
        self._library = library
        self._events = events
        self._executor = second
        self._background = background
        self._beside = threading.Lock()
        """Held while settings are written: on `background`, for they are no database work."""
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._due = False
        self._looks = False
        self._failing = False
        self._closing = False
        self._file = threading.Lock()
        """Held while the second place is written: what it says follows the list."""
        self._second = SecondPlace()
        self._left: list[LeftBehind] = []
        self._write_settings = write_settings
        self.came_back: Told | None = None
        """What of an earlier run is saved now, to be told to the person."""

    # --- from anywhere ---------------------------------------------------------------------

    def put(
        self, edit: Edit, after: float = 0.0, saved: Callable[[Edit], object] | None = None
    ) -> Future[Changes]:
        """Takes an edit in; the future is done when it is durable, `saved(edit)` called before.

        It fails only with what no time can mend (NotFound); else the edit waits here. Edits about
        the same thing that come within `after` seconds are saved as one.
        """
        future: Future[Changes] = Future()
        with self._lock:
            there = self._last(edit)
            if there is None:
                there = _Waiting(edit, time.monotonic())
                self._waiting.append(there)
            else:
                there.edit = there.edit.then(edit)
            there.futures.append(future)
            there.saved = saved or there.saved
            start = not self._due and after > 0
            self._due = self._due or start
            look, self._looks = not self._looks, True
        if after <= 0:
            self.flush()
        elif start:
            self._library.later(after, self._when_due)
        if look:
            self._look_later(_SOON_S if self._failing else KEEP_AFTER_S)
        return future

    def flush(self) -> Future[None]:
        """Saves everything that waits now; fails with the reason why something still waits."""
        if any(isinstance(one.edit, SettingsOf) for one in self._list()):
            # once the library is open: opening makes its folder, or refuses what stands there
            self._library.opened.add_done_callback(lambda _opened: self._flush_settings())
        future = self._library.run(self._save_all)
        future.add_done_callback(self._tried)
        return future

    def _flush_settings(self) -> Future[None]:
        future = self._background.submit(self._save_settings)
        future.add_done_callback(self._tried)
        return future

    def settle(self) -> Future[None]:
        """Done once everything is saved, or else is kept in the second place (`kept_in`)."""
        settled: Future[None] = Future()

        def tried(_future: Future[None]) -> None:
            kept = self._executor.submit(self._keep)
            kept.add_done_callback(lambda _kept: settled.set_result(None))

        self.flush().add_done_callback(tried)
        return settled

    def withdraw(self, session: SessionId) -> bool:
        """Takes back that a session is made, if it is not yet and nothing is to go into it."""
        with self._lock:
            about = [one for one in self._waiting if getattr(one.edit, "session", "") == session]
            if len(about) != 1 or not isinstance(about[0].edit, NewSession):
                return False
            self._waiting.remove(about[0])
        return True

    @property
    def unsaved(self) -> bool:
        """Whether anything waits to be saved."""
        return bool(self._waiting)

    @property
    def failing(self) -> bool:
        """Whether the library did not take what waits."""
        return self._failing and self.unsaved

    @property
    def kept_in(self) -> Path | None:
        """The file in the second place that holds what waits; None where none does."""
        return self._second.file

    # --- the end ---------------------------------------------------------------------------

    def secure(self) -> None:
        """Saves what waits, or else has it in the second place, before anything slower ends."""
        self._closing = True
        with contextlib.suppress(Exception):
            self.flush().result(END_AFTER_S)
            self._flush_settings().result(END_AFTER_S)
        self._keep()

    def last_try(self, library: Library) -> None:
        """The library is about to be closed."""
        with contextlib.suppress(Exception):
            self._save_all(library)
            self._save_settings()

    def close(self) -> None:
        """What is not saved by now is left in the second place."""
        self._closing = True
        self._executor.shutdown()
        self._keep()
        self._second.close()
        for left in self._left:
            left.release()
        self._left.clear()
        with self._lock:
            futures = [future for one in self._waiting for future in one.futures]
        for future in futures:
            future.cancel()

    # --- what another run left -------------------------------------------------------------

    def restore(self, library: Library) -> None:
        """Saves what earlier runs kept for this library. What fails now is tried again."""
        folder = self._library.folder
        keys = (key_of(None, folder), *filter(None, (self._library.id,)))
        self._left += left_behind(keys)
        try:
            self._bring_back(library)
        except EarmarkError:
            self._library.later(AGAIN_AFTER_S, self._when_due)

    def _bring_back(self, library: Library) -> None:
        things: dict[str, None] = {}
        aside: Path | None = None
        while self._left:
            left = self._left[0]
            try:
                edits = left.edits()
            except (OSError, ValueError):
                log.warning("what was kept in the second place cannot be read")
                with contextlib.suppress(OSError):
                    aside = left.put_aside(None)
                self._left.pop(0)
                continue
            wrong = []
            for edit in edits:
                try:
                    changes = edit.restore(self._target(library))
                except (NotFound, ValueError):
                    wrong.append(edit)
                else:
                    if edit.thing:
                        things[edit.thing] = None
                    if changes.sessions:
                        self._library.tell(changes)
            self._left.pop(0)
            if wrong:
                with contextlib.suppress(OSError):
                    aside = left.put_aside(wrong)
            left.done()
        if things or aside:
            self._tell_back(", ".join(things), aside)

    def _tell_back(self, things: str, aside: Path | None) -> None:
        sentence = remedy = ""
        if things:
            sentence = _(
                "What could not be saved the last time is back, and saved in the library: {things}."
            ).format(things=things)
        if aside is not None:
            remedy = _(
                "The library has no place any more for something that was kept for it: "
                "it is left in “{file}”."
            ).format(file=aside)
        remedy, sentence = (remedy, sentence) if sentence else ("", remedy)
        self.came_back = Told(sentence, remedy, "warning", "came-back")
        self._events.tell(self.came_back)

    # --- on the library's thread -----------------------------------------------------------

    def _when_due(self) -> None:
        with self._lock:
            self._due = False
        if not self._closing:
            self.flush()

    def _target(self, library: Library) -> Target:
        assert self._write_settings is not None
        return Target(library, self._write_settings)

    def _save_all(self, library: Library) -> None:
        """Saves in order. A library that takes nothing ends it; an edit that is wrong does not."""
        if self._left:
            self._bring_back(library)
        fault: BaseException | None = None
        for one in self._list():
            with self._lock:
                edit = one.edit
            if isinstance(edit, SettingsOf):
                continue
            try:
                changes = edit.apply(self._target(library))
            except NotFound as error:
                self._done(one, edit, None, error)
            except EarmarkError:
                self._look_at(library)
                raise
            except Exception as error:
                log.error("an edit could not be carried out", exc_info=error)
                fault = error
            else:
                self._done(one, edit, changes, None)
        if fault is not None:
            raise fault

    def _save_settings(self) -> None:
        """On any thread but the database's, which never waits for a file."""
        library = self._library.opened_library
        if library is None:
            return  # what is wrong with it is told by whoever needs the database
        with self._beside:
            for one in self._list():
                with self._lock:
                    edit = one.edit
                if isinstance(edit, SettingsOf):
                    self._done(one, edit, edit.apply(self._target(library)), None)

    def _list(self) -> list[_Waiting]:
        with self._lock:
            return list(self._waiting)

    def _last(self, edit: Edit) -> _Waiting | None:
        """What waits about the same thing. Under the lock."""
        if edit.key is None:
            return None
        same = (one for one in reversed(self._waiting) if one.edit.key == edit.key)
        return next(same, None)

    def _done(
        self, one: _Waiting, edit: Edit, changes: Changes | None, error: NotFound | None
    ) -> None:
        """The edit is in the library, or never will be."""
        with self._lock:
            more = one.edit is not edit  # it grew while it was saved: the rest is saved next
            if not more:
                self._waiting.remove(one)
            futures, saved = ([], None) if more else (one.futures, one.saved)
            one.since = time.monotonic()
        self._follow()
        if more:
            return
        if saved is not None and error is None:
            saved(edit)
        if changes is not None and changes != Changes():
            self._library.tell(changes)
        for future in futures:
            if not future.set_running_or_notify_cancel():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(changes or Changes())

    def _look_at(self, library: Library) -> None:
        """How the library has what waits, as long as it can still be read."""
        for one in self._list():
            with self._lock:
                edit = one.edit
            with contextlib.suppress(Exception):
                seen = edit.looked_at(library)
                with self._lock:
                    if one.edit is edit:
                        one.edit = seen

    def _tried(self, future: Future[None]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            if self._failing and not self._waiting:
                self._failing = False
                self._events.tell(Alarm(ALARM, False, ""))
                self._events.tell(Unsaved(False))
            return
        if self._closing or not (self._waiting or self._left):
            return
        self._failing = True
        remedy = error.remedy if isinstance(error, EarmarkError) else ""
        self._events.tell(
            Alarm(
                ALARM,
                True,
                _(
                    "Your changes cannot be saved in the library at the moment. "
                    "They are kept in a second place and tried again."
                ),
                remedy or _("Check the disk of the library."),
            )
        )
        self._executor.submit(self._keep)
        with self._lock:
            start, self._due = not self._due, True
        if start:
            self._library.later(AGAIN_AFTER_S, self._when_due)

    # --- the second place ------------------------------------------------------------------

    def _look_later(self, after: float) -> None:
        self._executor.later(after, self._look)

    def _look(self) -> None:
        """Keeps what has waited too long, and looks again as long as anything waits."""
        with self._lock:
            oldest = min((one.since for one in self._waiting), default=None)
            again = self._looks = oldest is not None and not self._closing
        left = 0.0 if oldest is None else oldest + KEEP_AFTER_S - time.monotonic()
        if oldest is not None and (self._failing or left <= 0):
            self._keep()
        if again:
            self._look_later(max(_SOON_S, left))

    def _keep(self) -> None:
        """Writes everything that waits to the second place."""
        with self._file:
            edits = [one.edit for one in self._list()]
            if not edits:
                self._clear()
                return
            kept = self._second.keep(self._key(), self._library.folder, edits)
        self._events.tell(Unsaved(True, self._second.file if kept else None))

    def _follow(self) -> None:
        """After an edit was saved, and before the next one is: the second place says no more of
        it. Where nothing is kept there, nothing is done."""
        with self._file:
            if self._second.file is None:
                return
            edits = [one.edit for one in self._list()]
            if edits:
                self._second.keep(self._key(), self._library.folder, edits)
            else:
                self._clear()

    def _clear(self) -> None:
        try:
            self._second.clear()
        except OSError as error:
            log.warning("the second place cannot be cleared: errno %s", error.errno)

    def _key(self) -> str:
        folder = self._library.folder
        known = self._library.id or library_id(folder) or KnownLibraries().id_of(folder)
        return key_of(known, folder)
