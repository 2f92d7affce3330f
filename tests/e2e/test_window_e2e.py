"""A person at the real window: record, type, stop, click, hear; and the ways out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until

pytestmark = [pytest.mark.window, pytest.mark.sound, pytest.mark.timeout(600)]


def tell(folder: Path, *command: str) -> Any:
    """What the command line says about the library."""
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "--library", str(folder), *command, "--json"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def only_session(folder: Path) -> Any:
    (row,) = tell(folder, "list")
    return tell(folder, "show", row["id"])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


def begin_recording(window: Any) -> None:
    wait_until(lambda: window.notes().has("focused"), what="the caret in the notes")
    window.key("ctrl+r")
    window.find("Stop recording", "push button")


def stop_recording(window: Any) -> None:
    window.key("ctrl+r")
    window.find("Continue recording", "push button")


def test_record_type_stop_click_hear(real_window, sound, library: Path):
    mic = sound.exact_mic()
    sound.pactl("set-default-source", mic.name)
    window = real_window("--library", library)
    wait_until(lambda: window.notes().has("focused"), what="the caret in the notes")
    begin_recording(window)
    listener = sound.capture_monitor("spk")
    recorded_from = window.type("# Ask not\n- what your country\n")
    wait_until(lambda: "what your country" in window.notes().text)
    stop_recording(window)
    window.notes().click_text("country")
    window.find("Pause replay", "push button")
    wait_until(lambda: any(listener.samples()[-48_000:]), what="sound at the output")
    window.close_window()
    assert window.program.wait(120) == 0
    session = only_session(library)
    lines = [(line["kind"], line["text"]) for line in session["lines"] if line["text"]]
    assert lines == [("heading1", "Ask not"), ("bullet", "what your country")]
    (take,) = session["takes"]
    frames = [run["frame"] for line in session["lines"] for run in line["runs"]]
    assert frames == sorted(frames)
    assert all(0 <= frame <= take["frames"] for frame in frames)
    assert recorded_from > mic.t0


def test_closing_while_recording_asks_once_and_keeps(real_window, library: Path):
    window = real_window("--library", library)
    begin_recording(window)
    window.type("kept")
    window.close_window()
    window.find(lambda name: name.startswith("Still recording: close again"))
    assert window.program.poll() is None
    window.close_window()
    assert window.program.wait(120) == 0
    tell(library, "recover")
    session = only_session(library)
    assert [line["text"] for line in session["lines"]] == ["kept"]
    assert session["takes"][0]["frames"] > 0


def test_sigterm_stops_and_keeps(real_window, library: Path):
    window = real_window("--library", library)
    begin_recording(window)
    window.type("kept")
    window.program.send_signal(signal.SIGTERM)
    assert window.program.wait(120) == 0
    tell(library, "recover")
    session = only_session(library)
    assert [line["text"] for line in session["lines"]] == ["kept"]


def test_a_killed_windows_recording_is_taken_up_again(real_window, library: Path):
    window = real_window("--library", library)
    begin_recording(window)
    window.type("before")
    wait_until(lambda: [s["lines"] for s in tell(library, "list")] == [1], what="a saved line")
    window.program.send_signal(signal.SIGKILL)
    window.program.wait(60)
    window.start_program()
    window.find("Stop recording", "push button")
    wait_until(lambda: "before" in window.notes().text, what="the session of the recording")
    # no click here: the window manager may hand it over after the keys that follow it
    wait_until(lambda: window.notes().has("focused"), what="the caret in the notes")
    window.key("ctrl+end")
    wait_until(lambda: window.notes().get("Text", "CaretOffset") == len("before"))
    window.type("\nafter")
    stop_recording(window)
    window.close_window()
    assert window.program.wait(120) == 0
    session = only_session(library)
    assert [line["text"] for line in session["lines"]] == ["before", "after"]
    before, after = (line["anchor"] for line in session["lines"])
    assert before["take"] == after["take"] and before["frame"] < after["frame"]
    assert len(session["takes"]) == 1


def test_a_second_start_brings_the_window_forward_and_opens_its_file(
    real_window, library: Path, tmp_path: Path
):
    talk = tmp_path / "a talk.wav"
    with wave.open(str(talk), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\x10\x27\xf0\xd8" * 24_000)
    window = real_window("--library", library)
    second = subprocess.run(
        [sys.executable, "-m", "earmark", "--library", str(library), str(talk)],
        env=window.env, timeout=120, check=False,
    )  # fmt: skip
    assert second.returncode == 0
    wait_until(lambda: [s["title"] for s in tell(library, "list")] == ["a talk"], 120)
    assert window.program.poll() is None


def test_chords_work_while_typing(real_window, library: Path):
    window = real_window("--library", library)
    wait_until(lambda: window.notes().has("focused"))
    window.type("one\ntwo")
    window.key("alt+up")
    wait_until(lambda: window.notes().text.split() == ["two", "one"], what="the moved line")
    window.key("ctrl+]")
    window.find("Speed 1.1×")
    window.key("ctrl+[")
    window.find("Speed 1×")
    window.key("ctrl+shift+p")
    window.find("What do you want to do?", "text")
    window.key("esc")
    window.key("ctrl+/")
    window.find("Keys")
    window.key("esc")
    wait_until(lambda: window.notes().has("focused"), what="the caret back in the notes")
    window.type(" 3")
    wait_until(lambda: "two 3" in window.notes().text)
