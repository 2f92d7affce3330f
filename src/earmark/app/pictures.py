"""Pictures of a session: stored beside its takes; the line that shows one names it."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.model import (
    EarmarkError,
    Picture,
    Session,
    SessionId,
    make_folder,
    safe_line,
    write_atomically,
)
from earmark.model.given import open_given
from earmark.model.i18n import _

from .librarylane import LibraryLane

if TYPE_CHECKING:
    from .earmark import Earmark

SUFFIXES = ("png", "jpg", "jpeg", "gif", "webp", "bmp")
LARGEST_BYTES = 64 << 20


def add_picture(
    earmark: Earmark, session: SessionId, data: bytes, suffix: str, alt: str = ""
) -> Future[Picture]:
    """Stores the picture, durably; the editor then adds its line."""
    return earmark.executors.background.submit(_add, earmark.library, session, data, suffix, alt)


def add_picture_file(earmark: Earmark, session: SessionId, path: Path) -> Future[Picture]:
    """Stores a copy of a picture file, described by its name."""

    def add() -> Picture:
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
        return _add(earmark.library, session, data, path.suffix, path.stem)

    return earmark.executors.background.submit(add)


def _add(library: LibraryLane, session: SessionId, data: bytes, suffix: str, alt: str) -> Picture:
    """Writes the file, then tells the database of it. The file is written off the database's
    thread: 64 MB on a slow disk must not hold up a line that is typed meanwhile."""
    from earmark.library.faults import told

    ending = suffix.lower().lstrip(".")
    picture, target = library.run(
        lambda lib: lib.place_picture(session, ending, safe_line(alt))
    ).result()
    with told(library.folder):
        make_folder(target.parent)
        write_atomically(target, data)
    library.run(lambda lib: lib.enter_picture(session, picture)).result()
    return picture


def picture_path(library: LibraryLane, session: Session, picture: Picture) -> Path:
    """Where a picture of a session lies."""
    return library.folder / session.folder / picture.file
