"""What capture does with a device that behaves as devices do, on a fake one that can be told to."""

from __future__ import annotations

import array
import errno
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_device import FakeSound, stamp
from recording import take_fields
from waiting import wait_until

from earmark.audio.capture import input_supervisor as keeper
from earmark.audio.capture.recorder import Recorder, Refused
from earmark.audio.clock import SECOND_NS
from earmark.audio.journal import FileLayer, JournalReader, lock_journal, scan_journal
from earmark.audio.peakfile import HEADER, RECORD
from earmark.model import Device, new_id

RATE = 48_000


class Bench:
    """A recorder on a fake device, driven as the service drives it."""

    def __init__(self, library: Path, sound: FakeSound, layer: FileLayer | None = None) -> None:
        self.library, self.sound = library, sound
        self.events: list[dict[str, Any]] = []
        self.slept_ns = 0
        self.fields = take_fields(new_id())
        self._ending = threading.Event()
        self.recorder = Recorder(
            library,
            sound,
            lambda: sound.state,
            self.events.append,
            lambda: None,
            uses_server=True,
            layer=layer,
            slept=lambda: self.slept_ns,
        )
        sound.on_news = self.recorder.server_changed

    def start(self, **more: Any) -> None:
        self.recorder.start(self.fields | more, "run/capture.sock")

    def wait(self, ev: str, /, **fields: Any) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            self.recorder.check()
            self.recorder.tidy()
            return self.all(ev, **fields)

        return wait_until(found, what=f"{ev} {fields}")[0]

    def all(self, ev: str, /, **fields: Any) -> list[dict[str, Any]]:
        return [
            e
            for e in list(self.events)
            if e["ev"] == ev and all(e.get(k) == v for k, v in fields.items())
        ]

    def wait_more(self, seconds: float) -> None:
        """Until that much more is stored."""
        before = max((e["frames"] for e in self.all("stored")), default=0)
        wait_until(
            lambda: any(e["frames"] >= before + seconds * RATE for e in self.all("stored")),
            what="more stored",
        )

    def stop(self) -> dict[str, Any]:
        self.recorder.stop("stop")
        stopped = self.wait("stopped")
        wait_until(lambda: (self.recorder.tidy(), not self.recorder.recording)[1])
        return stopped

    @property
    def journal(self) -> Path:
        return self.library / self.fields["journal"]

    def worst_error_ms(self) -> float:
        """How far any stored sound stands from the moment it was captured, by the last clock."""
        zero = self.all("clock")[-1]["zero_ns"] / 1e9
        worst = 0.0
        with JournalReader(self.journal) as reader:
            samples = array.array("h")
            samples.frombytes(reader.read(0, reader.frames))
            gaps = [(g.frame, g.frame + g.frames) for g in reader.gaps]
        for frame in range(0, len(samples), 480):
            if not any(a <= frame < b for a, b in gaps):
                off = (samples[frame] - stamp(zero + frame / RATE) + 15000) % 30000 - 15000
                worst = max(worst, abs(off) * 10)
        return worst


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def make(library: Path) -> Iterator[Any]:
    benches: list[Bench] = []

    def bench(*sources: str, layer: FileLayer | None = None) -> Bench:
        library.mkdir(exist_ok=True)
        benches.append(Bench(library, FakeSound(*sources), layer))
        return benches[-1]

    yield bench
    for one in benches:
        one.recorder.close()


def files(library: Path) -> list[str]:
    return sorted(str(p.relative_to(library)) for p in library.rglob("*") if p.is_file())


def test_a_take_from_start_to_stop(make: Any, library: Path) -> None:
    bench = make("mic")
    bench.start()
    kinds = [e["ev"] for e in bench.events]
    assert kinds[0] == "armed"
    assert bench.wait("device")["cause"] == "start"
    bench.wait("recording")
    manifest = json.loads((library / "run/intents" / f"{bench.fields['take']}.json").read_text())
    assert manifest["journal"] == bench.fields["journal"]
    assert manifest["pid"] == os.getpid()
    assert manifest["v"] == 1
    assert lock_journal(bench.journal) is None
    bench.wait_more(0.5)
    stopped = bench.stop()
    scan = scan_journal(bench.journal)
    assert (stopped["sealed"], stopped["reason"], scan.sealed) == (True, "stop", True)
    assert scan.frames == stopped["frames"]
    assert scan.gaps == ()
    assert bench.worst_error_ms() <= 20
    fd = lock_journal(bench.journal)
    assert fd is not None
    os.close(fd)
    peaks = library / bench.fields["peaks"]
    assert (peaks.stat().st_size - 16) // 6 == -(-scan.frames // 480)


def test_a_start_that_was_given_up_leaves_nothing_in_the_take(make: Any) -> None:
    bench = make("mic")
    bench.sound.starts_given_up = 1
    bench.start()
    bench.wait("recording")
    bench.wait_more(1.5)
    bench.stop()
    assert scan_journal(bench.journal).gaps == ()
    assert bench.worst_error_ms() <= 20
    assert [e["cause"] for e in bench.all("device")] == ["start"]


def test_a_start_given_up_in_the_middle_of_a_take_is_in_the_gap(make: Any) -> None:
    bench = make("one", "two")
    bench.start()
    bench.wait_more(1.5)
    bench.sound.starts_given_up = 1
    bench.recorder.use("two")
    bench.wait("device", cause="chosen", name="two")
    bench.wait_more(1.5)
    bench.stop()
    assert bench.worst_error_ms() <= 20
    assert [e["cause"] for e in bench.all("device")] == ["start", "chosen"]


def test_without_an_input_nothing_changes(make: Any, library: Path) -> None:
    bench = make()
    with pytest.raises(Refused) as refusal:
        bench.start()
    assert refusal.value.kind == "no-input"
    bench.sound.connected = False
    with pytest.raises(Refused) as refusal:
        bench.start()
    assert refusal.value.kind == "no-server"
    assert files(library) == []


def test_an_input_that_cannot_be_opened_changes_nothing(make: Any, library: Path) -> None:
    bench = make("mic")
    bench.sound.opens_fail = True
    with pytest.raises(Refused):
        bench.start()
    assert files(library) == []
    assert not (library / bench.fields["folder"]).exists()
    bench.sound.opens_fail = False
    bench.start()
    bench.wait("recording")
    bench.stop()


def test_a_path_that_leads_outside_is_refused(make: Any, library: Path) -> None:
    bench = make("mic")
    with pytest.raises(Exception, match="not described"):
        bench.start(journal="../elsewhere.journal")
    assert files(library) == []


def test_an_existing_take_is_left_as_it_is(make: Any) -> None:
    bench = make("mic")
    bench.start()
    bench.wait("recording")
    frames = bench.stop()["frames"]
    with pytest.raises(Refused) as refusal:
        bench.start()
    assert refusal.value.kind == "exists"
    assert scan_journal(bench.journal).frames == frames


def test_the_chosen_source_goes_and_comes_back(make: Any) -> None:
    bench = make("desk", "usb")
    bench.start(device="usb")
    bench.wait("recording")
    bench.wait_more(0.5)
    bench.sound.sources = ["desk"]
    bench.sound.tell()
    lost = bench.wait("device", cause="lost")
    assert lost["name"] == "desk"
    bench.wait_more(1)
    bench.sound.sources = ["desk", "usb"]
    bench.sound.tell()
    assert bench.wait("device", cause="returned")["name"] == "usb"
    bench.wait_more(1)
    bench.stop()
    assert bench.sound.opened == ["usb", "desk", "usb"]
    assert {g.cause for g in scan_journal(bench.journal).gaps} <= {"device-lost", "device-changed"}
    assert bench.worst_error_ms() <= 150


def test_a_default_that_goes_is_returned_to(make: Any) -> None:
    bench = make("usb", "desk")
    bench.start()
    bench.wait("recording")
    bench.sound.sources, bench.sound.default = ["desk"], "desk"
    bench.sound.tell()
    bench.wait("device", cause="lost", name="desk")
    bench.sound.sources = ["desk", "usb"]
    bench.sound.tell()
    bench.wait("device", cause="returned", name="usb")
    bench.stop()


def test_one_stand_in_after_another_is_no_return(make: Any) -> None:
    bench = make("usb", "desk")
    bench.start()
    bench.wait("recording")
    bench.sound.sources, bench.sound.default = ["desk", "room"], "desk"
    bench.sound.tell()
    bench.wait("device", cause="lost", name="desk")
    bench.sound.default = "room"
    bench.sound.tell()
    bench.wait("device", cause="chosen", name="room")
    bench.sound.sources = ["desk"]
    bench.sound.default = "desk"
    bench.sound.tell()
    wait_until(lambda: len(bench.all("device", cause="lost", name="desk")) == 2)
    bench.sound.sources = ["desk", "usb"]
    bench.sound.tell()
    bench.wait("device", cause="returned", name="usb")
    bench.stop()
    assert [e["cause"] for e in bench.all("device")] == [
        "start", "lost", "chosen", "lost", "returned"
    ]  # fmt: skip


def test_a_chosen_source_that_is_not_there_is_told_and_taken_when_it_comes(make: Any) -> None:
    bench = make("desk")
    bench.start(device="usb")
    assert bench.wait("device")["cause"] == "absent"
    bench.wait("recording")
    bench.sound.sources = ["desk", "usb"]
    bench.sound.tell()
    bench.wait("device", cause="returned", name="usb")
    bench.stop()
    assert bench.sound.opened == ["desk", "usb"]


@pytest.mark.parametrize(("chosen", "opened"), [(None, "front"), ("usb", "usb")])
def test_without_a_server_the_input_asked_for_is_opened(
    make: Any, chosen: str | None, opened: str
) -> None:
    bench = make()
    bench.sound.connected = False
    bench.sound.direct = (Device("rear", "Rear"), Device("front", "Front", True))
    bench.sound.direct += (Device("usb", "Headset"),)
    bench.start(device=chosen)
    bench.wait("recording")
    bench.stop()
    told = bench.wait("device")
    assert bench.sound.opened == [told["name"]] == [opened]
    assert told["cause"] == "start"


def test_a_card_is_taken_only_when_its_server_stays_away(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "SERVER_AWAY_SECONDS", 0.5)
    bench = make("mic")
    bench.sound.direct = (Device("card", "Card", True),)
    bench.start()
    bench.wait("recording")
    bench.sound.connected = False
    gone = time.monotonic_ns()
    bench.sound.tell()
    bench.wait("warning", kind="no-server", on=True)
    bench.wait("device", cause="lost", name="card")
    assert time.monotonic_ns() > gone + SECOND_NS // 2
    bench.wait_more(0.5)
    bench.sound.connected = True  # what records is left alone
    bench.sound.tell()
    bench.wait_more(0.5)
    bench.stop()
    assert bench.sound.opened == ["mic", "card"]


def test_an_idle_source_s_old_news_is_no_cause(make: Any) -> None:
    bench = make("mic")
    bench.sound.suspended = {"mic"}
    bench.start()
    bench.sound.tell()
    bench.wait("recording")
    bench.sound.connected = False
    bench.sound.tell()
    bench.wait("warning", kind="no-server", on=True)
    bench.sound.connected = True
    bench.sound.tell()
    bench.wait("device", cause="returned")
    bench.wait_more(0.5)
    bench.stop()
    assert {g.cause for g in scan_journal(bench.journal).gaps} <= {"server-lost"}


def test_the_default_the_person_changes_is_followed(make: Any) -> None:
    bench = make("usb", "desk")
    bench.start()
    bench.wait("recording")
    bench.sound.default = "desk"
    bench.sound.tell()
    bench.wait("device", cause="chosen", name="desk")
    bench.stop()


def test_another_source_is_chosen_while_recording(make: Any) -> None:
    bench = make("usb", "desk")
    bench.start()
    bench.wait("recording")
    bench.recorder.use("desk")
    bench.wait("device", cause="chosen", name="desk")
    bench.wait_more(0.5)
    bench.stop()


def test_a_server_that_dies_is_waited_for(make: Any) -> None:
    bench = make("mic")
    bench.start()
    bench.wait("recording")
    bench.wait_more(0.5)
    bench.sound.connected = False
    bench.sound.tell()
    gone = time.monotonic()
    bench.wait("warning", kind="no-server", on=True)
    wait_until(lambda: time.monotonic() > gone + 1)
    bench.sound.connected = True
    bench.sound.tell()
    bench.wait("warning", kind="no-server", on=False)
    gap = bench.wait("gap", cause="server-lost")
    assert gap["frames"] > RATE // 2
    bench.wait_more(0.5)
    bench.stop()
    assert bench.worst_error_ms() <= 150


def test_sound_that_is_lost_becomes_a_gap_of_its_length(make: Any) -> None:
    bench = make("mic")
    bench.start()
    bench.wait("recording")
    bench.wait_more(0.5)
    bench.sound.delivering = False
    bench.wait("warning", kind="no-input", on=True)
    bench.sound.delivering = True
    gap = bench.wait("gap")
    assert gap["frames"] > RATE // 2
    bench.wait_more(0.5)
    bench.stop()
    assert bench.worst_error_ms() <= 150


def test_sleep_is_a_gap_of_its_length_and_notes_after_it_stand_behind_it(make: Any) -> None:
    bench = make("usb")
    bench.start()
    bench.wait_more(1)
    before = bench.all("clock")[-1]["zero_ns"]
    night = 8 * 3600
    bench.slept_ns += night * 10**9
    gap = bench.wait("gap")
    wait_until(lambda: bench.all("stored")[-1]["frames"] > gap["frame"] + (night + 1) * RATE)
    bench.stop()
    assert (gap["frames"], gap["cause"]) == (night * RATE, "suspended")
    with JournalReader(bench.journal) as reader:
        assert [(g.frame, g.frames, g.cause) for g in reader.gaps] == [
            (gap["frame"], night * RATE, "suspended")
        ]
        frames = reader.frames
    after = bench.all("clock")[-1]["zero_ns"]
    assert abs(before - after - night * 10**9) < 10**8
    peaks = (bench.library / bench.fields["peaks"]).stat().st_size
    assert peaks == HEADER.size + RECORD.size * -(-frames // 480)


def test_stop_right_after_waking_keeps_the_time_asleep(make: Any) -> None:
    bench = make("usb")
    bench.start()
    bench.wait_more(1)
    bench.sound.delivering = False
    bench.slept_ns += 600 * 10**9
    stopped = bench.stop()
    assert stopped["frames"] > 600 * RATE
    assert {gap["cause"] for gap in bench.all("gap")} == {"suspended"}


def test_the_take_ends_while_the_device_is_away(make: Any) -> None:
    bench = make("mic")
    bench.start()
    bench.wait("recording")
    bench.wait_more(0.5)
    bench.sound.sources = []
    bench.sound.tell()
    bench.wait("warning", kind="no-input", on=True)
    away = time.monotonic()
    wait_until(lambda: time.monotonic() > away + 1)
    bench.stop()
    scan = scan_journal(bench.journal)
    assert scan.sealed
    assert scan.gaps[-1].cause == "device-lost"
    assert scan.gaps[-1].frame + scan.gaps[-1].frames == scan.frames


def test_a_level_is_shown_without_recording(make: Any, library: Path) -> None:
    bench = make("mic", "desk")
    bench.recorder.monitor(True, "desk")
    bench.wait("level")
    bench.recorder.monitor(False, None)
    assert files(library) == []
    assert bench.sound.opened == ["desk"]


def test_recording_begins_in_a_stream_that_is_already_watched(make: Any) -> None:
    bench = make("mic")
    bench.recorder.monitor(True, None)
    bench.wait("level")
    bench.start()
    bench.wait("recording")
    bench.stop()
    assert bench.sound.opened == ["mic"]
    bench.events.clear()
    bench.wait("level")
    bench.recorder.monitor(False, None)


class FullLayer(FileLayer):
    """A disk that is full from the moment `full` is set until `room` bytes were given back."""

    def __init__(self, error: int) -> None:
        self.error = error
        self.full = False
        self.refusals = 1

    def write(self, fd: int, data: bytes) -> int:
        if self.full and self.refusals:
            self.refusals -= 1
            super().write(fd, data[: len(data) // 3])
            raise OSError(self.error, os.strerror(self.error))
        return super().write(fd, data)


def test_a_full_disk_ends_the_take_with_everything_kept(make: Any) -> None:
    layer = FullLayer(errno.ENOSPC)
    bench = make("mic", layer=layer)
    bench.start()
    bench.wait_more(0.5)
    layer.full = True
    stopped = bench.wait("stopped")
    assert (stopped["reason"], stopped["sealed"]) == ("disk-full", True)
    bench.wait("warning", kind="disk-full", on=True)
    scan = scan_journal(bench.journal)
    assert scan.frames == stopped["frames"]
    assert scan.sealed
    assert bench.worst_error_ms() <= 20


def test_a_disk_that_stays_full_costs_only_the_seal(make: Any) -> None:
    layer = FullLayer(errno.ENOSPC)
    layer.refusals = 1 << 30
    bench = make("mic", layer=layer)
    bench.start()
    bench.wait_more(0.5)
    layer.full = True
    stopped = bench.wait("stopped")
    assert (stopped["reason"], stopped["sealed"]) == ("disk-full", False)
    scan = scan_journal(bench.journal)
    assert scan.frames == stopped["frames"] > 0
    assert not scan.torn


def test_a_full_disk_at_the_start_is_one_sentence(make: Any, library: Path) -> None:
    layer = FullLayer(errno.ENOSPC)
    layer.full = True
    bench = make("mic", layer=layer)
    with pytest.raises(Refused) as refusal:
        bench.start()
    assert refusal.value.kind == "disk-full"
    assert files(library) == []


def test_a_disk_error_in_the_middle_loses_nothing(make: Any) -> None:
    layer = FullLayer(errno.EIO)
    bench = make("mic", layer=layer)
    bench.start()
    bench.wait_more(0.5)
    layer.full = True
    bench.wait_more(1)
    bench.stop()
    assert scan_journal(bench.journal).gaps == ()
    assert bench.worst_error_ms() <= 20
    assert (bench.journal.parent / (bench.journal.name + ".1")).exists()


class SlowLayer(FileLayer):
    """A disk whose next write waits until `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()

    def write(self, fd: int, data: bytes) -> int:
        self.go.wait(60)
        return super().write(fd, data)


def test_a_disk_that_stalls_is_told_and_loses_nothing(make: Any) -> None:
    layer = SlowLayer()
    bench = make("mic", layer=layer)
    bench.start()
    bench.wait_more(0.5)
    layer.go.clear()
    bench.wait("warning", kind="stalled-write", on=True)
    layer.go.set()
    bench.wait("warning", kind="stalled-write", on=False)
    bench.wait_more(2)
    bench.stop()
    assert scan_journal(bench.journal).gaps == ()
    assert bench.worst_error_ms() <= 20


def test_little_space_is_told(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make("mic")
    monkeypatch.setattr("earmark.audio.capture.recorder.free_bytes", lambda _folder: 5_000_000)
    bench.start()
    warning = bench.wait("warning", kind="low-space", on=True)
    assert warning["seconds_left"] == 5_000_000 // 96_000
    bench.stop()
    assert bench.all("warning", kind="low-space", on=False)
