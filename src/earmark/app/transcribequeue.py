"""The queue of talks to transcribe: kept in the library, worked off take by take."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable

from earmark.model import (
    Busy,
    EarmarkError,
    Session,
    SessionId,
    Take,
    TakeId,
    Transcription,
)
from earmark.model.i18n import _

from .engine_session import EngineSession, EngineStopped
from .engines import Choice
from .events import Events
from .executors import Executor, Timer
from .jobs import Cancelled, Job, TimeLeft
from .librarylane import LibraryLane
from .news import TranscriptionPhase, TranscriptionState
from .prompts import prompts
from .segment_writer import EngineDied, SegmentWriter
from .transcribe_lock import TranscribeLock
from .transcription_tasks import (
    Asked,
    Waiting,
    done_of,
    ends_with,
    enqueue,
    leave_session,
    leave_take,
    to_work_on,
    waiting_takes,
    whole_session,
)

LOOK_AGAIN_S = 2.0
"""How often a pause asks whether it is over."""
Pause = str
"""Why the queue pauses, as a sentence."""


class TranscriptionQueue:
    """Works on an executor of its own. `held` tells of takes that the
    live transcript works on; `pause` gives the sentence why nothing is to be done just now."""

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        desk: EngineSession,
        executor: Executor,
        pause: Callable[[], Pause | None],
        held: Callable[[TakeId], bool],
        being_kept: Callable[[TakeId], bool],
    ) -> None:
        self._library = library
        self._events = events
        self._desk = desk
        self._executor = executor
        self._pause = pause
        self._held = held
        self._being_kept = being_kept
        self._turn = TranscribeLock(library.folder)
        self._lock = threading.Lock()
        self._begun = False
        self._again: Timer | None = None
        self._closing = threading.Event()
        self._asks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._asked: dict[SessionId, Asked] = {}
        self._gave_up: set[TakeId] = set()
        self._everything = False
        self.current: SessionId | None = None
        """The session at work on."""
        self._paused = ""
        self.waiting: tuple[Transcription, ...] = ()
        """What waited when the queue last looked, the one at work included."""

    def ask(
        self,
        job: Job[Session],
        session: SessionId,
        choose: Callable[[], Choice],
        again: bool,
    ) -> None:
        """Has the session's takes transcribed; the job tells when that is done."""
        self._do(lambda: self._enter(job, session, choose, again))

    def resume(self) -> None:
        """From now on everything that waits in the library is worked off, also from before."""
        self._everything = True
        self.wake()

    def resume_later(self) -> None:
        """The same, but nothing waits yet: no thread is made for it."""
        self._everything = True

    def take_over(self, session: SessionId) -> None:
        """The live transcript is done with a take: what waits of its session is worked off here,
        from its file."""
        self._do(lambda: self._adopt(session))

    def cancel(self, session: SessionId) -> None:
        self._do(lambda: self._cancel(session))

    def wake(self) -> None:
        """Looks whether there is something to do."""
        self._do(lambda: None)

    def nudge(self) -> None:
        """The same, where there was something before: no thread is made for it."""
        if self._begun:
            self.wake()

    def close(self) -> None:
        """Breaks off: what waits goes on at the next start, where it was."""
        with self._lock:
            self._closing.set()
        self._executor.shutdown()
        self._do_asked()
        for asked in self._asked.values():
            if asked.job is not None:
                asked.job.fail(Cancelled())
        self._asked.clear()

    def _do(self, ask: Callable[[], None]) -> None:
        self._asks.put(ask)
        with self._lock:
            if self._closing.is_set():
                return
            self._begun = True
            self._executor.submit(self._work)

    # --- on the executor ------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not self._closing.is_set():
                self._tick()
                waiting = self._next()
                if waiting is None or not self._may(waiting):
                    break
                self._run(waiting)
        except BaseException as error:
            asked, self._asked = self._asked, {}
            for one in asked.values():
                if one.job is not None:
                    one.job.fail(error)
            raise
        finally:
            self._desk.leave()
            self._turn.give_back()

    def _do_asked(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._asks.get_nowait()()

    def _tick(self) -> None:
        """What was asked for meanwhile."""
        self._do_asked()
        for asked in tuple(self._asked.values()):
            if asked.job is not None and asked.job.cancelled.is_set():
                self._cancel(asked.session)

    def _may(self, waiting: Waiting) -> bool:
        """Whether work may begin now; else it is told why not, and looked at again soon."""
        why = self._pause()
        if why is None and not self._turn.take():
            why = _("Other work on the recordings is under way just now; this goes on after it.")
        if why is None:
            self._paused = ""
            return True
        if self._paused != why:
            self._paused = why
            for session in {waiting.state.session, *self._asked}:
                self._tell(session, None, TranscriptionPhase.PAUSED, why)
        if self._again is not None:
            self._again.cancel()
        with self._lock:
            if not self._closing.is_set():
                self._again = self._executor.later(LOOK_AGAIN_S, self._work)
        return False

    def _next(self) -> Waiting | None:
        """The take to work on; settles what was finished or left without us."""
        found: tuple[Waiting, ...] = self._library.run(waiting_takes).result()
        self.waiting = tuple(one.state for one in found)
        for asked in self._asked.values():
            asked.left.clear()
        here = [one for one in found if self._wanted(one)]
        for one in here:
            asked, take = self._asked[one.state.session], one.state.take
            asked.left.add(take)
            asked.seconds[take] = one.take.frames / one.take.sample_rate
            asked.done[take] = one.state.done / one.take.sample_rate
        for asked in tuple(self._asked.values()):
            self._settle(asked)
        for one in here:
            if one.take.file is not None and not self._held(one.state.take):
                return one
        return None

    def _wanted(self, waiting: Waiting) -> bool:
        """Whether the take is worked on: a person asked for it, or everything that waits is."""
        session = waiting.state.session
        if waiting.state.take in self._gave_up:
            return False
        if session not in self._asked and self._everything:
            self._asked[session] = Asked(session)
        return session in self._asked

    def _enter(
        self,
        job: Job[Session],
        session: SessionId,
        choose: Callable[[], Choice],
        again: bool,
    ) -> None:
        if self._closing.is_set():
            job.fail(Cancelled())
            return
        try:
            choice = choose()
            takes = self._library.run(enqueue, session, choice, again, self._being_kept).result()[0]
        except EarmarkError as error:
            self._tell(session, None, TranscriptionPhase.FAILED, error.what, error.remedy)
            job.fail(error)
            return
        except BaseException as error:
            job.fail(error)
            raise
        self._gave_up -= takes
        before = self._asked.pop(session, None)
        if before is not None and before.job is not None:
            ends_with(before.job, job)
        self._asked[session] = Asked(session, job)
        self._tell(session, None, TranscriptionPhase.WAITING)

    def _adopt(self, session: SessionId) -> None:
        waits = self._library.run(waiting_takes).result()
        if session not in self._asked and any(one.state.session == session for one in waits):
            self._asked[session] = Asked(session)

    def _cancel(self, session: SessionId) -> None:
        asked = self._asked.pop(session, None)
        with contextlib.suppress(EarmarkError):
            self._library.run(leave_session, session).result()
        if asked is not None or session == self.current:
            self._tell(session, None, TranscriptionPhase.CANCELLED)
        if asked is not None and asked.job is not None:
            asked.job.fail(Cancelled())

    def _run(self, waiting: Waiting) -> None:
        """One take, to its end, its failure, or until it has to stop."""
        session, take = waiting.state.session, waiting.state.take
        asked = self._asked[session]
        self.current = session
        died_at: float | None = None
        try:
            while True:
                try:
                    self._through(asked, waiting)
                except EngineDied as error:
                    here = self._library.run(done_of, take).result()
                    if here != died_at:  # it came further, or is tried from there for once more
                        died_at = here
                        continue
                    self._failed(asked, take, error)
                except EarmarkError as error:
                    self._failed(asked, take, error)
                return
        except EngineStopped:
            return
        finally:
            self.current = None

    def _through(self, asked: Asked, waiting: Waiting) -> None:
        """Has the engine hear the take from where it was. Raises EngineStopped."""
        state, take = waiting.state, waiting.take
        choice = self._desk.choice_of(state)

        def stop() -> bool:
            self._tick()
            return (
                self._closing.is_set()
                or asked is not self._asked.get(state.session)
                or self._pause() is not None
            )

        self._tell(state.session, take.id, TranscriptionPhase.LOADING)
        with self._desk.loaded(choice, stop, live=False) as engine:
            session, now = self._library.run(to_work_on, state).result()
            scribe = SegmentWriter(self._library, self._events, now)
            engine.send(
                "take",
                take=take.id,
                rate=take.sample_rate,
                channels=take.channels,
                file=str(self._library.folder / str(take.file)),
                start=now.done,
                prompts=prompts(session, take.id),
                live=False,
            )
            asked.pace = TimeLeft()
            self._progress(asked, take, scribe)
            for event in self._desk.events(engine, stop):
                scribe.take_down(event)
                self._progress(asked, take, scribe)
                if scribe.finished:
                    break

    def _progress(self, asked: Asked, take: Take, scribe: SegmentWriter) -> None:
        asked.done[take.id] = max(scribe.done, scribe.heard) / take.sample_rate
        asked.seconds[take.id] = take.frames / take.sample_rate
        fraction = min(1.0, asked.fraction)
        self._events.tell(
            TranscriptionState(
                asked.session,
                take.id,
                TranscriptionPhase.RUNNING,
                fraction,
                asked.pace.after(fraction, time.monotonic()),
            )
        )
        if asked.job is not None:
            asked.job.progress(fraction)

    def _failed(self, asked: Asked, take: TakeId, error: EarmarkError) -> None:
        """The take is left; the others go on."""
        asked.error = asked.error or error
        asked.left.discard(take)
        self._gave_up.add(take)
        if not isinstance(error, Busy):  # then another program goes on with it
            with contextlib.suppress(EarmarkError):
                self._library.run(leave_take, take).result()
        self._settle(asked)

    def _settle(self, asked: Asked) -> None:
        """Tells the outcome once nothing is left of what was asked."""
        if asked.left or self._asked.get(asked.session) is not asked:
            return
        del self._asked[asked.session]
        error, session = asked.error, None
        if error is None:
            try:
                session = self._library.run(whole_session, asked.session).result()
            except EarmarkError as gone:
                error = gone
        if error is not None or session is None:
            error = error or EarmarkError("")
            phase = TranscriptionPhase.FAILED
            self._tell(asked.session, None, phase, error.what, error.remedy)
            if asked.job is not None:
                asked.job.fail(error)
            return
        nothing = session.transcript is None or not session.transcript.segments
        sentence = _("Done: no speech was found.") if nothing else ""
        self._tell(asked.session, None, TranscriptionPhase.DONE, sentence, fraction=1.0)
        if asked.job is not None:
            asked.job.succeed(session, asked.session)

    def _tell(
        self,
        session: SessionId,
        take: TakeId | None,
        phase: TranscriptionPhase,
        sentence: str = "",
        remedy: str = "",
        fraction: float | None = None,
    ) -> None:
        asked = self._asked.get(session)
        if fraction is None and asked is not None and asked.seconds:
            fraction = min(1.0, asked.fraction)
        self._events.tell(
            TranscriptionState(session, take, phase, fraction, None, 0.0, sentence, remedy)
        )
