"""Imports: existing recordings become sessions, decoded in the worker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from earmark.model import (
    Changes,
    EventId,
    Frames,
    Gap,
    NotesEdit,
    SampleRate,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    new_id,
    safe_title,
    sync_folder,
)
from earmark.model.i18n import _
from earmark.model.places import session_folder

from . import shareimports
from .events import Events
from .jobs import Cancelled, Job
from .lanes import Lane
from .leftovers import arriving, put_in_place
from .librarylane import LibraryLane
from .news import Told
from .notesfile import FileLine, note_lines, parse_notes
from .shareimports import OnConflict, SharePreview
from .wallclock import local_now

if TYPE_CHECKING:
    from earmark.library import Library


class Imports:
    """One session per file, made only when its sound is in the library."""

    def __init__(self, library: LibraryLane, events: Events, jobs: Lane) -> None:
        self._library = library
        self._events = events
        self._jobs = jobs
        self._waiting: list[Job[Session]] = []

    def import_file(
        self,
        path: Path,
        *,
        title: str = "",
        event: EventId | None = None,
        notes: str | None = None,
    ) -> Job[Session]:
        """Begins to import a file; `notes` is the text of a notes file (`--notes`)."""
        job: Job[Session] = Job(path.name, self._events)
        lines = parse_notes(notes) if notes is not None else ()
        named = safe_title(title)
        return self._begin(job, lambda: self._import(job, path, named, event, lines))

    def is_share(self, path: Path) -> bool:
        """Whether the file is a bundle or a pencast page: then `import_share` is for it."""
        return shareimports.is_share(path)

    def look(self, path: Path) -> Future[SharePreview]:
        """What a bundle or pencast page holds, and what in the library it is a share of."""
        seen: Future[SharePreview] = Future()

        def look() -> None:
            try:
                seen.set_result(shareimports.look(self._library, path))
            except BaseException as error:  # noqa: BLE001 - handed to the one who waits
                seen.set_exception(error)

        self._jobs.run(look)
        return seen

    def import_share(
        self,
        path: Path,
        on_conflict: OnConflict = "keep",
        event: EventId | None = None,
        *,
        title: str = "",
    ) -> Job[Session]:
        """Begins to bring a share back; with `skip` it comes to the session that was there.

        `event` and `title`, where given, count instead of what the share says.
        """
        job: Job[Session] = Job(path.name, self._events)
        return self._begin(
            job,
            lambda: shareimports.bring_back(self._library, job, path, on_conflict, event, title),
        )

    def close(self) -> None:
        """Cancels what is being imported: nothing of it is left."""
        for job in tuple(self._waiting):
            job.cancel()

    def _begin(self, job: Job[Session], work: Callable[[], Session]) -> Job[Session]:
        self._waiting.append(job)
        self._jobs.run(self._run, job, work)
        return job

    def _run(self, job: Job[Session], work: Callable[[], Session]) -> None:
        try:
            session = work()
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            self._waiting.remove(job)
            job.fail(error)
        else:
            self._waiting.remove(job)
            job.succeed(session, session.id)

    def _import(
        self,
        job: Job[Session],
        path: Path,
        title: str,
        event: EventId | None,
        lines: tuple[FileLine, ...],
    ) -> Session:
        from earmark.audio.worker import JobCancelled, run_job

        if job.cancelled.is_set():
            raise Cancelled
        self._library.opened.result()
        session, take, now = SessionId(new_id()), TakeId(new_id()), local_now()
        named = title or safe_title(path.stem) or _("Imported recording")
        folder = session_folder(now, named, session)
        library = self._library.folder
        job.progress(None)
        with arriving(library, session) as arrived:
            try:
                came = run_job(
                    {
                        "job": "import",
                        "source": str(path.absolute()),
                        "library": str(library),
                        "folder": arrived.relative_to(library).as_posix(),
                        "ordinal": 1,
                        "take": take,
                    },
                    job.progress,
                    job.cancelled,
                )
            except JobCancelled:
                raise Cancelled from None
            sync_folder(arrived)
            taken = _taken(take, came, now, folder)
            own = safe_title(title or str(came.get("title") or "")) or named
            made = self._library.run(
                _enter,
                session,
                taken,
                (named, own),
                now,
                event,
                lines,
                lambda: put_in_place(arrived, library, folder),
            ).result()
        if came.get("cut"):
            self._events.tell(
                Told(
                    _("“{name}” ends early or is damaged: what could be read came in.").format(
                        name=path.name
                    ),
                    kind="warning",
                )
            )
        return made[0]


def _taken(take: TakeId, came: dict[str, Any], started_at: datetime, folder: str) -> Take:
    """The take whose files came in, as they will stand in the session's folder."""
    placed = {
        kind: f"{folder}/{PurePosixPath(came[kind]).name}"
        for kind in ("file", "peaks", "original")
        if came.get(kind)
    }
    return Take(
        id=take,
        ordinal=1,
        sample_rate=SampleRate(int(came["rate"])),
        channels=int(came["channels"]),
        frames=Frames(int(came["frames"])),
        started_at=started_at,
        state=TakeState.COMPLETE,
        file=placed["file"],
        codec=str(came["codec"]),
        gaps=tuple(
            Gap(Frames(gap["frame"]), Frames(gap["frames"]), str(gap["cause"]))
            for gap in came.get("gaps", ())
        ),
        peaks=placed.get("peaks"),
        original=placed.get("original"),
    )


def _enter(
    library: Library,
    session: SessionId,
    take: Take,
    titles: tuple[str, str],
    created_at: datetime,
    event: EventId | None,
    lines: tuple[FileLine, ...],
    put_in_place: Callable[[], None],
) -> tuple[Session, Changes]:
    """The files and rows of an imported recording. `titles`: the folder's, the session's own."""
    made, own = titles
    put_in_place()
    library.create_session(made, event=event, created_at=created_at, id=session)
    if own != made:
        library.rename_session(session, own)
    library.put_take(session, take)
    if lines:
        notes = note_lines(lines, library.session(session).timeline)
        library.save_notes(session, NotesEdit(tuple(line.id for line in notes), notes))
    library.write_session_json(session)
    changes = Changes(sessions=frozenset({session}), titles=True, takes=True, notes=bool(lines))
    return library.session(session), changes
