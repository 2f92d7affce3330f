"""The replay process on a real (private) sound server."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click_to_sound import TimedMonitor, landing, measure_click_to_sound, noise
from sound import SoundServer
from waiting import wait_until

from earmark.audio.journal import JournalWriter
from earmark.audio.replay.client import ReplayProcess

pytestmark = pytest.mark.sound
RATE = 48_000


class Desk:
    """A replay process and everything it has said."""

    def __init__(self, server: SoundServer) -> None:
        self.events: list[dict[str, Any]] = []
        self.process = ReplayProcess(self.events.append, server.env)
        self.wait("ready")

    def wait(self, ev: str, after: int = 0, **fields: object) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            return next(
                (
                    e
                    for e in self.events[after:]
                    if e["ev"] == ev and all(e.get(k) == v for k, v in fields.items())
                ),
                None,
            )

        event = wait_until(found, what=f"{ev} {fields}")
        assert event is not None
        return event

    def do(self, cmd: str, **fields: object) -> int:
        """Sends a command, waits until it is done; the number of events before it."""
        before = len(self.events)
        assert self.process.send(cmd, id=before, **fields)
        self.wait("did", before, id=before)
        return before

    def places(self, after: int = 0) -> list[tuple[str, int]]:
        return [(e["take"], e["frame"]) for e in self.events[after:] if e["ev"] == "pos"]

    @property
    def place(self) -> tuple[str, int]:
        return self.places()[-1]

    def errors(self) -> list[dict[str, Any]]:
        return [e for e in self.events if e["ev"] == "error"]


@pytest.fixture
def desk(sound: SoundServer) -> Iterator[Desk]:
    desk = Desk(sound)
    yield desk
    desk.process.close()
    assert desk.events[-1] == {"ev": "died", "code": 0, "asked": True}


def noise_take(folder: Path, name: str, seconds: int, **fields: object) -> dict[str, object]:
    path = folder / f"{name}.flac"
    soundfile.write(path, noise(0, seconds * RATE), RATE)
    return {
        "id": name, "path": str(path), "kind": "file", "rate": RATE, "frames": seconds * RATE,
        "off_record": [], "gain_db": 0, "peaks": None, **fields,
    }  # fmt: skip


def test_replay_lands_where_it_was_asked_to(sound: SoundServer) -> None:
    figures = measure_click_to_sound(trials=10, take_seconds=20, busy_loops=0, patience=30)
    assert figures["missed"] == 0
    assert figures["landing"]["max"] <= 20


def test_replay_says_what_is_heard(desk: Desk, sound: SoundServer, tmp_path: Path) -> None:
    monitor = TimedMonitor(sound)
    try:
        desk.do("load", takes=[noise_take(tmp_path, "a", 30)])
        desk.do("play", take="a", frame=5 * RATE)
        tried = itertools.count(30, 10)

        def heard_where_told() -> bool:
            """The place it told is in what was heard around that time. A busy machine may tear a
            hole into one such moment, never into all."""
            told = [e for e in desk.events if e["ev"] == "pos"][next(tried)]
            at = monitor.frame_at(told["mono_ns"] / 1e9)
            wait_until(lambda: monitor.frames > at + RATE)
            heard = monitor.samples(max(0, at - RATE // 4), at + RATE)
            return landing(heard, told["frame"]) is not None

        wait_until(lambda: len(desk.places()) > 200)
        assert any(heard_where_told() for _attempt in range(8))
    finally:
        monitor.close()


def test_replay_loop_stays_inside_and_off_record_is_left_out(desk: Desk, tmp_path: Path) -> None:
    take = noise_take(tmp_path, "a", 20, off_record=[[RATE * 3 // 2, RATE]])
    desk.do("load", takes=[take])
    desk.do("loop", start={"take": "a", "frame": RATE}, end={"take": "a", "frame": 3 * RATE})
    before = desk.do("play", take="a", frame=RATE)
    wait_until(lambda: sum(e["ev"] == "looped" for e in desk.events) >= 2)
    desk.do("pause")
    frames = [frame for _take, frame in desk.places(before)]
    assert all(RATE <= f <= 3 * RATE for f in frames)
    assert all(f <= RATE * 3 // 2 + 1 or f >= RATE * 5 // 2 - 1 for f in frames)
    desk.do("loop", off=True)
    before = desk.do("stop_at", take="a", frame=4 * RATE)
    desk.do("resume")
    desk.wait("ended", before)
    assert desk.place == ("a", 4 * RATE)
    assert desk.errors() == []


def test_replay_pause_jump_and_speed(desk: Desk, tmp_path: Path) -> None:
    desk.do("load", takes=[noise_take(tmp_path, "a", 10), noise_take(tmp_path, "b", 10)])
    desk.do("seek", take="a", frame=9 * RATE)
    assert desk.place == ("a", 9 * RATE)
    desk.do("jump", ms=5000)
    assert desk.place == ("b", 4 * RATE)
    desk.do("jump", ms=-60_000)
    assert desk.place == ("a", 0)
    desk.do("speed", value=3)
    desk.do("resume")
    wait_until(lambda: desk.place[0] == "b")
    desk.do("pause")
    rest = desk.place
    before = len(desk.events)
    desk.do("resume")
    wait_until(lambda: desk.places(before))
    assert desk.places(before)[0][1] == pytest.approx(rest[1], abs=RATE)
    desk.wait("ended", before)
    assert desk.place == ("b", 10 * RATE)
    desk.wait("state", before, playing=False)
    assert desk.errors() == []


def test_replay_pauses_when_its_output_vanishes(
    desk: Desk, sound: SoundServer, tmp_path: Path
) -> None:
    headphones = ("module-null-sink", "sink_name=headphones", "rate=48000")
    module = sound.load_module(*headphones)
    desk.do("load", takes=[noise_take(tmp_path, "a", 60)])
    desk.do("output", name="headphones")
    desk.do("play", take="a", frame=0)
    wait_until(lambda: desk.places() and desk.place[1] > RATE)
    sound.unload(module)
    lost = desk.wait("output-lost", name="headphones")
    assert lost["label"]
    desk.wait("state", desk.events.index(lost) - 2, playing=False)
    place = desk.place

    refused = desk.do("resume")  # not on the loudspeakers, even when asked to go on
    desk.wait("output-lost", refused, name="headphones")
    assert sound.pactl("list", "short", "sink-inputs").strip() == ""

    module = sound.load_module(*headphones)
    desk.wait("output-back", name="headphones")
    desk.do("resume")
    wait_until(lambda: desk.place[1] > place[1] + RATE)
    assert desk.errors() == []


def test_replay_pauses_when_the_default_output_vanishes(
    desk: Desk, sound: SoundServer, tmp_path: Path
) -> None:
    module = sound.load_module("module-null-sink", "sink_name=usb", "rate=48000")
    sound.pactl("set-default-sink", "usb")
    desk.do("load", takes=[noise_take(tmp_path, "a", 60)])
    desk.do("play", take="a", frame=0)
    wait_until(lambda: desk.places() and desk.place[1] > RATE)
    sound.unload(module)
    desk.wait("output-lost", name="usb")
    wait_until(lambda: not sound.pactl("list", "short", "sink-inputs").strip())
    before = desk.do("resume")  # the person's word: on the new default
    wait_until(lambda: len(desk.places(before)) > 5)


def test_replay_survives_a_new_sound_server(desk: Desk, sound: SoundServer, tmp_path: Path) -> None:
    desk.do("load", takes=[noise_take(tmp_path, "a", 60)])
    desk.do("play", take="a", frame=0)
    wait_until(lambda: desk.places() and desk.place[1] > RATE)
    sound.stop()
    desk.wait("no-output")
    place = desk.place
    sound.start()
    before = len(desk.events)
    desk.do("play", take=place[0], frame=place[1])
    wait_until(lambda: any(f > place[1] + RATE for _t, f in desk.places(before)))


def test_replay_follows_a_running_recording(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "take.journal"
    journal = JournalWriter(path, "live", RATE, 1)
    stop = threading.Event()
    hold = threading.Event()
    started = time.monotonic()

    def record() -> None:
        while not stop.wait(0.05):
            if hold.is_set():
                continue
            due = int((time.monotonic() - started) * RATE) + 3 * RATE
            if 5 * RATE < journal.frames < 6 * RATE:
                journal.gap(2 * RATE, "overrun")
            elif due > journal.frames:
                journal.append(noise(journal.frames, due - journal.frames).tobytes())
        journal.seal("stop")

    recorder = threading.Thread(target=record)
    recorder.start()
    try:
        wait_until(lambda: journal.frames > 3 * RATE)
        take = {"id": "live", "path": str(path), "kind": "journal", "rate": RATE, "frames": 0}
        desk.do("load", takes=[take])
        desk.do("speed", value=3)
        desk.do("play", take="live", frame=0)
        wait_until(lambda: desk.places() and desk.place[1] > journal.frames - 2 * RATE)
        here = desk.place[1]
        wait_until(lambda: desk.place[1] > here + 3 * RATE)
        hold.set()  # nothing comes any more for a while
        desk.wait("state", waiting=True)
        before = len(desk.events)
        hold.clear()
        desk.process.send("live", take="live", frames=journal.frames)
        desk.wait("state", before, waiting=False)
        here = desk.place[1]
        wait_until(lambda: desk.place[1] > here + RATE)
    finally:
        stop.set()
        recorder.join()
    desk.wait("ended")
    assert desk.place == ("live", journal.frames)
    frames = [f for _take, f in desk.places()]
    assert all(np.diff(frames) >= 0)
    assert desk.errors() == []
    journal.close()


def test_replay_goes_on_when_a_journal_becomes_a_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "take.journal"
    journal = JournalWriter(path, "a", RATE, 1)
    for second in range(20):
        journal.append(noise(second * RATE, RATE).tobytes())
    journal.seal("stop")
    journal.close()
    fields = {"id": "a", "rate": RATE, "frames": 20 * RATE}
    desk.do("load", takes=[{**fields, "path": str(path), "kind": "journal"}])
    desk.do("play", take="a", frame=0)
    wait_until(lambda: desk.places() and desk.place[1] > RATE)
    take = noise_take(tmp_path, "a", 20)
    path.unlink()
    before = desk.do("load", takes=[take])
    wait_until(lambda: len(desk.places(before)) > 10)
    frames = [f for _take, f in desk.places()]
    assert all(np.diff(frames) >= -RATE // 20)
    assert not any(e["ev"] == "state" and not e["playing"] for e in desk.events[before:])


def test_replay_answers_nonsense_with_errors(desk: Desk, tmp_path: Path) -> None:
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"no sound at all")
    good = noise_take(tmp_path, "good", 2)
    desk.do("play", take="a", frame=0)
    desk.do("dance")
    desk.do("seek", take="a")
    desk.do("speed", value="fast")
    desk.do("load", takes=[{**good, "id": "bad", "path": str(broken)}, good])
    kinds = [e["kind"] for e in desk.errors()]
    assert kinds == [
        "unknown-take", "unknown-command", "bad-command", "bad-command", "unreadable",
    ]  # fmt: skip
    loaded = desk.wait("loaded")
    assert loaded["ms"] == 4000  # the broken take keeps its length, as silence
    desk.do("play", take="good", frame=RATE)
    desk.wait("ended")


def test_replay_death_is_told(sound: SoundServer, tmp_path: Path) -> None:
    desk = Desk(sound)
    desk.do("load", takes=[noise_take(tmp_path, "a", 60)])
    desk.do("play", take="a", frame=0)
    wait_until(lambda: desk.places())
    desk.process.kill()
    assert desk.events[-1] == {"ev": "died", "code": -9, "asked": False}
    assert not desk.process.alive
    assert not desk.process.send("pause")
    desk.process.close()


def test_replay_without_any_output_says_so(tmp_path: Path, monkeypatch: Any) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    env = {"PULSE_SERVER": f"unix:{nowhere}/none", "HOME": str(nowhere), "PATH": "/usr/bin:/bin"}
    events: list[dict[str, Any]] = []
    process = ReplayProcess(events.append, env)
    process.send("load", takes=[noise_take(tmp_path, "a", 5)])
    process.send("play", take="a", frame=0)
    wait_until(lambda: any(e["ev"] == "no-output" for e in events))
    wait_until(lambda: any(e["ev"] == "state" and not e["playing"] for e in events[3:]))
    process.close()
    assert events[-1]["code"] == 0
