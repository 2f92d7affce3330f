"""Sees to it that private speech never jumps to another output because the chosen one went away.

A sound server moves streams by itself when their output vanishes, and the stream does not notice:
the server's own list of outputs has to be watched.
"""

from __future__ import annotations

from typing import NamedTuple

from earmark.audio.pulse import PulseState


class Lost(NamedTuple):
    """The output that was played on is gone."""

    name: str
    label: str


class Back(NamedTuple):
    """An output that was lost is there again."""

    name: str
    label: str


class OutputGuard:
    """Given each state of the server, says what happened to the output that is played on."""

    def __init__(self) -> None:
        self._state = PulseState()
        self._on: Lost | None = None
        self._port: tuple[str, str, str] | None = None
        """Output, port and the port's label that were played on."""
        self._lost: set[str] = set()

    def opened(self, name: str | None) -> None:
        """A stream was opened on that output."""
        self._on = self._port = None
        self._note(name)

    def missing(self, name: str | None) -> bool:
        """A chosen output that the server, as far as it answers, does not have."""
        return name is not None and self._state.connected and self._state.output(name) is None

    def mourn(self, name: str) -> None:
        """Tell when this output, missing now, is there again."""
        self._lost.add(name)

    def see(self, state: PulseState, playing: bool) -> list[Lost | Back]:
        """What a new state means. Moving the stream by hand to another output is fine."""
        self._state = state
        news: list[Lost | Back] = []
        if not state.connected:
            return news
        for name in sorted(self._lost):
            device = state.output(name)
            if device is not None:
                self._lost.discard(name)
                news.append(Back(name, device.label))
        if not playing:
            self._on = self._port = None
            return news
        if self._on is not None and state.output(self._on.name) is None:
            self._lost.add(self._on.name)
            news.append(self._on)
            self._on = None
            return news
        pulled = self._pulled(state)
        if pulled is not None:
            news.append(pulled)
            return news
        self._note(state.output_in_use)
        return news

    def _note(self, name: str | None) -> None:
        device = self._state.output(name)
        if device is not None:
            self._on = Lost(device.name, device.label)
            self._port = next((p for p in self._state.ports if p[0] == device.name), None)

    def _pulled(self, state: PulseState) -> Lost | None:
        """Headphones pulled out of a card that goes on through its loudspeakers."""
        if self._port is None or self._port in state.ports:
            return None
        name, port, label = self._port
        self._port = None
        return Lost(name, label) if (name, port) in state.unplugged else None
