"""What transcribing gets right, and what it costs: real process, real engine, the tiny model."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import tinymodel
import transcribing
from figures import Figure, Skipped, percentile

from earmark.transcribe.client import Cancelled, Engine
from earmark.transcribe.engines import DEFAULT, choose

RATE = tinymodel.RATE
BARE = """
import resource, sys
import numpy as np
from pywhispercpp.model import Model
model = Model(sys.argv[1], n_threads=1, print_progress=False, redirect_whispercpp_logs_to=None)
windows = np.load(sys.argv[2], allow_pickle=True)
for sound in windows:
    model.transcribe(sound, token_timestamps=True, language="en", suppress_nst=True)
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""
RUNS = 2
CLIPS = 36


def transcribing_figures() -> Iterator[Figure]:
    """Words, times, cost over the bare engine, silence, drift over three hours, cancelling."""
    try:
        choose(DEFAULT)
    except Exception as missing:
        raise Skipped(str(missing)) from missing
    if not tinymodel.can_speak():
        raise Skipped("no espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        yield from _words_and_times(here)
        yield from _second_engine(here)
        yield from _cost(here)
        yield from _drift(here)
        yield from _cancel(here)


def _hear(folder: Path, engine: Engine) -> tuple[list[str], int, int, list[float]]:
    wrong = total = 0
    off: list[float] = []
    told: list[str] = []
    for seed in range(CLIPS):
        sound, spoken = tinymodel.clip(1000 + seed, 3 + seed % 5)
        file = transcribing.write(folder / "clip.flac", sound)
        segments = transcribing.passages(transcribing.run(engine, "take", RATE, file))
        errors, said = transcribing.word_error(spoken, segments)
        wrong, total = wrong + errors, total + said
        off += transcribing.time_errors(spoken, segments, RATE)
        told += transcribing.words(segments)
    return told, wrong, total, off


def _words_and_times(folder: Path) -> Iterator[Figure]:
    with Engine() as engine:
        engine.load(tinymodel.unpack(folder), threads=1)
        _told, wrong, total, off = _hear(folder, engine)
    share = f"{100 * wrong / total:.1f} % of {total} words"
    yield Figure("word error, utterances of 3-7 s, voices never heard", share, "< 15 %")
    value = f"median {1000 * percentile(off, 0.5):.0f}, p95 {1000 * percentile(off, 0.95):.0f} ms"
    yield Figure("passages' starts and ends off by", value, "median ≤ 300 ms")


def _second_engine(folder: Path) -> Iterator[Figure]:
    python = os.environ.get("EARMARK_LEGACY_PYTHON")
    if not python:
        yield Figure("the same by whisper-cpp-python", "not built here", "same words")
        return
    model = tinymodel.unpack_f16(folder)
    with Engine() as engine:
        engine.load(model, threads=1)
        first, *_rest = _hear(folder, engine)
    os.environ["PYTHONPATH"] = str(Path(sys.modules["earmark"].__file__ or "").parents[1])
    with Engine((python, "-m", "earmark.transcribe.child")) as engine:
        engine.load(model, engine="whisper-cpp-python", threads=1)
        second, wrong, total, off = _hear(folder, engine)
    other = tinymodel.edits(first, second)
    value = f"{other} of {len(first)} words otherwise; word error {100 * wrong / total:.1f} %, "
    value += f"times off by {1000 * percentile(off, 0.5):.0f} ms (median)"
    yield Figure("the same by whisper-cpp-python", value, "same words")


def _cpu(code: str, *args: object) -> float:
    command = [sys.executable, "-c", code, *map(str, args)]
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return float(done.stdout.split()[-1])


def _child_cpu(model: Path, file: Path, rate: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Engine() as engine:
        engine.load(model, threads=1)
        transcribing.run(engine, "take", rate, file)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _cost(folder: Path) -> Iterator[Figure]:
    """Five minutes of dense talk as 48-kHz FLAC; the bare engine gets it ready-made at 16 kHz."""
    model = tinymodel.unpack(folder)
    sound = np.concatenate([tinymodel.clip(seed, 28)[0] for seed in range(11)])
    file = transcribing.write(folder / "talk.flac", sound, 48_000)
    short = transcribing.write(folder / "nothing.flac", sound[: RATE // 10], 48_000)
    whole, empty = folder / "whole.npy", folder / "empty.npy"
    _save(whole, [sound])
    _save(empty, [])
    windows = folder / "windows.npy"
    _save(windows, _windows(model, file))
    seconds = len(sound) / RATE
    start, bare_start = _child_cpu(model, short, 48_000), _cpu(BARE, model, empty)
    ours = min(_child_cpu(model, file, 48_000) for _ in range(RUNS)) - start
    bare = min(_cpu(BARE, model, whole) for _ in range(RUNS)) - bare_start
    same = min(_cpu(BARE, model, windows) for _ in range(RUNS)) - bare_start
    beyond = ours - same
    yield Figure(
        "processor time over the bare engine given the same sound",
        f"{100 * (ours / bare - 1):+.1f} % ({ours:.1f} s and {bare:.1f} s)",
        "≤ +3 % beyond the start",
    )
    yield Figure(
        "beside the engine: file, resampling, voice activity, places",
        f"{1000 * beyond / seconds:.2f} ms for each second of sound: {100 * beyond / same:.0f} % "
        f"of the tiny model's own, {100 * beyond / (0.06 * seconds):.1f} % of a base model's "
        "at 0.06 of real time",
        "≤ 3 % of a real model's",
    )
    yield Figure("its start, once", f"{start:.2f} s (bare {bare_start:.2f} s)", "fixed")


def _windows(model: Path, file: Path) -> list[Any]:
    """The very windows the process gives to its engine, what it heard anew included."""
    from earmark.transcribe.engines import open_engine
    from earmark.transcribe.model_check import check_model
    from earmark.transcribe.sources import FileSound
    from earmark.transcribe.windows import fullest
    from earmark.transcribe.work import TakeWork

    engine: Any = open_engine(DEFAULT)
    engine.load(model, threads=1, language="en")
    windows: list[Any] = []
    transcribe = engine.transcribe

    def listen(samples: Any, **more: Any) -> Any:
        windows.append(samples)
        return transcribe(samples, **more)

    engine.transcribe = listen
    sound = FileSound(file, 0)
    full = fullest(check_model(model).text_positions)
    work = TakeWork(
        engine, lambda _message: None, "take", sound.rate, sound.first_sample, full=full
    )
    for samples in sound.blocks():
        work.feed(samples)
    work.finish(sound.frames)
    sound.close()
    engine.close()
    return windows


def _save(path: Path, windows: list[Any]) -> None:
    held = np.empty(len(windows), object)
    for i, window in enumerate(windows):
        held[i] = window
    np.save(path, held, allow_pickle=True)


def _drift(folder: Path) -> Iterator[Figure]:
    """A phrase every ten minutes for three hours at 44.1 kHz; the rest is room."""
    rate = 44_100
    sound, spoken = tinymodel.clip(3, 7)
    speech = tinymodel.resampled(sound, RATE, rate)
    room = tinymodel.resampled(tinymodel.room(60, 1), RATE, rate)
    file, said, at = folder / "hours.flac", [], 0
    with soundfile.SoundFile(file, "w", rate, 1) as out:
        for minute in range(180):
            out.write(room)
            at += len(room)
            if minute % 10 == 9:
                out.write(speech)
                said += [tinymodel.Spoken(at / rate + s.start, 0, s.text) for s in spoken]
                at += len(speech)
    begun = time.monotonic()
    with Engine() as engine:
        engine.load(tinymodel.unpack(folder), threads=1)
        segments = transcribing.passages(transcribing.run(engine, "take", rate, file))
    took = time.monotonic() - begun
    if len(segments) != len(said):
        yield Figure("drift over 3 h", f"{len(segments)} passages of {len(said)}", "all")
        return
    off = [s["start"] / rate - one.start for s, one in zip(segments, said, strict=True)]
    drift = max(abs(off[i] - off[i % len(spoken)]) for i in range(len(off)))
    yield Figure(
        "a take of 3 h, a phrase every ten minutes",
        f"drift {1000 * drift:.0f} ms, words of silence 0, {took:.0f} s",
        "drift does not grow",
    )


def _cancel(folder: Path) -> Iterator[Figure]:
    sound = np.concatenate([tinymodel.clip(seed, 28)[0] for seed in range(8)])
    file = transcribing.write(folder / "cancel.flac", sound, 48_000)
    took = []
    for _ in range(10):
        with Engine() as engine:
            engine.load(tinymodel.unpack(folder), threads=1)
            engine.begin("take", 48_000, file=file)
            ended: list[float] = []

            def cancel(engine: Engine = engine, ended: list[float] = ended) -> None:
                begun = time.monotonic()
                engine.cancel()
                ended.append(time.monotonic() - begun)

            try:
                for event in engine.events():
                    if event["ev"] == "segments" and not ended:
                        thread = threading.Thread(target=cancel)
                        thread.start()
                        thread.join()
            except Cancelled:
                pass
            took += ended
    value = f"median {1000 * percentile(took, 0.5):.0f}, max {1000 * max(took):.0f} ms"
    yield Figure("cancel → the process is gone, its memory free", value, "≤ 1 s")
