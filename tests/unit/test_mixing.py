"""Channels that cancel each other out are heard all the same, in every place that mixes to mono."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from earmark.audio.journal import JournalWriter
from earmark.audio.media.decoder import Decoder
from earmark.audio.media.shared_sound import CutOut, cut_out
from earmark.audio.replay.readers import open_reader
from earmark.mixing import Mixer, MonoReader
from earmark.model import Frames, SampleRate, TakeId
from earmark.share.content import AudioPiece
from earmark.share.sound import read_plan
from earmark.transcribe.sources import FileSound, LiveSound

RATE = 16_000
STRETCH = RATE // 5
FADE = RATE // 100
TAKE = TakeId("abcdef0123456789")


def voice(seconds: float = 3.0, seed: int = 1) -> np.ndarray:
    """Noise as 16-bit samples, quieter and louder by turns."""
    count = int(seconds * RATE)
    loud = 200 + 4000 * (1 + np.sin(np.arange(count) * 7 / RATE))
    return (np.random.default_rng(seed).standard_normal(count) * loud / 3).astype(np.int16)


def crossed(times: float = -1.0) -> np.ndarray:
    return np.stack((voice(), np.rint(voice() * times).astype(np.int16)), axis=1)


def mixed(sound: np.ndarray, start: int = 0) -> np.ndarray:
    """Through blocks of odd sizes."""
    blocks = np.split(sound, [7, 1000, 1001, STRETCH + 3, 4 * STRETCH, len(sound) - 1])
    return np.concatenate(list(Mixer(RATE, start).through(blocks)))


@pytest.mark.parametrize(
    ("times", "kept"),
    [(-1, 0), (-0.99, 0), (-0.5, 0), (-0.4, 0), (-1.5, 1), (-2, 1)],
)
def test_where_channels_cancel_out_the_louder_one_stands_for_both(times: float, kept: int) -> None:
    assert np.array_equal(mixed(crossed(times)), crossed(times)[:, kept])


def test_everything_else_is_the_average() -> None:
    unlike = np.stack((voice(), voice(seed=2)), axis=1)
    for sound in (crossed(1), crossed(0), crossed(0.3), crossed(-0.1), unlike, unlike * 0):
        whole = sound.astype(np.float32) / 32768
        assert np.array_equal(mixed(sound), np.rint(sound.mean(axis=1)).astype(np.int16))
        assert np.array_equal(mixed(whole), whole.mean(axis=1))


def test_a_constant_offset_hides_nothing_and_is_no_sound() -> None:
    assert np.array_equal(mixed(crossed() + 900), crossed()[:, 0] + 900)
    still = np.full((RATE, 2), (500, -500), np.int16)
    assert not mixed(still).any()


def test_it_changes_where_the_sound_does_and_without_a_click() -> None:
    hum = (8000 * np.sin(2 * np.pi * 200 * np.arange(3 * RATE) / RATE)).astype(np.int16)
    sound = np.stack((hum, hum), axis=1)
    sound[RATE : 2 * RATE, 1] *= -1
    sound[:, 0] = 0.9 * hum
    got = mixed(sound).astype(int)
    assert np.array_equal(got[RATE + FADE : 2 * RATE], sound[RATE + FADE : 2 * RATE, 1])
    average = np.rint(sound.mean(axis=1))
    for others in (slice(0, RATE), slice(2 * RATE + FADE, None)):
        assert np.array_equal(got[others], average[others])
    assert np.abs(np.diff(got)).max() < 2 * np.abs(np.diff(hum.astype(int))).max()


def test_equal_channels_do_not_take_turns() -> None:
    noise = np.random.default_rng(5).integers(-20, 20, (3 * RATE, 2))
    got = mixed((crossed() + noise).astype(np.int16)).astype(int)
    assert np.array_equal(got, (crossed() + noise)[:, 0])


def test_a_frame_has_one_value_wherever_reading_begins() -> None:
    parts = (crossed(-1), crossed(-0.35), np.stack((voice(), voice(seed=2)), 1), crossed(-1.5))
    sound = np.concatenate(parts).astype(np.float32) / 32768
    whole = mixed(sound)
    for frame, count in (
        (0, len(sound)),
        (5, 1),
        (STRETCH, STRETCH),
        (30_000, 70_000),
        (99_999, 9),
    ):
        reader = MonoReader(lambda at, n: sound[at : at + n], RATE, 2)
        assert np.array_equal(reader.read(frame, count), whole[frame : frame + count])
    again = MonoReader(lambda at, n: sound[at : at + n], RATE, 2)
    read = [again.read(at, 777) for at in range(0, len(sound) + 777, 777)]
    assert np.array_equal(np.concatenate(read), whole)
    read[0][:] = 0  # what was given out is the caller's own
    assert np.array_equal(again.read(0, 9), whole[:9])
    assert np.array_equal(mixed(sound[RATE + 9 :], RATE + 9)[STRETCH:], whole[RATE + 9 + STRETCH :])


def test_sound_that_grows_is_mixed_again() -> None:
    sound = crossed().astype(np.float32) / 32768
    there = STRETCH // 2
    reader = MonoReader(lambda at, n: sound[:there][at : at + n], RATE, 2)
    assert np.array_equal(reader.read(0, RATE), sound[:there, 0])
    there = len(sound)
    assert np.array_equal(reader.read(0, RATE), sound[:RATE, 0])


def in_replay(path: Path) -> np.ndarray:
    reader = open_reader(path, "file")
    try:
        return reader.read(0, 3 * RATE)
    finally:
        reader.close()


def in_replay_while_recording(path: Path) -> np.ndarray:
    sound, _rate = sf.read(path, dtype="int16")
    journal = JournalWriter(path.with_suffix(".journal"), TAKE, SampleRate(RATE), 2)
    journal.append(sound.tobytes())
    reader = open_reader(path.with_suffix(".journal"), "journal")
    try:
        return reader.read(0, 3 * RATE)
    finally:
        reader.close()
        journal.close()


def in_shares(path: Path) -> np.ndarray:
    piece = AudioPiece(TAKE, path.name, Frames(0), Frames(3 * RATE), SampleRate(RATE))
    return np.concatenate(list(read_plan([piece], path.parent, RATE)))


def in_the_transcript(path: Path) -> np.ndarray:
    sound = FileSound(path, 0, RATE)
    try:
        return np.concatenate(list(sound.blocks()))
    finally:
        sound.close()


def in_the_live_transcript(path: Path) -> np.ndarray:
    pcm = sf.read(path, dtype="int16")[0].tobytes()
    sound = LiveSound(0, RATE, 2)
    heard = [sound.push(pcm[at : at + 5001]) for at in range(0, len(pcm), 5001)]
    return np.concatenate([*heard, sound.finish()])


def in_a_page_that_comes_back(path: Path) -> np.ndarray:
    take = CutOut(TAKE, 1, RATE, 3 * RATE, 0)
    (made,) = cut_out(path, path.parent, [take], lambda _share: None)
    return sf.read(path.parent / made["file"], dtype="float32")[0]


@pytest.mark.parametrize(
    "heard",
    [
        in_replay,
        in_replay_while_recording,
        in_shares,
        in_the_transcript,
        in_the_live_transcript,
        in_a_page_that_comes_back,
    ],
)
def test_a_take_whose_channels_cancel_out_is_heard(tmp_path: Path, heard) -> None:
    sf.write(tmp_path / "crossed.wav", crossed(), RATE, "PCM_16")
    assert np.array_equal(heard(tmp_path / "crossed.wav"), crossed()[:, 0].astype("f4") / 32768)


def test_channels_without_known_places_that_cancel_out_are_heard(tmp_path: Path) -> None:
    """Nine channels: there is no such layout, so they are mixed by ourselves."""
    sound = np.zeros((3 * RATE, 9), np.int16)
    sound[:, 3:5] = crossed()
    sf.write(tmp_path / "nine.wav", sound, RATE, "PCM_16")
    with Decoder(tmp_path / "nine.wav") as decoder:
        got = np.concatenate(list(decoder.blocks()))
    assert np.array_equal(got, np.repeat(crossed()[:, :1], 2, axis=1))
