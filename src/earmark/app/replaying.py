"""Replay: plays moments of a session: words, lines, the timeline, takes of other sessions."""

from __future__ import annotations

import dataclasses
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model import (
    Anchor,
    Changes,
    Frames,
    NoteLine,
    NotFound,
    Session,
    SessionId,
    TakeId,
    Timeline,
    replay_start,
)
from earmark.model.latenotes import prepare

from .catch_up import CatchUp
from .events import Events
from .executors import Executor, Timer
from .librarylane import LibraryLane
from .news import Changed, News, Proof, ReplayState
from .playback import Playback
from .replays import SpawnReplay
from .running_take import as_recorded
from .settings import SettingsStore

if TYPE_CHECKING:
    pass


WORDS_AGAIN_S = 10.0
_ONE_GO_MS = 10_000
"""Words typed so soon after their line's first one are about the same sentence."""


class Replayer:
    """Steers the replay process. Calls return at once; what happens is told as news."""

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        settings: SettingsStore,
        spawn: SpawnReplay,
        executor: Executor,
    ) -> None:
        self._executor = executor
        self._library = library
        self._settings = settings
        value = settings.value
        state = ReplayState(
            speed=value.speed,
            skip_silence=value.skip_silence,
            even_loudness=value.even_loudness,
            output=value.output,
        )
        self._playback = Playback(library.folder, events, spawn, state)
        self._catch_up = CatchUp(lambda speed: self._put_speed(speed), lambda: settings.value.speed)
        self._playback.watch = self._catch_up.hear
        self._session: Session | None = None
        self._words_read_at = -WORDS_AGAIN_S
        self._words_later: Timer | None = None
        self._end_news = events.subscribe(self._on_news)

    @property
    def state(self) -> ReplayState:
        return self._playback.state

    @property
    def session(self) -> Session | None:
        """The session loaded, as last read."""
        return self._session

    def prepare(self) -> None:
        """Starts the process and has it open its libraries, so that the first click is fast."""
        self._playback.prepare()

    def close(self) -> None:
        """Ends the process."""
        self._end_news()
        if self._words_later is not None:
            self._words_later.cancel()
        self._executor.shutdown()
        self._playback.close()

    def load(self, session: SessionId | None) -> Future[None]:
        """Makes a session the one that is played; done when its takes are known here."""
        if session is None or self._session is None or session != self._session.id:
            with self._playback.lock:
                self._catch_up.give_back()
        return self._executor.submit(self._load, session)

    def let_go(self, takes: frozenset[TakeId]) -> None:
        """Lets go of these takes' files: they are about to be replaced. `load_anew` ends it."""
        self._playback.let_go(takes)

    def load_anew(self) -> None:
        """Opens again what `let_go` closed, after what changed meanwhile was read."""
        self._executor.submit(self._playback.load_anew)

    def play(self, anchor: Anchor) -> None:
        """Plays from exactly this frame, also of a take of another session."""
        with self._playback.lock:
            own = self._session.timeline if self._session is not None else None
            if own is not None and own.take(anchor.take) is not None:
                self._playback.give(own.takes)
            elif self._playback.take(anchor.take) is None:
                self._executor.submit(self._play_foreign, anchor)
                return
            self._playback.play(anchor)

    def play_word(self, anchor: Anchor, line: NoteLine | None = None) -> Anchor | None:
        """Plays from the anchor minus the look-back of the settings.

        `line`: the one the word stands in; written in one go with it, it plays as the line does.
        """
        late = None
        if line is not None and line.anchor is not None and self._in_one_go(line.anchor, anchor):
            late = self.late_start(line)
        self.play(late or self._looked_back(anchor))
        return late

    def play_line(self, line: NoteLine) -> Anchor | None:
        """Plays the line from the sentence it is about, where that is known and wanted; else
        from its anchor minus the look-back; nothing where it has none.

        Returns the beginning of that sentence where it begins there.
        """
        if line.anchor is None:
            return None
        late = self.late_start(line)
        self.play(late or self._looked_back(line.anchor))
        return late

    def late_start(self, line: NoteLine) -> Anchor | None:
        """The beginning of the sentence the line is about (`model.latenotes`), where replay
        would start with it."""
        if self._session is None or not self._settings.value.late_notes:
            return None
        return replay_start(line, self._session)

    def pause(self) -> None:
        self._playback.pause()

    def resume(self) -> None:
        """Plays on; from the session's beginning where nothing was played yet."""
        if not self._playback.resume() and self._session is not None:
            start = self._session.timeline.to_anchor(0)
            if start is not None:
                self.play(start)

    def toggle(self) -> None:
        if self.state.playing:
            self.pause()
        else:
            self.resume()

    def seek(self, anchor: Anchor) -> None:
        """Moves the position, playing or not."""
        if self.state.playing:
            self.play(anchor)
        elif self._playback.take(anchor.take) is not None:
            self._playback.place(anchor)

    def jump(self, ms: int) -> None:
        """Moves by so many milliseconds along the timeline."""
        here = self.heard()
        if here is not None:
            self.seek(self._playback.timeline.shifted(here, ms))

    def set_speed(self, speed: float, *, remember: bool = True) -> None:
        """0.5–3, pitch kept; `remember`: also from the next start on."""
        speed = min(3.0, max(0.5, round(speed, 2)))
        with self._playback.lock:
            self._catch_up.forget()
            if remember:
                self._settings.change(speed=speed)
            self._put_speed(speed)

    def catch_up(self, anchor: Anchor) -> None:
        """Plays from there at 1.5× until what is being recorded is reached, then at 1×; what is
        played afterwards has the person's own speed again."""
        with self._playback.lock:
            self._catch_up.begin()
            self.play(anchor)

    def _put_speed(self, speed: float) -> None:
        with self._playback.lock:
            self._playback.hold()
            self._playback.update(speed=speed)
            self._playback.send("speed", value=speed)

    def set_skip_silence(self, on: bool) -> None:
        self._settings.change(skip_silence=on)
        self._playback.update(skip_silence=on)
        self._playback.send("skip_silence", on=on)

    def set_even_loudness(self, on: bool) -> None:
        self._settings.change(even_loudness=on)
        self._playback.update(even_loudness=on)
        self._playback.send("even_loudness", on=on)

    def set_loop(self, line: NoteLine | None) -> None:
        """Repeats a line: from its anchor (minus look-back) to the next line's; None: ends it."""
        with self._playback.lock:
            lines = self._session.lines if self._session is not None else ()
            end = None if line is None else _end_of(line, lines, self._playback.timeline)
            if line is None or line.anchor is None or end is None:
                self._playback.update(loop=None)
                self._playback.send("loop", off=True)
                return
            start = self.late_start(line) or self._looked_back(line.anchor)
            self._playback.update(loop=line.id)
            span = {"start": dataclasses.asdict(start), "end": dataclasses.asdict(end)}
            self._playback.send("loop", **span)
            self.play(start)

    def set_output(self, name: str | None) -> None:
        """Plays through another output from now on; None: the system's default."""
        self._settings.change(output=name)
        self._playback.update(output=name, output_lost=None)
        self._playback.send("output", name=name)

    def heard(self) -> Anchor | None:
        """The frame heard now: carried on from the last position told; None before any."""
        return self._playback.heard()

    def _in_one_go(self, first: Anchor, word: Anchor) -> bool:
        timeline = self._playback.timeline if self._session is None else self._session.timeline
        begin, then = timeline.to_ms(first), timeline.to_ms(word)
        return begin is not None and then is not None and 0 <= then - begin <= _ONE_GO_MS

    def _looked_back(self, anchor: Anchor) -> Anchor:
        """Along the timeline, over take borders; a take of another session ends at its start."""
        back = -1000 * self._settings.value.look_back_s
        for timeline in (
            self._playback.timeline,
            self._session.timeline if self._session is not None else None,
        ):
            if timeline is not None and timeline.take(anchor.take) is not None:
                return timeline.shifted(anchor, back)
        known = self._session.takes if self._session else ()
        rate = next((one.sample_rate for one in known if one.id == anchor.take), 48_000)
        return Anchor(anchor.take, Frames(max(0, anchor.frame + round(back * rate / 1000))))

    def _load(
        self,
        session: SessionId | None,
        *,
        again: bool = False,
        words: bool = True,
    ) -> None:
        """`again`: the session loaded may have changed, or may be gone; `words`: its transcript
        too."""
        if again and session != self.state.session:
            return
        before, found = self._session, None
        words = words or before is None or before.id != session
        if words:
            self._words_read_at = time.monotonic()
        try:
            if session is not None:
                read = self._read(session, words=words)
                if not words and before is not None:
                    read = dataclasses.replace(read, transcript=before.transcript)
                found = as_recorded(self._library.folder, read)
        except NotFound:
            if not again:
                raise
            session = None
        if found is not None:
            found = _with_what_is_known(found, self._session)
            prepare(found)
        with self._playback.lock:
            if self.state.session != session:
                self._playback.forget()
                self._playback.update(session=session, playing=False, played=False, loop=None)
            self._session = found
            self._playback.give(found.timeline.takes if found else ())

    def _read(self, session: SessionId, *, words: bool) -> Session:
        return self._library.run(lambda lib: lib.session(session, transcript=words)).result()

    def _play_foreign(self, anchor: Anchor) -> None:
        """A take of another session: it is played alone, as its own timeline."""
        found = self._library.run(lambda lib: lib.take(anchor.take)).result()
        take = dataclasses.replace(found, session=None)
        with self._playback.lock:
            self._playback.give((take,))
            self._playback.play(anchor)

    def _on_news(self, news: News) -> None:
        if isinstance(news, Proof):
            self._playback.grew(news)
        elif isinstance(news, Changed):
            loaded = self.state.session
            changes = news.changes
            heard_anew = changes.takes or changes.notes or changes.transcript
            mine = loaded in changes.sessions or not changes.sessions  # none: by another program
            if loaded is not None and mine and heard_anew:
                self._look_again(loaded, changes)

    def _look_again(self, loaded: SessionId, changes: Changes) -> None:
        """Reads what changed. The words of three hours take 60 ms, and every key typed meanwhile
        waits: they are read where they changed, and while they grow only now and then."""
        left = self._words_read_at + WORDS_AGAIN_S - time.monotonic()
        words = changes.takes or (changes.transcript and left <= 0)
        if changes.transcript and not words and self._words_later is None:
            self._words_later = self._library.later(left, self._words_due)
        self._executor.submit(self._load, loaded, again=True, words=words)

    def _words_due(self) -> None:
        self._words_later = None
        if (loaded := self.state.session) is not None:
            self._executor.submit(self._load, loaded, again=True)


def _with_what_is_known(found: Session, before: Session | None) -> Session:
    """The session with the takes and the transcript of before where they are equal: what was made
    from those is kept by identity, and an edit of the notes makes it no older."""
    if before is None or before.id != found.id:
        return found
    takes = before.takes if before.takes == found.takes else found.takes
    same = before.transcript == found.transcript
    transcript = before.transcript if same else found.transcript
    return dataclasses.replace(found, takes=takes, transcript=transcript)


def _end_of(line: NoteLine, lines: tuple[NoteLine, ...], timeline: Timeline) -> Anchor | None:
    """Where the next later line begins, or the timeline's end; None for a line without a time."""
    begins = timeline.to_ms(line.anchor) if line.anchor is not None else None
    if begins is None:
        return None
    times = (timeline.to_ms(one.anchor) for one in lines if one.anchor is not None)
    later = [ms for ms in times if ms is not None and ms > begins]
    return timeline.to_anchor(min(later, default=timeline.duration_ms))
