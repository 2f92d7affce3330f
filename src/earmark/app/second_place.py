"""Where edits are kept that the library cannot take: files in the person's state folder, and where
that cannot be written either, in the system's folder for temporary files.

`unsaved/<library>/<run>.json`: one file for each run of the program, so that two of them (a window
and `earmark record`) never write to one. Beside it `<run>.lock` is held while the program lives:
what a living one keeps is its own to save.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from earmark.model import make_folder, new_id, sync_folder, write_atomically
from earmark.model.files import FILE_MODE, FOLDER_MODE

from .edits import Edit, edit_form, edit_of_form
from .known_libraries import path_key
from .places import state_folder

log = logging.getLogger(__name__)
PLACE = "unsaved"
SCHEMA = "earmark.unsaved/1"
_UNPLACED = ".unplaced.json"
"""The end of a name that is never read again by itself: what the library would not take."""


class SecondPlace:
    """This run's file. Not thread-safe: its owner calls from one thread at a time."""

    def __init__(self) -> None:
        self._run = new_id()
        self._lock: int | None = None
        self.file: Path | None = None
        """Where the edits are; None while none are kept."""

    def keep(self, key: str, folder: Path, edits: Sequence[Edit]) -> bool:
        """Replaces what is kept, durably. False where it can be written nowhere."""
        form = {
            "schema": SCHEMA,
            "library": str(folder),
            "edits": [edit_form(edit) for edit in edits],
        }
        data = json.dumps(form, ensure_ascii=False, indent=1).encode(errors="replace")
        for root in _roots():
            target = root / key / f"{self._run}.json"
            if self.file is not None and self.file != target:
                continue
            if self._written(target, data):
                return True
        before = self.file
        if before is not None:  # where it is it cannot be replaced any more: another place, then
            self._forget_lock()
            self.file = None
            self._run = new_id()
            if self.keep(key, folder, edits):
                with contextlib.suppress(OSError):
                    before.unlink(missing_ok=True)
                return True
            self.file = before
        return False

    def clear(self) -> None:
        """Everything is in the library: nothing is kept any more. Raises OSError."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)
            sync_folder(self.file.parent)
            self.file = None
        self._forget_lock()

    def close(self) -> None:
        """Leaves the file, if there is one, to the next run."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _written(self, target: Path, data: bytes) -> bool:
        try:
            make_folder(target.parent)
            if self._lock is None:
                self._lock = _locked(target.with_suffix(".lock"))
            write_atomically(target, data)
        except OSError as error:
            log.info("nothing can be kept in a second place: errno %s", error.errno)
            if self.file is None:
                self._forget_lock(target)
            return False
        self.file = target
        return True

    def _forget_lock(self, target: Path | None = None) -> None:
        target = target or self.file
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            if target is not None:
                with contextlib.suppress(OSError):
                    target.with_suffix(".lock").unlink(missing_ok=True)


class LeftBehind:
    """What another run kept and could not save. Ours until `done`, `release` or `put_aside`."""

    def __init__(self, file: Path, lock: int) -> None:
        self.file = file
        self._lock: int | None = lock

    def edits(self) -> tuple[Edit, ...]:
        """Raises ValueError where the file cannot be understood, OSError where not read."""
        form = json.loads(self.file.read_bytes())
        if not isinstance(form, dict) or form.get("schema") != SCHEMA:
            raise ValueError("not a file of this kind")
        return tuple(edit_of_form(one) for one in form.get("edits", ()))

    def done(self) -> None:
        """Everything in it is durable in the library."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)
            sync_folder(self.file.parent)
        self._give_up_lock()

    def put_aside(self, edits: Sequence[Edit] | None) -> Path:
        """Keeps these edits (None: the file as it is) for a person to look at; never read again."""
        target = self.file.with_name(self.file.stem + _UNPLACED)
        if edits is not None:
            form = {"schema": SCHEMA, "edits": [edit_form(edit) for edit in edits]}
            write_atomically(self.file, json.dumps(form, ensure_ascii=False, indent=1).encode())
        self.file.replace(target)
        sync_folder(target.parent)
        self._give_up_lock()
        return target

    def release(self) -> None:
        """For another time."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _give_up_lock(self) -> None:
        if self._lock is not None:
            with contextlib.suppress(OSError):
                self.file.with_suffix(".lock").unlink(missing_ok=True)
        self.release()


def left_behind(keys: Iterable[str]) -> Iterator[LeftBehind]:
    """What runs that ended kept for these libraries, the oldest first. Their locks are ours."""
    found: list[tuple[int, Path]] = []
    for root in _roots():
        for key in dict.fromkeys(keys):
            with contextlib.suppress(OSError):
                found += [
                    (path.stat().st_mtime_ns, path)
                    for path in (root / key).glob("[!.]*.json")
                    if not path.name.endswith(_UNPLACED)
                ]
    for _age, path in sorted(found):
        try:
            lock = _locked(path.with_suffix(".lock"))
        except OSError:
            continue  # its program lives, or another one is at it
        if not path.exists():  # another one was faster
            os.close(lock)
            continue
        yield LeftBehind(path, lock)


def key_of(library: str | None, folder: Path) -> str:
    """The name under which a library's edits are kept: its id, else its place."""
    return library or f"at-{path_key(os.path.abspath(folder))}"  # noqa: PTH100


def _locked(path: Path) -> int:
    """Raises OSError where somebody holds it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(fd), path.stat()):
            raise BlockingIOError(f"{path.name} was replaced")
    except OSError:
        os.close(fd)
        raise
    return fd


def _roots() -> Iterator[Path]:
    """The folders to try, the best one first."""
    yield state_folder() / PLACE
    temporary = _own_temporary()
    if temporary is not None:
        yield temporary / PLACE


def _own_temporary() -> Path | None:
    """A folder of ours among everybody's temporary files; None where it is somebody else's."""
    folder = Path(tempfile.gettempdir()) / f"earmark-{os.getuid()}"
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(FOLDER_MODE)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if own and not found.st_mode & 0o077 else None
