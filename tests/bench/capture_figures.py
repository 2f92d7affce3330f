"""Figures of capture alone: what a kill costs, its memory, and peaks."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sound as sound_rig
from figures import Figure, earmark, index_of, percentile, samples_of, show
from waiting import wait_until

KILLS = 20


class Recording:
    """`earmark record` with the exact microphone, fed a note line every 0.2 s."""

    def __init__(
        self, server: sound_rig.SoundServer, library: Path, mic: sound_rig.ExactMic
    ) -> None:
        self.server, self.library, self.mic = server, library, mic
        self.events: list[dict[str, Any]] = []
        self.stopped_index: float | None = None
        command = [sys.executable, "-m", "earmark", "record", "--json", "--library", str(library)]
        self.process = subprocess.Popen(
            command, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._writer = threading.Thread(target=self._write)
        self._reader.start()
        wait_until(lambda: self._has("recording"), what="recording to begin")
        self._writer.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):
                self.events.append(json.loads(line))

    def _write(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            for number in range(10_000):
                if self._over.wait(0.2):
                    return
                self.process.stdin.write(f"line {number}\n".encode())
                self.process.stdin.flush()

    def _has(self, kind: str) -> bool:
        return any(event["event"] == kind for event in list(self.events))

    def wait_stored(self, seconds: float) -> None:
        """Waits until so much is safely on disk."""

        def stored() -> bool:
            frames = [e["frames"] for e in list(self.events) if e["event"] == "stored"]
            return bool(frames) and max(frames) >= seconds * 48_000

        wait_until(stored, what=f"{seconds} s stored")

    def acknowledged(self) -> set[str]:
        return {event["id"] for event in list(self.events) if event["event"] == "line"}

    def capture_pid(self) -> int:
        intents = list((self.library / "run" / "intents").glob("*.json"))
        return int(json.loads(intents[-1].read_text())["pid"])

    def stop(self) -> None:
        self.stopped_index = self.mic.index_at(time.monotonic())
        self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Ends whatever is left, and both threads."""
        self._over.set()
        with contextlib.suppress(ProcessLookupError, IndexError, FileNotFoundError, ValueError):
            os.kill(self.capture_pid(), signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self._writer.join()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def _lost_once(
    server: sound_rig.SoundServer, mic: sound_rig.ExactMic, seconds: float, everything: bool
) -> tuple[float, int]:
    """Seconds of audio and count of acknowledged lines lost at one `kill -9`."""
    library = Path(tempfile.mkdtemp(prefix="earmark-kill-"))
    recording = Recording(server, library, mic)
    try:
        recording.wait_stored(seconds)
        capture = recording.capture_pid()
        acknowledged = recording.acknowledged()
        if everything:
            os.kill(recording.process.pid, signal.SIGSTOP)
        at = mic.index_at(time.monotonic())
        os.kill(capture, signal.SIGKILL)
        if everything:
            os.kill(recording.process.pid, signal.SIGKILL)
        else:
            wait_until(
                lambda: sum(e["event"] == "recording" for e in list(recording.events)) > 1,
                what="a new take after capture's death",
            )
            recording.stop()
            recording.process.wait(120)
        recording.end()
        earmark(server, library, "recover")
        found = show(server, library)
        samples = samples_of(library, found["takes"][0])
        kept = {line["id"] for line in found["lines"]}
        lost = (at - index_of(samples, 0) - len(samples)) / 48_000
        return lost, len(acknowledged - kept)
    finally:
        recording.end()
        shutil.rmtree(library, ignore_errors=True)


def lost_at_kill() -> Iterator[Figure]:
    dice = random.Random(5)
    with sound_rig.sound_server() as server:
        mic = server.exact_mic()
        server.pactl("set-default-source", "exact")
        for what, everything in (("capture", False), ("everything", True)):
            results = [
                _lost_once(server, mic, dice.uniform(1, 4), everything) for _ in range(KILLS)
            ]
            lost = [seconds for seconds, _ in results]
            yield Figure(
                f"audio lost at kill -9 of {what}, {KILLS} random moments",
                f"median {percentile(lost, 0.5):.3f}, max {max(lost):.3f} s",
                "≤ 1 s each, ≤ 0.2 s median",
            )
            yield Figure("  acknowledged notes lost", str(sum(n for _, n in results)), "0")


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no Pss line")


def capture_memory() -> Iterator[Figure]:
    """PSS of the capture process over some minutes (MEMORY_SECONDS in the environment: longer)."""
    seconds = float(os.environ.get("MEMORY_SECONDS", "120"))
    library = Path(tempfile.mkdtemp(prefix="earmark-memory-"))
    with sound_rig.sound_server() as server:
        mic = server.exact_mic()
        server.pactl("set-default-source", "exact")
        recording = Recording(server, library, mic)
        try:
            readings = []
            for part in range(1, 9):
                recording.wait_stored(min(50.0, seconds) * part / 8)
                readings.append(_pss_mb(recording.capture_pid()))
            end = time.monotonic() + max(0.0, seconds - 50)
            while time.monotonic() < end:
                recording.wait_stored(0)
                readings.append(_pss_mb(recording.capture_pid()))
                recording._over.wait(10)
        finally:
            recording.end()
            shutil.rmtree(library, ignore_errors=True)
    yield Figure(
        f"memory (PSS) of capture over {seconds:.0f} s",
        f"first {readings[0]:.1f}, last {readings[-1]:.1f}, max {max(readings):.1f} MB",
        "flat, ≤ 45 MB",
    )


def _three_hour_wav(path: Path) -> None:
    dice = np.random.default_rng(3)
    minute = (dice.standard_normal(48_000 * 60) * 2000).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        for _ in range(180):
            file.writeframes(minute)


PEAKS_ONCE = """
import resource, sys
from pathlib import Path
from earmark.audio.peak_maker import make_peaks
before = resource.getrusage(resource.RUSAGE_SELF)
make_peaks(Path(sys.argv[1]), Path(sys.argv[2]))
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""
OPEN_ONCE = """
import os, resource, sys
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from waveform_once import draw
draw(sys.argv[1], sys.argv[2])
used = resource.getrusage(resource.RUSAGE_SELF)
child = resource.getrusage(resource.RUSAGE_CHILDREN)
rollup = open("/proc/self/smaps_rollup").read().split("\\n")
private = sum(int(l.split()[1]) for l in rollup if l.startswith("Private_"))
print(used.ru_utime + used.ru_stime + child.ru_utime + child.ru_stime, private / 1024)
"""


def peaks_of_three_hours() -> Iterator[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="earmark-peaks-"))
    try:
        wav = folder / "three-hours.wav"
        _three_hour_wav(wav)

        def run(code: str) -> list[float]:
            env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
            done = subprocess.run(
                [sys.executable, "-c", code, str(wav), str(folder / "out.peaks")],
                check=True, capture_output=True, text=True, env=env,
            )  # fmt: skip
            return [float(word) for word in done.stdout.split()]

        cpu = min(run(PEAKS_ONCE)[0] for _ in range(3))
        yield Figure("peaks of a 3-h WAV, mapped", f"{cpu:.2f} CPU s", "≤ 0.5 CPU s")
        cpu, private = min(run(OPEN_ONCE) for _ in range(3))
        yield Figure(
            "the same WAV to a drawn waveform (a fresh process, Qt and all)",
            f"{cpu:.2f} CPU s, {private:.0f} MB private",
            "≤ 2 CPU s, ≤ 150 MB",
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
