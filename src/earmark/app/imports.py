"""Imports: existing recordings become sessions, decoded in the worker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from earmark.model import (
    Anchor,
    Changes,
    EventId,
    Frames,
    Gap,
    LineId,
    LineKind,
    NoteLine,
    NotesEdit,
    NotFound,
    SampleRate,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    new_id,
    safe_title,
    sync_folder,
)
from earmark.model.given import shown
from earmark.model.i18n import _, ngettext
from earmark.model.places import session_folder

from . import shareimports
from .events import Events
from .executors import Executor
from .jobs import Cancelled, Job
from .leftovers import arriving, put_in_place
from .librarylane import LibraryLane
from .news import SoundTrack, Told, TrackTaken
from .notesfile import FileLine, note_lines, parse_notes
from .shareimports import OnConflict, SharePreview
from .transcriptfile import GivenTranscript, read_transcript, transcript_of

if TYPE_CHECKING:
    from earmark.library import Library


class Imports:
    """One session per file, made only when its sound is in the library."""

    def __init__(self, library: LibraryLane, events: Events, jobs: Executor) -> None:
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
        date: datetime | None = None,
        track: int | None = None,
        transcript: GivenTranscript | Path | None = None,
        chapters: bool = True,
        instead_of: Session | None = None,
    ) -> Job[Session]:
        """Begins to import a file; `notes` is the text of a notes file (`--notes`).

        `date`: when it was recorded, else what the file says. `track`: which of its sound tracks,
        from 1, else the one that sounds. `chapters`: the file's become headings, but not where
        they were made of the notes that come along. `instead_of`: an import of the same file,
        which goes to the bin unless something was written into it meanwhile.
        """
        job: Job[Session] = Job(path.name, self._events)
        wanted = _Wanted(
            path,
            safe_title(title),
            event,
            parse_notes(notes) if notes is not None else (),
            date,
            track,
            transcript,
            chapters,
            instead_of,
        )
        return self._begin(job, lambda: self._import(job, wanted))

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

        self._jobs.submit(look)
        return seen

    def import_share(
        self,
        path: Path,
        on_conflict: OnConflict = "keep",
        event: EventId | None = None,
        *,
        title: str = "",
        date: datetime | None = None,
    ) -> Job[Session]:
        """Begins to bring a share back; with `skip` it comes to the session that was there.

        `event`, `title` and `date`, where given, count instead of what the share says.
        """
        job: Job[Session] = Job(path.name, self._events)
        told = shareimports.ToldInstead(event, title, date)
        return self._begin(
            job,
            lambda: shareimports.bring_back(self._library, job, path, on_conflict, told),
        )

    def close(self) -> None:
        """Cancels what is being imported: nothing of it is left."""
        for job in tuple(self._waiting):
            job.cancel()

    def _begin(self, job: Job[Session], work: Callable[[], Session]) -> Job[Session]:
        self._waiting.append(job)
        self._jobs.submit(self._run, job, work)
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

    def _import(self, job: Job[Session], wanted: _Wanted) -> Session:
        from earmark.audio.worker import JobCancelled, run_job

        if job.cancelled.is_set():
            raise Cancelled
        self._library.opened.result()
        if isinstance(wanted.transcript, Path):
            wanted = replace(wanted, transcript=read_transcript(wanted.transcript))
        session, take = SessionId(new_id()), TakeId(new_id())
        library = self._library.folder
        job.progress(None)
        with arriving(library, session) as arrived:
            try:
                came = run_job(
                    {
                        "job": "import",
                        "source": str(wanted.path.absolute()),
                        "library": str(library),
                        "folder": arrived.relative_to(library).as_posix(),
                        "ordinal": 1,
                        "take": take,
                        "track": wanted.track,
                    },
                    job.progress,
                    job.cancelled,
                )
            except JobCancelled:
                raise Cancelled from None
            sync_folder(arrived)
            title = wanted.title or safe_title(str(came.get("title") or ""))
            title = title or _("Imported recording")
            date = wanted.date or datetime.fromisoformat(came["recorded_at"])
            folder = session_folder(date, title, session)
            taken = _taken(take, came, date, folder)
            made: Session = self._library.run(
                _enter,
                Session(session, title, date, folder),
                taken,
                wanted,
                tuple((Frames(each["frame"]), each["title"]) for each in came["chapters"]),
                lambda: put_in_place(arrived, library, folder),
            ).result()[0]
        self._tell_of(wanted, came, made)
        return made

    def _tell_of(self, wanted: _Wanted, came: dict[str, Any], made: Session) -> None:
        """Says what was decided and what is missing."""
        name = shown(wanted.path)
        tracks = tuple(SoundTrack(**track) for track in came["tracks"])
        if len(tracks) > 1 and wanted.track is None:
            self._events.tell(TrackTaken(made, wanted.path, came["track"], tracks))
        self._tell_of_words(wanted, made)
        if came.get("cut"):
            self._events.tell(
                Told(
                    _("“{name}” ends early or is damaged: what could be read came in.").format(
                        name=name
                    ),
                    kind="warning",
                )
            )
        lost = [gap for gap in came.get("gaps", ()) if gap["frame"]]
        if lost:
            seconds = sum(gap["frames"] for gap in lost) / came["rate"]
            self._events.tell(
                Told(
                    ngettext(
                        "“{name}” is damaged in the middle: {seconds} s are missing in {n} place, "
                        "kept as silence where they belong.",
                        "“{name}” is damaged in the middle: {seconds} s are missing in {n} places, "
                        "kept as silence where they belong.",
                        len(lost),
                    ).format(name=name, seconds=round(seconds, 1), n=len(lost)),
                    kind="warning",
                )
            )

    def _tell_of_words(self, wanted: _Wanted, made: Session) -> None:
        """Of a transcript that was given: what of it is not as the person may think."""
        given, there = wanted.transcript, made.transcript
        if not isinstance(given, GivenTranscript):
            return
        missing = len(given.passages) - (len(there.segments) if there is not None else 0)
        if not given.timed:
            told = _("The transcript has no times: its words are spread over the recording.")
            self._events.tell(Told(told, kind="warning"))
        elif missing > 0:
            told = ngettext(
                "{n} passage of the transcript begins after the recording's end: it is left out.",
                "{n} passages of the transcript begin after the recording's end: they are left "
                "out.",
                missing,
            )
            self._events.tell(Told(told.format(n=missing), kind="warning"))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file and what was said about it; see `Imports.import_file`."""

    path: Path
    title: str
    event: EventId | None
    lines: tuple[FileLine, ...]
    date: datetime | None
    track: int | None
    transcript: GivenTranscript | Path | None
    chapters: bool
    instead_of: Session | None


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
    new: Session,
    take: Take,
    wanted: _Wanted,
    chapters: tuple[tuple[Frames, str], ...],
    put_in_place: Callable[[], None],
) -> tuple[Session, Changes]:
    """The files and rows of an imported recording."""
    put_in_place()
    library.create_session(new.title, event=wanted.event, created_at=new.created_at, id=new.id)
    library.put_take(new.id, take)
    headings = _headings(chapters, take) if wanted.chapters else ()
    lines = note_lines(wanted.lines, library.session(new.id).timeline)
    notes = with_chapters(lines, headings)
    if notes:
        library.save_notes(new.id, NotesEdit(tuple(line.id for line in notes), notes))
    if isinstance(wanted.transcript, GivenTranscript):
        library.put_transcript(new.id, transcript_of(wanted.transcript, take))
    binned = _untouched(library, wanted.instead_of)
    if binned is not None:
        library.bin_session(binned)
    library.write_session_json(new.id)
    changed = frozenset({new.id} if binned is None else {new.id, binned})
    changes = Changes(
        sessions=changed,
        titles=True,
        takes=True,
        notes=bool(notes),
        transcript=wanted.transcript is not None,
    )
    return library.session(new.id), changes


def _headings(chapters: tuple[tuple[Frames, str], ...], take: Take) -> tuple[NoteLine, ...]:
    """The file's chapters as headings of the notes."""
    lines = []
    for number, (frame, title) in enumerate(chapters, start=1):
        anchor = Anchor(take.id, frame)
        text = title or _("Chapter {n}").format(n=number)
        lines.append(
            NoteLine(
                id=LineId(new_id()),
                text=text,
                kind=LineKind.HEADING1,
                anchor=anchor,
                runs=(TimeRun(0, anchor),),
            )
        )
    return tuple(lines)


def with_chapters(
    lines: tuple[NoteLine, ...], headings: tuple[NoteLine, ...]
) -> tuple[NoteLine, ...]:
    """The notes with each heading before the first line of its time or later; one that stands
    there already is not put in twice."""
    said = {line.text.casefold() for line in lines}
    merged: list[NoteLine] = []
    left = [heading for heading in headings if heading.text.casefold() not in said]
    for line in lines:
        while left and line.anchor is not None and _frame(left[0]) <= line.anchor.frame:
            merged.append(left.pop(0))
        merged.append(line)
    return (*merged, *left)


def _frame(line: NoteLine) -> int:
    return line.anchor.frame if line.anchor is not None else 0


def _untouched(library: Library, there: Session | None) -> SessionId | None:
    """The session's id where it is as the import left it."""
    if there is None:
        return None
    try:
        now = library.session(there.id)
    except NotFound:
        return None
    same = (now.lines, now.bookmarks, now.pictures, now.transcript, len(now.takes)) == (
        *(there.lines, there.bookmarks, there.pictures, there.transcript, len(there.takes)),
    )
    return there.id if same else None
