"""What processes left that were killed in the middle: known by their number in its name.

An import puts everything into `run/importing/<session>-<process>/` and renames that to the
session's folder at the very end; any file is written as `.<name>.<process>.part` first. Nothing
else is ever touched, and nothing of a process that lives.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path

from earmark.model import SessionId, make_folder, sync_folder
from earmark.model.files import is_folder
from earmark.model.places import SESSIONS
from earmark.model.processes import lives

from .known_libraries import KnownLibraries

PLACE = "run/importing"
_PART = re.compile(r"\..+\.(\d{1,10})\.part")


@contextmanager
def arriving(library: Path, session: SessionId) -> Iterator[Path]:
    """A folder for what comes in, made now and gone afterwards unless it was put in place."""
    folder = importing_folder(library, session)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def importing_folder(library: Path, session: SessionId) -> Path:
    """A new folder for what comes in. Raises LibraryNotConnected where the library's disk went."""
    KnownLibraries().check(library)
    clear_imports(library)
    folder = library / PLACE / f"{session}-{getpid()}"
    make_folder(folder)
    return folder


def put_in_place(arrived: Path, library: Path, folder: str) -> None:
    """The folder gets its final name, relative to the library, durably."""
    target = library / folder
    make_folder(target.parent)
    arrived.rename(target)
    sync_folder(target.parent)


def imports_left(library: Path) -> tuple[Path, ...]:
    """What imports left that were killed."""
    place = library / PLACE
    if not is_folder(place):
        return ()
    named = [(folder, folder.name.rpartition("-")[2]) for folder in place.iterdir()]
    return tuple(f for f, process in named if process.isdecimal() and not lives(int(process)))


def clear_imports(library: Path) -> None:
    for folder in imports_left(library):
        shutil.rmtree(folder, ignore_errors=True)


def parts_left(library: Path) -> tuple[Path, ...]:
    """Half-written files of processes that are gone, in the sessions' folders and beside them."""
    places = (library, library / "run", library / SESSIONS, library / "run" / "intents")
    folders = [*places, *(library / SESSIONS).glob("*/*/*")]
    found = []
    for folder in folders:
        if folder.is_symlink() or not is_folder(folder):
            continue
        for path in folder.iterdir():
            named = _PART.fullmatch(path.name)
            if named and path.is_file() and not path.is_symlink() and not lives(int(named[1])):
                found.append(path)
    return tuple(found)


def clear_parts(library: Path) -> int:
    """Removes them; how many there were."""
    count = 0
    for path in parts_left(library):
        try:
            path.unlink()
        except OSError:
            continue  # on a disk that may only be read: it stays, and is told of again
        count += 1
    return count
