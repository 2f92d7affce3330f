"""Opening a library folder: refused with a sentence, or made, migrated or rebuilt, then ready."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from earmark.model import LibraryUnusable, make_folder
from earmark.model.i18n import _

from . import building, faults, schema, tables
from .glance import DATABASE
from .lock import LibraryLock

_DISKS = ("/media", "/mnt", "/run/media", "/Volumes")
"""Where disks come and go: a missing folder there is a missing disk, not a new library."""


def prepare(folder: Path, *, create: bool) -> LibraryLock:
    """Leaves the folder with a database of the newest version and its lock shared."""
    with faults.told(folder):
        _look(folder, create=create)
        if create:
            make_folder(folder)
        if not faults.writable(folder):
            raise faults.read_only(folder)
        schema.schema_of(folder)  # refuses before anything is made beside it
        lock = LibraryLock(folder)
        with _freed_on_error(lock):
            lock.share()
            if schema.schema_of(folder) != tables.SCHEMA:
                lock.own()
                _bring_up_to_date(folder)
                lock.share()
            building.make_places(folder)
        return lock


def rebuild(folder: Path) -> None:
    """Makes the database anew from the sessions' files, with nobody else in the library."""
    with faults.told(folder):
        _look(folder, create=False)
        lock = LibraryLock(folder)
        try:
            lock.own(wait=2)
            building.build(folder, building.refill(folder))
        finally:
            lock.release()


def _look(folder: Path, *, create: bool) -> None:
    if folder.is_dir():
        if not create and not (folder / DATABASE).exists() and not building.has_sessions(folder):
            raise LibraryUnusable(
                _("There is no library in “{folder}”.").format(folder=folder),
                _("Choose another folder with --library."),
            )
        return
    if os.path.lexists(folder) and not folder.is_symlink():
        raise faults.not_a_folder(folder)
    on_a_disk = folder.absolute().as_posix().startswith(tuple(f"{d}/" for d in _DISKS))
    if not create or folder.is_symlink() or (on_a_disk and not folder.parent.is_dir()):
        raise faults.vanished(folder)


def _bring_up_to_date(folder: Path) -> None:
    """Alone in the library: another process may have done it while this one waited."""
    version = schema.schema_of(folder)
    if version is None:
        building.build(folder, building.refill(folder))
    elif version != tables.SCHEMA:
        schema.migrate(folder)


@contextlib.contextmanager
def _freed_on_error(lock: LibraryLock) -> Iterator[None]:
    try:
        yield
    except BaseException:
        lock.release()
        raise
