"""Copies of the database, and the check of everything the library should hold."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from earmark.model import EarmarkError, Finding, Level, LibraryDamaged, TakeState
from earmark.model.files import is_folder
from earmark.model.i18n import _
from earmark.model.places import SESSION_FILE, SESSIONS

from . import faults, schema
from .store import Store
from .tables import PictureRow, SessionRow, TakeRow


class Safety(Store):
    def backup(self, reason: str) -> Path:
        """A consistent copy of the database in `backups/`, named for the reason."""
        name = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40] or "asked"
        with faults.told(self.folder):
            return schema.back_up(self.folder, name)

    def copy_to(self, target: Path, *, replace: bool = False) -> None:
        """A consistent copy of the database at a place of the person's choice.

        Raises EarmarkError, with nothing changed, where something is there already (unless it may
        be replaced), inside the library folder, or where nothing can be written.
        """
        if target.resolve().is_relative_to(self.folder.resolve()):
            raise EarmarkError(
                _("“{path}” lies inside the library itself.").format(path=target),
                _("Choose a place outside it, best on another disk."),
            )
        if is_folder(target) or not is_folder(target.parent):
            folder = target if is_folder(target) else target.parent
            told = (
                _("“{path}” is a folder.")
                if is_folder(target)
                else _("There is no folder “{path}”.")
            )
            raise EarmarkError(
                told.format(path=folder), _("Name a file in a folder that is there.")
            )
        if os.path.lexists(target) and not replace:
            raise EarmarkError(
                _("“{path}” is there already.").format(path=target),
                _("Choose another name, or replace it with --force."),
            )
        with faults.told(self.folder):
            try:
                schema.copy_database(self.folder, target)
            except (OSError, sqlite3.OperationalError) as error:
                if isinstance(error, sqlite3.OperationalError) and not _of_storage(error):
                    raise
                self._check_readable()
                raise EarmarkError(
                    _("The copy “{path}” cannot be written: {reason}.").format(
                        path=target, reason=getattr(error, "strerror", None) or str(error)
                    ),
                    _("Allow writing there or make room, or choose another place."),
                ) from error

    def _check_readable(self) -> None:
        """Raises what is wrong with the library's own disk, if it is that."""
        self.check_place()
        with self.reading() as connection:
            connection.execute(select(SessionRow.id).limit(1)).all()

    def check(self) -> tuple[Finding, ...]:
        """What is wrong with the database or missing beside it; where nothing is, that."""
        try:
            with self.reading() as connection:
                found = tuple(self._findings(connection))
        except LibraryDamaged as error:
            return (Finding(Level.ERROR, error.what, error.remedy),)
        return found or (
            Finding(Level.GOOD, _("The library is whole: everything is in its place.")),
        )

    def _findings(self, connection: Connection) -> Iterator[Finding]:
        answer = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        links = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if answer != "ok" or links is not None:
            error = faults.damaged(self.folder)
            yield Finding(Level.ERROR, error.what, error.remedy)
        sessions = connection.execute(
            select(SessionRow.id, SessionRow.title, SessionRow.folder, SessionRow.binned_at)
        ).all()
        for row in sessions:
            if not (self.folder / row.folder).is_dir():
                yield _missing(_("The folder of the session “{title}” is missing."), row.title)
        takes = connection.execute(
            select(TakeRow.__table__, SessionRow.title)
            .join(SessionRow, SessionRow.id == TakeRow.session_id)
            .order_by(SessionRow.created_us, TakeRow.ordinal)
        )
        for take in takes:
            yield from self._take(take)
        pictures = connection.execute(
            select(PictureRow.file, SessionRow.folder, SessionRow.title).join(
                SessionRow, SessionRow.id == PictureRow.session_id
            )
        )
        for picture in pictures:
            if not (self.folder / picture.folder / picture.file).is_file():
                yield _missing(_("A picture of the session “{title}” is missing."), picture.title)
        yield from self._strangers({row.folder for row in sessions})

    def _take(self, take: Row[Any]) -> Iterator[Finding]:
        title, ordinal = take.title, take.ordinal
        sound = take.file or take.journal
        running = take.state == TakeState.RECORDING
        if sound is None and take.codec is None and not running:
            return  # notes that came without their sound
        if not (running if sound is None else (self.folder / sound).is_file()):
            what = _("The sound of take {ordinal} of the session “{title}” is missing.")
            yield _missing(what, title, ordinal)
        original = take.original
        if original is not None and not (self.folder / original).is_file():
            what = _("The imported file of take {ordinal} of the session “{title}” is missing.")
            yield _missing(what, title, ordinal)

    def _strangers(self, known: set[str]) -> Iterator[Finding]:
        """Folders of sessions that the database does not know."""
        for folder in sorted((self.folder / SESSIONS).glob("*/*/*")):
            name = folder.relative_to(self.folder).as_posix()
            if name in known or not folder.is_dir() or not any(folder.iterdir()):
                continue
            if (folder / SESSION_FILE).exists():
                remedy = _("To take it in, move library.db out of the folder and start again.")
            else:
                remedy = _("Import its recordings with `earmark import`, or leave it as it is.")
            yield Finding(
                Level.WARNING,
                _("The folder “{name}” is not in the library.").format(name=name),
                remedy,
            )
        for folder in sorted((self.folder / "bin").glob("*")):
            yield Finding(
                Level.WARNING,
                _("“{name}” was left over when a session was deleted for good.").format(
                    name=f"bin/{folder.name}"
                ),
                _("Delete it, or restore its session from the bin."),
            )


def _of_storage(error: sqlite3.Error) -> bool:
    return (error.sqlite_errorcode or 0) & 0xFF in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
    )


def _missing(sentence: str, title: str, ordinal: int = 0) -> Finding:
    return Finding(
        Level.ERROR,
        sentence.format(title=title, ordinal=ordinal),
        _("Put it back from a copy of the library folder."),
    )
