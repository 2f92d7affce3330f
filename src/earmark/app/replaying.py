"""Replay: plays moments of a session, knows what is heard now, survives its process."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model import (
    Anchor,
    Frames,
    NoteLine,
    Session,
    SessionId,
    Take,
    TakeId,
    Timeline,
)
from earmark.model.i18n import _

from .events import Events
from .librarylane import LibraryLane
from .news import Changed, Heard, News, Proof, ReplayState, Told
from .replays import ReplayEvent, ReplayLink, SpawnReplay, playlist
from .settings import SettingsStore

if TYPE_CHECKING:
    from earmark.library import Library

AHEAD_NS = 250_000_000
"""How far `heard` believes the last position: further on, the process is stuck or gone."""
RESTARTS = 3
RESTART_WINDOW_S = 20.0


class Replayer:
    """Steers the replay process. Calls return at once; what happens is told as news."""

    def __init__(
        self, library: LibraryLane, events: Events, settings: SettingsStore, spawn: SpawnReplay
    ) -> None:
        self._library = library
        self._events = events
        self._settings = settings
        self._spawn = spawn
        self._lock = threading.RLock()
        self._link: ReplayLink | None = None
        value = settings.value
        self._state = ReplayState(
            speed=value.speed,
            skip_silence=value.skip_silence,
            even_loudness=value.even_loudness,
            output=value.output,
        )
        self._session: Session | None = None
        self._loaded: tuple[Take, ...] = ()
        self._last: Heard | None = None
        self._deaths: list[float] = []
        self._closing = False
        self._end_news = events.subscribe(self._on_news)

    @property
    def state(self) -> ReplayState:
        return self._state

    @property
    def session(self) -> Session | None:
        """The session loaded, as last read."""
        return self._session

    # --- what a person asks for -----------------------------------------------------------

    def prepare(self) -> None:
        """Starts the process and has it open its libraries, so that the first click is fast."""
        with self._lock:
            if self._link is None and not self._closing:
                self._start()
                self._send("prepare")

    def load(self, session: SessionId | None) -> Future[None]:
        """Makes a session the one that is played; done when its takes are known here."""
        return self._library.run(self._load, session)

    def play(self, anchor: Anchor) -> None:
        """Plays from exactly this frame, also of a take of another session."""
        with self._lock:
            if self._knows(anchor.take):
                self._play(anchor)
                return
        self._library.run(self._play_foreign, anchor)

    def play_word(self, anchor: Anchor) -> None:
        """Plays from the anchor minus the look-back of the settings."""
        self.play(self._looked_back(anchor))

    def play_line(self, line: NoteLine) -> None:
        """Plays the line from its anchor minus the look-back; nothing where it has none."""
        if line.anchor is not None:
            self.play_word(line.anchor)

    def pause(self) -> None:
        with self._lock:
            last = self.heard()
            if self._state.playing and last is not None:
                self._last = Heard(last, time.monotonic_ns())
            self._update(playing=False)
            self._send("pause")

    def resume(self) -> None:
        """Plays on; from the session's beginning where nothing was played yet."""
        with self._lock:
            if self._last is not None:
                self._update(playing=True, played=True)
                self._send("resume")
            elif self._session is not None:
                start = self._session.timeline.to_anchor(0)
                if start is not None:
                    self._play(start)

    def toggle(self) -> None:
        if self._state.playing:
            self.pause()
        else:
            self.resume()

    def seek(self, anchor: Anchor) -> None:
        """Moves the position, playing or not."""
        if self._state.playing:
            self.play(anchor)
            return
        with self._lock:
            if self._knows(anchor.take):
                self._last = Heard(anchor, time.monotonic_ns())
                self._update(played=True)
                self._send("seek", take=anchor.take, frame=anchor.frame)
                self._events.tell(self._last)

    def jump(self, ms: int) -> None:
        """Moves by so many milliseconds along the timeline."""
        here = self.heard()
        if here is not None and self._session is not None:
            self.seek(self._timeline.shifted(here, ms))

    def set_speed(self, speed: float, *, remember: bool = True) -> None:
        """0.5–3, pitch kept; `remember`: also from the next start on."""
        speed = min(3.0, max(0.5, round(speed, 2)))
        with self._lock:
            self._hold()
            if remember:
                self._settings.change(speed=speed)
            self._update(speed=speed)
            self._send("speed", value=speed)

    def set_skip_silence(self, on: bool) -> None:
        self._settings.change(skip_silence=on)
        self._update(skip_silence=on)
        self._send("skip_silence", on=on)

    def set_even_loudness(self, on: bool) -> None:
        self._settings.change(even_loudness=on)
        self._update(even_loudness=on)
        self._send("even_loudness", on=on)

    def set_loop(self, line: NoteLine | None) -> None:
        """Repeats a line: from its anchor (minus look-back) to the next line's; None: ends it."""
        with self._lock:
            span = None if line is None else self._span(line)
            self._update(loop=line.id if line is not None and span else None)
            if span is None:
                self._send("loop", off=True)
            else:
                start, end = (dataclasses.asdict(anchor) for anchor in span)
                self._send("loop", start=start, end=end)
                self.play(span[0])

    def set_output(self, name: str | None) -> None:
        """Plays through another output from now on; None: the system's default."""
        self._settings.change(output=name)
        self._update(output=name, output_lost=None)
        self._send("output", name=name)

    # --- moments --------------------------------------------------------------------------

    def heard(self) -> Anchor | None:
        """The frame heard now: carried on from the last position told; None before any."""
        last, state = self._last, self._state
        if last is None or not state.playing:
            return None if last is None else last.anchor
        take = self._take(last.anchor.take)
        if take is None:
            return last.anchor
        elapsed = min(time.monotonic_ns() - last.mono_ns, AHEAD_NS)
        frame = last.anchor.frame + int(elapsed * take.sample_rate * state.speed // 1_000_000_000)
        return Anchor(take.id, Frames(min(max(0, frame), max(take.frames, last.anchor.frame))))

    # --- life -----------------------------------------------------------------------------

    def close(self) -> None:
        """Ends the process."""
        self._end_news()
        with self._lock:
            self._closing = True
            link = self._link
        if link is not None:
            link.close()

    @property
    def _timeline(self) -> Timeline:
        return Timeline(self._loaded)

    def _take(self, take: TakeId) -> Take | None:
        return next((one for one in self._loaded if one.id == take), None)

    def _knows(self, take: TakeId) -> bool:
        return self._take(take) is not None

    def _looked_back(self, anchor: Anchor) -> Anchor:
        back = -1000 * self._settings.value.look_back_s
        take = self._take(anchor.take)
        if take is not None:
            return self._timeline.shifted(anchor, back)
        known = self._session.takes if self._session else ()
        rate = next((one.sample_rate for one in known if one.id == anchor.take), 48_000)
        return Anchor(anchor.take, Frames(max(0, anchor.frame + round(back * rate / 1000))))

    def _span(self, line: NoteLine) -> tuple[Anchor, Anchor] | None:
        """From the line's anchor minus look-back to the next later line's anchor, or the end."""
        timeline = self._timeline
        if line.anchor is None or self._session is None:
            return None
        begins = timeline.to_ms(line.anchor)
        if begins is None:
            return None
        times = (timeline.to_ms(one.anchor) for one in self._session.lines if one.anchor)
        later = [ms for ms in times if ms is not None and ms > begins]
        end = timeline.to_anchor(min(later, default=timeline.duration_ms))
        start = self._looked_back(line.anchor)
        return None if end is None else (start, end)

    def _load(self, library: Library, session: SessionId | None) -> None:
        found = None if session is None else library.session(session)
        with self._lock:
            new = self._state.session != session
            if new and self._state.playing:
                self._send("pause")
            self._session = found
            if new:
                self._last = None
                self._update(session=session, playing=False, played=False, loop=None)
            self._give(found.timeline.takes if found else ())

    def _play_foreign(self, library: Library, anchor: Anchor) -> None:
        """A take of another session: it is played alone, as its own timeline."""
        take = dataclasses.replace(library.take(anchor.take), session=None)
        with self._lock:
            self._give((take,))
            self._play(anchor)

    def _give(self, takes: tuple[Take, ...]) -> None:
        """Sends the playlist when it differs from what the process has."""
        entries = playlist(self._library.folder, takes)
        before = playlist(self._library.folder, self._loaded)
        self._loaded = takes
        if entries != before and self._link is not None:
            self._send("load", takes=entries)

    def _play(self, anchor: Anchor) -> None:
        if self._session is not None and self._session.timeline.take(anchor.take):
            self._give(self._session.timeline.takes)
        self._last = Heard(anchor, time.monotonic_ns())
        self._update(playing=True, played=True)
        self._send("play", take=anchor.take, frame=anchor.frame)

    def _hold(self) -> None:
        """Fixes the position heard, before the speed by which it is carried on changes."""
        here = self.heard()
        if here is not None and self._last is not None and self._state.playing:
            self._last = Heard(here, max(time.monotonic_ns(), self._last.mono_ns))

    def _update(self, **changes: object) -> None:
        with self._lock:
            state = dataclasses.replace(self._state, **changes)  # type: ignore[arg-type]
            if state == self._state:
                return
            self._state = state
        self._events.tell(state)

    # --- the process ----------------------------------------------------------------------

    def _start(self) -> None:
        box: list[ReplayLink] = []
        link = self._spawn(lambda ev: self._hear(box[0] if box else None, ev))
        box.append(link)
        self._link = link
        state = self._state
        link.send("speed", value=state.speed)
        link.send("skip_silence", on=state.skip_silence)
        link.send("even_loudness", on=state.even_loudness)
        link.send("output", name=state.output)
        if self._loaded:
            link.send("load", takes=playlist(self._library.folder, self._loaded))

    def _send(self, cmd: str, **fields: object) -> None:
        with self._lock:
            if self._closing:
                return
            if self._link is None:
                self._start()
            link = self._link
            if link is not None and not link.send(cmd, **fields):
                self._link = None  # its death is told soon, and starts another

    def _hear(self, link: ReplayLink | None, event: ReplayEvent) -> None:
        with self._lock:
            if link is not None and self._link is not None and link is not self._link:
                return
            match event.get("ev"):
                case "pos":
                    self._position(event)
                case "ready":
                    self._update(ready=True)
                case "state":
                    self._update(playing=bool(event.get("playing")))
                case "ended":
                    self._update(playing=False)
                case "output-lost":
                    self._output_lost(str(event.get("name") or ""))
                case "output-back":
                    self._update(output_lost=None)
                case "no-output":
                    self._update(playing=False)
                    self._tell(
                        _("There is no output to play through."),
                        _("Plug in headphones, or choose another output."),
                    )
                case "error":
                    self._update(playing=False)
                    self._tell(str(event.get("message") or _("This cannot be played.")), "")
                case "died":
                    self._died(bool(event.get("asked")))

    def _position(self, event: ReplayEvent) -> None:
        take = TakeId(str(event["take"]))
        if not self._knows(take):
            return
        self._last = Heard(Anchor(take, Frames(int(event["frame"]))), int(event["mono_ns"]))
        self._events.tell(self._last)

    def _output_lost(self, name: str) -> None:
        self._update(playing=False, output_lost=name)
        self._tell(
            _("The output went away, so replay is paused."),
            _("Plug it in again, or choose another output; then press play."),
        )

    def _tell(self, sentence: str, remedy: str) -> None:
        self._events.tell(Told(sentence, remedy, "warning"))

    def _died(self, asked: bool) -> None:
        self._link = None
        self._update(ready=False)
        if asked or self._closing:
            return
        now = time.monotonic()
        self._deaths = [t for t in self._deaths if now - t < RESTART_WINDOW_S] + [now]
        here, playing = self.heard(), self._state.playing
        if len(self._deaths) > RESTARTS:
            self._update(playing=False)
            self._tell(_("Replay does not work: its process ends again and again."), "")
            return
        self._start()
        if here is not None:
            command = "play" if playing else "seek"
            self._send(command, take=here.take, frame=here.frame)

    # --- a session that changes under the replay --------------------------------------------

    def _on_news(self, news: News) -> None:
        if isinstance(news, Proof):
            self._grew(news)
        elif isinstance(news, Changed):
            loaded = self._state.session
            if loaded in news.changes.sessions and (news.changes.takes or news.changes.notes):
                self._library.run(self._reload, loaded)

    def _reload(self, library: Library, session: SessionId | None) -> None:
        from earmark.model import NotFound

        if session == self._state.session:
            try:
                self._load(library, session)
            except NotFound:
                self._load(library, None)

    def _grew(self, proof: Proof) -> None:
        with self._lock:
            take = self._take(proof.take) if proof.take else None
            if take is not None and take.file is None and proof.stored_frames > take.frames:
                grown = dataclasses.replace(take, frames=proof.stored_frames)
                self._loaded = tuple(grown if t.id == take.id else t for t in self._loaded)
                if self._link is not None:
                    self._send("live", take=take.id, frames=proof.stored_frames)
