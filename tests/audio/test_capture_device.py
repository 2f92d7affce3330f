"""PortAudio's seam where its streams misbehave."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from waiting import wait_until

from earmark.audio.capture.device import PortAudioDevice


class Stuck:
    """A stream whose end waits for `free`."""

    def __init__(self, free: threading.Event) -> None:
        self.free, self.closed = free, False

    def abort(self, *, ignore_errors: bool) -> None:
        self.free.wait()

    def close(self, *, ignore_errors: bool) -> None:
        self.closed = True


def device(begun: list[str]) -> PortAudioDevice:
    made = PortAudioDevice()
    made._library = SimpleNamespace(
        _terminate=lambda: begun.append("terminate"),
        _initialize=lambda: begun.append("initialize"),
        PortAudioError=RuntimeError,
    )
    return made


def test_a_stream_that_does_not_end_is_left_to_itself() -> None:
    begun: list[str] = []
    made, free = device(begun), threading.Event()
    made._stream = stream = Stuck(free)
    made.close()
    assert not stream.closed
    assert not made.refresh()
    assert begun == []  # ending the library would wait for it as well
    free.set()
    wait_until(lambda: stream.closed, what="the stream to be closed after all")
    wait_until(made.refresh, what="the library to begin anew")
    assert begun == ["terminate", "initialize"]


def test_a_stream_that_ends_is_closed_at_once() -> None:
    made, free = device([]), threading.Event()
    free.set()
    made._stream = stream = Stuck(free)
    made.close()
    assert stream.closed
