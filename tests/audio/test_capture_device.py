"""The seam to the sound system where its streams misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sound import PipeWireServer, SoundServer
from waiting import wait_until

from earmark.audio import portaudio
from earmark.audio.capture.device import PortAudioDevice, SystemDevice
from earmark.audio.libpulse import NoServer, RecordStream
from earmark.model import SoundUnavailable


class Stuck:
    """A stream whose end waits for `free`."""

    def __init__(self, free: threading.Event) -> None:
        self.free, self.closed = free, False

    def start(self) -> None:
        pass

    def abort(self, *, ignore_errors: bool) -> None:
        self.free.wait()

    def close(self, *, ignore_errors: bool) -> None:
        self.closed = True


class Library:
    """PortAudio with one input called `mic`, whose stream is given."""

    PortAudioError = RuntimeError
    default = SimpleNamespace(device=(0, -1))

    def __init__(self, stream: Stuck) -> None:
        self.begun: list[str] = []
        self.RawInputStream: Callable[..., Stuck] = lambda **_fields: stream

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": "mic", "max_input_channels": 2, "hostapi": 0}]

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "ALSA"}]

    def _terminate(self) -> None:
        self.begun.append("terminate")

    def _initialize(self) -> None:
        self.begun.append("initialize")


def opened(stream: Stuck, monkeypatch: pytest.MonkeyPatch) -> tuple[PortAudioDevice, Library]:
    library = Library(stream)
    monkeypatch.setattr(portaudio, "library", lambda: library)
    device = PortAudioDevice()
    device.open("mic", 48_000, 1, lambda _pcm: None, lambda: None)
    assert device.source == "mic"
    return device, library


def test_a_stream_that_does_not_end_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    stream = Stuck(free)
    device, library = opened(stream, monkeypatch)
    device.close()
    assert not stream.closed
    assert not device.refresh()
    assert library.begun == []  # ending the library would wait for it as well
    free.set()
    wait_until(lambda: stream.closed, what="the stream to be closed after all")
    wait_until(device.refresh, what="the library to begin anew")
    assert library.begun == ["terminate", "initialize"]


def test_a_stream_that_ends_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    free.set()
    stream = Stuck(free)
    device, _library = opened(stream, monkeypatch)
    device.close()
    assert stream.closed
    assert device.source is None


def test_an_input_that_is_not_there_is_never_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    device, _library = opened(Stuck(threading.Event()), monkeypatch)
    with pytest.raises(SoundUnavailable, match="“usb” is not there"):
        device.open("usb", 48_000, 1, lambda _pcm: None, lambda: None)


@pytest.mark.sound
@pytest.mark.parametrize("sound", [SoundServer, PipeWireServer], indirect=True)
def test_a_source_of_the_server_is_never_another_one(sound: SoundServer) -> None:
    heard: list[bytes] = []
    device = SystemDevice()
    with pytest.raises(SoundUnavailable, match="could not be opened"):
        device.open("usb", 48_000, 1, heard.append, lambda: None)
    assert device.source is None
    assert heard == []
    device.open("fakemic", 48_000, 1, heard.append, lambda: None)
    assert device.source == "fakemic"
    wait_until(lambda: heard, what="sound")
    device.close()


@pytest.mark.sound
@pytest.mark.parametrize("sound", [SoundServer, PipeWireServer], indirect=True)
def test_a_stream_tells_where_the_server_moved_it_and_its_end(sound: SoundServer) -> None:
    ended = threading.Event()
    stream = RecordStream("fakemic", 48_000, 1, 0.05, lambda _pcm: None, ended.set)
    stream.open()
    listed = sound.pactl("list", "short", "source-outputs").splitlines()
    number = next(line.split()[0] for line in listed if "1ch" in line)

    def moved() -> bool:  # PipeWire forgets a move that comes while it still links the stream
        sound.pactl("move-source-output", number, "spk.monitor")
        return stream.device == "spk.monitor"

    wait_until(moved, what="the stream's own word", pause=0.1)
    sound.stop()
    assert ended.wait(10)
    assert stream.device is None
    with pytest.raises(NoServer):
        RecordStream(None, 48_000, 1, 0.05, lambda _pcm: None, lambda: None).open()
