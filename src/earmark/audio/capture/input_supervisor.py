"""Keeps a source open: opens, follows the sound server's news, reopens, falls back, returns.

One thread, because opening and closing a stream of a frozen server may block for long, and that
must stop neither the writer nor the commands.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from earmark.audio.pulse import PulseState
from earmark.model.devices import Device
from earmark.model.errors import SoundUnavailable

from .device import CaptureDevice
from .queue import CaptureQueue

RETRY_SECONDS = 0.4
STARVED_SECONDS = 1.0
"""No bytes for so long from an open stream is an alarm."""
STARTING_SECONDS = 3.0
"""The same in a stream's first seconds: some sources take their time."""
STUCK_SECONDS = 3.0
"""No bytes for so long from a source that is there and running: open it again."""
PATIENCE_SECONDS = 1.5
MOVED_SECONDS = 0.5
SERVER_AWAY_SECONDS = 5.0
"""A sound server that ends is mostly back at once, and wants the sound card: so long nothing is
recorded from the card itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be open. `device` None is the default input."""

    device: str | None
    rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A source was opened. `cause`: start, lost, returned or chosen."""

    name: str
    label: str
    cause: str


class InputSupervisor:
    """`on_opened`, `on_left` (with the cause of the gap that begins) and `on_trouble` (kind, on)
    are called in the keeper's thread.
    """

    def __init__(
        self,
        device: CaptureDevice,
        server: Callable[[], PulseState],
        make_intake: Callable[[Wanted], CaptureQueue],
        on_opened: Callable[[Opened], None],
        on_left: Callable[[str], None],
        on_trouble: Callable[[str, bool], None],
        uses_server: bool,
        server_answers: Callable[[], bool],
    ) -> None:
        self._device, self._server, self._make_intake = device, server, make_intake
        self._on_opened, self._on_left, self._on_trouble = on_opened, on_left, on_trouble
        self._uses_server, self._server_answers = uses_server, server_answers
        self._news = threading.Condition()
        self._noted = False
        self._wanted: Wanted | None = None
        self._ending = False
        self._open: Wanted | None = None
        self._source: str | None = None
        """The source that is open, by name."""
        self._home: str | None = None
        """The source to return to when it is back."""
        self._default_then: str | None = None
        """The default when the source was opened: another one since is the person's choice."""
        self._moved_to: str | None = None
        self._moved_since: float | None = None
        self._away_because = ""
        self._direct = False
        """Whether the open source is one to be had without a sound server."""
        self._served = False
        self._server_left_at: float | None = None
        self._stream = 0
        self._ended_stream = -1
        self._opened_at = 0.0
        self._patient_until: float | None = None
        self._intake: CaptureQueue | None = None
        self._troubles: set[str] = set()
        self.failure: SoundUnavailable | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def want(self, wanted: Wanted | None) -> None:
        """What is to be open from now on; None: nothing."""
        with self._news:
            self._wanted = wanted
            self.failure = None
        self.nudge()

    def nudge(self) -> None:
        """Something changed: look now."""
        with self._news:
            self._noted = True
            self._news.notify()

    def wait_opened(self, timeout: float) -> bool:
        """Whether a stream is open within `timeout` seconds; False at once when it failed."""
        with self._news:
            self._news.wait_for(
                lambda: self.failure is not None or self._open == self._wanted, timeout
            )
            return self._open is not None and self._open == self._wanted

    def close(self, timeout: float = 2.0) -> bool:
        """Ends the thread; False where a frozen server still holds it."""
        with self._news:
            self._ending, self._wanted = True, None
        self.nudge()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._news:
                idle = self._wanted is None and self._open is None
                self._news.wait_for(lambda: self._noted, None if idle else RETRY_SECONDS)
                self._noted = False
                wanted, ending = self._wanted, self._ending
            self._look(wanted)
            if ending and self._open is None:
                return

    def _look(self, wanted: Wanted | None) -> None:
        state = self._server()
        if self._served and not state.connected:
            self._server_left_at = time.monotonic()
        self._served = state.connected
        if wanted is None:
            self._close_stream()
            self._home = self._source = self._moved_to = None
            self._away_because = ""
            for kind in tuple(self._troubles):
                self._trouble(kind, False)
            return
        if self._open is not None:
            self._check(wanted, state)
        if self._open is None:
            self._try_open(wanted, state)
        self._check_flow(state)

    def _check(self, wanted: Wanted, state: PulseState) -> None:
        """Closes the open stream where it is not the one to have; says why."""
        assert self._open is not None
        if wanted != self._open:
            if wanted.device != self._open.device:
                self._home = self._moved_to = None
            self._leave("chosen")
        elif self._ended_stream == self._stream:
            lost = self._uses_server and not state.connected and not self._direct
            self._leave("server-lost" if lost else "device-lost")
        elif state.connected and not self._direct:
            if state.input(self._source) is None:
                self._leave("device-lost")
            elif self._should_move(wanted, state):
                self._leave("chosen" if self._source == self._home else "moved")
            else:
                self._follow_move(state)

    def _should_move(self, wanted: Wanted, state: PulseState) -> bool:
        target = self._target(wanted, state)
        return target is not None and target != self._source

    def _target(self, wanted: Wanted, state: PulseState) -> str | None:
        """The chosen source while it is there, else the one recorded from first, else the
        default; and the default's successor where the person changed it.
        """
        if state.input(self._moved_to):
            return self._moved_to
        if wanted.device is not None:
            found = state.input(wanted.device)
            return found.name if found else state.default_input
        default = state.default_input
        if self._source == self._home and state.input(self._source):
            # A source that came back need not be the default again.
            return default if default != self._default_then and default else self._source
        return self._home if state.input(self._home) else default

    def _follow_move(self, state: PulseState) -> None:
        """Somebody moved the stream itself, in the sound settings: that is a choice too."""
        moved = self._device.source
        if moved is None or moved == self._source:
            self._moved_since = None
        elif self._moved_since is None:
            # A server moves it as well when its source vanishes: that may be the next news.
            self._moved_since = time.monotonic()
        elif time.monotonic() > self._moved_since + MOVED_SECONDS:
            self._moved_since = None
            self._source = self._home = self._moved_to = moved
            found = state.input(moved)
            self._on_opened(Opened(moved, found.label if found else moved, "chosen"))

    def _leave(self, because: str) -> None:
        self._away_because = because
        self._on_left("device-changed" if because in ("chosen", "moved") else because)
        self._close_stream()

    def _close_stream(self) -> None:
        if self._open is None:
            return
        self._device.close()
        with self._news:
            self._open = None
            self._news.notify_all()

    def _try_open(self, wanted: Wanted, state: PulseState) -> None:
        if not state.connected:
            state = PulseState(inputs=self._without_server())
        source = self._target(wanted, state)
        if source is None:
            without = self._uses_server and not state.connected
            if without and self._away_because:
                self._away_because = "server-lost"
                self._on_left("server-lost")
            self._trouble("no-server" if without else "no-input", True)
            return
        intake = self._make_intake(wanted)
        try:
            try:
                self._open_stream(wanted, source, intake)
            except SoundUnavailable:
                if not self._device.refresh():
                    raise
                self._open_stream(wanted, source, intake)
        except SoundUnavailable as error:
            with self._news:
                self.failure = error
                self._news.notify_all()
            self._trouble("no-input", True)
            return
        self._intake, self._opened_at = intake, time.monotonic()
        self._direct = not state.connected
        self._tell_opened(wanted, source, state)
        with self._news:
            self._open, self.failure = wanted, None
            self._news.notify_all()

    def _without_server(self) -> tuple[Device, ...]:
        """The inputs to record from while no server answers; none while one may soon be back."""
        now = time.monotonic()
        left = self._server_left_at
        if left is not None and now < left + SERVER_AWAY_SECONDS:
            return ()
        return self._device.inputs_without_server()

    def _open_stream(self, wanted: Wanted, source: str, intake: CaptureQueue) -> None:
        """One attempt, with a number of its own: PortAudio gives a start up after a second on a
        busy machine, when sound has come already, and nobody knows how much is missing between
        that and the next attempt's. Raises SoundUnavailable."""
        self._stream += 1
        stream = self._stream

        def ended() -> None:
            self._ended_stream = max(self._ended_stream, stream)
            self.nudge()

        try:
            self._device.open(
                source, wanted.rate, wanted.channels, lambda pcm: intake.put(pcm, stream), ended
            )
        except SoundUnavailable:
            intake.void(stream)
            raise

    def _tell_opened(self, wanted: Wanted, source: str, state: PulseState) -> None:
        self._source, self._default_then = source, state.default_input
        because = self._away_because
        if self._home is None or because == "chosen":
            self._home = wanted.device or source
        if because in ("", "chosen"):
            cause = because or "start"
        elif source == self._home:
            cause = "returned"
        else:  # still not at home: one stand-in after the other is no return
            cause = "chosen" if because == "moved" else "lost"
        found = state.input(source)
        for kind in ("no-input", "no-server"):
            self._trouble(kind, False)
        self._on_opened(Opened(source, found.label if found else source, cause))

    def _check_flow(self, state: PulseState) -> None:
        """The watchdog on bytes: neither PortAudio nor the server reports a stalled source."""
        if self._open is None or self._intake is None:
            return
        now = time.monotonic()
        last = (self._intake.last_arrival_ns or 0) / 1e9
        # A source just opened may bring a first piece and then nothing while the server sets its
        # latency anew: such a beginning is no alarm.
        begun = last > self._opened_at + STARTING_SECONDS
        starved = now - max(last, self._opened_at)
        self._trouble("no-input", starved > (STARVED_SECONDS if begun else STARTING_SECONDS))
        if starved < STUCK_SECONDS or not state.connected or self._source in state.suspended:
            self._patient_until = None
        elif not self._uses_server or self._server_answers():
            # A server that was frozen still brings the sound of its freeze: leave it a moment,
            # and lose nothing.
            if self._patient_until is None:
                self._patient_until = now + PATIENCE_SECONDS
            elif now > self._patient_until:
                self._patient_until = None
                self._leave("stall")

    def _trouble(self, kind: str, on: bool) -> None:
        if on != (kind in self._troubles):
            (self._troubles.add if on else self._troubles.discard)(kind)
            self._on_trouble(kind, on)
