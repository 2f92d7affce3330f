"""Note taking: bursts of editing become durable within half a second, and say so line by line."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model import (
    Changes,
    EarmarkError,
    LineId,
    NoteLine,
    NotesEdit,
    SessionId,
    safe_line,
    tidy_runs,
)
from earmark.model.i18n import _

from .events import Events
from .librarylane import LibraryLane
from .news import Alarm, NotesSaved

if TYPE_CHECKING:
    from earmark.library import Library

SAVE_AFTER_S = 0.2
"""From the first unsaved edit to its transaction: what is typed on meanwhile joins it."""
RETRY_AFTER_S = 2.0


def safe_note(line: NoteLine) -> NoteLine:
    """The line with text that can be stored: one line, no NULs, no lone surrogates."""
    text = safe_line(line.text)
    if text == line.text:
        return line
    return dataclasses.replace(line, text=text, runs=tidy_runs(text, line.runs))


def joined(first: NotesEdit | None, then: NotesEdit) -> NotesEdit:
    """Two edits as one: later lines win, and a line that came back is not removed."""
    if first is None:
        return then
    changed = {line.id: line for line in (*first.changed, *then.changed)}
    there = set(then.order)
    removed = dict.fromkeys((*first.removed, *then.removed))
    return NotesEdit(
        then.order,
        tuple(line for line in changed.values() if line.id in there),
        tuple(line for line in removed if line not in there),
    )


class Notetaker:
    """Collects edits per session and saves them on the library lane.

    `NotesSaved` tells which lines are durable, as they were at which revision. What could not be
    saved is kept and tried again; an alarm says so until it is saved.
    """

    def __init__(self, library: LibraryLane, events: Events) -> None:
        self._library = library
        self._events = events
        self._lock = threading.Lock()
        self._waiting: dict[SessionId, NotesEdit] = {}
        self._revisions: dict[SessionId, int] = {}
        self._timed = False
        self._failing = False
        self._closing = False

    def edit(self, session: SessionId, edit: NotesEdit) -> int:
        """Takes an edit in, at once; returns its revision, counted up per session."""
        safe = dataclasses.replace(edit, changed=tuple(safe_note(line) for line in edit.changed))
        with self._lock:
            self._waiting[session] = joined(self._waiting.get(session), safe)
            revision = self._revisions.get(session, 0) + 1
            self._revisions[session] = revision
            start, self._timed = not self._timed, True
        if start:
            self._library.later(SAVE_AFTER_S, self._due)
        return revision

    def flush(self) -> Future[None]:
        """Saves everything that waits now; the future is done when it is durable."""
        return self._library.run(self._save_all)

    def close(self) -> None:
        """Saves what waits, once; a save that fails now is not tried again for ever."""
        self._closing = True
        self.flush()

    @property
    def unsaved(self) -> bool:
        """Whether anything waits to be saved."""
        return bool(self._waiting)

    def _due(self) -> None:
        with self._lock:
            self._timed = False
        if self._closing:
            return
        self._library.run(self._save_all).add_done_callback(self._saved)

    def _saved(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None:
            if self._failing and not future.cancelled():
                self._failing = False
                self._events.tell(Alarm("notes-not-saved", False, ""))
            return
        if self._closing:
            return
        self._failing = True
        remedy = error.remedy if isinstance(error, EarmarkError) else ""
        self._events.tell(
            Alarm(
                "notes-not-saved",
                True,
                _("Your notes cannot be saved at the moment. They are kept here and tried again."),
                remedy or _("Check the disk of the library."),
            )
        )
        with self._lock:
            start, self._timed = not self._timed, True
        if start:
            self._library.later(RETRY_AFTER_S, self._due)

    def _save_all(self, library: Library) -> None:
        for session in tuple(self._waiting):
            with self._lock:
                edit = self._waiting.pop(session, None)
                revision = self._revisions.get(session, 0)
            if edit is None:
                continue
            try:
                changes = library.save_notes(session, edit)
            except BaseException:
                with self._lock:
                    newer = self._waiting.get(session)
                    self._waiting[session] = edit if newer is None else joined(edit, newer)
                raise
            lines = tuple(LineId(line.id) for line in edit.changed)
            self._events.tell(NotesSaved(session, lines, revision))
            if isinstance(changes, Changes):
                self._library.tell(changes)
