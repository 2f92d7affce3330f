"""Bookmarks: marks dropped without typing."""

from __future__ import annotations

import dataclasses
from concurrent.futures import Future

from earmark.model import Anchor, Bookmark, BookmarkId, Changes, SessionId, new_id, safe_line

from .edits import BookmarkOf
from .librarylane import LibraryLane


def drop_bookmark(
    library: LibraryLane, session: SessionId, anchor: Anchor, label: str = ""
) -> tuple[Bookmark, Future[Changes]]:
    """Marks a moment; the bookmark is known at once."""
    bookmark = Bookmark(BookmarkId(new_id()), anchor, safe_line(label).strip())
    return bookmark, library.outbox.put(BookmarkOf(session, bookmark.id, bookmark))


def place_bookmark(
    library: LibraryLane, session: SessionId, bookmark: Bookmark, anchor: Anchor
) -> Future[Changes]:
    """Puts a bookmark at another moment."""
    placed = dataclasses.replace(bookmark, anchor=anchor)
    return library.outbox.put(BookmarkOf(session, placed.id, placed))


def remove_bookmark(
    library: LibraryLane, session: SessionId, bookmark: BookmarkId
) -> Future[Changes]:
    return library.outbox.put(BookmarkOf(session, bookmark, None))
