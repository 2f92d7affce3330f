"""The worker's job that makes stretches of a take's file silent: exact, verified, never neither."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from earmark.audio.codecs import alike
from earmark.audio.pcm import PartWriter, read_blocks
from earmark.audio.peak_maker import PeakMaker, are_whole, make_peaks
from earmark.audio.peaks import Peaks
from earmark.audio.worker.client import run_job
from earmark.audio.worker.silence import silence
from earmark.model import EarmarkError

RATE = 48_000
FOLDER = "sessions/2026/03/2026-03-01 A talk abcdef"
TAKE = "abcdef0123456789"


class Death(BaseException):
    """The process ends here."""


def speech(seconds: float, channels: int = 1) -> Any:
    """A buzz with syllables: what speech coders are made for."""
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * t)) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    sound = buzz * (0.55 + 0.45 * np.sin(2 * np.pi * 3 * t)) * 5000
    sound += np.random.default_rng(1).standard_normal(len(t)) * 20
    return np.repeat(sound.astype("<i2")[:, None], channels, axis=1)


def stored(
    library: Path, name: str, sound: Any, form: tuple[str, str], codec: str, rate: int = RATE
):
    """The job on a take whose file is `name`."""
    folder = library / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    sf.write(folder / name, sound, RATE, format=form[0], subtype=form[1])
    make_peaks(folder / name, folder / "take-1-abcdef.peaks")
    return {
        "job": "silence",
        "library": str(library),
        "folder": FOLDER,
        "take": TAKE,
        "ordinal": 1,
        "source": f"{FOLDER}/{name}",
        "codec": codec,
        "rate": RATE,
        "frames": len(sound),
        "peaks": f"{FOLDER}/take-1-abcdef.peaks",
    }


def flac(library: Path, sound: Any) -> dict[str, Any]:
    return stored(library, "take-1-abcdef.flac", sound, ("FLAC", "PCM_16"), "flac")


def with_zeros(sound: Any, spans: list[list[int]]) -> Any:
    cut = sound.copy()
    for first, count in spans:
        cut[first : first + count] = 0
    return cut


def decoded(library: Path, done: dict[str, Any], dtype: str = "int16") -> Any:
    if dtype == "int16":
        return np.concatenate(list(read_blocks(library / done["file"])))
    return sf.read(library / done["file"], dtype=dtype, always_2d=True)[0]


def names(library: Path) -> set[str]:
    return {path.name for path in (library / FOLDER).iterdir()}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "spans",
    [
        [[0, 1]],
        [[0, RATE]],
        [[3 * RATE - 1, 1]],
        [[2 * RATE, RATE]],
        [[0, 3 * RATE]],
        [[47_999, 2], [RATE + 5000, 700], [2 * RATE + 1, RATE - 1]],
    ],
    ids=["first frame", "from the start", "last frame", "to the end", "all of it", "several"],
)
def test_flac_is_the_same_bit_for_bit_outside_and_zero_inside(
    tmp_path: Path, channels: int, spans: list[list[int]]
) -> None:
    sound = speech(3, channels)
    job = flac(tmp_path, sound)
    shares: list[float] = []
    done = silence(job | {"spans": spans}, shares.append)
    assert done == {"file": job["source"], "codec": "flac", "peaks": job["peaks"]}
    assert np.array_equal(decoded(tmp_path, done), with_zeros(sound, spans))
    assert names(tmp_path) == {"take-1-abcdef.flac", "take-1-abcdef.peaks"}
    assert shares == sorted(shares) and 0.9 < shares[-1] <= 1


def test_the_peaks_no_longer_show_what_was_said(tmp_path: Path) -> None:
    job = flac(tmp_path, speech(3))
    silence(job | {"spans": [[RATE, RATE]]}, lambda _share: None)
    assert are_whole(tmp_path / job["peaks"], RATE, 3 * RATE)
    peaks = Peaks.open(tmp_path / job["peaks"])
    loudest = [
        int(peaks.columns(first, first + RATE // 100, 1).high[0])
        for first in range(0, 3 * RATE, RATE // 100)
    ]
    peaks.close()
    assert all(loudest[:100]) and not any(loudest[100:200]) and all(loudest[200:])


def test_silence_over_silence_is_the_same_silence(tmp_path: Path) -> None:
    """Asked again, FLAC that is silent there already is not written anew, and its peaks are."""
    job = flac(tmp_path, speech(6)) | {"spans": [[RATE, 2 * RATE]]}
    silence(job, lambda _share: None)
    first = (tmp_path / job["source"]).stat()
    (tmp_path / job["peaks"]).unlink()
    silence(job, lambda _share: None)
    again = (tmp_path / job["source"]).stat()
    assert (first.st_ino, first.st_mtime_ns) == (again.st_ino, again.st_mtime_ns)
    assert are_whole(tmp_path / job["peaks"], RATE, 6 * RATE)


def test_opus_stays_opus_where_that_verifies(tmp_path: Path) -> None:
    sound = speech(12)
    job = stored(tmp_path, "take-1-abcdef.opus", sound, ("OGG", "OPUS"), "opus")
    done = silence(job | {"spans": [[4 * RATE, 3 * RATE]]}, lambda _share: None)
    assert (done["file"], done["codec"]) == (job["source"], "opus")
    cut = decoded(tmp_path, done)
    assert len(cut) == len(sound)
    assert np.abs(cut[4 * RATE + 2400 : 7 * RATE - 2400]).max() <= 8
    whispered = np.abs(cut[4 * RATE : 7 * RATE].astype(float)) ** 2
    assert whispered.mean() ** 0.5 < 60
    assert alike(sound[: 4 * RATE], cut[: 4 * RATE])
    assert alike(sound[7 * RATE :], cut[7 * RATE :])


def test_opus_that_does_not_verify_becomes_flac_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stored(tmp_path, "take-1-abcdef.opus", speech(6), ("OGG", "OPUS"), "opus")
    before = decoded(tmp_path, {"file": job["source"]})
    monkeypatch.setattr("earmark.audio.codecs.ALIKE", 2.0)
    done = silence(job | {"spans": [[RATE, RATE]]}, lambda _share: None)
    assert (done["file"], done["codec"]) == (f"{FOLDER}/take-1-abcdef.flac", "flac")
    assert np.array_equal(decoded(tmp_path, done), with_zeros(before, [[RATE, RATE]]))
    assert (tmp_path / job["source"]).exists()


@pytest.mark.parametrize(
    ("name", "form", "codec"),
    [
        ("original-1-abcdef.wav", ("WAV", "PCM_16"), "wav"),
        ("original-1-abcdef.flac", ("FLAC", "PCM_16"), "flac"),
        ("original-1-abcdef.mp3", ("MP3", "MPEG_LAYER_III"), "mp3"),
        ("original-1-abcdef.opus", ("OGG", "OPUS"), "opus"),
    ],
)
def test_an_imported_file_is_left_and_flac_made_beside_it(
    tmp_path: Path, name: str, form: tuple[str, str], codec: str
) -> None:
    job = stored(tmp_path, name, speech(5), form, codec)
    before = (tmp_path / job["source"]).read_bytes()
    sound = decoded(tmp_path, {"file": job["source"]})
    job["frames"] = len(sound)
    done = silence(job | {"spans": [[0, RATE]]}, lambda _share: None)
    assert (done["file"], done["codec"]) == (f"{FOLDER}/take-1-abcdef.flac", "flac")
    assert np.array_equal(decoded(tmp_path, done), with_zeros(sound, [[0, RATE]]))
    assert (tmp_path / job["source"]).read_bytes() == before


@pytest.mark.parametrize("form", [("FLAC", "PCM_24"), ("WAV", "PCM_24"), ("WAV", "FLOAT")])
def test_a_deep_recording_keeps_its_depth(tmp_path: Path, form: tuple[str, str]) -> None:
    whole = np.random.default_rng(3).integers(-(1 << 23), 1 << 23, (2 * RATE, 1))
    sound = (whole << 8).astype(np.int32) if form[1] == "PCM_24" else whole / float(1 << 23)
    job = stored(tmp_path, f"original-1-abcdef.{form[0].lower()}", sound, form, "flac")
    done = silence(job | {"spans": [[RATE, 1000]]}, lambda _share: None)
    assert sf.info(tmp_path / done["file"]).subtype == "PCM_24"
    assert np.array_equal(decoded(tmp_path, done, "int32") >> 8, with_zeros(whole, [[RATE, 1000]]))


@pytest.mark.parametrize("wrong", [{"frames": RATE}, {"frames": 9 * RATE}, {"rate": 44_100}])
def test_a_file_that_is_not_what_the_library_says_is_not_touched(
    tmp_path: Path, wrong: dict[str, int]
) -> None:
    job = flac(tmp_path, speech(2)) | {"spans": [[0, 100]]}
    before = (tmp_path / job["source"]).read_bytes()
    with pytest.raises(EarmarkError):
        silence(job | wrong, lambda _share: None)
    assert (tmp_path / job["source"]).read_bytes() == before
    assert names(tmp_path) == {"take-1-abcdef.flac", "take-1-abcdef.peaks"}


def test_what_does_not_read_back_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = flac(tmp_path, speech(2)) | {"spans": [[0, 100]]}
    before = (tmp_path / job["source"]).read_bytes()
    real = PartWriter.write
    monkeypatch.setattr(PartWriter, "write", lambda part, block: real(part, block | 1))
    with pytest.raises(EarmarkError, match="did not come out"):
        silence(job, lambda _share: None)
    assert (tmp_path / job["source"]).read_bytes() == before
    assert names(tmp_path) == {"take-1-abcdef.flac", "take-1-abcdef.peaks"}


@pytest.mark.parametrize("form", ["take-1-abcdef.flac", "original-1-abcdef.wav"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", [(PartWriter, "place"), (PeakMaker, "save")])
def test_killed_around_a_rename_there_is_the_old_or_the_new(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[type, str],
    when: str,
    form: str,
) -> None:
    sound, spans = speech(2), [[RATE // 2, RATE]]
    container = ("WAV" if form.endswith("wav") else "FLAC", "PCM_16")
    job = stored(tmp_path, form, sound, container, "flac") | {"spans": spans}
    real = getattr(*step)

    def dies(*args: Any) -> Any:
        if when == "after":
            real(*args)
        raise Death

    monkeypatch.setattr(*step, dies)
    with pytest.raises(Death):
        silence(job, lambda _share: None)
    there = decoded(tmp_path, {"file": job["source"]})
    assert np.array_equal(there, sound) or np.array_equal(there, with_zeros(sound, spans))
    monkeypatch.undo()
    done = silence(job, lambda _share: None)
    assert np.array_equal(decoded(tmp_path, done), with_zeros(sound, spans))
    assert are_whole(tmp_path / job["peaks"], RATE, 2 * RATE)


def test_in_a_process_of_its_own(tmp_path: Path) -> None:
    sound, spans = speech(2), [[RATE, RATE]]
    done = run_job(flac(tmp_path, sound) | {"spans": spans})
    assert np.array_equal(decoded(tmp_path, done), with_zeros(sound, spans))
    assert names(tmp_path) == {"take-1-abcdef.flac", "take-1-abcdef.peaks"}
