"""The encoded sound: right to the millisecond, and silent about where it was made."""

import json
import subprocess
import threading

import numpy as np
import pytest
import sessions_to_share as made
import soundfile as sf

from earmark.model import EarmarkError, NotFound, UnusableMedia
from earmark.share.audio import AudioForm, Chapter, encode
from earmark.share.content import ShareOptions, share_content
from earmark.share.levels import Levels
from earmark.share.output_file import ShareCancelled, TargetExists, writing
from earmark.share.sound import ahead, planned_frames, read_plan

SECOND = 48_000


def heard(path):
    """The file as another program decodes it: 48 kHz, mono."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-ac", "1", "-ar", "48000", "-"],
        capture_output=True,
        check=True,
    )
    return np.frombuffer(done.stdout, np.float32)


def lag(part, whole, at):
    """Samples by which `part` lies off `at` in `whole`."""
    around = 2_000
    near = whole[max(0, at - around) : at + len(part) + around]
    found = int(np.argmax(np.correlate(near, part, "valid")))
    return found - min(at, around)


@pytest.fixture
def content(tmp_path):
    takes = (
        made.take(1, 8 * SECOND, off_record=[(3 * SECOND, SECOND)]),
        made.take(2, 5 * 16_000, rate=16_000),
        made.take(3, 4 * 44_100 + 17, rate=44_100),
    )
    made.write_sound(tmp_path, takes)
    return share_content(made.session(takes, (made.line("a", "x", (2, 16_000)),)))


@pytest.mark.parametrize("form", AudioForm)
@pytest.mark.parametrize("even", [False, True])
def test_every_moment_lies_where_the_timeline_says(tmp_path, content, form, even):
    target = tmp_path / f"out.{form.suffix}"
    shares = []
    done = encode(
        content.audio_plan, tmp_path, target, form, even_loudness=even, progress=shares.append
    )
    assert abs(done.duration_ms - content.duration_ms) <= 1
    assert shares == sorted(shares) and shares[-1] == 1.0
    sound = heard(target)
    assert abs(len(sound) - content.duration_ms * 48) <= 2_048
    first = made.chirps(8, SECOND, 1)
    second = np.concatenate(list(read_plan(content.audio_plan, tmp_path, SECOND)))
    for at, part in (
        (SECOND, first[SECOND : 2 * SECOND]),
        (4 * SECOND, first[5 * SECOND : 6 * SECOND]),
        (8 * SECOND, second[8 * SECOND : 9 * SECOND]),
        (13 * SECOND, second[13 * SECOND : 14 * SECOND]),
    ):
        assert abs(lag(part, sound, at)) <= 48, at


def test_what_is_off_the_record_is_not_in_the_sound(tmp_path):
    takes = (made.take(1, 6 * SECOND, off_record=[(2 * SECOND, 2 * SECOND)]),)
    sounds = made.write_sound(tmp_path, takes)
    content = share_content(made.session(takes, ()))
    shared = np.concatenate(list(read_plan(content.audio_plan, tmp_path, SECOND)))
    expected = np.delete(sounds["take1"], np.s_[2 * SECOND : 4 * SECOND])
    assert np.abs(shared - expected).max() < 1e-3


def test_a_file_that_ends_early_goes_on_silently(tmp_path):
    takes = (made.take(1, 3 * SECOND), made.take(2, SECOND))
    made.write_sound(tmp_path, takes)
    sf.write(tmp_path / takes[0].file, np.full(SECOND, 0.5, np.float32), SECOND)
    plan = share_content(made.session(takes, ())).audio_plan
    sound = np.concatenate(list(read_plan(plan, tmp_path, SECOND)))
    assert len(sound) == planned_frames(plan, SECOND) == 4 * SECOND
    assert not sound[SECOND : 3 * SECOND].any()


def test_the_file_says_nothing_of_where_it_was_made(tmp_path, content):
    for form in AudioForm:
        target = tmp_path / f"out.{form.suffix}"
        encode(content.audio_plan, tmp_path, target, form)
        raw = target.read_bytes()
        assert str(tmp_path).encode() not in raw
        shown = json.loads(
            subprocess.run(
                ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", target],
                capture_output=True,
                check=True,
            ).stdout
        )
        stream = shown["streams"][0]
        assert stream["codec_name"] == {"m4a": "aac", "opus": "opus"}[form.suffix]
        assert stream["channels"] == 1
        tags = {**shown["format"].get("tags", {}), **stream.get("tags", {})}
        allowed = {"major_brand", "minor_version", "compatible_brands", "language"}
        assert set(tags) <= allowed | {"handler_name", "vendor_id", "encoder"}
        assert "creation_time" not in tags
        assert tags.get("encoder", "Lavc") in ("Lavc", "Lavf", "Lavc libopus", "ffmpeg")


def test_chapters_and_tags_are_written(tmp_path, content):
    target = tmp_path / "out.m4a"
    chapters = [Chapter(0, 4_321, "Start"), Chapter(4_321, content.duration_ms, "Über ‘x’")]
    encode(content.audio_plan, tmp_path, target, tags={"title": "A talk"}, chapters=chapters)
    shown = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-show_format", "-show_chapters", "-of", "json", target],
            capture_output=True,
            check=True,
        ).stdout
    )
    assert shown["format"]["tags"]["title"] == "A talk"
    assert [(float(c["start_time"]), c["tags"]["title"]) for c in shown["chapters"]] == [
        (0.0, "Start"),
        (4.321, "Über ‘x’"),
    ]


def test_evening_lifts_what_is_quiet(tmp_path):
    takes = (made.take(1, 40 * SECOND),)
    made.write_sound(tmp_path, takes)
    sound = made.chirps(40, SECOND, 5)
    sound[20 * SECOND :] *= 0.05
    sf.write(tmp_path / takes[0].file, sound, SECOND)
    plan = share_content(made.session(takes, ())).audio_plan
    quiet = []
    for even in (False, True):
        encode(plan, tmp_path, tmp_path / "o.m4a", even_loudness=even)
        out = heard(tmp_path / "o.m4a")
        quiet.append(float(np.sqrt(np.mean(out[30 * SECOND : 38 * SECOND] ** 2))))
        assert np.abs(out).max() <= 1.05
    assert quiet[1] > 3 * quiet[0]


def test_a_missing_and_a_broken_file_are_named(tmp_path, content):
    broken = tmp_path / "sessions/s/take2.flac"
    broken.write_bytes(b"nothing to hear" * 50)
    with pytest.raises(UnusableMedia, match="take2"):
        encode(content.audio_plan, tmp_path, tmp_path / "o.m4a")
    broken.unlink()
    with pytest.raises(NotFound, match="take2"):
        encode(content.audio_plan, tmp_path, tmp_path / "o.m4a")


def test_cancelling_ends_it(tmp_path, content):
    stop = threading.Event()
    seen = []

    def progress(share):
        seen.append(share)
        stop.set()

    with pytest.raises(ShareCancelled):
        encode(content.audio_plan, tmp_path, tmp_path / "o.m4a", progress=progress, cancelled=stop)
    assert len(seen) == 1


def test_the_waveform_is_loud_where_the_sound_is():
    levels = Levels(12_000)
    levels.add(np.zeros(6_000, np.float32))
    levels.add(np.full(6_000, 0.3, np.float32))
    assert levels.bytes() == bytes(600) + b"\xff" * 600
    assert Levels(0).bytes() == b"\0"


def test_writing_is_whole_or_not_at_all(tmp_path):
    target = tmp_path / "x.html"
    with writing(target) as part:
        part.write_text("one")
    assert target.read_text() == "one"
    with pytest.raises(TargetExists), writing(target) as part:
        raise AssertionError("not reached")
    with pytest.raises(RuntimeError), writing(target, replace=True) as part:
        part.write_text("two")
        raise RuntimeError
    assert target.read_text() == "one"
    assert [p.name for p in tmp_path.iterdir()] == ["x.html"]
    with pytest.raises(EarmarkError), writing(tmp_path / "nowhere" / "x.html"):
        raise AssertionError("not reached")
    with pytest.raises(TargetExists), writing(tmp_path, replace=True):
        raise AssertionError("not reached")


def test_nothing_planned_is_an_empty_sound(tmp_path):
    assert list(read_plan((), tmp_path, SECOND)) == []
    assert not share_content(made.session((), ()), ShareOptions(audio=False)).has_audio


def test_reading_ahead_hands_errors_over_and_ends_with_its_reader():
    def broken():
        yield np.zeros(1, np.float32)
        raise NotFound("gone")

    blocks = ahead(broken())
    next(blocks)
    with pytest.raises(NotFound):
        next(blocks)
    endless = ahead(np.zeros(1, np.float32) for _ in iter(int, 1))
    next(endless)
    endless.close()
    assert not [t for t in threading.enumerate() if t.name == "share-reading"]
