"""The application for the time of one command."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.app.places import library_folder
from earmark.model.files import is_folder

if TYPE_CHECKING:
    from earmark.app import Earmark


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
        yield earmark
    finally:
        earmark.close()


def library_folder_by_default() -> Path | None:
    """The platform's data folder, when nothing else was asked for."""
    from earmark.app.places import VARIABLE

    return None if os.environ.get(VARIABLE) else library_folder(None)
