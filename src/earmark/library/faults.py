"""What storage can do to us, told as sentences of the person's world."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from earmark.model import Busy, DiskFull, EarmarkError, LibraryDamaged, LibraryUnusable
from earmark.model.files import is_folder
from earmark.model.i18n import _

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_LITTLE = 256 * 1024
"""Bytes: with less than this free, a failed write is put down to the full disk."""


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turns errors of SQLite and of files into errors the person can mend; bugs pass through."""
    try:
        yield
    except DBAPIError as error:
        known = _of_database(folder, error.orig)
        if known is None:
            raise
        raise known from error
    except sqlite3.Error as error:
        known = _of_database(folder, error)
        if known is None:
            raise
        raise known from error
    except UnicodeDecodeError as error:  # SQLite tells of a broken table by its broken name
        raise damaged(folder) from error
    except OSError as error:
        raise of_file(folder, error) from error


def _of_database(folder: Path, error: BaseException | None) -> EarmarkError | None:
    if isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error):
        return damaged(folder)
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _DAMAGED:
        return damaged(folder)
    if primary in _BUSY:
        return busy()
    if primary == sqlite3.SQLITE_FULL:
        return full(folder)
    if primary == sqlite3.SQLITE_READONLY:
        return read_only(folder) if folder.is_dir() else vanished(folder)
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return _of_place(folder)
    return None


def _of_place(folder: Path) -> EarmarkError:
    """SQLite says only that input or output failed: the folder itself shows why."""
    if not is_folder(folder):
        return vanished(folder)
    if not writable(folder):
        return read_only(folder)
    if _free_bytes(folder) < _LITTLE:
        return full(folder)
    return LibraryUnusable(
        _("The disk with the library “{folder}” reports errors.").format(folder=folder),
        _("Check the disk and its cable, and copy the folder to another disk."),
    )


def of_file(folder: Path, error: OSError) -> EarmarkError:
    """The sentence for an error of the file system inside the library folder."""
    if error.errno in _FULL:
        return full(folder)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return not_a_folder(folder)
    if error.errno in _READ_ONLY:
        return read_only(folder)
    return _of_place(folder)


def writable(folder: Path) -> bool:
    """Whether files can be made in the folder (a disk mounted read-only counts as no)."""
    return os.access(folder, os.W_OK | os.X_OK)


def _free_bytes(folder: Path) -> int:
    if not hasattr(os, "statvfs"):
        return _LITTLE
    try:
        disk = os.statvfs(folder)
    except OSError:
        return _LITTLE
    return disk.f_bavail * disk.f_frsize


def full(folder: Path) -> DiskFull:
    return DiskFull(
        _("The disk with the library “{folder}” is full.").format(folder=folder),
        _("Make room on it and try again. Everything that was saved is kept."),
    )


def read_only(folder: Path) -> LibraryUnusable:
    return LibraryUnusable(
        _("The library “{folder}” cannot be written to.").format(folder=folder),
        _("Allow writing to the folder, or choose another one with --library."),
    )


def vanished(folder: Path) -> LibraryUnusable:
    return LibraryUnusable(
        _("The library “{folder}” is not there.").format(folder=folder),
        _("Connect its disk again, or choose another folder with --library."),
    )


def not_a_folder(folder: Path) -> LibraryUnusable:
    return LibraryUnusable(
        _("“{folder}” is not a folder.").format(folder=folder),
        _("Choose a folder for the library with --library."),
    )


def damaged(folder: Path) -> LibraryDamaged:
    return LibraryDamaged(
        _("The database of the library “{folder}” is damaged.").format(folder=folder),
        _(
            "Move library.db out of the folder and start Earmark again:"
            " it is rebuilt from the sessions' own files, and no recording is touched."
        ),
    )


def busy() -> Busy:
    return Busy(
        _("Another Earmark is using the library just now."),
        _("Wait for it to finish, or close it, and try again."),
    )


def newer(folder: Path) -> LibraryUnusable:
    return LibraryUnusable(
        _("The library “{folder}” was made by a newer Earmark.").format(folder=folder),
        _("Install the newest Earmark, or choose another folder with --library."),
    )


def stranger(folder: Path) -> LibraryUnusable:
    return LibraryUnusable(
        _("The library.db in “{folder}” is not from Earmark.").format(folder=folder),
        _("Choose another folder for the library with --library."),
    )
