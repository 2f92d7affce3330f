"""Other speeds: the tempo is right, the pitch stays, and the stretch knows what it plays."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from earmark.audio.replay.stretch import Stretch, Stretched
from earmark.audio.replay.units import RATE, Samples

SPEEDS = [0.5, 0.75, 1.25, 1.5, 2.0, 3.0]


def voice(seconds: float) -> Samples:
    """A gliding harmonic tone with syllables: something like a voice."""
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * t)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    return (0.1 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))).astype(np.float32)


def stretched(sound: Samples, speed: float, portion: int = 960) -> list[Stretched]:
    stretch = Stretch(speed)
    parts = []
    for at in range(0, len(sound), portion):
        parts.extend(stretch.feed(sound[at : at + portion]))
    parts.append(stretch.finish())
    assert stretch.fed == len(sound)
    return parts


@pytest.mark.parametrize("speed", SPEEDS)
def test_stretch_tempo_and_map(speed: float) -> None:
    sound = voice(20)
    parts = stretched(sound, speed)
    assert parts[0].start == 0
    assert parts[-1].end == len(sound)
    out = 0
    for before, after in itertools.pairwise(parts):
        assert before.end == after.start
        assert after.end >= after.start
        out += len(before.sound)
        assert abs(after.start - out * speed) <= RATE // 100 + 1  # within the search
    total = sum(len(p.sound) for p in parts)
    assert total == pytest.approx(len(sound) / speed, abs=0.15 * RATE)


@pytest.mark.parametrize("speed", SPEEDS)
def test_stretch_keeps_the_pitch(speed: float) -> None:
    t = np.arange(10 * RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    heard = np.concatenate([p.sound for p in stretched(tone, speed)])[RATE // 2 : -RATE // 2]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    found = np.argmax(spectrum) * RATE / len(heard)
    assert abs(found - 440) < 0.6
    beside = spectrum.copy()
    middle = int(np.argmax(spectrum))
    beside[max(0, middle - 20) : middle + 20] = 0
    assert spectrum[middle] / beside.max() > 100  # 40 dB: no warble


@pytest.mark.parametrize("speed", SPEEDS)
def test_stretch_does_not_depend_on_portions(speed: float) -> None:
    sound = voice(4)
    one = np.concatenate([p.sound for p in stretched(sound, speed, len(sound))])
    for portion in (137, 960, 5000):
        other = np.concatenate([p.sound for p in stretched(sound, speed, portion)])
        assert np.allclose(one, other, atol=1e-5)


def test_stretch_begins_and_ends_as_the_sound_does() -> None:
    sound = voice(3)
    parts = stretched(sound, 2.0)
    assert parts[0].sound[0] == pytest.approx(sound[0], abs=1e-6)
    rest = parts[-1]
    assert np.array_equal(rest.sound, sound[rest.start :])
    heard = np.concatenate([p.sound for p in parts])
    step = np.abs(np.diff(sound)).max()
    assert np.abs(np.diff(heard)).max() < 2 * step


def test_stretch_takes_silence_and_tiny_inputs() -> None:
    assert len(stretched(np.zeros(10, np.float32), 3.0)[-1].sound) == 10
    heard = np.concatenate([p.sound for p in stretched(np.zeros(RATE, np.float32), 0.5)])
    assert not heard.any()
