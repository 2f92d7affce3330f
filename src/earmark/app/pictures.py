"""Pictures of a session: stored beside its takes; the line that shows one names it."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from earmark.model import Picture, Session, SessionId, safe_line

from .librarylane import LibraryLane

SUFFIXES = ("png", "jpg", "jpeg", "gif", "webp", "bmp")


def add_picture(
    library: LibraryLane, session: SessionId, data: bytes, suffix: str, alt: str = ""
) -> Future[Picture]:
    """Stores the picture, durably; the editor then adds its line."""
    return library.run(
        lambda lib: lib.add_picture(session, data, suffix.lower().lstrip("."), safe_line(alt))
    )


def picture_path(library: LibraryLane, session: Session, picture: Picture) -> Path:
    """Where a picture of a session lies."""
    return library.folder / session.folder / picture.file
