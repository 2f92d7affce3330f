"""Bookmarks: marks dropped without typing."""

from __future__ import annotations

import dataclasses
from concurrent.futures import Future

from earmark.model import Anchor, Bookmark, BookmarkId, Changes, SessionId, new_id, safe_line

from .librarylane import LibraryLane


def drop_bookmark(
    library: LibraryLane, session: SessionId, anchor: Anchor, label: str = ""
) -> tuple[Bookmark, Future[Changes]]:
    """Marks a moment; the bookmark is known at once."""
    bookmark = Bookmark(BookmarkId(new_id()), anchor, safe_line(label).strip())
    return bookmark, library.run(lambda lib: lib.add_bookmark(session, bookmark))


def place_bookmark(
    library: LibraryLane, session: SessionId, bookmark: Bookmark, anchor: Anchor
) -> Future[Changes]:
    """Puts a bookmark at another moment."""
    placed = dataclasses.replace(bookmark, anchor=anchor)
    return library.run(lambda lib: lib.add_bookmark(session, placed))


def remove_bookmark(
    library: LibraryLane, session: SessionId, bookmark: BookmarkId
) -> Future[Changes]:
    return library.run(lambda lib: lib.remove_bookmark(session, bookmark))
