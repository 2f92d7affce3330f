"""From a take's frames to samples at 16 kHz, and from those to utterances."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.transcribe.backlog import Backlog
from earmark.transcribe.pitch import has_pitch
from earmark.transcribe.resampler import Resampler, frame_at, grid, sample_at
from earmark.transcribe.sources import begin_at
from earmark.transcribe.utterances import LONGEST, PAD, STEP, UtteranceDetector

RATES = [4_000, 8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 47_999, 48_000, 96_000, 192_000]


def tone(rate: int, seconds: float, hertz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def convert(
    sound: np.ndarray, rate: int, cuts: list[int], start: int = 0
) -> tuple[int, np.ndarray]:
    """Resampled from frame `start` on, handed over in pieces of those lengths, again and again."""
    first, sample = begin_at(start, rate, 0)
    resampler = Resampler(rate, first, sample)
    at, given, i = first, [], 0
    while at < len(sound):
        piece = sound[at : at + cuts[i % len(cuts)]]
        given.append(resampler.push(piece))
        at += len(piece)
        i += 1
    return sample, np.concatenate([*given, resampler.finish(len(sound))])


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_stays_itself_at_every_rate(rate):
    _first, got = convert(tone(rate, 1.0, 700), rate, [rate // 7])
    assert abs(len(got) - 16_000) <= 1
    expected = tone(16_000, 1.0, 700)[: len(got)]
    assert np.abs(got - expected)[400:-400].max() < 0.01


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_what_16_khz_cannot_hold_is_taken_off(rate):
    _first, got = convert(tone(rate, 1.0, 10_500), rate, [rate])
    assert np.abs(got[400:-400]).max() < 0.002


@pytest.mark.parametrize("rate", RATES)
def test_the_samples_are_the_same_from_wherever_one_begins_and_however_it_is_cut(rate):
    sound = np.random.default_rng(rate).standard_normal(rate).astype(np.float32)
    _first, whole = convert(sound, rate, [len(sound)])
    start = rate * 6 // 10
    first, later = convert(sound, rate, [997, 13, rate // 10], start)
    assert first % grid(rate) == 0 and first <= sample_at(start, rate)
    assert len(later) == len(whole) - first
    assert np.abs(later - whole[first:]).max() < 1e-4


@given(st.sampled_from(RATES), st.integers(0, 3 * 3600 * 192_000))
def test_samples_and_frames_find_each_other_over_hours(rate, frame):
    sample = sample_at(frame, rate)
    assert sample * rate >= frame * 16_000 > (sample - 1) * rate
    assert abs(frame_at(sample, rate) - sample * rate / 16_000) <= 0.5


def voice(seconds: float, hertz: float = 120.0) -> np.ndarray:
    """Something with a pitch, formants and syllables: enough to be taken for a voice."""
    t = np.arange(int(seconds * 16_000)) / 16_000
    sound = sum(
        np.sin(2 * np.pi * hertz * k * t) / (1 + abs(k * hertz - 600) / 300) for k in range(1, 25)
    )
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)
    return (0.1 * sound * syllables).astype(np.float32)


def room(seconds: float, level: float = 1e-3, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(int(seconds * 16_000))
    return (noise * level).astype(np.float32)


def utterances(sound: np.ndarray, first: int = 0, not_before: int = 0, cut: int = 8_000):
    ear = UtteranceDetector(first, not_before)
    found = []
    for at in range(0, len(sound), cut):
        found += ear.push(sound[at : at + cut])
    return [*found, *ear.finish()]


def talk(*parts: float) -> np.ndarray:
    """Room for `parts[0]` seconds, voice for `parts[1]`, room for `parts[2]`, …"""
    sounds = []
    for i, seconds in enumerate(parts):
        noise = room(seconds, seed=i)
        sounds.append(noise + voice(seconds)[: len(noise)] if i % 2 else noise)
    return np.concatenate(sounds)


def test_an_utterance_is_closed_by_silence_and_padded():
    found = utterances(talk(2, 1.5, 0.3, 1, 2, 1, 1))
    assert len(found) == 2, "0.3 s are a breath, 2 s are a pause"
    first, second = found
    assert abs(first.start - (2 * 16_000 - PAD)) <= 4 * STEP
    assert abs(first.end - (4.8 * 16_000 + PAD)) <= 12 * STEP
    assert first.end <= second.start
    for each in found:
        assert len(each.sound) == each.end - each.start
        for a, b in each.runs:
            assert each.start <= a < b <= each.end


@pytest.mark.parametrize("cut", [480, 777, 16_000, 10**7])
def test_utterances_do_not_depend_on_the_blocks(cut):
    sound = talk(1, 2, 1, 2, 1)
    expected = [(u.start, u.end, u.runs) for u in utterances(sound)]
    assert [(u.start, u.end, u.runs) for u in utterances(sound, cut=cut)] == expected


def test_speech_without_end_is_cut_at_its_quietest_moment():
    sound = talk(1, 60, 1)
    dip = int((1 + 22.0) * 16_000)
    sound[dip : dip + 2400] *= 0.02
    found = utterances(sound)
    assert len(found) >= 2
    assert all(each.end - each.start <= LONGEST for each in found)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert dip <= found[0].end <= dip + 2400


def test_what_was_told_is_not_told_again():
    sound = talk(1, 3, 1, 3, 1, 3, 1)
    whole = utterances(sound)
    assert len(whole) == 3
    later = utterances(sound, not_before=whole[0].end)
    assert [(u.start, u.end) for u in later] == [(u.start, u.end) for u in whole[1:]]
    middle = (whole[1].start + whole[1].end) // 2
    cut = utterances(sound, not_before=middle)
    assert cut[0].start == middle and cut[0].end == whole[1].end


@pytest.mark.parametrize("level", [0.0, 1e-4, 1e-3, 1e-2, 0.1])
def test_a_steady_room_is_silent_however_loud(level):
    assert utterances(room(40, level)) == []


def test_a_voice_is_heard_above_a_loud_room():
    sound = room(30, 0.02)
    said = voice(3)
    sound[15 * 16_000 : 18 * 16_000] += said
    found = utterances(sound)
    assert len(found) == 1
    assert abs(found[0].start / 16_000 - 14.8) < 0.3


def test_knocks_have_no_pitch_and_a_voice_has_one():
    knock = room(0.3, 0.3) * np.exp(-np.arange(4_800) / 900).astype(np.float32)
    assert not has_pitch(knock, [(0, len(knock))])
    assert has_pitch(voice(0.3), [(0, 4_800)])
    assert has_pitch(voice(0.3, 250), [(0, 4_800)])


def test_nothing_at_all_is_nothing():
    assert list(UtteranceDetector(0).finish()) == []
    assert utterances(np.zeros(5, np.float32)) == []


@given(st.data())
def test_the_backlog_gives_every_byte_in_order(data):
    backlog = Backlog(in_memory=50)
    pushed = given_back = b""
    for _step in range(data.draw(st.integers(1, 30))):
        if data.draw(st.booleans()):
            piece = bytes(data.draw(st.binary(min_size=1, max_size=40)))
            backlog.push(piece)
            pushed += piece
        else:
            given_back += backlog.read(data.draw(st.integers(1, 60)), 0) or b""
        assert backlog.waiting == len(pushed) - len(given_back)
    backlog.end()
    while (piece := backlog.read(64, 0)) is not None:
        given_back += piece
    backlog.close()
    assert given_back == pushed
