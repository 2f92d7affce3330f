"""`earmark import`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.app.news import JobProgress, News, Told
from earmark.model import EarmarkError, EventId, Session, safe_title
from earmark.model.i18n import _

from .opening import opened
from .output import complain, print_json, print_line, progress, tell

if TYPE_CHECKING:
    from earmark.app import Earmark

_MAX_NOTES = 32 << 20
"""Bytes of a notes file that are read."""


def bring(folder: Path, arguments: Namespace) -> int:
    """The good files come in; each bad one gets its sentence, and the exit is 1."""
    notes = _read_notes(Path(arguments.notes)) if arguments.notes is not None else None
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
                session = _import(earmark, Path(name), arguments.title or "", event, notes)
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


def _import(
    earmark: Earmark, path: Path, title: str, event: EventId | None, notes: str | None
) -> Session:
    with progress(path.name) as show:
        job = earmark.imports.import_file(path, title=title, event=event, notes=notes)

        def listen(news: News) -> None:
            if isinstance(news, JobProgress) and news.job == job.id:
                show(news.fraction)
            elif isinstance(news, Told):
                tell(f"{news.sentence} {news.remedy}".strip())

        end = earmark.events.subscribe(listen)
        try:
            return job.future.result()
        except KeyboardInterrupt:
            job.cancel()
            raise
        finally:
            end()


def _read_notes(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_NOTES).decode("utf-8", "replace")
    except OSError as error:
        raise EarmarkError(
            _("The notes file “{name}” cannot be read: {reason}.").format(
                name=path.name, reason=error.strerror
            ),
            _("Check its name; nothing was imported."),
        ) from error
