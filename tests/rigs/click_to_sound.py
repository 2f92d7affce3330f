"""How long from the command to the sound at the sink's monitor, and how near it lands.

The takes are noise that a second's number reproduces, so every stretch of sound tells where it
came from. What the sink plays is recorded from its monitor; the recording's clock is the earliest
arrival of its bytes, so times err on the late side by the recording's own latency (about 5 ms).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from sound import SoundServer, end, sound_server
from waiting import wait_until

from earmark.audio.replay.client import ReplayProcess

RATE = 48_000
SHARES = (0.5, 0.3, 0.2)
"""The session is three takes, of these shares of its length."""
LOOK = RATE * 15 // 100
"""Frames compared to find a landing: 150 ms."""
STEP = 48
"""Frames by which the onset is looked for: 1 ms."""
Noise = npt.NDArray[np.int16]


def noise(start: int, count: int) -> Noise:
    """The source from frame `start` on, over all takes."""
    first, last = start // RATE, (start + count - 1) // RATE
    seconds = [
        np.random.default_rng(n).integers(-8000, 8000, RATE, dtype=np.int16)
        for n in range(first, last + 1)
    ]
    return np.concatenate(seconds)[start - first * RATE :][:count]


class TimedMonitor:
    """Records a sink's monitor and knows when each frame was heard."""

    def __init__(self, server: SoundServer, sink: str = "spk") -> None:
        self._process = subprocess.Popen(
            ["parec", "-d", f"{sink}.monitor", "--latency-msec=5", "--format=s16le",
             "--rate=48000", "--channels=1", "--raw"],
            env=server.env, stdout=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self._data = bytearray()
        self._lock = threading.Lock()
        self.zero = float("inf")
        """Monotonic time (s) of frame 0."""
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        # an idle null sink starts late, in blocks of 2 s: only then are times good
        begun = time.monotonic()
        wait_until(lambda: self.frames > RATE // 2 and time.monotonic() - begun > 3)

    @property
    def frames(self) -> int:
        return len(self._data) // 2

    def samples(self, start: int, end: int) -> Noise:
        with self._lock:
            return np.frombuffer(bytes(self._data[2 * start : 2 * end]), np.int16)

    def frame_at(self, monotonic_s: float) -> int:
        return round((monotonic_s - self.zero) * RATE)

    def close(self) -> None:
        self._process.terminate()
        self._thread.join()  # it reads to the end before the pipe is closed
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        while chunk := os.read(fd, 1 << 16):
            now = time.monotonic()
            with self._lock:
                self._data += chunk
                self.zero = min(self.zero, now - len(self._data) / 2 / RATE)


def landing(heard: Noise, place: int) -> tuple[int, int] | None:
    """Where in `heard` the sound of `place` begins: (frame of `heard`, source frame there)."""
    wanted = noise(place + STEP * 10, LOOK).astype(np.float64)
    field = heard.astype(np.float64)
    size = 1 << (len(field) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(field, size) * np.conj(np.fft.rfft(wanted, size))
    match = np.fft.irfft(spectrum, size)[: len(field) - len(wanted)]
    at = int(np.argmax(match))
    power = np.linalg.norm(field[at : at + LOOK]) * np.linalg.norm(wanted)
    if not power or match[at] / power < 0.8:
        return None
    shift = at - (place + STEP * 10)  # heard frame = source frame + shift
    onset = at
    while onset - STEP >= 0 and onset - STEP - shift >= 0:
        mine = field[onset - STEP : onset]
        source = noise(onset - STEP - shift, STEP).astype(np.float64)
        power = np.linalg.norm(mine) * np.linalg.norm(source)
        if not power or float(mine @ source) / power < 0.7:
            break
        onset -= STEP
    return onset, onset - shift


@contextmanager
def noise_session(folder: Path, seconds: int) -> Iterator[list[dict[str, Any]]]:
    """Three FLAC takes of noise, as the `load` command wants them."""
    takes: list[dict[str, Any]] = []
    at = 0
    for n, share in enumerate(SHARES):
        length = max(2, round(seconds * share))
        path = folder / f"noise-{n}.flac"
        with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", compression_level=0) as file:
            for second in range(at, at + length):
                file.write(noise(second * RATE, RATE))
        takes.append(
            {"id": f"noise{n}", "path": str(path), "kind": "file", "rate": RATE,
             "frames": length * RATE, "off_record": [], "gain_db": 0, "peaks": None,
             "first": at * RATE}
        )  # fmt: skip
        at += length
    yield takes
    for take in takes:
        Path(take["path"]).unlink()


def click_places(takes: list[dict[str, Any]], trials: int) -> list[tuple[str, int, int]]:
    """(take, frame, source frame): anywhere, and each fifth on or just before a border."""
    rng = np.random.default_rng(5)
    found = []
    for n in range(trials):
        take = takes[int(rng.integers(0, len(takes)))]
        frame = int(rng.integers(RATE // 10, take["frames"] - RATE))
        if n % 5 == 4:
            take = takes[n // 5 % 2]
            frame = take["frames"] - (RATE // 20 if n % 2 else 1)
        found.append((take["id"], frame, take["first"] + frame))
    return found


def measure_click_to_sound(
    trials: int, take_seconds: int, busy_loops: int, patience: float = 2.0
) -> dict[str, Any]:
    """Clicks at random places of a session of `take_seconds` seconds, two of three while it plays.

    Milliseconds: `click_to_sound` from the command to the sound (median, p95, max), `landing` the
    distance of the first sound from the place asked for; `missed` clicks were not heard within
    `patience` seconds, twice.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earmark-click-")))
        takes = stack.enter_context(noise_session(folder, take_seconds))
        server = stack.enter_context(sound_server())
        monitor = TimedMonitor(server)
        stack.callback(monitor.close)
        events: list[dict[str, Any]] = []
        replay = ReplayProcess(events.append, server.env)
        stack.callback(replay.close)
        for _ in range(busy_loops):
            loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(end, loop)
        wait_until(lambda: any(e["ev"] == "ready" for e in events))
        replay.send("prepare")
        replay.send("load", takes=takes)
        wait_until(lambda: any(e["ev"] == "loaded" for e in events))
        return _click(replay, monitor, events, click_places(takes, trials), patience)


def _click(
    replay: ReplayProcess,
    monitor: TimedMonitor,
    events: list[dict[str, Any]],
    places: list[tuple[str, int, int]],
    patience: float,
) -> dict[str, Any]:
    delays: list[float] = []
    errors: list[float] = []
    rng = np.random.default_rng(9)
    for n, (take, frame, source) in enumerate(places):
        if n % 3 == 2:
            done = len(events)
            replay.send("pause", id=n)
            wait_until(lambda d=done: any(e["ev"] == "did" for e in events[d:]))
            until = time.monotonic() + 0.3
            wait_until(lambda u=until: time.monotonic() > u)
        found = _played(replay, monitor, (take, frame, source), patience)
        if found is None:
            found = _played(replay, monitor, (take, frame, source), patience)
        if found is not None:
            delays.append(found[0] / RATE * 1000)
            errors.append((found[1] - source) / RATE * 1000)
        until = time.monotonic() + float(rng.uniform(0, 0.2))
        wait_until(lambda u=until: time.monotonic() > u)
    underruns = max((e["count"] for e in events if e["ev"] == "underrun"), default=0)
    return {
        "trials": len(places),
        "missed": len(places) - len(delays),
        "click_to_sound": _figures(delays),
        "landing": _figures([abs(e) for e in errors]),
        "underruns": underruns,
    }


def _played(
    replay: ReplayProcess, monitor: TimedMonitor, place: tuple[str, int, int], patience: float
) -> tuple[int, int] | None:
    """Plays a place; what `landing` finds, None where it was not to be recognised: a busy machine
    may tear a hole into the very beginning, which is all that is looked at."""
    take, frame, source = place
    clicked = time.monotonic()
    replay.send("play", take=take, frame=frame)
    start = monitor.frame_at(clicked)
    found = None
    heard = start + RATE // 2
    while found is None and heard <= start + patience * RATE:
        wait_until(lambda until=heard: monitor.frames > until)
        found = landing(monitor.samples(start, heard), source)
        heard += RATE // 4
    return found


def _figures(values: list[float]) -> dict[str, float]:
    if not values:
        return {"median": float("nan"), "p95": float("nan"), "max": float("nan")}
    median, p95 = np.percentile(values, (50, 95))
    return {
        "median": round(float(median), 1),
        "p95": round(float(p95), 1),
        "max": round(max(values), 1),
    }


if __name__ == "__main__":
    trials, seconds, loops = (int(a) for a in (sys.argv[1:] or (30, 600, 2)))
    print(measure_click_to_sound(trials, seconds, loops))
