"""Clips and reels: the right stretch, dressed as promised, as long as its timeline says."""

import subprocess
import sys

import av
import numpy as np
import pytest
import sessions_to_share as made

from earmark.model import EarmarkError, Mark
from earmark.share.audio import AudioForm
from earmark.share.clips import FADE_MS, LOUDNESS_DB, PEAK_DB, clip_title, dressed, write_clip
from earmark.share.content import BREATH_MS, Only, ShareOptions, share_content
from earmark.share.options import WriteOptions

SECOND = 48_000


@pytest.fixture
def talk(tmp_path):
    takes = (made.take(1, 90 * SECOND), made.take(2, 30 * 16_000, rate=16_000))
    lines = (
        made.line("one", "First thing", (1, 20 * SECOND)),
        made.line("two", "Second thing", (1, 60 * SECOND), marks=(Mark.STAR,)),
        made.line("three", "Third thing", (2, 5 * 16_000), marks=(Mark.TODO,)),
    )
    sound = made.write_sound(tmp_path, takes)
    return made.session(takes, lines), tmp_path, sound


def decoded(path):
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate = stream.rate
        blocks = [frame.to_ndarray()[0] for frame in container.decode(stream)]
        tags = {**container.metadata, **stream.metadata}
        chapters = [
            (float(c["start"] * c["time_base"]), c["metadata"].get("title"))
            for c in container.chapters()
        ]
    return np.concatenate(blocks).astype(np.float32), rate, tags, chapters


def loudness(sound):
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))) + 1e-9)


def test_one_line_is_its_moment_and_what_follows(talk, tmp_path):
    session, library, sound = talk
    content = share_content(session, ShareOptions(only=Only.LINE, line="one"))
    written = write_clip(content, library, tmp_path / "clip.m4a")
    heard, rate, tags, chapters = decoded(written.path)
    assert written.bytes == written.path.stat().st_size
    assert tags["title"] == "First thing" and tags["album"] == "A talk"
    assert abs(len(heard) / rate - 43) < 0.05  # 3 s look-back, then until the next line
    assert [(round(at, 2), name) for at, name in chapters] == [
        (0.0, "A talk"),
        (3.0, "First thing"),
    ]
    source = sound["take1"][17 * SECOND : 60 * SECOND]
    inside = slice(5 * SECOND, 6 * SECOND)
    found = np.correlate(heard[inside.start - 4096 : inside.stop + 4096], source[inside], "valid")
    assert abs(int(np.argmax(np.abs(found))) - 4096) < 0.01 * SECOND


def test_stretches_fade_and_are_as_loud_as_speech(talk):
    session, library, _sound = talk
    content = share_content(session, ShareOptions(only=Only.LINE, line="one"))
    (piece,) = content.audio_plan
    blocks = list(dressed(piece, library))
    heard = np.concatenate(blocks)
    assert len(heard) == piece.frames
    assert abs(loudness(heard) - LOUDNESS_DB) < 0.5
    assert np.max(np.abs(heard)) <= 10 ** (PEAK_DB / 20) + 1e-3
    faded = FADE_MS * SECOND // 1000
    for edge in (heard[: faded // 8], heard[-faded // 8 :]):
        assert loudness(edge) < loudness(heard) - 10
    assert max(len(block) for block in blocks) <= 4 * SECOND


def test_silence_is_not_made_loud(tmp_path):
    take = made.take(1, 30 * SECOND)
    made.write_sound(tmp_path, [take])
    import soundfile as sf

    quiet = np.random.default_rng(1).normal(0, 10 ** (-75 / 20), 30 * SECOND)
    sf.write(tmp_path / take.file, quiet, SECOND, "PCM_24")
    session = made.session([take], [made.line("a", "Hm", (1, 10 * SECOND))])
    (piece,) = share_content(session, ShareOptions(only=Only.LINE, line="a")).audio_plan
    assert loudness(np.concatenate(list(dressed(piece, tmp_path)))) < -70


def test_marked_lines_are_a_reel_with_short_silences(talk, tmp_path):
    session, library, _sound = talk
    content = share_content(session, ShareOptions(only=Only.MARKED))
    assert clip_title(content) == "A talk"
    written = write_clip(content, library, tmp_path / "reel.opus", WriteOptions(AudioForm.OPUS))
    heard, rate, tags, chapters = decoded(written.path)
    assert tags["title"] == "A talk"
    assert [name for _at, name in chapters] == ["A talk", "Second thing", "Third thing"]
    assert abs(len(heard) / rate - content.duration_ms / 1000) < 0.1


def test_between_stretches_of_a_take_there_is_a_breath(tmp_path):
    take = made.take(1, 90 * SECOND)
    made.write_sound(tmp_path, [take])
    lines = [
        made.line("a", "A", (1, 5 * SECOND), marks=(Mark.STAR,)),
        made.line("b", "B", (1, 20 * SECOND)),
        made.line("c", "C", (1, 60 * SECOND), marks=(Mark.STAR,)),
    ]
    content = share_content(made.session([take], lines), ShareOptions(only=Only.MARKED))
    written = write_clip(content, tmp_path, tmp_path / "reel.m4a")
    heard, rate, _tags, chapters = decoded(written.path)
    silent = next(piece for piece in content.audio_plan if piece.file is None)
    assert silent.frames == BREATH_MS * SECOND // 1000
    start = content.audio_plan[0].frames * rate // SECOND
    middle = heard[start + rate // 10 : start + 3 * rate // 10]
    assert loudness(middle) < -55
    assert [name for _at, name in chapters] == ["A talk", "A", "C"]


def test_several_lines_are_one_clip(talk, tmp_path):
    session, library, _sound = talk
    content = share_content(session, ShareOptions(only=Only.LINE, lines=("two", "three")))
    assert [line.id for line in content.lines] == ["two", "three"]
    assert clip_title(content) == "Second thing"
    assert write_clip(content, library, tmp_path / "clip.m4a").bytes > 10_000


def test_a_line_without_a_time_has_no_clip(tmp_path):
    take = made.take(1, 10 * SECOND)
    made.write_sound(tmp_path, [take])
    session = made.session([take], [made.line("a", "No time")])
    content = share_content(session, ShareOptions(only=Only.LINE, line="a"))
    with pytest.raises(EarmarkError, match="no sound"):
        write_clip(content, tmp_path, tmp_path / "clip.m4a")
    assert not (tmp_path / "clip.m4a").exists()


def test_no_other_program_is_asked_for(talk, tmp_path):
    """pydub alone would look for ffmpeg: with an empty PATH the clip is made all the same."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from earmark.share.clips import _pydub; _pydub()"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
