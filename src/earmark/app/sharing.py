"""Share: sessions leave the library as files that others can open, made in a worker process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.model import EventId, LineId, NotFound, Session, SessionId
from earmark.model.i18n import _
from earmark.share.content import Only, ShareOptions, share_content
from earmark.share.formats import FormSpec, ShareForm, form_for
from earmark.share.options import MAIL_LIMIT_BYTES, AudioForm, WriteOptions, Written
from earmark.worker.client import JobCancelled

from .events import Events
from .executors import Executor
from .jobs import Cancelled, Job
from .librarylane import LibraryLane
from .sessions import session as read_session
from .sharetargets import refuse_own_files

if TYPE_CHECKING:
    from concurrent.futures import Future


__all__ = [
    "MAIL_LIMIT_BYTES",
    "AudioForm",
    "FormSpec",
    "Only",
    "ShareForm",
    "ShareOptions",
    "ShareRequest",
    "Sharing",
    "WriteOptions",
    "Written",
    "form_for",
    "missing_sound",
]


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """One session to be shared as one file (or folder) at `target`.

    `replace`: what stands at `target` may be replaced; else TargetExists.
    """

    session: SessionId
    target: Path
    form: ShareForm = ShareForm.HTML
    options: ShareOptions = field(default_factory=ShareOptions)
    write: WriteOptions = field(default_factory=WriteOptions)
    replace: bool = False


class Sharing:
    """One share at a time, on its own executor: neither imports nor the end of a recording wait.

    A job's future fails with TargetExists, NotFound, Busy, DiskFull, another EarmarkError, or
    Cancelled; nothing of it is left then.
    """

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        saved: Callable[[], Future[None]],
        executor: Executor,
    ) -> None:
        self._library = library
        self._events = events
        self._saved = saved
        self._executor = executor
        self._lock = threading.Lock()
        self._closed = False
        self._waiting: list[Job[Written]] = []

    def share(self, request: ShareRequest) -> Job[Written]:
        """Begins to write one session; what is typed by now is in it."""
        return self._begin(request.target, lambda job: self._share(job, request))

    def share_event(
        self,
        event: EventId,
        target: Path,
        write: WriteOptions | None = None,
        *,
        options: ShareOptions | None = None,
        replace: bool = False,
    ) -> Job[Written]:
        """Begins to write the report of an event, all its sessions as a static site, into the new
        folder `target`. With `replace` a report that is there gives way, nothing else does."""
        options, write = options or ShareOptions(), write or WriteOptions()
        return self._begin(
            target,
            lambda job: self._share_event(job, event, target, options, write, replace),
        )

    def clip(
        self,
        session: SessionId,
        lines: Sequence[LineId],
        target: Path,
        *,
        write: WriteOptions | None = None,
        look_back_ms: int = ShareOptions().look_back_ms,
        replace: bool = False,
    ) -> Job[Written]:
        """Begins to write these lines alone, with the sound around their moments: a pencast
        where `target` ends in .html, else a short sound file with their text as its title."""
        form = form_for(target) or ShareForm.AUDIO
        options = ShareOptions(only=Only.LINE, lines=tuple(lines), look_back_ms=look_back_ms)
        write = write or WriteOptions()
        return self.share(ShareRequest(session, target, form, options, write, replace))

    def estimate(
        self,
        session: Session,
        form: ShareForm = ShareForm.HTML,
        options: ShareOptions | None = None,
        write: WriteOptions | None = None,
    ) -> int:
        """About how many bytes the share will have. Fast; raises what `share_content` does."""
        from earmark.share.estimate import estimated_bytes

        content = share_content(session, options)
        return estimated_bytes(content, self._library.folder, form, write or WriteOptions())

    def text(self, session: Session, options: ShareOptions | None = None) -> str:
        """The notes as readable plain text with their times, to be pasted anywhere."""
        from earmark.share.plaintext import notes_text

        return notes_text(share_content(session, replace(options or ShareOptions(), audio=False)))

    def close(self) -> None:
        """Cancels what is being shared (nothing of it is left) and ends the executor."""
        with self._lock:
            self._closed = True
            waiting = tuple(self._waiting)
        for job in waiting:
            job.cancel()
        self._executor.shutdown()

    def _begin(self, target: Path, work: Callable[[Job[Written]], Written]) -> Job[Written]:
        job: Job[Written] = Job(target.name, self._events)
        with self._lock:
            if self._closed:
                job.fail(Cancelled())
                return job
            self._waiting.append(job)
        self._executor.submit(self._run, job, target, work)
        return job

    def _run(
        self, job: Job[Written], target: Path, work: Callable[[Job[Written]], Written]
    ) -> None:
        try:
            if job.cancelled.is_set():
                raise Cancelled
            refuse_own_files(target, self._library.folder)
            job.progress(None)
            self._library.opened.result()
            self._saved().result()
            written = work(job)
        except JobCancelled:
            self._waiting.remove(job)
            job.fail(Cancelled())
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            self._waiting.remove(job)
            job.fail(error)
        else:
            self._waiting.remove(job)
            job.succeed(written)

    def _share(self, job: Job[Written], request: ShareRequest) -> Written:
        from earmark.share.worker.client import run_share

        session = self._library.run(lambda lib: lib.session(request.session)).result()
        return run_share(
            session,
            self._library.folder,
            request.target,
            request.form,
            request.options,
            request.write,
            replace=request.replace,
            on_progress=job.progress,
            cancelled=job.cancelled,
        )

    def _share_event(
        self,
        job: Job[Written],
        event: EventId,
        target: Path,
        options: ShareOptions,
        write: WriteOptions,
        replaces: bool,
    ) -> Written:
        from earmark.share.worker.client import run_site

        title, sessions = _event(self._library, event)
        return run_site(
            title,
            sessions,
            self._library.folder,
            target,
            options,
            write,
            replace=replaces,
            on_progress=job.progress,
            cancelled=job.cancelled,
        )


def missing_sound(library: Path, session: Session) -> tuple[str, ...]:
    """The names of the session's sound files that are not in the library folder any more."""
    files = (take.file for take in session.timeline.takes if take.file)
    return tuple(Path(file).name for file in files if not (library / file).is_file())


def _event(library: LibraryLane, event: EventId) -> tuple[str, tuple[Session, ...]]:
    """An event's title and its sessions, oldest first. Blocks; what is typed meanwhile is saved
    between one session and the next."""
    events, there = library.run(lambda lib: (lib.events(), lib.summaries(event))).result()
    title = next((one.title for one in events if one.id == event), None)
    if title is None:
        raise NotFound(_("There is no such event."), _("“earmark list” names them."))
    return title, tuple(read_session(library, one.id).result() for one in reversed(there))
