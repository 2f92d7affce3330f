"""The kept forms: what does not decode to what went in is found out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from earmark.audio.codecs import (
    NotVerified,
    alike,
    best_codec,
    flac_can,
    stretches,
    verify,
    writer,
)


def voice(frames: int, rate: int = 48_000):
    t = np.arange(frames) / rate
    buzz = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 15))
    return (buzz * (1 + np.sin(2 * np.pi * 2.7 * t)) * 4000).astype("<i2")[:, None]


def cut(sound, size: int = 5000):
    return (sound[start : start + size] for start in range(0, len(sound), size))


def encode(path: Path, sound, codec: str, rate: int = 48_000) -> Path:
    with writer(path, rate, sound.shape[1], codec) as part:
        part.write_all(cut(sound))
        part.finish()
        return part.place()


@pytest.mark.parametrize("codec", ["flac", "opus"])
@pytest.mark.parametrize("frames", [1, 959, 48_000 * 6 + 17])
def test_what_went_in_is_verified(tmp_path: Path, codec: str, frames: int) -> None:
    sound = voice(frames)
    path = encode(tmp_path / "a", sound, codec)
    seen: list[int] = []
    verify(path, codec, lambda: cut(sound), seen.append)
    assert seen[-1] == frames
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("codec", ["flac", "opus"])
def test_every_kind_of_difference_is_found(tmp_path: Path, codec: str) -> None:
    sound = voice(48_000 * 12)
    path = encode(tmp_path / "a", sound, codec)
    silenced = sound.copy()
    silenced[300_000:480_000] = 0
    late = np.roll(sound, 24_000)
    late[:24_000] = 0
    other = np.random.default_rng(1).integers(-9000, 9000, sound.shape).astype("<i2")
    for wrong in (sound[:-1], np.concatenate((sound, sound[:1])), silenced, other, sound[:0]):
        with pytest.raises(NotVerified):
            verify(path, codec, lambda wrong=wrong: cut(wrong), lambda _n: None)
    if codec == "flac":
        for wrong in (late, -sound):
            with pytest.raises(NotVerified):
                verify(path, codec, lambda wrong=wrong: cut(wrong), lambda _n: None)
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(NotVerified):
        verify(path, codec, lambda: cut(sound), lambda _n: None)
    path.write_bytes(b"no sound at all")
    with pytest.raises(NotVerified):
        verify(path, codec, lambda: cut(sound), lambda _n: None)


def test_one_wrong_bit_in_flac_is_found(tmp_path: Path) -> None:
    sound = voice(48_000)
    path = encode(tmp_path / "a", sound, "flac")
    sound[33_333, 0] ^= 1
    with pytest.raises(NotVerified):
        verify(path, "flac", lambda: cut(sound), lambda _n: None)


def test_silence_is_alike_silence_only() -> None:
    quiet = np.zeros((48_000, 1), "<i2")
    assert alike(quiet, quiet)
    assert not alike(quiet, voice(48_000))
    assert not alike(voice(48_000), quiet)
    assert alike(quiet[:3], quiet[:3])


def test_opus_only_where_it_carries_the_sound_as_it_is() -> None:
    assert best_codec("opus", 48_000, 1) == "opus"
    assert best_codec("opus", 44_100, 1) == "flac"
    assert best_codec("opus", 48_000, 3) == "flac"
    assert best_codec("flac", 48_000, 1) == "flac"
    assert flac_can(44_100) and flac_can(96_000) and not flac_can(70_001)


def test_a_broken_off_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writer(tmp_path / "a", 48_000, 1, "flac") as part:
        part.write(voice(9600))
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_files_are_private(tmp_path: Path) -> None:
    path = encode(tmp_path / "a", voice(480), "flac")
    assert path.stat().st_mode & 0o777 == 0o600
    assert sf.info(path).subtype == "PCM_16"


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 40))
def test_cut_anew_the_sound_is_the_same(sizes: list[int], size: int) -> None:
    whole = np.arange(sum(sizes), dtype="<i2")[:, None]
    edges = np.cumsum([0, *sizes])
    blocks = [whole[a:b] for a, b in itertools.pairwise(edges)]
    made = list(stretches(blocks, size))
    assert all(len(part) == size for part in made[:-1])
    assert all(len(part) for part in made)
    assert np.array_equal(np.concatenate([whole[:0], *made]), whole)
