"""The name shown is the device that is open: on PulseAudio, on PipeWire and on ALSA alone, with
and without ALSA's plug-ins, for the default and for a chosen one. Every microphone's samples tell
which it is; an output is told by its monitor.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from recording import Recording
from sound import RATE, PipeWireServer, SoundServer, coded_index, sound_server
from waiting import wait_until

from earmark.audio.replay.client import ReplayProcess

pytestmark = pytest.mark.sound
SECOND = 500_000_000
"""The index at which the second microphone begins."""
SELDOM = (("pulseaudio", True), ("pipewire", True))
"""With a sound server ALSA's plug-ins are not used: that they are there is asked nightly."""


def everywhere(*seldom: tuple[str, bool]) -> pytest.MarkDecorator:
    """Each sound system, with ALSA's plug-ins and without; `seldom` in the nightly run."""
    return pytest.mark.parametrize(
        ("place", "plugins"),
        [
            pytest.param(
                kind,
                plugins,
                id=f"{kind}, {'with' if plugins else 'no'} plug-ins",
                marks=[pytest.mark.nightly] if (kind, plugins) in seldom else [],
            )
            for kind in ("pulseaudio", "pipewire", "alsa")
            for plugins in (True, False)
        ],
        indirect=["place"],
    )


class Place:
    """A sound server with the microphones `one` (the default) and `two`, the outputs `spk` (the
    default) and `other`; `env` is what Earmark is started with.
    """

    def __init__(self, server: SoundServer, folder: Path, kind: str) -> None:
        self.server, self.folder, self.kind = server, folder, kind
        server.load_module("module-null-sink", "sink_name=other")
        server.exact_mic("one")
        server.exact_mic("two", first=SECOND)
        wait_until(lambda: _is_default(server, "source", "one"), what="the default source")
        self.env = dict(server.env)
        if kind == "alsa":
            self._hide_server()

    def _hide_server(self) -> None:
        """The same devices as ALSA's own, and no sound server that Earmark could find."""
        nowhere = self.folder / "nowhere"
        nowhere.mkdir()
        socket = f"unix:{self.env['PULSE_RUNTIME_PATH']}/native"
        of_two = {"one": "one", "two": "two", "spk": "spk", "other": "other"}
        lines = [
            f'pcm.{name} {{ type pulse server "{socket}" device {device} }}\n'
            for name, device in of_two.items()
        ]
        lines.append('pcm.!default { type asym capture.pcm "one" playback.pcm "spk" }\n')
        (nowhere / ".asoundrc").write_text("".join(lines))
        self.env |= {"HOME": str(nowhere), "XDG_RUNTIME_DIR": str(nowhere)}
        self.env |= {"PULSE_RUNTIME_PATH": str(nowhere), "PULSE_COOKIE": self.env["PULSE_COOKIE"]}

    def without_plugins(self) -> None:
        empty = self.folder / "no-plug-ins"
        empty.mkdir()
        self.env["ALSA_PLUGIN_DIR"] = str(empty)

    def record(self, recording: Recording, device: str | None) -> tuple[str, int]:
        """Records a moment: the name that was told, and which microphone was recorded."""
        recording.events.clear()
        recording.start(device=device)
        recording.wait_frames(RATE // 2)
        recording.capture.send("stop")
        recording.wait("stopped")
        samples = recording.samples()
        index = coded_index(samples, len(samples) // 4)
        assert index is not None, samples[len(samples) // 4 :][:20]
        return recording.all("device")[0]["name"], 2 if index >= SECOND else 1


def _is_default(server: SoundServer, kind: str, name: str) -> bool:
    server.pactl(f"set-default-{kind}", name)
    return f"Default {kind.title()}: {name}" in server.pactl("info")


@pytest.fixture
def place(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    made = PipeWireServer if request.param == "pipewire" else SoundServer
    if not made.available():
        pytest.skip(f"no {made.name} on this machine: `python3 dev.py test` installs it")
    with sound_server(made) as server:
        yield Place(server, tmp_path, request.param)


@everywhere()
def test_what_is_recorded_is_what_is_named(place: Place, plugins: bool, tmp_path: Path) -> None:
    if not plugins:
        place.without_plugins()
    recording = Recording(tmp_path / "library", place.env)
    try:
        if place.kind == "alsa" and not plugins:
            recording.start()
            error = recording.wait("error")
            assert error["kind"] == "no-server"
            assert "There is no sound server" in error["message"]
            return
        name, heard = place.record(recording, None)
        assert (name, heard) == ("default" if place.kind == "alsa" else "one", 1)
        assert place.record(recording, "two") == ("two", 2)
    finally:
        recording.end()


@pytest.fixture
def replay(place: Place, plugins: bool) -> Iterator[tuple[ReplayProcess, list[dict[str, Any]]]]:
    if not plugins:
        place.without_plugins()
    events: list[dict[str, Any]] = []
    process = ReplayProcess(events.append, place.env)
    yield process, events
    process.close()


@pytest.mark.nightly
@pytest.mark.parametrize("sound", [SoundServer, PipeWireServer], indirect=True)
def test_no_gap_is_told_where_nothing_is_missing(sound: SoundServer, tmp_path: Path) -> None:
    """Late is not lost. What a server's own pipe source loses on a busy machine is no matter."""
    mic = sound.exact_mic()
    recording = Recording(tmp_path / "library", sound.env)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _loop in range(8)]
    try:
        recording.start(device=mic.name)
        recording.wait_frames(30 * RATE)
        recording.capture.send("stop")
        recording.wait("stopped")
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
        recording.end()
    samples = recording.samples()
    for gap in recording.reader().gaps:
        before = coded_index(samples, gap.frame - RATE // 5)
        after = coded_index(samples, gap.frame + gap.frames)
        assert before is not None
        assert after is not None
        missing = after - before - RATE // 5
        assert abs(missing - gap.frames) < RATE // 20, (gap, missing)


@everywhere(*SELDOM)
def test_what_is_played_goes_to_the_output_named(
    place: Place, plugins: bool, replay: Any, tmp_path: Path
) -> None:
    process, events = replay
    sound = tmp_path / "noise.flac"
    soundfile.write(sound, np.random.default_rng(0).uniform(-0.5, 0.5, 20 * RATE), RATE)
    take = {"id": "a", "path": str(sound), "rate": RATE, "frames": 20 * RATE}
    process.send("load", takes=[take])
    if place.kind == "alsa" and not plugins:
        process.send("play", take="a", frame=0)
        told = wait_until(
            lambda: [e for e in events if e["ev"] == "no-output"], what="the sentence"
        )
        assert told[0]["message"] == "There is no output."
        return
    for chosen, silent in (("spk", "other"), ("other", "spk")):
        heard, unheard = (place.server.capture_monitor(name) for name in (chosen, silent))
        process.send("output", name=None if chosen == "spk" else chosen)
        process.send("play", take="a", frame=0)
        wait_until(lambda: any(heard.samples()), what=f"sound in {chosen}")  # noqa: B023
        process.send("pause")
        wait_until(lambda: not [e for e in events if e["ev"] == "state"][-1]["playing"])
        assert not any(unheard.samples())


@everywhere(*SELDOM)
def test_the_check_opens_what_it_names(place: Place, plugins: bool, tmp_path: Path) -> None:
    if not plugins:
        place.without_plugins()
    command = [sys.executable, "-m", "earmark", "--library", str(tmp_path / "library")]
    done = subprocess.run(
        [*command, "doctor", "--json"], env=place.env, capture_output=True, text=True, timeout=60
    )
    told = {one["what"]: one["level"] for one in json.loads(done.stdout)["findings"]}
    if place.kind == "alsa" and not plugins:
        assert told["No sound system answers."] == "error"
        return
    opened = [what for what in told if what.startswith(("Recording from", "Playing through"))]
    listed = subprocess.run(
        [*command, "devices", "--json"], env=place.env, capture_output=True, text=True, timeout=60
    )
    devices = json.loads(listed.stdout)
    labels = {d["name"]: d["label"] for d in (*devices["inputs"], *devices["outputs"])}
    microphone, output = ("default", "default") if place.kind == "alsa" else ("one", "spk")
    assert opened == [
        f"Recording from “{labels[microphone]}”.",
        f"Playing through “{labels[output]}”.",
    ]
