"""The computer is kept awake from the first frame until Stop: by a logind that only takes notes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from recording import Recording
from sound import SoundServer
from waiting import wait_until

from earmark.audio.capture.awake import KINDS, Awake, NotToBeHad

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="logind is Linux's")


class Logind:
    """Owns logind's name on a private bus. `asked`: every call; `refuses`: what it denies."""

    def __init__(self, address: str) -> None:
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self.asked: list[tuple[str, ...]] = []
        self.refuses: set[str] = set()
        self.silent = False
        self._given: list[int] = []
        self._connection: Any = open_dbus_connection(address, enable_fds=True)
        self._connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.login1"))
        self._ending = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def held(self) -> int:
        """How many of the given files somebody still has: logind looks at the same end of file."""
        open_ones = 0
        for fd in self._given:
            with suppress(BlockingIOError):
                open_ones += os.read(fd, 1) != b""
                continue
            open_ones += 1
        return open_ones

    def close(self) -> None:
        self._ending = True
        self._thread.join()
        self._connection.close()
        for fd in self._given:
            os.close(fd)

    def _serve(self) -> None:
        from jeepney import HeaderFields, new_error, new_method_return

        while not self._ending:
            try:
                message = self._connection.receive(timeout=0.1)
            except TimeoutError:
                continue
            if message.header.fields.get(HeaderFields.member) != "Inhibit":
                continue
            self.asked.append(message.body)
            if self.silent:
                continue
            if self.refuses & set(message.body[0].split(":")):
                self._connection.send(new_error(message, "org.freedesktop.DBus.Error.AccessDenied"))
                continue
            own, theirs = os.pipe()
            os.set_blocking(own, False)
            self._given.append(own)
            self._connection.send(new_method_return(message, "h", (theirs,)))
            os.close(theirs)


@pytest.fixture
def bus() -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon on this machine")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert daemon.stdout is not None
    yield daemon.stdout.readline().decode().strip()
    daemon.terminate()
    daemon.wait(60)
    daemon.stdout.close()


@pytest.fixture
def logind(bus: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logind]:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus)
    there = Logind(bus)
    yield there
    there.close()


@pytest.fixture
def awake() -> Iterator[Awake]:
    told: list[str] = []
    one = Awake(lambda: told.append("none"))
    one.told = told  # type: ignore[attr-defined]
    yield one
    one.close()


def test_held_from_hold_to_release_each_time_anew(logind: Logind, awake: Any) -> None:
    for times in (1, 2):
        awake.hold()
        awake.hold()  # is held already
        wait_until(lambda: logind.held, what="the inhibitor")
        assert len(logind.asked) == times
        awake.release()
        wait_until(lambda: not logind.held, what="the release")
    what, who, why, mode = logind.asked[0]
    assert (what, who, mode) == (":".join(KINDS), "Earmark", "block")
    assert why
    assert awake.told == []


def test_what_a_person_may_not_is_left_out(logind: Logind, awake: Any) -> None:
    logind.refuses = {"handle-lid-switch"}
    awake.hold()
    wait_until(lambda: logind.held == 2, what="sleep and idle")
    awake.release()
    wait_until(lambda: not logind.held)
    assert awake.told == []


def test_without_a_word_against_sleep_it_is_told_once(logind: Logind, awake: Any) -> None:
    logind.refuses = {"sleep"}
    awake.hold()
    wait_until(lambda: awake.told)
    assert logind.held == 2  # what there is is held all the same
    awake.release()
    awake.hold()
    wait_until(lambda: len(logind.asked) == 8)
    awake.close()
    assert awake.told == ["none"]


def test_without_a_bus_it_is_told(awake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    awake.hold()
    wait_until(lambda: awake.told)


def test_nobody_waits_for_an_answer() -> None:
    """The bus may be stuck: hold and release return at once."""
    asked, answer = threading.Event(), threading.Event()

    def inhibit(_held: ExitStack) -> None:
        asked.set()
        assert answer.wait(60)
        raise NotToBeHad

    told: list[str] = []
    awake = Awake(lambda: told.append("none"), inhibit)
    begun = time.monotonic()
    awake.hold()
    awake.release()
    assert time.monotonic() - begun < 1
    assert asked.wait(60)
    answer.set()
    awake.close()
    assert told == ["none"]


@pytest.mark.sound
def test_capture_holds_it_from_the_first_frame_until_stop_or_its_death(
    sound: SoundServer, logind: Logind, tmp_path: Any
) -> None:
    mic = sound.exact_mic()
    recording = Recording(tmp_path / "library", {**sound.env, **os.environ, **sound.env})
    try:
        assert not logind.asked
        recording.start(device=mic.name)
        recording.wait("recording")
        wait_until(lambda: logind.held, what="the inhibitor")
        recording.capture.send("pause")
        recording.wait("stopped")
        wait_until(lambda: not logind.held, what="the release")
        recording.events.clear()
        recording.start(device=mic.name)
        recording.wait("recording")
        wait_until(lambda: logind.held, what="the inhibitor")
        recording.capture.kill()
        wait_until(lambda: not logind.held, what="the kernel's release")
        assert not recording.all("may-sleep")
    finally:
        recording.capture.kill()
        recording.capture.close()
