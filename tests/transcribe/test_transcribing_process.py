"""The real process with the real engine: speech it never heard in, words at their times out."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tinymodel
import transcribing
from tinymodel import RATE, Sound, Spoken
from transcribing import check_form, passages, run, time_errors, word_error, words
from waiting import wait_until

from earmark.model.errors import NotFound, UnusableMedia
from earmark.transcribe.client import Cancelled, Engine
from earmark.transcribe.engines import EngineFailed

pytest.importorskip("pywhispercpp", reason="no speech engine: `python3 dev.py test` installs it")
pytestmark = pytest.mark.skipif(
    not tinymodel.can_speak(), reason="no espeak-ng: `python3 dev.py test` installs it"
)
ALONE = 1.0
"""No two utterances in one window: the tiny model was made for those."""
WITH_LITTLE_MEMORY = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
runpy.run_module("earmark.transcribe.child", run_name="__main__")
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinymodel.unpack(tmp_path_factory.mktemp("model"))


@pytest.fixture
def engine(model: Path) -> Iterator[Engine]:
    with Engine() as started:
        loaded = started.load(model, threads=1)
        assert (loaded["engine"], loaded["language"]) == ("pywhispercpp", "en")
        yield started


def long_clip(parts: int, silence: float) -> tuple[Sound, list[Spoken]]:
    """Clips of 7 s with `silence` seconds of room after each."""
    sounds, spoken, at = [], [], 0.0
    for seed in range(parts):
        sound, said = tinymodel.clip(100 + seed, 7)
        sounds += [sound, tinymodel.room(silence, seed)]
        spoken += [Spoken(at + one.start, at + one.end, one.text) for one in said]
        at += 7 + silence
    return np.concatenate(sounds), spoken


def test_right_words_at_right_times_from_voices_it_was_not_trained_on(engine, tmp_path):
    wrong = total = 0
    off = []
    for seed in range(24):
        sound, spoken = tinymodel.clip(seed, 3 + seed % 5)
        file = transcribing.write(tmp_path / f"{seed}.flac", sound)
        messages = run(engine, "take", RATE, file)
        segments = passages(messages)
        check_form(segments, len(sound))
        assert messages[-1] == {"ev": "finished", "take": "take", "frames": len(sound)}
        assert messages[-2]["done"] == len(sound)
        errors, said = word_error(spoken, segments)
        wrong, total = wrong + errors, total + said
        off += time_errors(spoken, segments, RATE)
    assert total > 100
    assert wrong / total < 0.15
    assert statistics.median(off) <= 0.3


@pytest.mark.parametrize(
    ("rate", "channels", "ending"),
    [
        (8_000, 1, "wav"),
        (22_050, 1, "flac"),
        (44_100, 1, "flac"),
        (44_100, 2, "mp3"),
        (47_999, 1, "wav"),
        (48_000, 2, "flac"),
        (48_000, 1, "opus"),
        (96_000, 1, "wav"),
    ],
)
def test_any_rate_and_form_gives_the_same_words_in_frames_of_its_own(
    engine, tmp_path, rate, channels, ending
):
    sound, spoken = tinymodel.clip(1, 12)
    file = tmp_path / f"take.{ending}"
    if ending == "opus":
        wide = tinymodel.resampled(sound, RATE, rate)
        soundfile.write(file, wide, rate, format="OGG", subtype="OPUS")
    else:
        transcribing.write(file, sound, rate, channels)
    segments = passages(run(engine, "take", rate, file, window=ALONE))
    check_form(segments, 13 * rate)
    wrong, total = word_error(spoken, segments)
    if rate > RATE:  # the tiny model never heard speech without its upper half
        assert wrong <= total * 0.2, words(segments)
    assert statistics.median(time_errors(spoken, segments, rate)) <= 0.15


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [18, pytest.param(60, marks=pytest.mark.nightly)])
def test_a_long_talk_of_sparse_speech_does_not_drift(engine, tmp_path, minutes):
    rate = 44_100
    sound, spoken = tinymodel.clip(3, 7)
    speech = tinymodel.resampled(sound, RATE, rate)
    room = tinymodel.resampled(tinymodel.room(60, 1), RATE, rate)
    file = tmp_path / "hour.flac"
    said, at = [], 0
    with soundfile.SoundFile(file, "w", rate, 1) as out:
        for minute in range(minutes):
            out.write(room)
            at += len(room)
            if minute % 6 == 5:
                out.write(speech)
                said += [Spoken(at / rate + s.start, at / rate + s.end, s.text) for s in spoken]
                at += len(speech)
    messages = run(engine, "take", rate, file)
    segments = passages(messages)
    check_form(segments, at)
    assert len(said) == minutes // 6 * len(spoken) and len(segments) == len(said)
    off = [s["start"] / rate - one.start for s, one in zip(segments, said, strict=True)]
    assert max(abs(each) for each in off) <= 0.3
    first, last = off[: len(spoken)], off[-len(spoken) :]
    assert max(abs(a - b) for a, b in zip(first, last, strict=True)) <= 0.04


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [8, pytest.param(30, marks=pytest.mark.nightly)])
def test_silence_and_room_noise_say_nothing(engine, tmp_path, minutes):
    rng = np.random.default_rng(5)
    noise = rng.standard_normal(60 * RATE).astype(np.float32)
    typing = noise * 0.001
    for at in rng.integers(0, 59 * RATE, 400):
        fall = np.exp(-np.arange(400) / 80).astype(np.float32)
        typing[at : at + 400] += noise[at : at + 400] * fall * 0.05
    knocks = noise * 0.002
    for at in rng.integers(0, 59 * RATE, 40):
        fall = np.exp(-np.arange(3000) / 700).astype(np.float32)
        knocks[at : at + 3000] += noise[at : at + 3000] * fall * 0.2
    hum = 0.01 * np.sin(2 * np.pi * 50 / RATE * np.arange(60 * RATE)).astype(np.float32)
    kinds = [
        np.zeros(60 * RATE, np.float32),
        noise * 1e-4,
        noise * 3e-3,
        tinymodel.room(60, 2, -50),
        tinymodel.room(60, 3, -35),
        hum + noise * 1e-3,
        typing,
        knocks,
    ]
    file = tmp_path / "silence.wav"
    with soundfile.SoundFile(file, "w", RATE, 1) as out:
        for minute in range(minutes):
            out.write(kinds[minute % len(kinds)])
    messages = run(engine, "take", RATE, file)
    assert passages(messages) == []
    assert messages[-2]["done"] == minutes * 60 * RATE
    assert len([m for m in messages if m["ev"] == "segments"]) > minutes, "silence is told as done"


@pytest.mark.parametrize("most", [3, pytest.param(10, marks=pytest.mark.nightly)])
def test_killed_at_any_moment_it_goes_on_where_it_was(model, tmp_path, most):
    sound, _spoken = long_clip(6, 3.0)
    rate = 48_000
    file = transcribing.write(tmp_path / "take.flac", sound, rate)
    with Engine() as engine:
        engine.load(model, threads=1)
        whole = passages(run(engine, "take", rate, file, window=ALONE))
    rng = random.Random(7)
    done, told, kills = 0, [], 0
    finished = False
    while not finished:
        engine = Engine()
        try:
            engine.load(model, threads=1)
            engine.begin("take", rate, file=file, start=done, window=ALONE)
            left = rng.choice([0, 1, 1, 2]) if kills < most else 10**6
            if left == 0:
                os.kill(engine.pid, signal.SIGKILL)
            for message in engine.events():
                if message["ev"] == "segments":
                    check_form(message["segments"], message["done"], done)
                    told += message["segments"]
                    done = message["done"]
                    left -= 1
                    if left == 0:
                        os.kill(engine.pid, signal.SIGKILL)
                finished = message["ev"] == "finished"
        except EngineFailed as error:
            assert error.what and error.remedy
            kills += 1
        finally:
            engine.close()
    assert kills >= 0.8 * most
    check_form(told, len(sound) * 3)
    assert [s["text"] for s in told] == [s["text"] for s in whole]
    for a, b in zip(told, whole, strict=True):
        assert abs(a["start"] - b["start"]) <= 0.1 * rate


def test_cancel_ends_the_process_and_says_so(engine, tmp_path):
    sound, _spoken = long_clip(8, 0.5)
    file = transcribing.write(tmp_path / "take.flac", sound)
    engine.begin("take", RATE, file=file, window=ALONE)
    with pytest.raises(Cancelled):
        for message in engine.events():
            if message["ev"] == "segments":
                threading.Thread(target=engine.cancel).start()
    assert not engine.alive
    with pytest.raises(ProcessLookupError):
        os.kill(engine.pid, 0)
    assert not engine.pcm(b"\0\0")


def test_an_engine_that_crashes_costs_one_sentence(engine, tmp_path):
    sound, _spoken = long_clip(8, 0.5)
    file = transcribing.write(tmp_path / "take.flac", sound)
    engine.begin("take", RATE, file=file, window=ALONE)
    told = 0
    with pytest.raises(EngineFailed) as caught:
        for message in engine.events():
            told += message["ev"] == "segments"
            if told == 1:
                os.kill(engine.pid, signal.SIGSEGV)
    assert told >= 1
    assert "broke down" in caught.value.what and "kept" in caught.value.remedy


def test_a_process_that_stands_still_is_ended(model):
    with Engine(quiet=1.0) as engine:
        engine.load(model, threads=1)
        os.kill(engine.pid, signal.SIGSTOP)
        engine.begin("take", RATE)
        with pytest.raises(EngineFailed):
            list(engine.events())
        assert not engine.alive


def test_too_little_memory_is_one_sentence(model):
    little = (sys.executable, "-c", WITH_LITTLE_MEMORY)
    with Engine(little) as engine, pytest.raises(EngineFailed, match="not enough memory"):
        engine.load(model, threads=1)


def test_what_cannot_be_loaded_or_read_is_one_sentence_and_the_process_stays(model, tmp_path):
    broken = tmp_path / "broken.bin"
    broken.write_bytes(model.read_bytes()[:-1000])
    nothing = tmp_path / "nothing.flac"
    nothing.write_bytes(b"fLaC but no more")
    with Engine() as engine:
        with pytest.raises(EngineFailed, match="No speech model is loaded"):
            engine.begin("take", RATE, file=nothing)
            list(engine.events())
        with pytest.raises(UnusableMedia):
            engine.load(broken)
        with pytest.raises(NotFound):
            engine.load(tmp_path / "missing.bin")
        with pytest.raises(EngineFailed, match="English only"):
            engine.load(model, language="de")
        with pytest.raises(NotFound, match="no speech engine named"):
            engine.load(model, engine="parrot")
        engine.load(model, language="en-GB")
        with pytest.raises(UnusableMedia):
            run(engine, "take", RATE, nothing)
        with pytest.raises(NotFound):
            run(engine, "take", RATE, tmp_path / "missing.flac")
        sound, spoken = tinymodel.clip(1, 6)
        file = transcribing.write(tmp_path / "good.flac", sound)
        with pytest.raises(UnusableMedia, match="another sample rate"):
            run(engine, "take", 44_100, file)
        wrong, total = word_error(spoken, passages(run(engine, "take", RATE, file)))
        assert wrong <= total * 0.2


def test_live_sound_gives_the_same_as_the_file_and_nothing_is_dropped(engine, tmp_path):
    rate = 48_000
    sound, _spoken = long_clip(4, 2.0)
    file = transcribing.write(tmp_path / "take.wav", sound, rate)
    whole = words(passages(run(engine, "take", rate, file, window=ALONE)))
    pcm, _rate = soundfile.read(file, dtype="int16")
    engine.begin("take", rate, live=True, window=ALONE)
    engine.prompt(rate, "Fourier")
    for at in range(0, len(pcm), 6000):
        assert engine.pcm(pcm[at : at + 6000].tobytes())
    engine.end()
    messages = list(engine.events())
    segments = passages(messages)
    check_form(segments, len(pcm))
    assert words(segments) == whole
    assert messages[-1]["frames"] == len(pcm)


def test_live_words_appear_while_somebody_still_speaks(engine):
    text = " ".join(tinymodel.WORDS[:6])
    said = np.frombuffer(tinymodel.say(text, "m5", 150, 50), np.float32)
    sound = tinymodel.room(12, 4)
    sound[RATE : RATE + len(said)] += said
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2")
    start = 5 * RATE
    engine.begin("take", RATE, start=start, live=True)
    middle = RATE + len(said) * 3 // 4
    engine.pcm(pcm[:middle].tobytes())
    events = engine.events()
    partial = next(event for event in events if event["ev"] == "partial")
    assert abs(partial["start"] - start - RATE) < 0.4 * RATE
    assert set(partial["text"].split()) & set(text.split())
    engine.pcm(pcm[middle:].tobytes())
    # told without waiting for the end of the talk
    final = next(event for event in events if event["ev"] == "segments" and event["segments"])
    assert abs(final["segments"][0]["start"] - start - RATE) < 0.3 * RATE
    engine.end()
    rest = list(events)
    assert rest[-1] == {"ev": "finished", "take": "take", "frames": start + len(pcm)}
    assert passages(rest) == [] or rest[0]["segments"][0]["start"] >= final["done"]


def test_it_yields_to_everything_else(engine):
    stat = Path(f"/proc/{engine.pid}/stat").read_text().rpartition(")")[2].split()
    assert int(stat[16]) == min(19, os.nice(0) + 15)
    assert int(Path(f"/proc/{engine.pid}/oom_score_adj").read_text()) >= 900


def test_it_ends_with_its_parent(model):
    code = (
        "import sys, time; from pathlib import Path; from earmark.transcribe.client import Engine\n"
        "e = Engine(); e.load(Path(sys.argv[1])); print(e.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(model)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not _runs(child), what="the child of a killed parent ends")


def _runs(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("rate", [16_000, 44_100, 47_999, 48_000])
def test_a_take_that_is_over_or_empty_is_finished_at_once(engine, tmp_path, rate):
    sound, _spoken = tinymodel.clip(3, 4)
    file = transcribing.write(tmp_path / "take.wav", sound, rate)
    frames = soundfile.info(file).frames
    for start in (frames, frames - 1, frames + 5000):
        *_rest, last, finished = run(engine, "take", rate, file, start=start)
        assert (last["segments"], last["done"]) == ([], frames)
        assert finished["frames"] == frames
    soundfile.write(tmp_path / "empty.wav", np.zeros(0, np.float32), rate)
    *_rest, finished = run(engine, "empty", rate, tmp_path / "empty.wav")
    assert finished["frames"] == 0
    engine.begin("empty", rate, start=100, live=True)
    engine.end()
    assert list(engine.events())[-1]["frames"] == 100
