"""The application for the time of one command."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.app.places import library_folder
from earmark.model.files import is_folder
from earmark.model.i18n import _

from .output import tell

if TYPE_CHECKING:
    from earmark.app import Earmark
    from earmark.app.outbox import Outbox


@contextlib.contextmanager
def opened(folder: Path, *, writes: bool = False) -> Iterator[Earmark]:
    """The application, its library open. Raises LibraryUnusable.

    A command that only reads makes no library where a folder was named that is not there: it
    may lie on a disk that is not connected.
    """
    from earmark.app import Earmark

    create = writes or is_folder(folder) or folder == library_folder_by_default()
    earmark = Earmark(folder, create=create)
    try:
        earmark.library.opened.result()
        if (back := earmark.library.outbox.came_back) is not None:
            tell(f"{back.sentence} {back.remedy}".strip())
        yield earmark
    finally:
        earmark.close()
        _tell_unsaved(earmark.library.outbox)


def _tell_unsaved(outbox: Outbox) -> None:
    """Where that is which the library did not take."""
    if not outbox.unsaved:
        return
    file = outbox.kept_in
    if file is None:
        tell(_("What could not be saved is lost: it could not be kept anywhere else either."))
    else:
        tell(
            _(
                "What could not be saved is kept in “{file}”; it comes back by itself when this "
                "library is opened the next time."
            ).format(file=file)
        )


def library_folder_by_default() -> Path | None:
    """The platform's data folder, when nothing else was asked for."""
    from earmark.app.places import VARIABLE

    return None if os.environ.get(VARIABLE) else library_folder(None)
