"""Files that are not as their headers say: stale, joined, chained, paused, cut, damaged.

A few fast cases of each kind; `python3 dev.py bench imports` tries all of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import media_cases
import pytest
import soundfile as sf

from earmark.audio.media import bring_in
from earmark.model.units import TakeId

EVERY_DAY = {
    "declared length": {"stale.wav", "total-half.flac", "joined-info.mp3", "joined-rates.wav"}
    | {"chunks-behind.wav", "joined.m4a"},
    "chained ogg": {"channels.opus", "rate.ogg"},
    "amr pauses": {"pause.amr", "pause.3gp"},
    "hole": {"cbr.mp3", "hole.aac", "hole.m4a", "hole.ogg", "hole.flac"},
    "cut or whole": {"cut-a.caf", "cut-a.wma", "cut-a.aac", "cut-a.amr", "unclosed.webm"}
    | {"piped.webm", "to-a-pipe-7ffff000.wav"},
    "torn fragments": {"in-moof.m4a", "absolute.mp4"},
    "changing flac": {"slower.flac", "both.flac"},
    "untagged mp3": set(),
}
CASES = [
    pytest.param(
        case,
        id=f"{case.kind}-{case.name}",
        marks=() if case.name in EVERY_DAY[case.kind] else pytest.mark.nightly,
    )
    for case in media_cases.all_cases()
]

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the files")


@pytest.mark.parametrize("case", CASES)
def test_all_that_is_there_comes_in_at_its_place(tmp_path: Path, case: media_cases.Case) -> None:
    assert media_cases.tried(case, tmp_path) == []


def test_what_is_right_is_told_from_what_is_not(tmp_path: Path) -> None:
    """The judge itself: a shift, a loss, an untold cut and a false gap are seen."""
    whole = media_cases.encoded(tmp_path / "a.wav", seconds=4.0)
    sound = media_cases.decoded(whole, 48_000).astype(float)
    expected = media_cases.Expected((whole,))

    def judged(heard, gaps=(), told=False):
        return media_cases.judged(expected, media_cases.Seen(48_000, heard, gaps, told))

    assert judged(sound) == []
    assert judged(sound[: 3 * 48_000])
    moved = sound.copy()
    moved[96_000:] = sound[96_000 - 1_440 : -1_440]
    assert judged(moved)
    silenced = sound.copy()
    silenced[48_000:72_000] = 0
    assert judged(silenced)
    assert judged(sound, gaps=[(1.0, 0.5)])
    assert judged(sound, told=True)


def test_of_several_tracks_the_one_that_sounds_is_found_in_a_torn_file_too(tmp_path: Path) -> None:
    flags = ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", 1_000_000)
    silence = ("-f", "lavfi", "-t", 6, "-i", "anullsrc=r=48000:cl=mono")
    tones = media_cases.encoded(tmp_path / "tones.wav", seconds=6.0)
    whole = tmp_path / "whole.mp4"
    maps = ("-map", "0:a", "-map", "1:a", "-c:a", "aac")
    media_cases.ffmpeg(*silence, "-i", tones, *maps, *flags, whole)
    data = whole.read_bytes()
    source = tmp_path / "torn.mp4"
    source.write_bytes(data[: data.rindex(b"moof", 0, data.rindex(b"moof")) + 60])
    came = bring_in(source, tmp_path / "library", 1, TakeId("abcdef"), lambda _share: None)
    assert (came.track, came.cut) == (2, True)
    assert 3.5 <= came.frames / came.rate < 6


def test_an_mp3_without_a_lame_tag_loses_only_its_decoders_delay(tmp_path: Path) -> None:
    """Kept as it is it begins 529 samples later than in ffmpeg's decode: no sound is lost."""
    options = ("-b:a", "64k", "-id3v2_version", 0)
    tagged = media_cases.encoded(tmp_path / "tagged.mp3", *options, rate=44_100, seconds=4.0)
    source = tmp_path / "a.mp3"
    data = tagged.read_bytes()
    tag = data.index(b"Lav", data.index(b"Info"))
    media_cases.put(source, data, tag, bytes(24))
    whole = media_cases.decoded(source, 44_100).astype(int)
    came = bring_in(source, tmp_path / "library", 1, TakeId("abcdef"), lambda _share: None)
    sound, _rate = sf.read(tmp_path / "library" / came.file, dtype="int16")
    assert came.codec == "mp3"
    assert len(whole) - came.frames == 529
    assert abs(whole[529:] - sound).max() <= 2
    assert abs(whole[:529]).max() < 200
