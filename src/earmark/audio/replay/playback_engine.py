"""Playing: joins what is to be heard with the device, and knows at each moment what is heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from earmark.audio.pulse import PulseState

from .guard import Back, Lost, OutputGuard
from .output import NoOutput
from .player import FASTEST, SLOWEST, Player, Point, UnknownTake
from .render import Rendering
from .speaker import ChunkQueue, Speaker
from .survey import Survey
from .timeline import TakeSound
from .units import RATE

PREFILL = RATE // 25
"""Frames rendered before a new place is handed to the running device: 40 ms."""
FIRST_FILL = RATE // 8
"""The same where the device has to be opened: it takes all its latency at once."""
AHEAD = RATE * 4 // 5
"""Frames rendered ahead: 0.8 s. A seek drops them, so they cost no time."""
RETRY_SECONDS = 0.5
GIVE_UP_SECONDS = 5.0
"""So long a device that cannot be opened is tried again; then replay is paused."""


class PlaybackEngine:
    """Emits `state`, `pos`, `ended`, `looped`, `output-lost`, `no-output`, `output-back` and
    `underrun`. All calls on one thread.
    """

    def __init__(
        self,
        emit: Callable[..., None],
        on_found: Callable[[Player, int, Survey], None],
    ) -> None:
        self._emit = emit
        self._on_found = on_found
        self._player = Player([], on_found)
        self._speaker = Speaker()
        self._guard = OutputGuard()
        self._rendering: Rendering | None = None
        self._run = self._first_run = 0
        self._rest = 0
        """Where it plays next: the place asked for, or the one heard at the pause."""
        self._bounds: dict[str, tuple[Point, ...]] = {"loop": (), "stop": ()}
        self._output: str | None = None
        self._tried_at = 0.0
        self._failing_since: float | None = None
        self._underruns = 0
        self._told: dict[str, Any] = {}
        self.playing = False

    # What is to be played

    def load(self, takes: list[TakeSound]) -> int:
        """Other takes; goes on where it was if that take is still there. The timeline's ms."""
        old, at = self._player, self._player.point(self._here())
        player = Player(takes, self._on_found)
        player.inherit(old)
        player.choices = old.choices
        self._player = player
        old.close()
        self._first_run = self._run + 1
        stays = at is not None and player.timeline.has(at[0])
        if self.playing and not stays:
            self.pause(0)
        self._rest = self._player.place(at) if at is not None and stays else 0
        self._again(self._rest)
        player.survey()
        return player.timeline.frames * 1000 // RATE

    def grew(self) -> None:
        self._player.timeline.refresh()
        self._player.grew()

    def found(self, player: Player, index: int, survey: Survey) -> None:
        """A take was surveyed; results of takes loaded before are dropped."""
        if player is not self._player:
            return
        player.found(index, survey)
        if self._rendering is not None and player.choices.skip_silence:
            self._rendering.keep(player.kept())

    # What the person does

    def play(self, point: Point | None) -> None:
        """Plays from there (None: from where it is)."""
        place = self._here() if point is None else self._player.place(point)
        if not self._player.timeline.takes:
            raise UnknownTake("nothing is loaded")
        if self._guard.missing(self._output):
            self._refuse_output()
            return
        self._rest = place
        self.playing = True
        self._begin(place)
        if not self._speaker.is_open:
            self._open()
        self._tell_state()

    def pause(self, place: int | None = None) -> None:
        """Stops at once and rests at `place`: what is heard now, if not given."""
        place = self._here() if place is None else place
        self._speaker.close()
        self._rest = place
        self.playing = False
        self._rendering = None
        self._run += 1
        self._speaker.play(ChunkQueue(self._run))
        self._tell_pos(place)
        self._tell_state()

    def seek(self, point: Point) -> None:
        """Plays on from there, or rests there."""
        place = self._player.place(point)
        if self.playing:
            self._begin(place)
        else:
            self._rest = place
            self._tell_pos(place)

    def jump(self, ms: float) -> None:
        """Moves by so much of what would be heard."""
        point = self._player.point(self._player.moved(self._here(), ms))
        if point is not None:
            self.seek(point)

    def choose(self, *, speed: float | None = None, **choices: bool) -> None:
        """Changes `speed`, `skip_silence` or `even_loudness`; heard at once."""
        here = self._here()
        if speed is not None:
            self._player.choices.speed = min(max(speed, SLOWEST), FASTEST)
        for name, value in choices.items():
            setattr(self._player.choices, name, value)
        self._player.survey()
        self._again(here)

    def bound(self, what: str, points: tuple[Point, ...]) -> None:
        """Sets the `loop` (two points) or the `stop` (one); no points: none."""
        here = self._here()
        for point in points:
            self._player.place(point)
        self._bounds[what] = points
        self._again(here)

    def output(self, name: str | None) -> None:
        """Plays on another sink (None: the default one)."""
        here = self._here()
        self._output = name
        if self.playing and self._guard.missing(name):
            self.pause(here)
            self._refuse_output()
        elif self.playing:
            self._speaker.close()
            self._rest = here
            self._begin(here)
            self._open()
        self._tell_state()

    def server_changed(self, state: PulseState) -> None:
        """The sound server's outputs changed: pauses when the one played on is gone."""
        for news in self._guard.see(state, self.playing and self._speaker.is_open):
            if isinstance(news, Lost):
                self.pause()
                self._emit("output-lost", name=news.name, label=news.label)
            elif isinstance(news, Back):
                self._emit("output-back", name=news.name, label=news.label)

    # What goes on by itself

    def fill(self) -> bool:
        """Renders one block ahead; False when there is nothing to do just now."""
        rendering = self._rendering
        if not self.playing or rendering is None or rendering.ended:
            return False
        if self._speaker.queued >= AHEAD:
            return False
        waited = rendering.waiting
        chunks = rendering.next()
        for chunk in chunks:
            self._speaker.put(chunk)
        self._speaker.may_starve = rendering.ended or rendering.waiting
        return not (waited and rendering.waiting)

    def attend(self) -> None:
        """Ends, mends the device, counts underruns. To be called many times a second."""
        now = time.monotonic()
        if not self.playing:
            return
        if self._speaker.stalled or not self._speaker.is_open:
            self._mend(now)
        elif self._failing_since is not None and self._speaker.heard(now) is not None:
            self._failing_since = None
            self._emit("output-back", name=self._output, label="")
        if self._speaker.underruns != self._underruns:
            self._underruns = self._speaker.underruns
            self._emit("underrun", count=self._underruns)
        if self._rendering is not None and self._rendering.ended and self._speaker.drained(now):
            self._bounds["stop"] = ()
            self.pause(self._rendering.place)
            self._emit("ended")
        else:
            self._tell_state()

    def report(self) -> None:
        """Tells what is heard now, if anything is."""
        heard = self._speaker.heard(time.monotonic()) if self.playing else None
        if heard is None or heard.run < self._first_run:
            return
        self._tell_pos(heard.place, heard.pace)
        if heard.looped:
            self._emit("looped")

    def close(self) -> None:
        self._speaker.close()
        self._player.close()

    # Within

    def _here(self) -> int:
        """The place heard, or the one that was asked for and is not heard yet."""
        if not self.playing:
            return self._rest
        heard = self._speaker.heard(time.monotonic())
        return round(heard.place) if heard is not None and heard.run == self._run else self._rest

    def _begin(self, place: int) -> None:
        """Renders the first stretch from `place` and lets the device change over to them."""
        self._rest = place
        self._run += 1
        choices = self._player.choices
        timeline = self._player.timeline
        loop, stop = (
            [self._player.place(p) for p in self._bounds[what] if timeline.has(p[0])]
            for what in ("loop", "stop")
        )
        choices.loop = (loop[0], loop[1]) if len(loop) == 2 and loop[0] < loop[1] else None
        choices.stop = stop[0] if stop else None
        rendering = self._player.rendering(place)
        queue = ChunkQueue(self._run)
        enough = PREFILL if self._speaker.is_open else FIRST_FILL
        while queue.frames < enough and not rendering.ended and not rendering.waiting:
            for chunk in rendering.next():
                queue.put(chunk)
        self._rendering = rendering
        self._speaker.may_starve = rendering.ended or rendering.waiting
        self._speaker.play(queue)

    def _again(self, place: int) -> None:
        """Takes changed choices into account."""
        if self.playing:
            self._begin(place)
        self._tell_state()

    def _open(self, anew: bool = False) -> None:
        """Opens the device; `anew` looks first which devices there are now."""
        self._tried_at = time.monotonic()
        try:
            self._speaker.open(self._output, anew=anew)
        except NoOutput as error:
            if self._failing_since is None:
                self._failing_since = time.monotonic()
                self._emit("no-output", message=str(error))
        if not anew:  # else the guard must still see that the old output is not there any more
            self._guard.opened(self._speaker.device)

    def _mend(self, now: float) -> None:
        """The device went away or asks for nothing: begins anew from what was heard last."""
        if now - self._tried_at < RETRY_SECONDS:
            return
        if self._failing_since is not None and now - self._failing_since > GIVE_UP_SECONDS:
            self.pause()
            self._failing_since = None
            return
        here = self._here()
        self._speaker.close()
        self._begin(here)
        self._open(anew=True)

    def _refuse_output(self) -> None:
        name = self._output or ""
        self._guard.mourn(name)
        self._emit("output-lost", name=name, label=name)
        self._tell_state()

    def _tell_pos(self, place: float, pace: float = 0.0) -> None:
        point = self._player.point(place)
        if point is not None:
            self._emit(
                "pos",
                take=point[0],
                frame=point[1],
                mono_ns=time.monotonic_ns(),
                pace=round(pace, 3),
                gain_db=round(self._player.gain_db(place), 1),
            )

    def _tell_state(self) -> None:
        rendering = self._rendering
        choices = self._player.choices
        state = {
            "playing": self.playing,
            "speed": choices.speed,
            "skip_silence": choices.skip_silence,
            "even_loudness": choices.even_loudness,
            "loop": bool(self._bounds["loop"]),
            "output": self._output,
            "waiting": self.playing and rendering is not None and rendering.waiting,
        }
        if state != self._told:
            self._told = state
            self._emit("state", **state)
