"""Note taking: bursts of editing become durable within half a second, and say so line by line."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import Future

from earmark.model import LineId, NoteLine, NotesEdit, SessionId, safe_line, tidy_runs

from .edits import Edit, NotesOf
from .events import Events
from .librarylane import LibraryLane
from .news import NotesSaved

SAVE_AFTER_S = 0.2
"""From the first unsaved edit to its transaction: what is typed on meanwhile joins it."""


def safe_note(line: NoteLine) -> NoteLine:
    """The line with text that can be stored: one line, no NULs, no lone surrogates."""
    text = safe_line(line.text)
    if text == line.text:
        return line
    return dataclasses.replace(line, text=text, runs=tidy_runs(text, line.runs))


class Notetaker:
    """Takes edits of notes in. `NotesSaved` tells which lines are durable, as they were at which
    revision. What cannot be saved waits in the library's outbox."""

    def __init__(self, library: LibraryLane, events: Events) -> None:
        self._outbox = library.outbox
        self._events = events
        self._lock = threading.Lock()
        self._revisions: dict[SessionId, int] = {}

    def edit(self, session: SessionId, edit: NotesEdit) -> int:
        """Takes an edit in, at once; returns its revision, counted up per session."""
        safe = dataclasses.replace(edit, changed=tuple(safe_note(line) for line in edit.changed))
        with self._lock:
            revision = self._revisions.get(session, 0) + 1
            self._revisions[session] = revision

        def saved(edit: Edit) -> None:
            assert isinstance(edit, NotesOf)
            lines = tuple(LineId(line.id) for line in edit.edit.changed)
            self._events.tell(NotesSaved(session, lines, revision))

        self._outbox.put(NotesOf(session, safe), SAVE_AFTER_S, saved)
        return revision

    def flush(self) -> Future[None]:
        """Saves everything that waits now; the future is done when it is durable."""
        return self._outbox.flush()

    @property
    def unsaved(self) -> bool:
        """Whether anything waits to be saved."""
        return self._outbox.unsaved
