"""The replay process as the replayer knows it: its playlist, its state, what is heard now."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path

from earmark.model import Anchor, Frames, Take, TakeId, Timeline
from earmark.model.i18n import _

from .events import Events
from .news import Heard, Proof, ReplayState, Told
from .replays import ReplayEvent, ReplayLink, SpawnReplay, playlist
from .restarts import Restarts

AHEAD_NS = 250_000_000
"""How far `heard` believes the last position: further on, the process is stuck or gone."""


class Playback:
    """Keeps one replay process going: a dead one is replaced at the position last heard.

    `lock` is held while state, playlist and commands change together.
    """

    def __init__(
        self, folder: Path, events: Events, spawn: SpawnReplay, state: ReplayState
    ) -> None:
        self.lock = threading.RLock()
        self.state = state
        self.takes: tuple[Take, ...] = ()
        self._folder = folder
        self._events = events
        self._spawn = spawn
        self._link: ReplayLink | None = None
        self._last: Heard | None = None
        self.watch: Callable[[ReplayEvent], None] = lambda _event: None
        """Sees every event, after it was acted on; under the lock."""
        self._grown: dict[TakeId, Frames] = {}
        self._let_go: frozenset[TakeId] = frozenset()
        """Takes whose files are being replaced: they are not to be open meanwhile."""
        self._restarts = Restarts()
        self._closing = False

    @property
    def timeline(self) -> Timeline:
        """The timeline of what is loaded."""
        return Timeline(self.takes)

    def take(self, take: TakeId) -> Take | None:
        """A take of what is loaded."""
        return next((one for one in self.takes if one.id == take), None)

    def prepare(self) -> None:
        with self.lock:
            if self._link is None and not self._closing:
                self._start()
                self.send("prepare")

    def close(self) -> None:
        with self.lock:
            self._closing = True
            link = self._link
        if link is not None:
            link.close()

    def give(self, takes: tuple[Take, ...]) -> None:
        """Sends the playlist when it differs from what the process has. A running take is as long
        as capture said last, not as its row says."""
        with self.lock:
            takes = tuple(map(self._as_long_as_told, takes))
            entries = playlist(self._folder, takes)
            before = playlist(self._folder, self.takes)
            self.takes = takes
            if entries != before and self._link is not None and not self._is_let_go():
                self.send("load", takes=entries)

    def let_go(self, takes: frozenset[TakeId]) -> None:
        """Closes the files of these takes until `load_anew`."""
        with self.lock:
            self._let_go = takes
            if self._link is not None and self._is_let_go():
                if self.state.playing:
                    self.pause()
                self.send("load", takes=[])

    def load_anew(self) -> None:
        """Every file may be open again; those that are loaded are opened as they are now."""
        with self.lock:
            again, self._let_go = self._is_let_go(), frozenset()
            if again and self._link is not None:
                self.send("load", takes=playlist(self._folder, self.takes))

    def _is_let_go(self) -> bool:
        return any(take.id in self._let_go for take in self.takes)

    def _refuse_let_go(self) -> bool:
        """Whether nothing can be played just now; that is told."""
        if not self._is_let_go():
            return False
        self._tell(_("The recording is being cut just now."), _("Play it again when that is done."))
        return True

    def grew(self, proof: Proof) -> None:
        """A running recording grew: what is stored of it can be played."""
        with self.lock:
            if proof.take is None:
                return
            self._grown = {proof.take: proof.stored_frames}
            take = self.take(proof.take)
            if take is not None and take.file is None and proof.stored_frames > take.frames:
                self.takes = tuple(map(self._as_long_as_told, self.takes))
                if self._link is not None:
                    self.send("live", take=take.id, frames=proof.stored_frames)

    def play(self, anchor: Anchor) -> None:
        with self.lock:
            if self._refuse_let_go():
                return
            self._last = Heard(anchor, time.monotonic_ns())
            self.update(playing=True, played=True)
            self.send("play", take=anchor.take, frame=anchor.frame)

    def pause(self) -> None:
        with self.lock:
            self.hold()
            self.update(playing=False)
            self.send("pause")

    def resume(self) -> bool:
        """False where nothing was played yet."""
        with self.lock:
            if self._last is None:
                return False
            if self._refuse_let_go():
                return True
            self._last = Heard(self._last.anchor, time.monotonic_ns())
            self.update(playing=True, played=True)
            self.send("resume")
            return True

    def place(self, anchor: Anchor) -> None:
        """Moves the position without playing."""
        with self.lock:
            self._last = Heard(anchor, time.monotonic_ns())
            self.update(played=True)
            self.send("seek", take=anchor.take, frame=anchor.frame)
            self._events.tell(self._last)

    def forget(self) -> None:
        """No position: another session was loaded."""
        with self.lock:
            if self.state.playing:
                self.send("pause")
            self._last = None

    def heard(self) -> Anchor | None:
        """The frame heard now: carried on from the last position told; None before any."""
        last, state = self._last, self.state
        if last is None or not state.playing:
            return None if last is None else last.anchor
        take = self.take(last.anchor.take)
        if take is None:
            return last.anchor
        elapsed = min(time.monotonic_ns() - last.mono_ns, AHEAD_NS)
        frame = last.anchor.frame + int(elapsed * take.sample_rate * state.speed // 1_000_000_000)
        return Anchor(take.id, Frames(min(max(0, frame), max(take.frames, last.anchor.frame))))

    def hold(self) -> None:
        """Fixes the position heard, before that by which it is carried on changes."""
        with self.lock:
            here = self.heard()
            if here is not None and self._last is not None and self.state.playing:
                self._last = Heard(here, max(time.monotonic_ns(), self._last.mono_ns))

    def update(self, **changes: object) -> None:
        """Changes the state, and tells it where it differs."""
        with self.lock:
            state = dataclasses.replace(self.state, **changes)  # type: ignore[arg-type]
            if state == self.state:
                return
            self.state = state
        self._events.tell(state)

    def send(self, cmd: str, **fields: object) -> None:
        with self.lock:
            if self._closing:
                return
            if self._link is None:
                self._start()
            link = self._link
            if link is not None and not link.send(cmd, **fields):
                self._link = None  # its death is told soon, and starts another

    def _as_long_as_told(self, take: Take) -> Take:
        told = self._grown.get(take.id, 0)
        if take.file is not None or told <= take.frames:
            return take
        return dataclasses.replace(take, frames=Frames(told))

    def _start(self) -> None:
        box: list[ReplayLink] = []
        link = self._spawn(lambda ev: self._hear(box[0] if box else None, ev))
        box.append(link)
        self._link = link
        state = self.state
        link.send("speed", value=state.speed)
        link.send("skip_silence", on=state.skip_silence)
        link.send("even_loudness", on=state.even_loudness)
        link.send("output", name=state.output)
        if self.takes and not self._is_let_go():
            link.send("load", takes=playlist(self._folder, self.takes))

    def _hear(self, link: ReplayLink | None, event: ReplayEvent) -> None:
        with self.lock:
            if link is not None and self._link is not None and link is not self._link:
                return
            match event.get("ev"):
                case "pos":
                    self._position(event)
                case "ready":
                    self.update(ready=True)
                case "state":
                    self.update(playing=bool(event.get("playing")))
                case "ended":
                    self.update(playing=False)
                case "output-lost":
                    self._output_lost(str(event.get("name") or ""))
                case "output-back":
                    self.update(output_lost=None)
                case "no-output":
                    self.update(playing=False)
                    self._tell(
                        _("There is no output to play through."),
                        _("Plug in headphones, or choose another output."),
                    )
                case "error":
                    self._refused(event)
                case "died":
                    self._died(bool(event.get("asked")))
            self.watch(event)

    def _position(self, event: ReplayEvent) -> None:
        take = TakeId(str(event["take"]))
        if self.take(take) is None:
            return
        anchor = Anchor(take, Frames(int(event["frame"])))
        self._last = Heard(anchor, int(event["mono_ns"]), float(event.get("gain_db") or 0.0))
        self._events.tell(self._last)

    def _output_lost(self, name: str) -> None:
        self.update(playing=False, output_lost=name)
        self._tell(
            _("The output went away, so replay is paused."),
            _("Plug it in again, or choose another output; then press play."),
        )

    def _refused(self, event: ReplayEvent) -> None:
        take = self.take(TakeId(str(event.get("take"))))
        if event.get("kind") == "unreadable" and take is not None:
            self._tell(
                _("The sound of take {ordinal} is missing or cannot be read.").format(
                    ordinal=take.ordinal
                ),
                _("Put its file back from a copy of the library; “earmark doctor” names it."),
            )
        else:
            self.update(playing=False)
            self._tell(_("This cannot be played."), "")

    def _tell(self, sentence: str, remedy: str) -> None:
        self._events.tell(Told(sentence, remedy, "warning", "replay"))

    def _died(self, asked: bool) -> None:
        self._link = None
        self.update(ready=False)
        if asked or self._closing:
            return
        here, playing = self.heard(), self.state.playing
        if not self._restarts.again():
            self.update(playing=False)
            self._tell(_("Replay does not work: its process ends again and again."), "")
            return
        self._start()
        if here is not None:
            self.send("play" if playing else "seek", take=here.take, frame=here.frame)
