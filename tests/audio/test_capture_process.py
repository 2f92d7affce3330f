"""The capture process on a real sound server: nothing lost, and everything survives."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recording import Recording, take_fields
from sound import SoundServer, coded_index, coded_sample
from waiting import wait_until

from earmark.audio.capture.client import encode
from earmark.audio.journal import JournalReader, lock_journal, scan_journal

pytestmark = pytest.mark.sound
RATE = 48_000


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def record(sound: SoundServer, library: Path) -> Iterator[Any]:
    """`record(**env)` starts capture on the private server; ends what it started."""
    started: list[Recording] = []

    def start(**env: str) -> Recording:
        started.append(Recording(library, {**sound.env, **env}))
        return started[-1]

    yield start
    for one in started:
        if one.capture.alive:
            one.capture.kill()
        one.capture.close()


def slips(samples: array[int], first: int, begin: int, end: int) -> list[str]:
    """Where frames in `[begin, end)` are not the source's frame `first + position`: what is there
    instead, each time it changes."""
    found: list[str] = []
    ahead = 0
    for i in range(begin, end):
        if samples[i] == coded_sample(first + i + ahead):
            continue
        index = coded_index(samples, i)
        before, ahead = ahead, 0 if index is None else index - first - i
        found.append(f"frame {i}: {samples[i - 2 : i + 3].tolist()}, {ahead - before:+} frames")
        if len(found) == 10:
            break
    return found


def clock_error_ms(recording: Recording, t0: float, frame: int, index: int) -> float:
    zero = recording.all("clock")[-1]["zero_ns"] / 1e9
    return abs((zero + frame / RATE) - (t0 + index / RATE)) * 1000


@pytest.fixture
def busy() -> Iterator[None]:
    """Both cores have something else to do."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _n in range(2)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


@pytest.mark.slow
def test_every_frame_once_with_busy_cores(sound: SoundServer, record: Any, busy: None) -> None:
    mic = sound.exact_mic()
    recording = record()
    recording.start(device=mic.name)
    recording.wait("recording")
    recording.wait_frames(15 * RATE)
    recording.capture.send("stop")
    stopped = recording.wait("stopped")
    samples = recording.samples()
    first = coded_index(samples, 0)
    assert first is not None
    assert len(samples) == stopped["frames"] >= 15 * RATE
    assert slips(samples, first, 0, len(samples)) == []
    assert recording.reader().gaps == ()
    assert clock_error_ms(recording, mic.t0, 0, first) <= 30
    assert recording.all("level")
    assert recording.all("device", cause="start", name=mic.name)


def test_kill_9_keeps_all_that_was_told_as_stored(sound: SoundServer, record: Any) -> None:
    mic = sound.exact_mic()
    recording = record()
    recording.start(device=mic.name)
    recording.wait_frames(2 * RATE)
    recording.capture.kill()
    recording.wait("died")
    samples = recording.samples()
    first = coded_index(samples, 0)
    assert first is not None
    assert slips(samples, first, 0, len(samples)) == []
    assert len(samples) >= recording.all("stored")[-1]["frames"]
    assert recording.manifest.exists()
    assert not scan_journal(recording.journal).sealed
    fd = lock_journal(recording.journal)
    assert fd is not None
    os.close(fd)


def test_the_source_is_unloaded_and_comes_back(sound: SoundServer, record: Any) -> None:
    mic = sound.exact_mic("usb")
    recording = record()
    recording.start(device="usb")
    recording.wait_frames(RATE)
    gone = time.monotonic()
    mic.close()
    lost = recording.wait("device", cause="lost")
    assert lost["name"] == "fakemic"
    assert lost["frame"] / RATE < gone - recording.started_ns / 1e9 + 2
    recording.wait_frames(lost["frame"] + 2 * RATE)
    (sound.folder / "usb.t0").unlink()
    back = sound.exact_mic("usb")
    returned = recording.wait("device", cause="returned")
    assert returned["name"] == "usb"
    recording.wait_frames(returned["frame"] + 2 * RATE)
    recording.capture.send("stop")
    recording.wait("stopped")
    samples = recording.samples()
    index = coded_index(samples, len(samples) - RATE)
    assert index is not None
    assert clock_error_ms(recording, back.t0, len(samples) - RATE, index) <= 50


def test_a_frozen_server_leaves_every_frame_at_its_time(sound: SoundServer, record: Any) -> None:
    mic = sound.exact_mic()
    recording = record()
    recording.start(device=mic.name)
    recording.wait_frames(RATE)
    os.kill(sound.pid, signal.SIGSTOP)
    try:
        recording.wait("warning", kind="no-input", on=True)
    finally:
        os.kill(sound.pid, signal.SIGCONT)
    recording.wait("warning", kind="no-input", on=False)
    before = recording.all("stored")[-1]["frames"]
    recording.wait_frames(before + 2 * RATE)
    recording.capture.send("stop")
    recording.wait("stopped")
    samples = recording.samples()
    silent = {g.frame: g.frames for g in recording.reader().gaps}
    for at in (0, len(samples) - RATE):
        index = coded_index(samples, at)
        assert index is not None
        assert clock_error_ms(recording, mic.t0, at, index) <= 50
    first = coded_index(samples, 0)
    assert first is not None
    if not silent:
        assert slips(samples, first, 0, len(samples)) == []


def test_a_suspended_source_is_a_gap_with_its_cause(sound: SoundServer, record: Any) -> None:
    recording = record()
    recording.start(device="fakemic")
    recording.wait_frames(RATE)
    sound.pactl("suspend-source", "fakemic", "1")
    recording.wait("warning", kind="no-input", on=True)
    sound.pactl("suspend-source", "fakemic", "0")
    gap = recording.wait("gap", cause="suspended")
    recording.wait_frames(gap["frame"] + gap["frames"] + RATE)
    recording.capture.send("stop")
    recording.wait("stopped")


def test_the_server_dies_and_comes_back(sound: SoundServer, record: Any) -> None:
    recording = record()
    recording.start()
    recording.wait_frames(RATE)
    sound.stop()
    recording.wait("warning", kind="no-server", on=True)
    sound.start()
    recording.wait("warning", kind="no-server", on=False)
    gap = recording.wait("gap", cause="server-lost")
    recording.wait_frames(gap["frame"] + gap["frames"] + RATE)
    recording.capture.send("stop")
    assert recording.wait("stopped")["sealed"]


def test_the_window_dies_and_the_next_one_attaches(sound: SoundServer, record: Any) -> None:
    recording = record()
    recording.start()
    recording.wait_frames(RATE)
    path = recording.library / json.loads(recording.manifest.read_text())["socket"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    window = recording.capture
    window.close(timeout=0.1)
    before = recording.all("stored")[-1]["frames"]
    recording.events.clear()
    recording.attach()
    state = recording.wait("state")
    assert state["recording"]["take"] == recording.fields["take"]
    assert state["stored"] >= before
    assert state["clock"]["zero_ns"] > recording.started_ns
    recording.wait_frames(before + RATE)
    recording.capture.send("stop")
    assert recording.wait("stopped")["reason"] == "stop"
    recording.capture.close()
    assert window._process.wait(60) == 0
    assert not path.exists()
    assert recording.reader().gaps == ()


def test_an_orphan_seals_and_ends_in_time(sound: SoundServer, record: Any) -> None:
    recording = record(EARMARK_ORPHAN_SECONDS="1")
    recording.start()
    recording.wait_frames(RATE // 2)
    recording.capture.close(timeout=60)
    assert not recording.capture.alive
    scan = scan_journal(recording.journal)
    assert (scan.sealed, scan.reason) == (True, "abandoned")
    assert scan.frames > RATE


def test_an_idle_process_ends_with_its_window(sound: SoundServer, record: Any) -> None:
    recording = record()
    recording.capture.close(timeout=60)
    assert not recording.capture.alive


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_with_the_take_kept(
    sound: SoundServer, record: Any, number: signal.Signals
) -> None:
    recording = record()
    recording.start()
    recording.wait_frames(RATE // 2)
    os.kill(recording.capture.pid, number)
    assert recording.wait("stopped")["sealed"]
    recording.wait("died")
    assert scan_journal(recording.journal).sealed


def test_a_stream_moved_in_the_sound_settings_is_told(sound: SoundServer, record: Any) -> None:
    mic = sound.exact_mic()
    recording = record()
    recording.start()
    recording.wait_frames(RATE)
    listed = sound.pactl("list", "source-outputs")
    ours = [
        part.split()[0]
        for part in listed.split("Source Output #")
        if f'application.process.id = "{recording.capture.pid}"' in part
    ]
    assert 'application.name = "Earmark"' in listed
    sound.pactl("move-source-output", ours[0], mic.name)
    assert recording.wait("device", cause="chosen")["name"] == mic.name
    recording.wait_frames(recording.all("stored")[-1]["frames"] + RATE)
    recording.capture.send("stop")
    recording.wait("stopped")
    samples = recording.samples()
    at = len(samples) - RATE // 2
    index = coded_index(samples, at)
    assert index is not None
    assert clock_error_ms(recording, mic.t0, at, index) <= 50


def test_a_reader_that_does_not_read_costs_no_frame(sound: SoundServer, library: Path) -> None:
    """The window is frozen and its pipe full: capture goes on."""
    mic = sound.exact_mic()
    library.mkdir()
    fields = take_fields("feedfacefeedface", device=mic.name)
    process = subprocess.Popen(
        [sys.executable, "-m", "earmark.audio.capture", "--library", str(library)],
        env=sound.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(encode("start", fields))
        for _n in range(400):
            process.stdin.write(encode("nonsense " * 60, {}))
        process.stdin.flush()
        journal = library / fields["journal"]
        wait_until(lambda: journal.exists() and scan_journal(journal).frames >= 3 * RATE)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: scan_journal(journal).sealed)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()
    samples = array("h")
    with JournalReader(journal) as reader:
        samples.frombytes(reader.read(0, reader.frames))
    first = coded_index(samples, 0)
    assert first is not None
    assert slips(samples, first, 0, len(samples)) == []


def test_a_full_disk_keeps_everything(sound: SoundServer, library: Path) -> None:
    """The file may not grow beyond 1 MB: what a full disk looks like to the writer."""
    import resource

    library.mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        recording = Recording(library, sound.env)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        recording.start()
        stopped = recording.wait("stopped")
        assert stopped["reason"] == "disk-full"
        scan = scan_journal(recording.journal)
        assert scan.frames == stopped["frames"] > 10 * RATE
        assert not scan.torn
    finally:
        recording.end()


def test_without_a_server_one_sentence_and_nothing_changed(
    sound: SoundServer, library: Path
) -> None:
    sound.stop()
    recording = Recording(library, sound.env)
    try:
        recording.start()
        error = recording.wait("error")
        assert error["kind"] == "no-server"
        assert not list((library / "sessions").rglob("*"))
        sound.start()
        recording.events.clear()
        wait_until(lambda: _started(recording), what="a start once the server is there")
        recording.capture.send("stop")
        recording.wait("stopped")
    finally:
        recording.end()


def _started(recording: Recording) -> bool:
    recording.events.clear()
    recording.start()
    wait_until(lambda: recording.all("error") or recording.all("armed"))
    return bool(recording.all("armed"))


def test_commands_it_cannot_do_change_nothing(sound: SoundServer, record: Any) -> None:
    recording = record()
    recording.capture.send("stop")
    assert recording.wait("error")["kind"] == "idle"
    recording.events.clear()
    recording.capture.send("start", take="x")
    assert recording.wait("error")["kind"] == "wrong-command"
    recording.start()
    recording.wait("recording")
    recording.capture.send("start", **recording.fields)
    assert recording.wait("error", kind="busy")


def test_it_stays_small(sound: SoundServer, record: Any) -> None:
    recording = record()
    recording.start()
    recording.wait_frames(2 * RATE)
    text = Path(f"/proc/{recording.capture.pid}/smaps_rollup").read_text()
    private = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))
    assert private <= 45_000
    modules = Path(f"/proc/{recording.capture.pid}/maps").read_text()
    assert "numpy" not in modules
