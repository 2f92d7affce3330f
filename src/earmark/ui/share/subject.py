"""What is shared, read from the library: a session, or an event with its sessions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earmark.model.session import Event, Session, SessionSummary
from earmark.model.units import EventId, LineId, SessionId

from .choice import Facts, facts_of

if TYPE_CHECKING:
    from earmark.app.librarylane import LibraryLane
    from earmark.library import Library


@dataclass(frozen=True, slots=True)
class Subject:
    """A session, or an event and the sessions in it; `facts`: what can be chosen."""

    facts: Facts
    session: Session | None = None
    event: Event | None = None
    sessions: tuple[SessionSummary, ...] = ()


def session_subject(library: Library, id: SessionId, lines: Collection[LineId]) -> Subject:  # noqa: A002
    """The session as it is now; `lines` are those that can be chosen alone."""
    session = library.session(id)
    return Subject(facts_of(session, lines), session)


def event_subject(library: LibraryLane, id: EventId) -> Subject | None:  # noqa: A002
    """The event; None where there is no such one any more. Blocks; what is typed meanwhile is
    saved between one session and the next."""
    events, sessions = library.run(lambda lib: (lib.events(), lib.summaries(id))).result()
    event = next((one for one in events if one.id == id), None)
    if event is None:
        return None
    facts = Facts(
        event.title,
        lines=0,
        marked=0,
        private=0,
        has_transcript=any(_spoken(library, one.id) for one in sessions),
        has_sound=any(one.duration_ms for one in sessions),
    )
    return Subject(facts, event=event, sessions=sessions)


def _spoken(library: LibraryLane, id: SessionId) -> bool:  # noqa: A002
    session = library.run(lambda lib: lib.session(id)).result()
    return session.transcript is not None and bool(session.transcript.segments)
