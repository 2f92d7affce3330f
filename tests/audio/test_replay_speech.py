"""Skipping silence never takes speech away; evening brings it to one level, within bounds."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from earmark.audio.peakfile import BinMeter, PeakWriter
from earmark.audio.replay.readers import open_reader
from earmark.audio.replay.speech import (
    LEAST_DB,
    MOST_DB,
    TARGET_DB,
    evening_gain,
    pauses,
    speech_bins,
    to_db,
)
from earmark.audio.replay.survey import Survey, Surveyor
from earmark.audio.replay.timeline import TakeSound

Floats = npt.NDArray[np.float64]


def levels(sound: Floats, per_bin: int = 480) -> npt.NDArray[np.float32]:
    bins = sound[: len(sound) // per_bin * per_bin].reshape(-1, per_bin)
    return to_db(np.sqrt(np.square(bins).mean(axis=1)))


def talk(
    seed: int, seconds: int, speech_db: float, noise_db: float, softer_db: float = 0.0
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Noise shaped into syllables and pauses, on room noise; and which 10-ms bins are spoken.

    Each third sentence is softer by `softer_db`: a question from the hall.
    """
    rng = np.random.default_rng(seed)
    count = seconds * 48_000
    sound = rng.normal(0, 10 ** (noise_db / 20), count)
    spoken = np.zeros(seconds * 100, np.bool_)
    at, sentence = 1.0, 0
    while at < seconds - 4:
        sentence += 1
        level = speech_db - (softer_db if sentence % 3 == 0 else 0.0)
        until = at + rng.uniform(1, 4)
        while at < until:
            length = rng.uniform(0.08, 0.3)
            a, b = int(at * 48_000), int((at + length) * 48_000)
            shape = np.hanning(b - a) * rng.uniform(0.5, 1.0)
            sound[a:b] += rng.normal(0, 1, b - a) * shape * 10 ** (level / 20) * 2
            spoken[int(at * 100) : int((at + length) * 100) + 1] = True
            at += length + rng.uniform(0.0, 0.15)
        at += rng.uniform(0.3, 5)
    return sound, spoken


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("speech_db", "noise_db", "softer_db"),
    [(-20, -60, 0), (-50, -75, 0), (-30, -60, 18), (-25, -40, 0), (-35, -45, 0)],
)
def test_skipping_silence_never_drops_speech(
    seed: int, speech_db: float, noise_db: float, softer_db: float
) -> None:
    sound, spoken = talk(seed, 150, speech_db, noise_db, softer_db)
    cuts = pauses(speech_bins(levels(sound)))
    for start, end in cuts:
        assert not spoken[start:end].any()
        # margins of 150 ms at least, except at the very ends
        assert start == 0 or not spoken[max(0, start - 15) : start].any()
        assert not spoken[end : end + 15].any()
    if speech_db - softer_db - noise_db >= 20:
        assert sum(end - start for start, end in cuts) > 0.2 * np.count_nonzero(~spoken)


def test_skipping_silence_leaves_what_it_cannot_tell() -> None:
    rng = np.random.default_rng(0)
    hum = rng.normal(0, 0.01, 48_000 * 90)
    tone = 0.3 * np.sin(np.arange(48_000 * 90) * 0.05)
    for sound in (hum, tone):
        assert pauses(speech_bins(levels(sound))) == []
    assert pauses(speech_bins(np.zeros(0, np.float32))) == []


def test_skipping_silence_finds_a_long_break_in_a_talk() -> None:
    sound, _spoken = talk(1, 120, -25, -60)
    rest = np.random.default_rng(1).normal(0, 10 ** (-60 / 20), 48_000 * 300)
    cuts = pauses(speech_bins(levels(np.concatenate([sound, rest, sound]))))
    assert max(end - start for start, end in cuts) > 250 * 100


@pytest.mark.parametrize("speech_db", [-15, -30, -42])
def test_evened_loudness_brings_speech_to_one_level(speech_db: float) -> None:
    sound, _spoken = talk(3, 120, speech_db, speech_db - 40)
    db = levels(sound)
    gain = evening_gain(db)
    assert gain.min() >= LEAST_DB and gain.max() <= MOST_DB
    after = db + gain
    loud = db > speech_db - 20
    level = 10 * np.log10(np.mean(10 ** (after[loud] / 10)))
    assert abs(level - TARGET_DB) < 4
    assert np.abs(np.diff(gain)).max() < 0.6  # dB per 10 ms: slow


def test_evened_loudness_is_bounded_and_leaves_noise_alone() -> None:
    rng = np.random.default_rng(2)
    noise = levels(rng.normal(0, 10 ** (-70 / 20), 48_000 * 60))
    assert np.all(evening_gain(noise) == 0)
    whisper, _spoken = talk(4, 60, -70, -90)
    assert evening_gain(levels(whisper)).max() <= MOST_DB
    assert len(evening_gain(np.zeros(0, np.float32))) == 0


def survey(take: TakeSound) -> Survey:
    found: list[Survey] = []
    done = threading.Event()

    def on_found(_index: int, what: Survey) -> None:
        found.append(what)
        done.set()

    surveyor = Surveyor({0: take}, on_found)
    assert done.wait(60)
    surveyor.close()
    return found[0]


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_survey_from_peaks_and_from_sound_agree(tmp_path: Path, rate: int) -> None:
    sound, _spoken = talk(5, 60, -25, -60)
    pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    soundfile.write(tmp_path / "take.flac", pcm, rate)
    meter = BinMeter(rate, 1)
    writer = PeakWriter(tmp_path / "take.peaks", rate)
    writer.write(meter.add(pcm.tobytes()))
    writer.close()
    path = tmp_path / "take.flac"
    results = [
        survey(TakeSound("a", open_reader(path, "file"), rate, peaks=peaks, path=path))
        for peaks in (tmp_path / "take.peaks", None, tmp_path / "missing.peaks")
    ]
    for other in results[1:]:
        assert other.bin == results[0].bin == rate // 100
        assert np.count_nonzero(other.speech != results[0].speech) < 20
        assert np.abs(other.gain_db - results[0].gain_db).max() < 0.5
    assert results[0].pauses()
