"""Figures of the real window: real keys, real clicks, real sound."""

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
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import figures
import numpy as np
import sound as sound_rig
from figures import Figure, Skipped, busy_loops, earmark, index_of, percentile, show, spread
from waiting import wait_until
from window import Window

EARMARK = [sys.executable, "-m", "earmark"]


@contextlib.contextmanager
def _bench(exact: bool = True) -> Iterator[tuple[sound_rig.SoundServer, Path, Any]]:
    """A sound server (with the exact microphone as its default input) and a library folder."""
    library = Path(tempfile.mkdtemp(prefix="earmark-bench-"))
    settings = {"asked_microphone": True, "even_loudness": False, "skip_silence": False}
    (library / "settings.json").write_text(json.dumps(settings))
    try:
        with sound_rig.sound_server() as server:
            mic = None
            if exact:
                mic = server.exact_mic()
                server.pactl("set-default-source", "exact")
            yield server, library, mic
    finally:
        shutil.rmtree(library, ignore_errors=True)


@contextlib.contextmanager
def _window(server: sound_rig.SoundServer, library: Path, *args: str) -> Iterator[Window]:
    with Window([*EARMARK, "--library", str(library), *args], server.env) as window:
        notes = window.notes()
        wait_until(lambda: notes.has("focused"), what="the caret in the notes")
        yield window


def _intents(library: Path) -> list[Path]:
    return list((library / "run" / "intents").glob("*.json"))


def _record(window: Window, library: Path) -> float:
    at = window.key("ctrl+r")
    wait_until(lambda: _intents(library), what="recording")
    window.find("Stop recording")
    return at


def _stop(window: Window, library: Path) -> None:
    window.key("ctrl+r")
    wait_until(lambda: not _intents(library), 300, "the take in its kept form")


def frames_lost() -> Iterator[Figure]:
    """120 s from the exact microphone, both cores busy, the window stopped 1.5 s at times."""
    seconds = float(os.environ.get("FRAMES_SECONDS", "120"))
    with _bench() as (server, library, _), _window(server, library) as window:
        _record(window, library)
        end = time.monotonic() + seconds
        with busy_loops(2):
            while time.monotonic() < end:
                window.program.send_signal(signal.SIGSTOP)
                time.sleep(1.5)  # the block itself is what is tried
                window.program.send_signal(signal.SIGCONT)
                window.type("words typed between two blocks ")
                time.sleep(3)
        _stop(window, library)
        found = show(server, library)
        samples = figures.samples_of(library, found["takes"][0])
        lost, doubled = figures.lost_and_doubled(samples)
        yield Figure(
            f"frames lost, doubled in {len(samples) / 48_000:.0f} s, cores busy, window blocked",
            f"{lost}, {doubled} (gaps logged: {len(found['takes'][0]['gaps'])})",
            "0, 0",
        )


def _anchor_errors(found: dict[str, Any], library: Path, mic: Any, keys: dict[str, float]) -> Any:
    """Anchor minus truth in ms for each line typed at a known time."""
    samples = figures.samples_of(library, found["takes"][0])
    errors = []
    for line in found["lines"]:
        word = line["text"].split()[0] if line["text"].split() else ""
        if word in keys:
            true = mic.index_at(keys[word])
            heard = index_of(samples, 0) + line["anchor"]["frame"]
            errors.append((heard - true) / 48)
    return errors


def anchor_error() -> Iterator[Figure]:
    """Lines typed by real keys at known times, in minute 1 and after ANCHOR_MINUTES (30)."""
    minutes = float(os.environ.get("ANCHOR_MINUTES", "30"))
    dice = random.Random(2)
    with _bench() as (server, library, mic), _window(server, library) as window:
        _record(window, library)
        groups: dict[str, dict[str, float]] = {}
        begun = time.monotonic()
        for group, after in (("early", 2.0), ("late", minutes * 60)):
            while time.monotonic() < begun + after:
                time.sleep(0.5)
            keys = groups.setdefault(group, {})
            for number in range(100):
                keys[f"{group}{number}"] = window.type(f"{group}{number} and more words\n")
                time.sleep(dice.uniform(0.05, 0.5))  # moments of every phase
        _stop(window, library)
        found = show(server, library)
        for group, keys in groups.items():
            errors = _anchor_errors(found, library, mic, keys)
            late = "minute 1" if group == "early" else f"after {minutes:.0f} min"
            yield Figure(
                f"anchor error, {late} ({min(errors):+.1f} to {max(errors):+.1f} ms)",
                spread([abs(error) for error in errors], "ms"),
                "≤ 30 ms p99",
            )


def record_key_to_first_frame() -> Iterator[Figure]:
    """Ctrl+R in the real window to the capture of the first frame kept."""
    with _bench() as (server, library, mic), _window(server, library) as window:
        late = []
        for _ in range(20):
            at = _record(window, library)
            window.type("x\n")
            _stop(window, library)
            take = show(server, library)["takes"][-1]
            first = index_of(figures.samples_of(library, take), 0)
            late.append((first - mic.index_at(at)) / 48)
        yield Figure("Record key → first frame kept was captured", spread(late, "ms"), "≤ 300 ms")


def _coded_wav(path: Path, seconds: int) -> None:
    """An index-coded take: what is heard tells which frame it is."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        for minute in range(seconds // 60):
            file.writeframes(figures.coded(48_000 * 60, minute * 48_000 * 60).tobytes())


def _heard(listener: Any, since: int, expected: int) -> tuple[int, int] | None:
    """The first sample after `since` that plays the code near frame `expected`: its number, frame.

    Every sample tells its frame modulo 32,768; the next 1,024th tells the rest, so that the tail
    of what played before is never taken for the new place.
    """
    data = np.array(listener.samples(since), dtype=np.int32)
    rising = np.abs(np.diff(data) - 1) <= 1
    if len(rising) < 2048:
        return None
    runs = np.convolve(rising, np.ones(24, dtype=int), "valid") == 24
    for at in np.flatnonzero(runs & (data[: len(runs)] > 64)):
        offset = (int(data[at]) - expected + 16_384) % 32_768 - 16_384
        frame = expected + offset
        marker = at + (-frame) % 1024
        if abs(offset) >= 9_600 or marker >= len(data):
            continue
        if abs(int(data[marker]) + 1 + ((frame + marker - at) >> 15)) <= 1:
            return since + int(at), frame
    return None


def click_to_sound() -> Iterator[Figure]:
    """Clicks on lines of a 3-h session in the real window, two busy loops beside it."""
    hours = float(os.environ.get("CLICK_HOURS", "3"))
    total = int(hours * 3600)
    dice = random.Random(4)
    with _bench(exact=False) as (server, library, _):
        wav, notes = library / "coded.wav", library / "notes.md"
        _coded_wav(wav, total)
        times = sorted(dice.uniform(10, total - 60) for _ in range(12))
        notes.write_text("".join(f"- [{t:.3f}] line{i} here\n" for i, t in enumerate(times)))
        earmark(server, library, "import", wav, "--notes", notes)
        wav.unlink()
        found = show(server, library)
        listener = server.capture_monitor()
        look_back = 3.0
        with _window(server, library) as window, busy_loops(2):
            window.find(lambda name: name.startswith(found["title"]), "list item").click()
            text = wait_until(lambda: (n := window.notes()) and "line0" in n.text and n)
            delays, landings = [], []
            number = 0
            for trial in range(30):
                # never the same line twice running: that would be a double click
                number = (number + dice.randrange(1, len(times))) % len(times)
                box = text.box_of(f"line{number} ")
                if not 60 < box.y < window.height - 200:
                    raise AssertionError("the lines of this bench stand in one window")
                line = found["lines"][number]
                target = max(0, line["anchor"]["frame"] - int(look_back * 48_000))
                if trial % 2:
                    window.key("ctrl+space")
                    wait_until(lambda: not any(listener.samples()[-9600:]), what="silence")
                at = window.click(*box.center)
                since = listener.number_at(at)
                sounded = wait_until(lambda s=since, t=target: _heard(listener, s, t), 30)
                delays.append((sounded[0] - since) / 48)
                landings.append(abs(sounded[1] - target) / 48)
            yield Figure(
                "click → sound at the sink's monitor", spread(delays, "ms"), "≤ 100 ms p95"
            )
            yield Figure("landing", spread(landings, "ms"), "≤ 20 ms")


def key_to_paint() -> Iterator[Figure]:
    """5,000 lines: typing while recording; see tests/rigs/key_to_paint.py for what is timed."""
    import key_to_paint as rig

    with _bench() as (server, library, mic):
        from capture_figures import Recording

        recording = Recording(server, library, mic)
        try:
            code = "import json, key_to_paint as k; print(json.dumps(k.measure_key_to_paint({})))"
            rigs = str(Path(rig.__file__).parent)
            told = [
                subprocess.run(
                    [sys.executable, "-c", code.format(how)],
                    env={**os.environ, "PYTHONPATH": rigs},
                    capture_output=True, text=True, check=True,
                ).stdout.strip()
                for how in ("", "under=True")
            ]  # fmt: skip
        finally:
            recording.end()
    yield Figure("key → painted, 5,000 lines, while recording", told[0], "≤ 16 ms p99")
    yield Figure("the same with the words said under every line", told[1], "≤ 16 ms p99")


def start_beside_xournalpp() -> Iterator[Figure]:
    """Exec to a usable window (for Earmark: a key typed is on the screen), in alternation."""
    if not shutil.which("xournalpp"):
        raise Skipped("Xournal++ is not installed (Debian's package xournalpp)")
    from starting import earmark_start, xournalpp_start

    with _bench(exact=False) as (server, library, _):
        for number in range(40):
            wav = library / "short.wav"
            if not wav.exists():
                _coded_wav(wav, 60)
            if number < 3:
                earmark(server, library, "import", wav, "--title", f"Talk {number}")
        ours, theirs = [], []
        for _ in range(9):
            ours.append(earmark_start(server, library))
            theirs.append(xournalpp_start(server))
        drawn, painted = [both[1] for both in theirs], [both[0] for both in theirs]
        yield Figure(
            "start to usable window (list, caret, a typed key painted)",
            f"median {percentile(ours, 0.5):.3f}, min {min(ours):.3f} s; Xournal++, a stroke "
            f"painted: median {percentile(drawn, 0.5):.3f}, min {min(drawn):.3f} s "
            f"(its empty page: median {percentile(painted, 0.5):.3f} s)",
            "not slower",
        )


def underruns_while_typing() -> Iterator[Figure]:
    """60 s of replay while typing and scrolling in 5,000 lines: holes in what is heard."""
    seconds = float(os.environ.get("UNDERRUN_SECONDS", "60"))
    with _bench(exact=False) as (server, library, _):
        wav, notes = library / "coded.wav", library / "notes.md"
        _coded_wav(wav, 600)
        notes.write_text("".join(f"- [{i * 0.1:.1f}] line{i} of many words\n" for i in range(5000)))
        earmark(server, library, "import", wav, "--notes", notes)
        title = show(server, library)["title"]
        listener = server.capture_monitor()
        with _window(server, library) as window:
            window.find(lambda name: name.startswith(title), "list item").click()
            text = wait_until(lambda: (n := window.notes()) and "line0" in n.text and n, 120)
            window.click(*text.box_of("line1 ").center)
            wait_until(lambda: any(listener.samples()[-4800:]), what="sound")
            since = len(listener.samples())
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                window.type("typed ")
                window.key("Next" if random.random() < 0.5 else "Prior")
            data = np.array(listener.samples(since), dtype=np.int32)
        steps = np.diff(data)
        odd = int(np.sum((np.abs(steps - 1) > 2) & (data[1:] >= 0) & (data[:-1] >= 0)))
        wraps = len(data) // 32_768 + 1
        zeros = int(np.sum((data[1:] == 0) & (data[:-1] == 0)))
        yield Figure(
            f"holes in {len(data) / 48_000:.0f} s heard while typing and scrolling in 5,000 lines",
            f"{zeros} silent frames, {max(0, odd - wraps)} jumps",
            "0 underruns",
        )
