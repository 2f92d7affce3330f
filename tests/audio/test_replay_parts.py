"""The replay engine's parts, without a device: every frame is the right one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.audio.replay.gain import GainRamp, soft_clip
from earmark.audio.replay.playback_plan import FOREVER, Kept, PlaybackPlan
from earmark.audio.replay.readers import FileReader, open_reader
from earmark.audio.replay.render import Chunk, Rendering
from earmark.audio.replay.resample import Resampled
from earmark.audio.replay.timeline import TakeSound, Timeline
from earmark.audio.replay.units import CUT_FADE, RATE, Samples


class Coded:
    """A reader whose frame n has the value n / 2**20 (exact in float32)."""

    growing = False

    def __init__(self, frames: int, rate: int = RATE, first: int = 0) -> None:
        self.rate = rate
        self.frames = frames
        self.first = first
        self.reads: list[tuple[int, int]] = []

    def read(self, frame: int, count: int) -> Samples:
        end = min(frame + count, self.frames)
        self.reads.append((frame, end))
        return (np.arange(frame, end) + self.first).astype(np.float32) / np.float32(1 << 20)

    def refresh(self) -> None:
        if self.growing:
            self.frames += 0

    def close(self) -> None:
        pass


class Flat:
    """No gain anywhere."""

    def gain_db(self, place: float) -> float:
        return 0.0


def index_of(sound: Samples) -> list[int]:
    return [round(v) for v in (sound.astype(np.float64) * (1 << 20)).tolist()]


def take(name: str, reader: Coded, **fields: object) -> TakeSound:
    return TakeSound(id=name, reader=reader, rate=reader.rate, **fields)  # type: ignore[arg-type]


def all_chunks(rendering: Rendering, limit: int = 100_000) -> list[Chunk]:
    chunks: list[Chunk] = []
    for _ in range(limit):
        chunks.extend(rendering.next())
        if rendering.ended:
            break
    return chunks


def render(
    timeline: Timeline,
    kept: Kept | None = None,
    place: int = 0,
    speed: float = 1.0,
    **route: object,
) -> Rendering:
    kept = kept or Kept(timeline.frames, timeline.off_record())
    return Rendering(timeline, PlaybackPlan(timeline, kept, place, **route), Flat(), speed)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 96_000])
def test_resampled_sound_is_the_same_however_it_is_cut(tmp_path: Path, rate: int) -> None:
    noise = np.random.default_rng(rate).normal(0, 0.2, rate).clip(-1, 1)
    soundfile.write(tmp_path / "noise.wav", noise, rate, subtype="PCM_16")
    sound = Resampled(FileReader(tmp_path / "noise.wav"))
    assert sound.frames == RATE
    whole = sound.read(0, RATE)
    assert len(whole) == RATE
    rng = np.random.default_rng(1)
    for _ in range(60):
        start = int(rng.integers(0, RATE - 1))
        count = int(rng.integers(1, 3000))
        part = sound.read(start, count)
        assert np.array_equal(part, whole[start : start + count])


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_resampled_tone_is_the_tone(tmp_path: Path, rate: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "tone.wav", tone, rate, subtype="FLOAT")
    heard = Resampled(FileReader(tmp_path / "tone.wav")).read(0, RATE)
    ideal = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    assert np.abs(heard - ideal)[500:-500].max() < 1e-3


def test_readers_give_the_file_exactly_at_any_place(tmp_path: Path) -> None:
    samples = np.random.default_rng(3).integers(-30000, 30000, (50_000, 2), dtype=np.int16)
    soundfile.write(tmp_path / "two.flac", samples, 44_100)
    reader = open_reader(tmp_path / "two.flac", "file")
    ideal = samples.astype(np.float64).mean(axis=1) / 32768
    for start, count in ((0, 10), (49_990, 100), (20_000, 5000), (123, 1), (60_000, 5)):
        got = reader.read(start, count)
        assert np.allclose(got, ideal[start : start + count], atol=1e-6)
    reader.close()


def test_timeline_joins_lose_and_double_nothing() -> None:
    sizes = [5000, 777, 1, 30_000]
    takes, at = [], 0
    for n, size in enumerate(sizes):
        takes.append(take(f"t{n}", Coded(size, first=at)))
        at += size
    chunks = all_chunks(render(Timeline(takes)))
    heard = np.concatenate([c.sound for c in chunks])
    assert index_of(heard) == list(range(sum(sizes)))
    places = np.concatenate([c.place + np.arange(len(c.sound)) for c in chunks])
    assert np.array_equal(places, np.arange(sum(sizes)))


def test_timeline_places_and_anchors_are_each_others_inverse() -> None:
    takes = [
        take("a", Coded(44_100, 44_100)),
        take("b", Coded(100_000)),
        take("c", Coded(8000, 8000)),
    ]
    timeline = Timeline(takes)
    for name, frames in (("a", 44_100), ("b", 100_000), ("c", 8000)):
        for frame in (0, 1, 7, frames // 3, frames - 1):
            assert timeline.anchor(timeline.place(name, frame)) == (name, frame)
    assert timeline.anchor(timeline.place("a", 44_100)) == ("b", 0)
    assert timeline.anchor(1e12) == ("c", 8000)
    with pytest.raises(KeyError):
        timeline.place("other", 0)


def test_off_record_is_never_read() -> None:
    reader = Coded(100_000)
    timeline = Timeline([take("a", reader, off_record=((20_000, 50_000), (49_000, 60_000)))])
    chunks = all_chunks(render(timeline))
    assert all(end <= 20_000 or start >= 60_000 for start, end in reader.reads)
    heard = sum(len(c.sound) for c in chunks)
    assert heard == 40_000 + 20_000 - CUT_FADE


def test_off_record_is_skipped_when_one_begins_inside_it() -> None:
    timeline = Timeline([take("a", Coded(100_000), off_record=((20_000, 60_000),))])
    first = all_chunks(render(timeline, place=30_000))[0]
    assert first.place == 60_000
    assert index_of(first.sound)[0] == 60_000


def test_kept_stretches_and_moving_along_them() -> None:
    kept = Kept(1000, [(100, 200), (150, 300), (900, 1000)])
    assert kept.at_or_after(0) == (0, 100)
    assert kept.at_or_after(100) == (300, 900)
    assert kept.at_or_after(900) is None
    assert kept.moved(350, -100) == 50
    assert kept.moved(50, 100) == 350
    assert kept.moved(50, 10_000) == 900
    assert kept.moved(350, -10_000) == 0
    assert kept.moved(150, -20) == 80
    assert Kept(FOREVER, []).at_or_after(1 << 50) == (0, FOREVER)
    assert Kept(10, [(0, 10)]).at_or_after(0) is None


def test_cuts_are_cross_faded() -> None:
    class Steps(Coded):
        def read(self, frame: int, count: int) -> Samples:
            n = np.arange(frame, min(frame + count, self.frames))
            return np.where(n < 10_000, 0.5, -0.5).astype(np.float32)

    timeline = Timeline([take("a", Steps(40_000))])
    chunks = all_chunks(render(timeline, Kept(40_000, [(9000, 20_000)])))
    heard = np.concatenate([c.sound for c in chunks])
    assert np.abs(np.diff(heard)).max() <= 1.01 / CUT_FADE


def test_loop_stays_inside_and_says_so() -> None:
    reader = Coded(100_000)
    timeline = Timeline([take("a", reader)])
    rendering = render(timeline, place=11_000, loop=(10_000, 20_000))
    chunks = [c for _ in range(100) for c in rendering.next()]
    assert not rendering.ended
    assert all(start >= 10_000 and end <= 20_000 for start, end in reader.reads)
    assert all(c.place >= 10_000 and c.place + len(c.sound) <= 20_000 for c in chunks)
    assert [c.place for c in chunks if c.looped] == [10_000] * sum(c.looped for c in chunks)
    assert sum(c.looped for c in chunks) >= 5


def test_loop_begun_behind_its_end_starts_over() -> None:
    timeline = Timeline([take("a", Coded(100_000))])
    assert all_chunks(render(timeline, place=50_000, loop=(1000, 2000)), 1)[0].place == 1000


def test_stop_ends_exactly_there() -> None:
    timeline = Timeline([take("a", Coded(3000)), take("b", Coded(3000, first=3000))])
    heard = np.concatenate([c.sound for c in all_chunks(render(timeline, place=10, stop=4567))])
    assert index_of(heard) == list(range(10, 4567))


def test_gain_never_jumps_nor_exceeds_full_scale() -> None:
    class Loud:
        def gain_db(self, place: float) -> float:
            return 0.0 if place < 48_000 else 30.0

    ramp = GainRamp(Loud(), 0)
    block = np.full(960, 0.25, np.float32)
    heard = np.concatenate([ramp.apply(at, block) for at in range(0, 96_000, 960)])
    assert np.abs(heard).max() <= 1.0
    assert np.abs(np.diff(heard)).max() < 0.01
    assert heard[-1] > 0.99
    assert np.array_equal(heard[:46_000], np.full(46_000, 0.25, np.float32))


def test_soft_clip_leaves_ordinary_sound_alone() -> None:
    quiet = np.linspace(-0.79, 0.79, 100, dtype=np.float32)
    assert soft_clip(quiet) is quiet
    loud = np.linspace(-30, 30, 1001, dtype=np.float32)
    bent = soft_clip(loud)
    assert np.all(np.diff(bent) >= 0)
    assert np.abs(bent).max() <= 1.0


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 1.5, 2.0, 3.0])
def test_places_rise_and_fit_what_is_heard_at_any_speed(speed: float) -> None:
    timeline = Timeline([take("a", Coded(200_000)), take("b", Coded(150_000, first=200_000))])
    chunks = all_chunks(render(timeline, speed=speed))
    places = np.concatenate([c.place + c.step * np.arange(len(c.sound)) for c in chunks])
    assert np.all(np.diff(places) >= -1e-6)
    assert places[0] == 0
    assert abs(places[-1] - 350_000) < 4
    total = 350_000 / speed
    assert abs(len(places) - total) < 0.2 * RATE
    # the sound itself tells its place: an overlap mixes two, at most the search apart
    heard = np.concatenate([c.sound for c in chunks]).astype(np.float64) * (1 << 20)
    assert np.abs(heard - places).max() <= 1.5 * 480 + 3 * 960
    assert np.median(np.abs(heard - places)) < 480


def test_places_jump_with_a_cut_when_stretched() -> None:
    timeline = Timeline([take("a", Coded(400_000))])
    kept = Kept(400_000, [(100_000, 300_000)])
    chunks = all_chunks(render(timeline, kept, speed=2.0))
    for chunk in chunks:
        end = chunk.place + chunk.step * len(chunk.sound)
        assert end <= 100_000 + 1 or chunk.place >= 300_000 - 1
    assert sum(len(c.sound) for c in chunks) == pytest.approx(100_000, abs=0.1 * RATE)
