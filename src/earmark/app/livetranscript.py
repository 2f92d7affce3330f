"""The transcript while recording: follows the running take's journal and feeds the engine.

Capture is never touched: what it stored is read like any file, as far as it says it is stored.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from earmark.model import (
    Changes,
    EarmarkError,
    Frames,
    LineId,
    NoteLine,
    NotFound,
    Session,
    SessionId,
    Take,
    TakeId,
    Transcription,
)

from .engine_session import EngineSession, EngineStopped
from .engines import Choice, EngineLink
from .events import Events
from .executors import Executor
from .librarylane import LibraryLane
from .news import (
    News,
    NotesSaved,
    Proof,
    RecordingState,
    TakeStopped,
    Told,
    TranscriptionPhase,
    TranscriptionState,
)
from .prompts import lines_of, prompt, prompts
from .restarts import Restarts
from .segment_writer import EngineDied, SegmentWriter

if TYPE_CHECKING:
    from earmark.audio.journal import JournalReader
    from earmark.library import Library

POLL_S = 0.2
AHEAD_S = 90.0
AHEAD_BYTES = 8 << 20
"""So much sound is given to the engine at most beyond what it has heard: the rest waits on disk."""
PIECE_S = 0.5
STILL_S = 4.0
"""A line not changed for so long is finished, and helps the engine to spell."""
TELL_EVERY_S = 1.0


class LiveTranscript:
    """One take after the other, as they are recorded, on an executor of its own."""

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        desk: EngineSession,
        executor: Executor,
        choose: Callable[[], Choice],
        left: Callable[[SessionId], None],
    ) -> None:
        self._library = library
        self._events = events
        self._desk = desk
        self._executor = executor
        self._choose = choose
        self._left = left
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._on = False
        self._recording: tuple[SessionId, TakeId] | None = None
        self._takes: deque[tuple[SessionId, TakeId]] = deque()
        self._known: set[TakeId] = set()
        self._stored: dict[TakeId, Frames] = {}
        self._ended: dict[TakeId, Frames | None] = {}
        self._typed: dict[LineId, float] = {}
        self._now: TakeId | None = None

    @property
    def on(self) -> bool:
        return self._on

    def set_on(self, on: bool) -> None:
        """From now on; also in the middle of a recording, of which the beginning comes too."""
        with self._lock:
            self._on = on
            if not on:
                self._takes.clear()
                self._known.clear()
            elif self._recording is not None:
                self._add(*self._recording)

    def holds(self, take: TakeId) -> bool:
        """Whether the take is being worked on here, or is about to be."""
        with self._lock:
            return take == self._now or any(take == one for _session, one in self._takes)

    def hear(self, news: News) -> None:
        """News of the recorder's and of the notes', on any thread; never waits."""
        match news:
            case RecordingState():
                with self._lock:
                    here = None
                    if news.live and news.session is not None and news.take is not None:
                        here = (news.session, news.take)
                    self._recording = here
                    if here is not None and self._on:
                        self._add(*here)
            case Proof() if news.take is not None:
                self._stored[news.take] = news.stored_frames
            case TakeStopped():
                self._ended[news.take] = news.frames if news.sealed else None
            case NotesSaved():
                due = time.monotonic() + STILL_S
                with self._lock:
                    if self._now is not None:
                        self._typed.update(dict.fromkeys(news.lines, due))

    def close(self) -> None:
        """Breaks off; what is not heard yet waits in the queue for the next start."""
        with self._lock:
            self._closing.set()
        self._executor.shutdown()

    def _add(self, session: SessionId, take: TakeId) -> None:
        """Under the lock."""
        if self._closing.is_set() or take in self._known:
            return
        self._known.add(take)
        self._takes.append((session, take))
        self._executor.submit(self._work)

    # --- on the executor ------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._takes or self._closing.is_set():
                    self._now = None
                    break
                session, take = self._takes.popleft()
                self._now = take
                self._typed.clear()
            try:
                self._follow(session, take)
            except EngineStopped:
                if not self._closing.is_set():
                    self._leave(session, take)
            except EarmarkError as error:
                self._fail(session, take, error)
            with self._lock:
                self._now = None
                self._stored.pop(take, None)
                self._ended.pop(take, None)
            self._left(session)
        self._desk.leave()

    def _stop(self) -> bool:
        return self._closing.is_set() or not self._on

    def _follow(self, session: SessionId, take: TakeId) -> None:
        """The take, from where it was to its end. Raises EngineStopped, EarmarkError."""
        row = self._begun(take)
        if row is None:
            return
        choice = self._choose()
        state = self._library.run(_begin, take, choice).result()[1]
        self._tell(session, take, TranscriptionPhase.LOADING)
        restarts = Restarts()
        while not state.finished:
            try:
                with self._desk.loaded(choice, self._stop, live=True) as engine:
                    if not self._feed(session, row, engine):
                        return
            except EngineDied:
                if not restarts.again():
                    raise
            state = self._library.run(_state, take).result()
        self._tell(session, take, TranscriptionPhase.DONE)

    def _begun(self, take: TakeId) -> Take | None:
        """The take once its first frame is stored; None where nothing ever was."""
        pause = threading.Event()
        while True:
            if self._stop():
                raise EngineStopped
            ended = take in self._ended
            if ended or self._stored.get(take, 0) > 0:
                try:
                    return self._library.run(_take, take).result()
                except NotFound:
                    if ended:
                        return None
            pause.wait(POLL_S)

    def _feed(self, session: SessionId, take: Take, engine: EngineLink) -> bool:
        """Sound in, words out, until the take's end. False: its sound is not in a journal any
        more, and the queue goes on from its file."""
        from earmark.audio.journal import JournalReader

        whole, start = self._library.run(_now, session, take.id).result()
        try:
            journal = JournalReader(self._library.folder / str(take.journal), verify=False)
        except (OSError, EarmarkError):
            return False
        with journal:
            scribe = SegmentWriter(self._library, self._events, start)
            engine.send(
                "take",
                take=take.id,
                rate=journal.rate,
                channels=journal.channels,
                file=None,
                start=start.done,
                prompts=prompts(whole, take.id),
                live=True,
            )
            feed = _Feed(journal, engine, start.done)
            told = 0.0
            while not scribe.finished:
                if self._stop():
                    raise EngineStopped
                stored, over = self._reach(journal, take.id)
                fed = feed.give(stored, over, max(scribe.done, scribe.heard))
                self._say_lines(session, take.id, engine)
                event = engine.next(0.0 if fed else POLL_S)
                while event is not None:
                    scribe.take_down(event)
                    event = None if scribe.finished else engine.next(0.0)
                if time.monotonic() - told >= TELL_EVERY_S:
                    told = time.monotonic()
                    behind = max(0, stored - max(scribe.done, scribe.heard)) / journal.rate
                    self._tell(session, take.id, TranscriptionPhase.RUNNING, behind)
        return True

    def _reach(self, journal: JournalReader, take: TakeId) -> tuple[int, bool]:
        """How far the take may be read, and whether that is its end."""
        if take not in self._ended:
            return self._stored.get(take, 0), False
        frames = self._ended[take]
        if frames is None:  # capture died: what its blocks prove is what there is
            frames = self._ended[take] = _proved(journal)
        return frames, True

    def _say_lines(self, session: SessionId, take: TakeId, engine: EngineLink) -> None:
        now = time.monotonic()
        with self._lock:
            due = [line for line, at in self._typed.items() if at <= now]
            for line in due:
                del self._typed[line]
        if not due:
            return
        for found in lines_of(self._library.run(_lines, session, due).result(), take):
            engine.send("prompt", **prompt(found))

    def _leave(self, session: SessionId, take: TakeId) -> None:
        """It was turned off: what was found stays, and nothing waits."""
        self._library.run(_leave, take)
        self._tell(session, take, TranscriptionPhase.CANCELLED)

    def _fail(self, session: SessionId, take: TakeId, error: EarmarkError) -> None:
        self._library.run(_leave, take)
        self._events.tell(Told(error.what, error.remedy, "warning", "transcript"))
        self._events.tell(
            TranscriptionState(
                session,
                take,
                TranscriptionPhase.FAILED,
                sentence=error.what,
                remedy=error.remedy,
                live=True,
            )
        )

    def _tell(
        self, session: SessionId, take: TakeId, phase: TranscriptionPhase, behind: float = 0.0
    ) -> None:
        self._events.tell(TranscriptionState(session, take, phase, behind_s=behind, live=True))


class _Feed:
    """Gives the engine a journal's sound in order, never further ahead than it can hold."""

    def __init__(self, journal: JournalReader, engine: EngineLink, start: int) -> None:
        self._journal = journal
        self._engine = engine
        self._at = start
        self._ended = False
        self._ahead = min(int(AHEAD_S * journal.rate), AHEAD_BYTES // (2 * journal.channels))

    def give(self, stored: int, over: bool, heard: int) -> bool:
        """The next piece, if there is one and the engine is near enough; tells whether."""
        if self._ended:
            return False
        if self._journal.frames < stored:
            self._journal.refresh()
        end = min(stored, self._journal.frames)
        if self._at >= end:
            if over:
                self._ended = True
                self._engine.send("end")
            return False
        if self._at - heard >= self._ahead:
            return False
        count = min(end - self._at, int(PIECE_S * self._journal.rate))
        if not self._engine.pcm(self._journal.read(self._at, count)):
            return False  # it is gone: its death is told next
        self._at += count
        return True


def _proved(journal: JournalReader) -> Frames:
    from earmark.audio.journal import JournalReader

    try:
        with JournalReader(journal.path) as again:
            return again.frames
    except (OSError, EarmarkError):
        return journal.refresh()


# --- on the library's lane ------------------------------------------------------------------


def _take(library: Library, take: TakeId) -> Take:
    return library.take(take)


def _begin(library: Library, take: TakeId, choice: Choice) -> tuple[Changes, Transcription]:
    changes = library.begin_transcription(take, choice.engine, choice.model, choice.language)
    return changes, _state(library, take)


def _state(library: Library, take: TakeId) -> Transcription:
    state = library.transcription(take)
    if state is None:
        library.take(take)  # NotFound, in its own words
        raise AssertionError("the take was begun")
    return state


def _now(library: Library, session: SessionId, take: TakeId) -> tuple[Session, Transcription]:
    return library.session(session), _state(library, take)


def _lines(library: Library, session: SessionId, lines: list[LineId]) -> tuple[NoteLine, ...]:
    return library.lines(session, lines)


def _leave(library: Library, take: TakeId) -> Changes | None:
    try:
        return library.leave_transcription(take)
    except NotFound:
        return None
