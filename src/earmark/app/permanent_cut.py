"""What is off the record is cut for good: its sound becomes silence, its words go (record 12).

Sound → the row that names it → the words → the session's file. Each step may be killed anywhere:
the stretches stay off the record, and asking again does what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from earmark.audio.manifest import ARCHIVE, manifests_folder
from earmark.model import (
    Busy,
    Changes,
    EarmarkError,
    Session,
    SessionId,
    Span,
    Take,
    TakeId,
    sync_folder,
)
from earmark.model.files import is_there
from earmark.model.i18n import _
from earmark.model.places import take_file

from .events import Events
from .executors import Executor
from .jobs import Cancelled, Job
from .librarylane import LibraryLane
from .news import RecordingPhase, RecordingState
from .offrecord import merged
from .replaying import Replayer
from .transcribe_lock import TranscribeLock
from .transcribing import Transcribing

if TYPE_CHECKING:
    from earmark.library import Library

_FORMS = ("flac", "opus", "ogg", "wav", "mp3")
"""The suffixes a take's own file may have."""


@dataclass(frozen=True, slots=True)
class CutOffer:
    """What would be cut: the takes that have something off the record, and how much that is."""

    session: SessionId
    takes: tuple[Take, ...]
    seconds: int

    @property
    def spans(self) -> dict[TakeId, tuple[Span, ...]]:
        return {take.id: take.off_record for take in self.takes}


@dataclass(frozen=True, slots=True)
class CutResult:
    """What came of it. Paths are relative to the library.

    `originals`: imported files that hold the sound as it was; they go when that is asked for.
    `copies`: what else can hold it, made earlier, and left as it is.
    """

    session: SessionId
    seconds: int
    originals: tuple[str, ...]
    copies: tuple[str, ...]


class PermanentCut:
    """Works on the jobs' thread, so that no take is put into its kept form meanwhile."""

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        replay: Replayer,
        transcribing: Transcribing,
        recording: Callable[[], RecordingState],
        being_kept: Callable[[TakeId], bool],
        jobs: Executor,
    ) -> None:
        self._library = library
        self._events = events
        self._replay = replay
        self._transcribing = transcribing
        self._recording = recording
        self._being_kept = being_kept
        self._jobs = jobs
        self._running: Job[CutResult] | None = None

    def look(self, session: SessionId) -> Future[CutOffer]:
        """What would be cut, for the question. Fails with Busy while that cannot be done."""
        return self._library.run(self._look, session)

    def cut(self, offer: CutOffer) -> Job[CutResult]:
        """Cuts what was offered. Only on a person's word.

        The job fails with Busy, or where something else is off the record by now; what was cut
        until then is silent, and asking again goes on with the rest.
        """
        job: Job[CutResult] = Job(_("Cutting what is off the record"), self._events)

        def work() -> None:
            self._running = job
            try:
                result = self._cut(job, offer)
            except BaseException as error:  # noqa: BLE001 - handed to the one who waits
                job.fail(error)
            else:
                job.succeed(result, offer.session)
            finally:
                self._running = None

        self._jobs.submit(work)
        return job

    def remove_originals(self, result: CutResult) -> Future[Changes]:
        """Removes the imported files that a cut left. Only on a person's word."""
        return self._library.run(_remove_originals, result)

    def close(self) -> None:
        """Breaks off: every take is as it was, or cut."""
        if self._running is not None:
            self._running.cancel()

    # --- on the threads ---------------------------------------------------------------------

    def _look(self, library: Library, session: SessionId) -> CutOffer:
        found = library.session(session, transcript=False)
        self._refuse_busy(found)
        takes = tuple(_with_spans(take) for take in found.takes if take.session is None)
        takes = tuple(take for take in takes if take.off_record and take.file is not None)
        for take in takes:
            if not is_there(library.folder / str(take.file)):
                raise EarmarkError(
                    _("The sound of take {ordinal} is missing.").format(ordinal=take.ordinal),
                    _("Put its file back from a copy of the library, then cut it."),
                )
        return CutOffer(session, takes, _seconds(takes))

    def _refuse_busy(self, session: Session) -> None:
        state = self._recording()
        if state.session == session.id and state.phase is not RecordingPhase.IDLE:
            raise Busy(_("This session is being recorded."), _("Stop it, then cut for good."))
        manifests = manifests_folder(self._library.folder)
        for take in session.takes:
            unfinished = take.file is None and take.journal is not None
            if unfinished or self._being_kept(take.id) or (manifests / f"{take.id}.json").exists():
                raise Busy(
                    _("A recording of this session is not yet in its kept form."),
                    _("Wait a moment, then cut for good."),
                )
        if self._transcribing.is_at(session.id, tuple(take.id for take in session.takes)):
            raise _transcribed()

    def _cut(self, job: Job[CutResult], offer: CutOffer) -> CutResult:
        turn = TranscribeLock(self._library.folder)
        if not turn.take():
            raise _transcribed()
        try:
            now = self._library.run(self._look, offer.session).result()
            if now.spans != offer.spans:
                raise EarmarkError(
                    _("Something else is off the record by now; nothing was cut."),
                    _("Look at the waveform, then ask again."),
                )
            self._replay.let_go(frozenset(now.spans))
            try:
                self._silence(job, now)
                self._library.run(_purge_words, now).result()
            finally:
                self._replay.load_anew()
            return self._library.run(_result, now).result()
        finally:
            turn.give_back()

    def _silence(self, job: Job[CutResult], offer: CutOffer) -> None:
        from earmark.audio.worker import JobCancelled, run_job

        whole = max(1, sum(take.frames for take in offer.takes))
        before = 0
        for take in offer.takes:

            def progress(share: float, before: int = before, frames: int = take.frames) -> None:
                job.progress((before + share * frames) / whole)

            try:
                done = run_job(_job(self._library.folder, take), progress, job.cancelled)
            except JobCancelled:
                raise Cancelled from None
            self._library.run(_name_file, offer.session, take, done).result()
            before += take.frames


def _with_spans(take: Take) -> Take:
    """What is off the record of it, inside its length and in order."""
    inside = (
        Span(span.frame, min(span.end, take.frames) - span.frame)  # type: ignore[arg-type]
        for span in take.off_record
    )
    return replace(take, off_record=merged(tuple(inside)))


def _seconds(takes: tuple[Take, ...]) -> int:
    seconds = (s.frames / take.sample_rate for take in takes for s in take.off_record)
    return max(1, round(sum(seconds))) if takes else 0


def _job(library: Path, take: Take) -> dict[str, Any]:
    folder = PurePosixPath(str(take.file)).parent.as_posix()
    return {
        "job": "silence",
        "library": str(library),
        "folder": folder,
        "take": take.id,
        "ordinal": take.ordinal,
        "source": take.file,
        "codec": take.codec,
        "spans": [[span.frame, span.frames] for span in take.off_record],
        "rate": take.sample_rate,
        "frames": take.frames,
        "peaks": take.peaks or f"{folder}/{take_file(take.ordinal, take.id, 'peaks')}",
    }


def _name_file(library: Library, session: SessionId, take: Take, done: dict[str, Any]) -> Changes:
    """The row names the silenced file, durably; then what the take was in before goes."""
    now = library.take(take.id)
    named = replace(now, file=done["file"], codec=done["codec"], peaks=done["peaks"])
    changes = library.put_take(session, named)
    library.write_session_json(session)
    folder = PurePosixPath(str(named.file)).parent
    for suffix in _FORMS:
        former = (folder / take_file(take.ordinal, take.id, suffix)).as_posix()
        if former not in (named.file, named.original):
            _remove(library.folder, former)
    return changes


def _purge_words(library: Library, offer: CutOffer) -> Changes:
    changes = library.purge_words(offer.session, offer.spans)
    library.write_session_json(offer.session)
    return changes


def _result(library: Library, offer: CutOffer) -> CutResult:
    folder = library.folder
    takes = [library.take(take.id) for take in offer.takes]
    found = [*folder.glob("backups/*.db"), *folder.glob("library-*-replaced.db")]
    for take in takes:
        found += (folder / ARCHIVE).glob(f"{take.id}.journal*")
    return CutResult(
        offer.session,
        offer.seconds,
        tuple(name for take in takes for name in _originals(folder, take)),
        tuple(path.relative_to(folder).as_posix() for path in sorted(found)),
    )


def _originals(library: Path, take: Take) -> list[str]:
    """The imported files in the session's folder that hold what the take held before the cut.

    By their names too: a removal that was killed leaves a file which no row knows any more.
    """
    folder = library / str(take.file)
    named = take_file(take.ordinal, take.id, "*").replace("take-", "original-", 1)
    found = {path.relative_to(library).as_posix() for path in folder.parent.glob(named)}
    if take.original is not None and is_there(library / take.original):
        found.add(take.original)
    return sorted(found - {str(take.file)})


def _remove_originals(library: Library, result: CutResult) -> Changes:
    """Each row forgets its imported file, durably, before that goes."""
    for take in library.session(result.session, transcript=False).takes:
        if take.original in result.originals:
            library.put_take(result.session, replace(library.take(take.id), original=None))
            library.write_session_json(result.session)
    for name in result.originals:
        _remove(library.folder, name)
    return Changes(frozenset({result.session}), takes=True)


def _remove(library: Path, name: str) -> None:
    path = library / name
    if is_there(path):
        path.unlink()
        sync_folder(path.parent)


def _transcribed() -> Busy:
    return Busy(
        _("Recordings of this library are being transcribed."),
        _("Wait for that, or cancel it, then cut for good."),
    )
