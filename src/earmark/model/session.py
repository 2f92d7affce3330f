"""Sessions and events as the rest of the program sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .notes import Bookmark, NoteLine, Picture
from .takes import Take, Timeline
from .transcript import Transcript
from .units import EventId, LineId, Milliseconds, SessionId


@dataclass(frozen=True, slots=True)
class Event:
    """A group of sessions: a conference, a course."""

    id: EventId
    title: str


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One row of the list. `takes` and `lines` are counts."""

    id: SessionId
    title: str
    event: Event | None
    created_at: datetime
    duration_ms: Milliseconds
    takes: int
    lines: int


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting, whole. `folder` is relative to the library folder, with `/`.

    `takes` holds the session's own takes in order, then those of other sessions that its lines
    point to (their `Take.session` is set).
    """

    id: SessionId
    title: str
    created_at: datetime
    folder: str
    event: Event | None = None
    place: str = ""
    summary: str = ""
    takes: tuple[Take, ...] = ()
    lines: tuple[NoteLine, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    pictures: tuple[Picture, ...] = ()
    transcript: Transcript | None = None
    """Without what is off the record."""
    late_refused: frozenset[LineId] = frozenset()
    """Lines that start at their anchor, whatever was said shortly before (`model.latenotes`)."""

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.takes)
