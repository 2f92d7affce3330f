"""Shares that come back: looked at first, then restored as the sessions they were made of."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from earmark.model import (
    Changes,
    Event,
    EventId,
    Milliseconds,
    Session,
    SessionId,
    SessionSummary,
    safe_title,
    session_folder,
)
from earmark.model.files import is_there
from earmark.model.i18n import _

from .jobs import Cancelled, Job
from .librarylane import LibraryLane
from .new_ids import with_new_ids

if TYPE_CHECKING:
    from earmark.library import Library
    from earmark.share.shared_file import SharedFile

OnConflict = Literal["keep", "replace", "skip"]
"""What becomes of a session that is there already: both are kept, it goes to the bin once the new
one is whole, or it alone stays."""


@dataclass(frozen=True, slots=True)
class ToldInstead:
    """What counts instead of what a share says of itself, where given."""

    event: EventId | None = None
    title: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class SharePreview:
    """What a share holds. `takes`, `lines`, `pictures` are counts; `conflict` is the session in
    the library that it is a share of."""

    title: str
    event: str
    place: str
    created_at: datetime
    duration_ms: Milliseconds
    takes: int
    lines: int
    pictures: int
    has_transcript: bool
    kind: str
    conflict: SessionSummary | None


def is_share(path: Path) -> bool:
    """Whether the file is a bundle or a page, by its first bytes or its name."""
    from earmark.share.shared_file import is_share as looks

    return looks(path)


def preview(library: Library, share: SharedFile) -> SharePreview:
    session = share.session
    there = library.same_sitting(session.id, session.created_at)
    conflict = next((each for each in library.summaries() if each.id == there), None)
    return SharePreview(
        session.title,
        session.event.title if session.event else "",
        session.place,
        session.created_at,
        session.timeline.duration_ms,
        len(session.timeline.takes),
        len(session.lines),
        len(session.pictures),
        session.transcript is not None,
        share.kind,
        conflict,
    )


def look(library: LibraryLane, path: Path) -> SharePreview:
    """Blocks. Raises Refused and what else `read_share` does."""
    from earmark.share.shared_file import read_share

    share = read_share(path)
    seen: Future[SharePreview] = library.run(preview, share)
    return seen.result()


def bring_back(
    library: LibraryLane,
    job: Job[Session],
    path: Path,
    on_conflict: OnConflict,
    told: ToldInstead,
) -> Session:
    """The share's session in the library; blocks. With `skip`, the one that was there.

    Nothing is there before everything is: files first, under their final names but in no list,
    then all rows and what the new session replaces in one transaction.
    """
    from earmark.audio.worker import JobCancelled
    from earmark.share.output_file import ShareCancelled
    from earmark.share.shared_file import read_share

    if on_conflict not in get_args(OnConflict):
        raise ValueError(on_conflict)
    library.opened.result()
    share = read_share(path)
    there: SessionId | None = library.run(_same, share).result()
    if there is not None and on_conflict == "skip":
        found: Session = library.run(lambda lib: lib.session(there)).result()
        return found
    try:
        return _restore(library, job, share, there if on_conflict == "replace" else None, told)
    except (JobCancelled, ShareCancelled):
        raise Cancelled from None


def _restore(
    library: LibraryLane,
    job: Job[Session],
    share: SharedFile,
    instead_of: SessionId | None,
    told: ToldInstead,
) -> Session:
    from .sharestage import put_in_place, stage

    named = safe_title(told.title) or share.session.title or _("Untitled")
    date = told.date or share.session.created_at
    own = replace(share.session, title=named, created_at=date)
    session: Session = library.run(_with_free_ids, own).result()
    folder = session_folder(session.created_at, session.title, session.id)
    session = replace(session, folder=folder)
    staged = stage(share, session, library.folder, job.progress, job.cancelled)
    try:
        if job.cancelled.is_set():
            raise Cancelled
        made: tuple[Session, Changes] = library.run(
            _enter,
            staged.session,
            told.event,
            instead_of,
            lambda: put_in_place(staged, library.folder),
        ).result()
    except BaseException:
        shutil.rmtree(staged.folder, ignore_errors=True)
        raise
    return made[0]


def _same(library: Library, share: SharedFile) -> SessionId | None:
    return library.same_sitting(share.session.id, share.session.created_at)


def _with_free_ids(library: Library, session: Session) -> Session:
    """The session with its own ids, or with new ones where any of them is in use."""
    own = tuple(take.id for take in session.takes if take.session is None)
    folder = session_folder(session.created_at, session.title, session.id)
    while library.ids_taken(session.id, own) or is_there(library.folder / folder):
        session = with_new_ids(session)
        own = tuple(take.id for take in session.takes if take.session is None)
        folder = session_folder(session.created_at, session.title, session.id)
    return session


def _enter(
    library: Library,
    session: Session,
    event: EventId | None,
    instead_of: SessionId | None,
    put_in_place: Callable[[], None],
) -> tuple[Session, Changes]:
    filed, new_event = _event(library, session.event, event)
    session = replace(session, event=filed)
    put_in_place()
    try:
        changes = library.enter_session(session, instead_of=instead_of)
    except BaseException:
        shutil.rmtree(library.folder / session.folder, ignore_errors=True)
        raise
    library.write_session_json(session.id)
    return library.session(session.id), replace(changes, events=new_event)


def _event(
    library: Library, told: Event | None, chosen: EventId | None
) -> tuple[Event | None, bool]:
    """The chosen event; else the one of the title the share tells, made where there is none."""
    if chosen is not None:
        return Event(chosen, ""), False
    if told is None:
        return None, False
    there = library.event_of_title(told.title)
    if there is not None:
        return Event(there, told.title), False
    return library.create_event(told.title), True
