"""Sources and sinks of PulseAudio or PipeWire: listed, and watched while they come and go.

Where there is no such server, or no `pulsectl`, PortAudio's own list stands in. Import-light:
libraries are loaded on first use.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from earmark.model.devices import Device

from . import portaudio
from .libpulse import APPLICATION

_RETRY_SECONDS = 0.5
_EVENTS = ("source", "sink", "server", "sink_input")


@dataclass(frozen=True, slots=True)
class PulseState:
    """What the server said last. Names are PulseAudio's; `monitors` are sources too, listed last.

    `output_in_use` names the sink that this very process plays to, whatever it asked for; None
    without a stream.
    """

    connected: bool = False
    inputs: tuple[Device, ...] = ()
    outputs: tuple[Device, ...] = ()
    monitors: frozenset[str] = field(default_factory=frozenset)
    suspended: frozenset[str] = field(default_factory=frozenset)
    output_in_use: str | None = None
    ports: tuple[tuple[str, str, str], ...] = ()
    """Output, its port in use and that port's label: `headphones`, `speaker`."""
    unplugged: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    """Outputs and ports of theirs that nothing is plugged into."""

    @property
    def default_input(self) -> str | None:
        return next((d.name for d in self.inputs if d.default), None)

    @property
    def default_output(self) -> str | None:
        return next((d.name for d in self.outputs if d.default), None)

    def input(self, name: str | None) -> Device | None:
        return next((d for d in self.inputs if d.name == name), None)

    def output(self, name: str | None) -> Device | None:
        return next((d for d in self.outputs if d.name == name), None)


def _read_state(pulse: Any) -> PulseState:
    server = pulse.server_info()
    sources = pulse.source_list()
    sinks = pulse.sink_list()
    pid = str(os.getpid())

    monitors = frozenset(s.name for s in sources if s.monitor_of_sink_name)
    inputs = [Device(s.name, s.description, s.name == server.default_source_name) for s in sources]
    playing = next(
        (s for s in pulse.sink_input_list() if s.proplist.get("application.process.id") == pid),
        None,
    )
    sink_names = {s.index: s.name for s in sinks}
    return PulseState(
        connected=True,
        inputs=tuple(sorted(inputs, key=lambda d: d.name in monitors)),
        outputs=tuple(
            Device(s.name, s.description, s.name == server.default_sink_name) for s in sinks
        ),
        monitors=monitors,
        suspended=frozenset(
            s.name for s in (*sources, *sinks) if str(s.state._value) == "suspended"
        ),
        output_in_use=sink_names.get(playing.sink) if playing else None,
        ports=tuple(
            (s.name, s.port_active.name, s.port_active.description) for s in sinks if s.port_active
        ),
        unplugged=frozenset(
            (s.name, p.name)
            for s in sinks
            for p in s.port_list
            if str(p.available_state._value) == "no"
        ),
    )


def available() -> bool:
    """Whether this platform can talk to PulseAudio or PipeWire at all (not: whether one runs)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        import pulsectl  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


class PulseWatch:
    """A connection of its own to the server, in a thread of its own, driven by its events.

    `on_change` gets every new state, in that thread. A server that went away is sought until it
    is back.
    """

    def __init__(self, on_change: Callable[[PulseState], None]) -> None:
        self._on_change = on_change
        self._state = PulseState()
        self._known = threading.Event()
        self._ending = threading.Event()
        self._pulse: Any = None
        self._listening = self._changed = False
        self._thread = threading.Thread(target=self._run, name="pulse-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def state(self) -> PulseState:
        return self._state

    def wait_known(self, timeout: float) -> PulseState:
        """The state as soon as the server answered or was found missing; at most `timeout` s."""
        self._known.wait(timeout)
        return self._state

    def close(self, timeout: float = 2.0) -> bool:
        """Ends the thread. False where the server is frozen and its answer still awaited: the
        thread then ends with the process.
        """
        self._ending.set()
        until = time.monotonic() + timeout
        while self._thread.is_alive() and time.monotonic() < until:
            self._thread.join(0.05)
        return not self._thread.is_alive()

    def _tell(self, state: PulseState) -> None:
        changed, self._state = state != self._state, state
        self._known.set()
        if changed:
            self._on_change(state)

    def _run(self) -> None:
        from pulsectl import Pulse, PulseDisconnected, PulseError

        first = True
        while not self._ending.is_set():
            pulse = Pulse(APPLICATION, connect=False)
            try:
                pulse.connect(autospawn=first)
                self._pulse = pulse
                self._follow(pulse)
            except (PulseError, PulseDisconnected):
                pass
            finally:
                self._pulse = None
                pulse.close()
            first = False
            if self._ending.is_set():
                break
            self._tell(PulseState())
            self._ending.wait(_RETRY_SECONDS)

    def _follow(self, pulse: Any) -> None:
        from pulsectl import PulseDisconnected, PulseLoopStop

        def on_event(_event: Any) -> None:
            self._changed = True
            if self._listening:
                raise PulseLoopStop

        pulse.event_callback_set(on_event)
        pulse.event_mask_set(*_EVENTS)
        self._changed = True
        while not self._ending.is_set():
            while self._changed:
                self._changed = False
                state = _read_state(pulse)
                if not pulse.connected:
                    raise PulseDisconnected
                self._tell(state)
            self._listening = True
            try:
                # The limit only bounds how long ending takes; changes arrive as events.
                pulse.event_listen(timeout=0.5)
            finally:
                self._listening = False


def _ask(answer: list[PulseState]) -> None:
    from pulsectl import Pulse, PulseError

    pulse = Pulse(APPLICATION, connect=False)
    try:
        pulse.connect(autospawn=True)
        answer.append(_read_state(pulse))
    except PulseError:
        pass
    finally:
        pulse.close()


class Ping:
    """Asks whether the server answers at all: a frozen one keeps every connection silently."""

    def __init__(self) -> None:
        self._answer: list[PulseState] = []
        self._asking: threading.Thread | None = None

    def answers(self, timeout: float) -> bool:
        """Whether an answer comes within `timeout` s, to a new question or one still open."""
        if self._asking is None or not self._asking.is_alive():
            self._answer = []
            self._asking = threading.Thread(
                target=_ask, args=(self._answer,), name="pulse-ping", daemon=True
            )
            self._asking.start()
        self._asking.join(timeout)
        return bool(self._answer)


def state_now(timeout: float = 5.0) -> PulseState:
    """What the sound server says now; where none answers, `connected` is False and inputs and
    outputs are PortAudio's.
    """
    if available():
        answer: list[PulseState] = []
        # A frozen server never answers: the thread then ends with the process.
        asking = threading.Thread(target=_ask, args=(answer,), name="pulse-ask", daemon=True)
        asking.start()
        asking.join(timeout)
        if answer:
            return answer[0]
    return PulseState(inputs=portaudio.devices("input"), outputs=portaudio.devices("output"))
