"""Levels, speech and the alarms they bring."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

import pytest

from earmark.audio.capture.levels import (
    FLOOR_DB,
    Level,
    LevelAlarms,
    SpeechFinder,
    decibels,
    level_of,
)
from earmark.audio.peakfile import RECORD, BinMeter, PeakWriter

RATE = 48_000


def sine(peak: int, seconds: float) -> bytes:
    wave_ = (round(peak * math.sin(i * 440 * math.tau / RATE)) for i in range(int(RATE * seconds)))
    return array.array("h", wave_).tobytes()


def level(rms_db: float, *, clipped: int = 0, silent: bool = False) -> Level:
    return Level(rms_db, rms_db + 3, clipped, False, silent, 0.1)


def test_decibels_of_full_scale_and_of_nothing() -> None:
    assert decibels(32768) == 0
    assert decibels(0) == FLOOR_DB
    assert decibels(16384) == -6.0


def test_the_level_of_a_tone() -> None:
    found = level_of(BinMeter(RATE, 1).add(sine(16384, 0.5)), False)
    assert found.peak_db == pytest.approx(-6, abs=0.1)
    assert found.rms_db == pytest.approx(-9, abs=0.2)
    assert not found.digital_silence


def test_bins_do_not_depend_on_how_sound_is_cut() -> None:
    pcm = sine(9000, 0.3)
    whole = BinMeter(RATE, 1).add(pcm)
    meter, parts = BinMeter(RATE, 1), []
    for start in range(0, len(pcm), 2 * 333):
        parts += meter.add(pcm[start : start + 2 * 333])
    assert parts == whole


def test_silence_is_binned_like_samples() -> None:
    one, other = BinMeter(RATE, 2), BinMeter(RATE, 2)
    first = sine(5000, 0.007)
    for frames in (5, 480, 1000, 7):
        assert one.add(first) + one.add_silence(frames, 2) == other.add(first) + other.add(
            bytes(4 * frames)
        )
    assert one.finish() == other.finish()


def test_the_peaks_file_holds_the_bins(tmp_path: Path) -> None:
    bins = BinMeter(RATE, 1).add(sine(20000, 0.1))
    writer = PeakWriter(tmp_path / "p", RATE)
    writer.write(bins[:4])
    writer.write(bins[4:])
    writer.close()
    raw = (tmp_path / "p").read_bytes()
    assert list(RECORD.iter_unpack(raw[16:])) == [(b.low, b.high, b.rms) for b in bins]


def changes(alarms: LevelAlarms, one: Level, seconds: float) -> list[tuple[str, bool]]:
    return [c for _n in range(round(seconds * 10)) for c in alarms.add(one)]


def test_digital_silence_after_three_seconds() -> None:
    alarms = LevelAlarms()
    silence = level(FLOOR_DB, silent=True)
    assert changes(alarms, silence, 2.9) == []
    assert changes(alarms, silence, 30) == [("digital-silence", True)]
    assert ("digital-silence", False) in changes(alarms, level(-30), 0.1)


def test_too_quiet_after_twenty_seconds() -> None:
    alarms = LevelAlarms()
    assert changes(alarms, level(-50), 19) == []
    assert changes(alarms, level(-30), 0.1) == []
    assert changes(alarms, level(-50), 25) == [("quiet", True)]
    assert changes(alarms, level(-30), 1) == [("quiet", False)]


def test_clipping_begins_and_ends() -> None:
    alarms = LevelAlarms()
    assert changes(alarms, level(-3, clipped=1), 0.1) == []
    assert changes(alarms, level(-3, clipped=5), 0.1) == [("clipping", True)]
    assert changes(alarms, level(-3), 4) == []
    assert changes(alarms, level(-3), 3) == [("clipping", False)]


def test_the_end_of_a_take_ends_its_alarms() -> None:
    alarms = LevelAlarms()
    changes(alarms, level(FLOOR_DB, silent=True), 5)
    assert alarms.end() == [("digital-silence", False)]
    assert alarms.end() == []


def test_a_tone_and_silence_are_no_speech() -> None:
    finder = SpeechFinder(RATE, 1)
    assert not finder.heard(bytes(RATE))
    stereo = SpeechFinder(RATE, 2)
    assert not stereo.heard(bytes(RATE))


def test_wave_of_a_voice_is_speech(tmp_path: Path) -> None:
    """A glottal pulse train through two formants: what the detector calls a voice."""
    samples = array.array("h")
    first = [0.0, 0.0]
    second = [0.0, 0.0]
    for i in range(RATE):
        pulse = 1.0 if i % 400 == 0 else 0.0
        for state, hertz in ((first, 700), (second, 1220)):
            out = 2 * 0.995 * math.cos(math.tau * hertz / RATE) * state[0] - 0.990025 * state[1]
            state[1], state[0] = state[0], out + pulse
        loud = 0.5 + 0.5 * math.sin(i * math.tau * 4 / RATE)
        samples.append(max(-32000, min(32000, round(1500 * loud * (first[0] + second[0])))))
    with wave.open(str(tmp_path / "v.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    assert SpeechFinder(RATE, 1).heard(samples.tobytes())
