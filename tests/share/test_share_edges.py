"""What is hardly there and what hardly fits: a recording of one sample, names of 255 bytes."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
import sessions_to_share as made
import soundfile as sf

from earmark.model import EarmarkError, LineKind, Session
from earmark.share.audiofile import write_audio
from earmark.share.clips import write_clip
from earmark.share.content import Only, ShareContent, ShareOptions, share_content
from earmark.share.formats import ShareForm
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.shared_file import read_share
from earmark.share.site import write_site
from earmark.share.sound import read_plan
from earmark.share.worker.client import run_share

TAKE = made.take(1, 1)
SEVERAL_FILES = (ShareForm.MARKDOWN, ShareForm.WEBVTT, ShareForm.SRT, ShareForm.AUDACITY)


def one_sample(library: Path) -> tuple[Session, ShareContent]:
    (library / "sessions/s").mkdir(parents=True)
    (library / "out").mkdir()
    sf.write(library / str(TAKE.file), np.array([0.5]), 48_000, "PCM_16")
    lines = [
        made.line("h", "Opening", (1, 0), kind=LineKind.HEADING1),
        made.line("a", "hm", (1, 0)),
    ]
    session = made.session([TAKE], lines, segments=[made.segment(1, 0, 1, "hm", speaker="Ann")])
    return session, share_content(session, ShareOptions())


def heard(sound: Path) -> np.ndarray:
    """The sound in a file, which has to have a length that players can show."""
    with av.open(str(sound)) as container:
        decoded = [frame.to_ndarray() for frame in container.decode(audio=0)]
        assert container.duration and container.duration > 0
    return np.concatenate([part.reshape(-1) for part in decoded])


@pytest.mark.parametrize("form", ShareForm)
def test_a_recording_of_one_sample_in_every_form(tmp_path: Path, form: ShareForm) -> None:
    _session, content = one_sample(tmp_path)
    spec = form.spec
    target = tmp_path / "out" / f"talk{spec.suffix()}"
    written = spec.load_writer()(content, tmp_path, target)
    assert written.bytes > 0
    if spec.is_pure_sound:
        assert len(heard(target))
    else:
        files = [target] if target.is_file() else sorted(target.rglob("*"))
        packed = any(zipfile.is_zipfile(file) for file in files)
        assert packed or any(b"Opening" in file.read_bytes() for file in files)
    if form in (ShareForm.HTML, ShareForm.BUNDLE):
        (take,) = read_share(target).session.takes
        assert (take.frames, take.sample_rate) == (1, 48_000)


@pytest.mark.parametrize("form", AudioForm)
@pytest.mark.parametrize("even", [False, True])
def test_its_sound_is_heard_and_has_a_length(tmp_path: Path, form: AudioForm, even: bool) -> None:
    _session, content = one_sample(tmp_path)
    target = tmp_path / f"talk.{form.suffix}"
    write_audio(content, tmp_path, target, WriteOptions(form, even_loudness=even))
    assert np.abs(heard(target)).max() > 0.01


def test_its_line_as_a_clip_and_its_event_as_a_report(tmp_path: Path) -> None:
    session, content = one_sample(tmp_path)
    only = share_content(session, ShareOptions(only=Only.LINE, line=session.lines[1].id))
    write_clip(only, tmp_path, tmp_path / "line.m4a")
    assert len(heard(tmp_path / "line.m4a"))
    write_site("Camp", [content], tmp_path, tmp_path / "report")
    (sound,) = (tmp_path / "report").glob("*.m4a")
    assert len(heard(sound))


def test_short_takes_keep_their_places(tmp_path: Path) -> None:
    """Three of 20 samples are 1 ms together on no clock: each is 0 ms of the timeline."""
    takes = [made.take(n, 20) for n in (1, 2, 3)]
    made.write_sound(tmp_path, takes)
    content = share_content(made.session(takes, []), ShareOptions())
    assert sum(len(block) for block in read_plan(content.audio_plan, tmp_path, 48_000)) == 3
    longer = [*takes, made.take(4, 480)]
    made.write_sound(tmp_path, longer)
    content = share_content(made.session(longer, []), ShareOptions())
    assert sum(len(block) for block in read_plan(content.audio_plan, tmp_path, 48_000)) == 480


@pytest.mark.parametrize("form", ShareForm)
def test_a_name_that_no_disk_takes_is_said_before_any_work(tmp_path: Path, form: ShareForm) -> None:
    _session, content = one_sample(tmp_path)
    suffix = form.spec.suffix()
    fits = "é" * ((255 - len(suffix)) // 2) + suffix
    target = tmp_path / "out" / f"é{fits}"
    encoded = []
    with pytest.raises(EarmarkError) as told:
        form.spec.load_writer()(content, tmp_path, target, progress=encoded.append)
    assert f"too long: {len(os.fsencode(target.name))} bytes" in told.value.what
    assert "255 bytes at most" in told.value.remedy
    assert not encoded
    with pytest.raises(EarmarkError, match="path to"):
        form.spec.load_writer()(content, tmp_path, tmp_path / ("a/" * 3000) / f"x{suffix}")
    assert os.listdir(tmp_path / "out") == []
    if form not in SEVERAL_FILES:
        assert form.spec.load_writer()(content, tmp_path, tmp_path / "out" / fits).bytes


@pytest.mark.parametrize("form", SEVERAL_FILES)
def test_what_lies_beside_has_to_fit_too(tmp_path: Path, form: ShareForm) -> None:
    """`T.md` fits where `T.m4a` does not; the person hears of the name that is too long."""
    _session, content = one_sample(tmp_path)
    suffix = form.spec.suffix()
    target = tmp_path / "out" / ("a" * (255 - len(suffix)) + suffix)
    with pytest.raises(EarmarkError, match=r"….* is too long"):
        form.spec.load_writer()(content, tmp_path, target)
    assert os.listdir(tmp_path / "out") == []


def test_a_report_whose_folder_has_too_long_a_name(tmp_path: Path) -> None:
    _session, content = one_sample(tmp_path)
    with pytest.raises(EarmarkError, match="is too long: 256 bytes"):
        write_site("Camp", [content], tmp_path, tmp_path / ("b" * 256))


def test_the_worker_is_not_even_started_for_it(tmp_path: Path) -> None:
    session, _content = one_sample(tmp_path)
    with pytest.raises(EarmarkError, match="too long"):
        run_share(
            session, tmp_path, tmp_path / ("b" * 256), ShareForm.JSON, ShareOptions(),
            WriteOptions(), argv=("/nowhere",),
        )  # fmt: skip
