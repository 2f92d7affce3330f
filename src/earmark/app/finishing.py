"""Finishing: sealed takes become their kept form, one at a time; what a death left, too.

take → keep (verified) → the library's row → the session's file → forget the journal. Each step
may be killed anywhere: the manifest stays until the last, and the next start does it again.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.manifest import TakeManifest, read_manifests
from earmark.model import (
    RECORDING_RATE,
    Busy,
    Changes,
    EarmarkError,
    Frames,
    NotFound,
    SampleRate,
    SessionId,
    Take,
    TakeId,
    TakeState,
)
from earmark.model.errors import DiskFull
from earmark.model.i18n import _

from .events import Events
from .executors import Executor
from .leftovers import clear_imports
from .librarylane import LibraryLane
from .news import DISK, JobProgress, Told
from .take_plan import ensure_session, take_of

if TYPE_CHECKING:
    from earmark.audio.finish import KeptTake
    from earmark.library import Library

AGAIN_S = 0.2
TRIES = 50
"""A take that is still locked a moment after its end is tried again so often, so far apart."""


@dataclass(frozen=True, slots=True)
class Restored:
    """One take that a death left. `state`: restored, recording (its capture lives), waiting
    (only listed), empty (nothing was recorded), failed (`error` says why) or damaged (its
    manifest cannot be read, and no sound of it was found)."""

    take: TakeId
    session: SessionId
    title: str
    frames: Frames
    rate: int
    state: str
    error: EarmarkError | None = None


class Finishing:
    """Runs on the jobs executor; the sound is worked on in the worker process at low priority."""

    def __init__(self, library: LibraryLane, events: Events, jobs: Executor) -> None:
        self._library = library
        self._events = events
        self._jobs = jobs
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[TakeId, Future[Restored]] = {}

    def take_ended(self, manifest: TakeManifest, frames: int | None) -> None:
        """The recorder's word that a journal is complete: it is finished in the background."""
        if frames:
            self._library.run(_put_sealed, manifest, frames)
        self._submit(manifest)

    def is_keeping(self, take: TakeId) -> bool:
        """Whether the take is being put into its kept form, or is about to be."""
        with self._lock:
            future = self._open.get(take)
        return future is not None and not future.done()

    def settle(self) -> tuple[Restored, ...]:
        """Waits until every take that ended so far is in its kept form, or could not be."""
        settled: list[Restored] = []
        while True:
            with self._lock:
                waiting = list(self._open.values())
            if not waiting:
                return tuple(settled)
            settled.extend(future.result() for future in waiting)
            with self._lock:
                for take, future in tuple(self._open.items()):
                    if future in waiting:
                        del self._open[take]

    def restore(
        self,
        attach: Callable[[TakeManifest], bool] | None = None,
        *,
        list_only: bool = False,
    ) -> Future[tuple[Restored, ...]]:
        """Finishes every take whose journal nobody writes, oldest first; nothing is deleted.

        `attach` is offered the manifests whose capture process lives, until it takes one.
        """
        return self._jobs.submit(self._restore, attach, list_only)

    def close(self) -> None:
        """Breaks off what is being finished: the next start does it again."""
        self._closing.set()

    def _restore(
        self, attach: Callable[[TakeManifest], bool] | None, list_only: bool
    ) -> tuple[Restored, ...]:
        from earmark.audio.finish import pending
        from earmark.audio.salvage import salvaged

        folder = self._library.folder
        if not list_only:
            clear_imports(folder)
        with self._lock:
            ours = set(self._open)
        waiting = [one for one in pending(folder) if one.take not in ours]
        free = {one.take for one in waiting} | ours
        found = []
        whole, damaged = read_manifests(folder)
        rescued = salvaged(folder, damaged)
        for path, one in zip(damaged, rescued, strict=True):
            if one is None:
                found.append(self._lost(path))
        named_anew = {one.take for one in rescued if one is not None}
        for manifest in whole + [one for one in rescued if one is not None]:
            if manifest.take not in free:
                found.append(_restored(manifest, 0, "recording"))
                if attach is not None and attach(manifest):
                    attach = None
        for manifest in waiting:
            if manifest.take in named_anew:
                manifest = self._library.run(_in_its_session, manifest).result()
                self._events.tell(
                    Told(
                        _("What describes a recording in “{title}” was damaged.").format(
                            title=manifest.title
                        ),
                        _("Its sound was found in its journal and is kept."),
                        "warning",
                    )
                )
            done = (
                _restored(manifest, 0, "waiting")
                if list_only
                else self._finish(manifest, _Attempt())
            )
            if done is not None:
                found.append(done)
        return tuple(found)

    def _lost(self, path: Path) -> Restored:
        """Tells of a damaged manifest of which nothing else is left; it stays where it is."""
        error = EarmarkError(
            _(
                "What describes a recording is damaged, and no sound of it was found: {name}."
            ).format(name=f"run/intents/{path.name}"),
            _("If the library is whole and no recording is missing, delete that file."),
        )
        self._events.tell(Told(error.what, error.remedy, "error"))
        return Restored(
            TakeId(path.stem), SessionId(""), "", Frames(0), RECORDING_RATE, "damaged", error
        )

    def _submit(self, manifest: TakeManifest) -> None:
        future: Future[Restored] = Future()
        attempt = _Attempt(TRIES)
        with self._lock:
            self._open[manifest.take] = future

        def work() -> None:
            if self._closing.is_set():
                future.set_result(_restored(manifest, 0, "waiting"))
                return
            done = self._finish(manifest, attempt)
            if done is None:
                self._jobs.later(AGAIN_S, lambda: self._jobs.submit(work))
            else:
                future.set_result(done)

        self._jobs.submit(work)

    def _finish(self, manifest: TakeManifest, attempt: _Attempt) -> Restored | None:
        """The take in its kept form; None: it is locked, and worth another try."""
        from earmark.audio.finish import forget, keep_take
        from earmark.audio.worker import JobCancelled

        folder = self._library.folder
        label = _("Keeping the recording")

        def progress(fraction: float) -> None:
            self._events.tell(
                JobProgress(manifest.take, label, fraction, session=SessionId(manifest.session))
            )

        try:
            kept = keep_take(folder, manifest, progress, self._closing)
            self._library.run(_put_kept, manifest, kept).result()
            forget(folder, manifest)
        except JobCancelled:
            return _restored(manifest, 0, "waiting")
        except Busy as error:
            if attempt.again():
                return None
            return _restored(manifest, 0, "recording", error)
        except EarmarkError as error:
            self._tell_failed(manifest, error)
            return _restored(manifest, 0, "failed", error)
        except OSError as error:
            told = EarmarkError(
                _("A recording could not be finished: {reason}.").format(reason=error.strerror),
                _("It is safe in its journal; Earmark tries again at the next start."),
            )
            self._tell_failed(manifest, told)
            return _restored(manifest, 0, "failed", told)
        self._events.tell(
            JobProgress(manifest.take, label, 1.0, done=True, session=SessionId(manifest.session))
        )
        return _restored(manifest, kept.frames, "restored" if kept.frames else "empty")

    def _tell_failed(self, manifest: TakeManifest, error: EarmarkError) -> None:
        self._events.tell(
            JobProgress(
                manifest.take,
                _("Keeping the recording"),
                None,
                done=True,
                failed=error.what,
                remedy=error.remedy,
                session=SessionId(manifest.session),
            )
        )
        about = DISK if isinstance(error, DiskFull) else ""
        self._events.tell(Told(error.what, error.remedy, "error", about))


class _Attempt:
    """How often a locked take may still be tried."""

    def __init__(self, tries: int = 0) -> None:
        self._left = tries

    def again(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _restored(
    manifest: TakeManifest, frames: int, state: str, error: EarmarkError | None = None
) -> Restored:
    return Restored(
        manifest.take,
        SessionId(manifest.session),
        manifest.title,
        Frames(frames),
        manifest.rate,
        state,
        error,
    )


def _in_its_session(library: Library, manifest: TakeManifest) -> TakeManifest:
    """A salvaged manifest with the session that the library knows the take, or its folder, by."""
    take = _known(library, manifest.take)
    try:
        known = take.session if take is not None else None
        session = library.session(
            known or library.find_session(manifest.folder[-6:]), transcript=False
        )
    except NotFound:
        return manifest
    if session.folder != manifest.folder:
        return manifest
    return dataclasses.replace(
        manifest,
        session=session.id,
        title=session.title,
        created_at=session.created_at.isoformat(),
        started_at=manifest.started_at if take is None else take.started_at.isoformat(),
    )


def _put_sealed(library: Library, manifest: TakeManifest, frames: int) -> Changes:
    """The take's length is known; its kept form is yet to be made."""
    ensure_session(library, manifest)
    return library.put_take(manifest.session, take_of(manifest, frames, TakeState.SEALED))


def _put_kept(library: Library, manifest: TakeManifest, kept: KeptTake) -> Changes:
    """The row of a finished take, and its session's file. A journal that is gone changes nothing:
    somebody else finished that take."""
    there = _known(library, manifest.take)
    if not kept.frames and (there is None or there.file is not None):
        return Changes(sessions=frozenset({SessionId(manifest.session)}), takes=True)
    ensure_session(library, manifest)
    take = Take(
        id=kept.take,
        ordinal=kept.ordinal,
        sample_rate=SampleRate(kept.rate),
        channels=kept.channels,
        frames=kept.frames,
        started_at=datetime.fromisoformat(manifest.started_at),
        state=TakeState.COMPLETE if kept.sealed else TakeState.RECOVERED,
        file=kept.file,
        codec=kept.codec,
        gaps=kept.gaps,
        peaks=kept.peaks,
    )
    changes = library.put_take(manifest.session, take)
    library.write_session_json(SessionId(manifest.session))
    return changes


def _known(library: Library, take: TakeId) -> Take | None:
    try:
        return library.take(take)
    except NotFound:
        return None
