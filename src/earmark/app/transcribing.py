"""Transcription as the app offers it: after the talk from a queue, live while recording."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from earmark.model import Session, SessionId, TakeId, Transcription
from earmark.model.i18n import _

from .engine_session import EngineSession
from .engines import Choice, SpawnEngine, choose
from .events import Events
from .executors import Executor
from .jobs import Cancelled, Job
from .librarylane import LibraryLane
from .livetranscript import LiveTranscript
from .news import Changed, News, RecordingState
from .power import on_battery
from .settings import SettingsStore
from .speechmodels import SpeechModels
from .transcribequeue import TranscriptionQueue

if TYPE_CHECKING:
    from earmark.library import Library
    from earmark.transcribe.models import ModelInfo, Models


RESUME_AFTER_S = 10.0
"""A window that opens has better things to do than what waited since yesterday."""


class Transcribing:
    """The queue and the live transcript; neither has a thread or a process before it is asked.

    A job fails with NotFound (no engine, no model), Busy (a take still recording), EarmarkError,
    or Cancelled; what was found is kept, and asked again it goes on there.
    """

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        settings: SettingsStore,
        speech_models: SpeechModels,
        recording: Callable[[], RecordingState],
        being_kept: Callable[[TakeId], bool],
        executor: Executor,
        live_executor: Executor,
        spawn: SpawnEngine,
    ) -> None:
        self._library = library
        self._events = events
        self._settings = settings
        self._speech_models = speech_models
        self._recording = recording
        self._queue = TranscriptionQueue(
            library,
            events,
            EngineSession(spawn, self._choice_of),
            executor,
            self._why_not_now,
            lambda take: self._live.holds(take),
            being_kept,
        )
        self._live = LiveTranscript(
            library,
            events,
            EngineSession(spawn, self._choice_of),
            live_executor,
            lambda: choose(settings.value, self.models, live=True),
            self._queue.take_over,
        )
        self._end = events.subscribe(self._hear)

    @property
    def models(self) -> Models:
        """The speech models' folder. Not on the GUI thread: see `Earmark.speech_models`."""
        return self._speech_models.models

    def get_model(self, name: str) -> Job[ModelInfo]:
        """Downloads a speech model. Only on the person's word."""
        return self._speech_models.get(name)

    def transcribe(
        self,
        session: SessionId,
        engine: str | None = None,
        model: str | None = None,
        language: str | None = None,
        *,
        again: bool = False,
    ) -> Job[Session]:
        """Has the session's takes transcribed; the job's outcome is the session then.

        What is transcribed by this engine and model already is not done again, unless `again`.
        """
        job: Job[Session] = Job(_("Transcribing"), self._events)
        self._queue.ask(job, session, partial(self._chosen, engine, model, language), again)
        return job

    def transcribe_all(
        self, engine: str | None = None, model: str | None = None, language: str | None = None
    ) -> Job[tuple[SessionId, ...]]:
        """Everything that is not transcribed yet, oldest first; the outcome: what went well.

        Fails with the first trouble only where nothing went well.
        """
        whole: Job[tuple[SessionId, ...]] = Job(_("Transcribing"), self._events)
        choose_one = partial(self._chosen, engine, model, language)

        def begin(future: Future[tuple[SessionId, ...]]) -> None:
            if future.cancelled() or (error := future.exception()) is not None:
                whole.fail(Cancelled() if future.cancelled() else error or Cancelled())
                return
            parts: list[tuple[SessionId, Job[Session]]] = []
            for session in future.result():
                part: Job[Session] = Job(whole.label, self._events, quiet=True)
                self._queue.ask(part, session, choose_one, again=False)
                parts.append((session, part))
            _Together(whole, parts)

        self._library.run(_untranscribed).add_done_callback(begin)
        return whole

    def cancel(self, session: SessionId) -> None:
        """The session waits no longer, and the engine at work on it is gone within a second."""
        self._queue.cancel(session)

    def waiting(self) -> tuple[Transcription, ...]:
        """What waited when the queue last looked, the take at work included."""
        return self._queue.waiting

    def is_at(self, session: SessionId, takes: tuple[TakeId, ...]) -> bool:
        """Whether words of the session, or of one of these takes, are being found just now."""
        return self._queue.current == session or any(self._live.holds(take) for take in takes)

    @property
    def live(self) -> bool:
        """Whether recordings are transcribed while they run."""
        return self._live.on

    def set_live(self, on: bool) -> None:
        """Turns the live transcript on or off, also in the middle of a recording."""
        self._settings.change(live_transcript=on)
        self._live.set_on(on)

    def resume(self) -> None:
        """The window's: goes on with everything that waits in the library, also from before, and
        transcribes recordings while they run, where that is set."""
        self._live.set_on(self._settings.value.live_transcript)

        def look(future: Future[tuple[Transcription, ...]]) -> None:
            if not future.cancelled() and future.exception() is None and future.result():
                self._library.later(RESUME_AFTER_S, self._queue.resume)
            else:
                self._queue.resume_later()

        self._library.run(_waiting).add_done_callback(look)

    def close(self) -> None:
        """Ends both; what is not done waits for the next start."""
        self._end()
        self._live.close()
        self._queue.close()

    def _hear(self, news: News) -> None:
        self._live.hear(news)
        if isinstance(news, Changed) and news.changes.takes:
            self._queue.nudge()

    def _chosen(self, engine: str | None, model: str | None, language: str | None) -> Choice:
        return choose(
            self._settings.value, self.models, engine=engine, model=model, language=language
        )

    def _choice_of(self, state: Transcription) -> Choice:
        return choose(
            self._settings.value,
            self.models,
            engine=state.engine,
            model=state.model,
            language=state.language,
        )

    def _why_not_now(self) -> str | None:
        settings = self._settings.value
        if not settings.transcribe_while_recording and self._recording().live:
            return _("Transcribing waits until the recording is over.")
        if not settings.transcribe_on_battery and on_battery():
            return _("Transcribing waits until the computer is plugged in.")
        return None


class _Together:
    """Several jobs as one: their progress is told as shares of it, a cancel reaches them all."""

    def __init__(
        self, whole: Job[tuple[SessionId, ...]], parts: list[tuple[SessionId, Job[Session]]]
    ) -> None:
        self._whole = whole
        self._lock = threading.Lock()
        self._good: list[SessionId] = []
        self._error: BaseException | None = None
        self._left = self._count = len(parts)
        if not parts:
            whole.succeed(())
        for session, part in parts:
            part.cancelled = whole.cancelled
            part.future.add_done_callback(partial(self._over, session))

    def _over(self, session: SessionId, future: Future[Session]) -> None:
        error = future.exception()
        with self._lock:
            self._left -= 1
            if error is None:
                self._good.append(session)
            else:
                self._error = self._error or error
            left = self._left
        if left:
            self._whole.progress(1 - left / self._count)
        elif self._good or self._error is None:
            self._whole.succeed(tuple(self._good))
        else:
            self._whole.fail(self._error)


def _waiting(library: Library) -> tuple[Transcription, ...]:
    return library.transcriptions()


def _untranscribed(library: Library) -> tuple[SessionId, ...]:
    return library.untranscribed()
