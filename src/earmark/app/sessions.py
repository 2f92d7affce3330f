"""What a person does with sessions and events, one function each; rows change on the lane."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from datetime import datetime
from typing import TYPE_CHECKING

from earmark.model import (
    Changes,
    Event,
    EventId,
    Session,
    SessionId,
    SessionSummary,
    new_id,
    safe_line,
    safe_title,
)

from .edits import Details, NewSession
from .librarylane import LibraryLane
from .take_plan import TakePlan

if TYPE_CHECKING:
    from earmark.library import Library

TAKE_BACK_AGAIN_S = 0.5
TAKE_BACK_TRIES = 10


def new_session(
    library: LibraryLane, title: str = "", event: EventId | None = None
) -> tuple[SessionId, Future[Session]]:
    """A session without sound yet; its id is known at once. Title: date and time if empty."""
    session = SessionId(new_id())
    sitting = TakePlan.new(session, title, event)
    library.fresh[session] = sitting
    made = NewSession(session, sitting.title, sitting.created_at, event)
    library.outbox.put(made)
    return session, library.run(lambda lib: lib.session(session))


def take_back(
    library: LibraryLane,
    save_notes: Callable[[], object],
    id: SessionId,  # noqa: A002
    title: str,
) -> None:
    """A session made by Record alone, whose recording never began, goes out of the list again.

    One in which there is anything stays; it is tried some times, for an ended take may still be
    about to go. `save_notes` saves what was typed and not saved yet.
    """
    library.fresh.pop(id, None)
    if library.outbox.withdraw(id):
        return
    left = TAKE_BACK_TRIES

    def attempt(lib: Library) -> Changes:
        nonlocal left
        changes = lib.withdraw_session(id, title)
        left -= 1
        if not changes.sessions and left:
            library.later(TAKE_BACK_AGAIN_S, lambda: library.run(attempt))
        return changes

    save_notes()
    library.run(attempt)


def summaries(
    library: LibraryLane, event: EventId | None = None
) -> Future[tuple[SessionSummary, ...]]:
    """The list, newest first."""
    return library.run(lambda lib: lib.summaries(event))


def session(library: LibraryLane, id: SessionId) -> Future[Session]:  # noqa: A002
    """One session, whole."""
    return library.run(lambda lib: lib.session(id))


def rename(library: LibraryLane, id: SessionId, title: str) -> Future[Changes]:  # noqa: A002
    """Another title; an empty one leaves the old."""
    named = safe_title(title)
    if not named:
        return library.run(lambda _: Changes())
    return library.outbox.put(Details(id, title=named))


def set_details(
    library: LibraryLane,
    id: SessionId,  # noqa: A002
    *,
    place: str | None = None,
    summary: str | None = None,
) -> Future[Changes]:
    """Place and one-line summary; None leaves as it is."""
    place = None if place is None else safe_line(place).strip()
    summary = None if summary is None else safe_line(summary).strip()
    return library.outbox.put(Details(id, place=place, summary=summary))


def set_date(library: LibraryLane, id: SessionId, date: datetime) -> Future[Changes]:  # noqa: A002
    """When the session was."""
    return library.run(lambda lib: lib.set_date(id, date))


def move(library: LibraryLane, id: SessionId, event: EventId | None) -> Future[Changes]:  # noqa: A002
    """Into an event, or out of any."""
    return library.run(lambda lib: lib.move_session(id, event))


def delete(library: LibraryLane, id: SessionId) -> Future[Changes]:  # noqa: A002
    """Into the bin; `restore` undoes it."""
    return library.run(lambda lib: lib.bin_session(id))


def restore(library: LibraryLane, id: SessionId) -> Future[Changes]:  # noqa: A002
    """Out of the bin."""
    return library.run(lambda lib: lib.restore_session(id))


def binned(library: LibraryLane) -> Future[tuple[SessionSummary, ...]]:
    """What is in the bin."""
    return library.run(lambda lib: lib.binned())


def empty_bin(library: LibraryLane, ids: Collection[SessionId]) -> Future[None]:
    """Deletes those of `ids` that are (still) in the bin for good: only on a person's word."""

    def empty(lib: Library) -> None:
        for one in lib.binned():
            if one.id in ids:
                library.tell(lib.purge_session(one.id))

    return library.run(empty)


def events(library: LibraryLane) -> Future[tuple[Event, ...]]:
    return library.run(lambda lib: lib.events())


def create_event(library: LibraryLane, title: str) -> Future[Event]:
    def create(lib: Library) -> Event:
        made = lib.create_event(safe_title(title))
        library.tell(Changes(events=True))
        return made

    return library.run(create)


def rename_event(library: LibraryLane, id: EventId, title: str) -> Future[Changes]:  # noqa: A002
    return library.run(lambda lib: lib.rename_event(id, safe_title(title)))


def remove_event(library: LibraryLane, id: EventId) -> Future[Changes]:  # noqa: A002
    """The event goes; its sessions stay, unfiled."""
    return library.run(lambda lib: lib.remove_event(id))
