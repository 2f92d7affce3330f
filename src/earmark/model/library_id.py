"""Which library a folder holds: an id in a small file, readable without the database.

By it an empty mount point is told from the library that was there before, and what is kept
elsewhere for a library finds it again wherever its disk is mounted.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from .files import FILE_MODE, is_there, sync_folder, write_atomically
from .places import SESSION_FILE, SESSIONS
from .units import new_id

ID_FILE = "library.json"
_DATABASE = "library.db"


def library_id(folder: Path) -> str | None:
    """The id of the library in the folder; None where it holds none, or none that can be read."""
    try:
        form = json.loads((folder / ID_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    found = form.get("id") if isinstance(form, dict) else None
    return found if isinstance(found, str) and found.isalnum() and found.isascii() else None


def give_library_id(folder: Path) -> str:
    """The library's id, made now where it has none yet. Raises OSError.

    Two programs that make it at once agree on the one that was there first.
    """
    if (found := library_id(folder)) is not None:
        return found
    data = json.dumps({"v": 1, "id": new_id() + new_id()}).encode() + b"\n"
    if is_there(folder / ID_FILE):  # it cannot be read: made by nobody's hand of ours
        write_atomically(folder / ID_FILE, data)
    else:
        _put_where_there_is_none(folder / ID_FILE, data)
    found = library_id(folder)
    if found is None:
        raise OSError(f"{ID_FILE} cannot be read back")
    return found


def is_library(folder: Path) -> bool:
    """Whether anything in the folder is a library's: its id, its database or a session."""
    if is_there(folder / ID_FILE) or is_there(folder / _DATABASE):
        return True
    try:
        return next((folder / SESSIONS).glob(f"*/*/*/{SESSION_FILE}"), None) is not None
    except OSError:
        return False


def _put_where_there_is_none(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            return
        except OSError:  # a disk without links
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)
