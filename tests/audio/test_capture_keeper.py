"""The watch on an open source's bytes, on a clock of the test's own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from earmark.audio.capture import input_supervisor as module
from earmark.audio.capture.input_supervisor import InputSupervisor, Wanted
from earmark.audio.capture.queue import CaptureQueue
from earmark.audio.pulse import PulseState
from earmark.model import Device

WANTED = Wanted(None, 48_000, 1)


class Silent:
    """A source that opens and brings only what the test puts."""

    source = None

    def open(self, *_args: object) -> None:
        pass

    def close(self) -> None:
        pass

    def inputs_without_server(self) -> tuple[Device, ...]:
        return ()


class Watched:
    """A keeper whose looks and whose clock (`now`, seconds) are the test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.troubles: list[tuple[str, bool]] = []
        self.intake = CaptureQueue(48_000, 1)
        state = PulseState(connected=True, inputs=(Device("mic", "Mic", True),))
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.keeper = InputSupervisor(
            Silent(),
            lambda: state,
            lambda _wanted: self.intake,
            lambda _opened: None,
            lambda _cause: None,
            lambda kind, on: self.troubles.append((kind, on)),
            True,
            lambda: False,
        )
        self.look()

    def look(self) -> None:
        self.keeper._look(WANTED)

    def pass_(self, seconds: float, *, piece: bool) -> None:
        """Time goes by; at its end a piece arrives, or none did."""
        self.now += seconds
        if piece:
            self.intake.last_arrival_ns = int(self.now * 1e9)
        self.look()


def test_a_pause_after_the_first_piece_is_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    watched.pass_(0.2, piece=True)
    watched.pass_(2.0, piece=False)
    watched.pass_(0.1, piece=True)
    assert watched.troubles == []


def test_a_source_that_falls_silent_is_told_and_its_return_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = Watched(monkeypatch)
    for _ in range(8):
        watched.pass_(0.5, piece=True)
    watched.pass_(1.1, piece=False)
    assert watched.troubles == [("no-input", True)]
    watched.pass_(0.1, piece=True)
    assert watched.troubles[-1] == ("no-input", False)


def test_a_source_that_never_brings_anything_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    watched.pass_(2.9, piece=False)
    assert watched.troubles == []
    watched.pass_(0.2, piece=False)
    assert watched.troubles == [("no-input", True)]
