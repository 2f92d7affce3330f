"""`earmark import`."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.app.notes_with_sound import is_notes_file, notes_with_sound
from earmark.app.transcriptfile import GivenTranscript, read_transcript
from earmark.model import EarmarkError, EventId, Session, safe_title
from earmark.model.given import open_given, shown
from earmark.model.i18n import _

from .opening import opened
from .output import complain, print_json, print_line
from .watching import watched

if TYPE_CHECKING:
    from earmark.app import Earmark
    from earmark.app.jobs import Job
    from earmark.app.shareimports import OnConflict

_MAX_NOTES = 32 << 20
"""Bytes of a notes file that are read."""


def bring(folder: Path, arguments: Namespace) -> int:
    """The good files come in; each bad one gets its sentence, and the exit is 1."""
    notes = _read_notes(Path(arguments.notes)) if arguments.notes is not None else None
    transcript = (
        read_transcript(Path(arguments.transcript)) if arguments.transcript is not None else None
    )
    came: list[dict[str, object]] = []
    failed = False
    with opened(folder, writes=True) as earmark:
        event = None
        if arguments.event is not None and safe_title(arguments.event):
            event = (
                earmark.library.run(lambda lib: lib.find_event(arguments.event, create=True))
                .result()
                .id
            )
        for name in arguments.files:
            try:
                wanted = _Wanted(
                    Path(name),
                    arguments.title or "",
                    event,
                    notes,
                    arguments.on_conflict,
                    arguments.date,
                    arguments.track,
                    transcript,
                )
                session = _import(earmark, wanted)
            except EarmarkError as error:
                complain(EarmarkError(f"{name}: {error.what}", error.remedy))
                failed = True
                continue
            came.append({"id": session.id, "title": session.title, "file": str(name)})
            if not arguments.json:
                print_line(f"{session.id}\t{session.title}")
    if arguments.json:
        print_json(came)
    return 1 if failed else 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One file of the command line and what was said about it."""

    path: Path
    title: str
    event: EventId | None
    notes: str | None
    on_conflict: OnConflict
    date: datetime | None
    track: int | None
    transcript: GivenTranscript | None


def _import(earmark: Earmark, wanted: _Wanted) -> Session:
    return watched(earmark, wanted.path.name, lambda: _begin(earmark, wanted))


def _begin(earmark: Earmark, wanted: _Wanted) -> Job[Session]:
    """By what is in the file: a share, notes whose sound lies beside them, or a recording."""
    path, title, event, date = wanted.path, wanted.title, wanted.event, wanted.date
    if earmark.imports.is_share(path):
        if wanted.notes is not None:
            raise EarmarkError(
                _("This file brings its own notes: a notes file goes with a recording."),
                _("Import it without --notes."),
            )
        if wanted.track is not None:
            raise EarmarkError(
                _("This file is a share: it has no sound tracks to choose from."),
                _("Import it without --track."),
            )
        if wanted.transcript is not None:
            raise EarmarkError(
                _("This file brings its own words: a transcript goes with a recording."),
                _("Import it without --transcript."),
            )
        return earmark.imports.import_share(path, wanted.on_conflict, event, title=title, date=date)
    notes = wanted.notes
    shared = notes is None and is_notes_file(path)
    if shared:
        found = notes_with_sound(path, _read_notes(path))
        path, title, notes = found.sound, title or found.title, found.text
    return earmark.imports.import_file(
        path,
        title=title,
        event=event,
        notes=notes,
        date=date,
        track=wanted.track,
        transcript=wanted.transcript,
        chapters=not shared,
    )


def _read_notes(path: Path) -> str:
    try:
        with open_given(path) as file:
            return file.read(_MAX_NOTES).decode("utf-8", "replace")
    except OSError as error:
        raise EarmarkError(
            _("The notes file “{name}” cannot be read: {reason}.").format(
                name=shown(path), reason=error.strerror
            ),
            _("Check its name; nothing was imported."),
        ) from error
