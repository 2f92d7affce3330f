"""Pictures of a session: stored beside its takes; the line that shows one names it."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.model import EarmarkError, Picture, Session, SessionId, safe_line
from earmark.model.given import open_given
from earmark.model.i18n import _

from .librarylane import LibraryLane

if TYPE_CHECKING:
    from earmark.library import Library

SUFFIXES = ("png", "jpg", "jpeg", "gif", "webp", "bmp")
LARGEST_BYTES = 64 << 20


def add_picture(
    library: LibraryLane, session: SessionId, data: bytes, suffix: str, alt: str = ""
) -> Future[Picture]:
    """Stores the picture, durably; the editor then adds its line."""
    return library.run(
        lambda lib: lib.add_picture(session, data, suffix.lower().lstrip("."), safe_line(alt))
    )


def add_picture_file(library: LibraryLane, session: SessionId, path: Path) -> Future[Picture]:
    """Stores a copy of a picture file, described by its name; read on the library's lane."""

    def add(lib: Library) -> Picture:
        try:
            with open_given(path) as file:
                data = file.read(LARGEST_BYTES + 1)
        except OSError as error:
            raise EarmarkError(
                _("The picture “{name}” cannot be read: {reason}.").format(
                    name=path.name, reason=error.strerror
                ),
                _("Check that it is there and that you may read it."),
            ) from error
        if len(data) > LARGEST_BYTES:
            raise EarmarkError(
                _("The picture “{name}” is too large.").format(name=path.name),
                _("Save it smaller than 64 MB, then add it again."),
            )
        return lib.add_picture(session, data, path.suffix.lower().lstrip("."), safe_line(path.stem))

    return library.run(add)


def picture_path(library: LibraryLane, session: Session, picture: Picture) -> Path:
    """Where a picture of a session lies."""
    return library.folder / session.folder / picture.file
