"""Shares come back as the sessions they were made of: whole, or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sessions_to_share as made
import sharing_back as rig

from earmark.app import Earmark
from earmark.audio.peakmaking import are_whole
from earmark.model import Level


@pytest.fixture
def earmark(tmp_path: Path) -> Iterator[Earmark]:
    opened = rig.application(tmp_path / "library")
    yield opened
    opened.close()


def made_share(tmp_path: Path, kind: str, session=None, **options):
    folder = tmp_path / "theirs"
    session = rig.write_files(folder, session or rig.rich_session())
    return folder, session, rig.shared(folder, session, kind, **options)


def test_a_bundle_comes_back_whole(earmark: Earmark, tmp_path: Path) -> None:
    theirs, before, share = made_share(tmp_path, "bundle")
    after = rig.bring(earmark, share)
    rig.same_notes(before, after)
    assert after.id == before.id
    for old, new in zip(before.takes, after.takes, strict=True):
        assert rig.sha(earmark.folder / new.file) == rig.sha(theirs / old.file)
        assert are_whole(earmark.folder / new.peaks, new.sample_rate, new.frames)
        assert new.channels == old.channels and new.codec == "flac"
    picture = earmark.folder / after.folder / after.pictures[0].file
    assert picture.read_bytes() == made.PNG
    assert (earmark.folder / after.folder / "session.json").is_file()
    assert not list((earmark.folder / "run" / "importing").iterdir())
    found = earmark.library.run(lambda lib: lib.check()).result()
    assert [finding.level for finding in found] == [Level.GOOD]


def test_a_page_comes_back_and_every_line_lands_where_it_was(
    earmark: Earmark, tmp_path: Path
) -> None:
    theirs, before, share = made_share(tmp_path, "html")
    after = rig.bring(earmark, share)
    rig.same_notes(before, after)
    for old, new in zip(before.takes, after.takes, strict=True):
        was, now = rig.sound_of(theirs / old.file), rig.sound_of(earmark.folder / new.file)
        assert len(now) == len(was)
        assert abs(lag(was, now)) <= new.sample_rate // 1000


def lag(was: np.ndarray, now: np.ndarray) -> int:
    """By how many samples `now` comes later than `was`."""
    size = 1 << (len(was) * 2).bit_length()
    product = np.fft.irfft(np.fft.rfft(now, size) * np.conj(np.fft.rfft(was, size)), size)
    at = int(np.argmax(product))
    return at if at < size // 2 else at - size
