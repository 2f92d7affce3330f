"""The folder with every form, and how big each form is said to become before it is made."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sessions_to_share as made
import webvtt

from earmark.model import (
    DiskFull,
    EarmarkError,
    Frames,
    LineKind,
    Segment,
    SegmentId,
    TakeId,
    Transcript,
)
from earmark.share.content import ShareOptions, share_content
from earmark.share.estimate import estimated_bytes
from earmark.share.folder import write_folder
from earmark.share.formats import ShareForm
from earmark.share.output_file import ShareCancelled, TargetExists
from earmark.share.output_files import file_bytes, writing_files

SECOND = 48_000
TAKES = (made.take(1, 20 * SECOND),)


def content_of(takes=TAKES):
    lines = [
        made.line("h", "Heading", (1, SECOND), kind=LineKind.HEADING1),
        *(made.line(f"l{n}", f"line {n} of the talk", (1, n * 40_000)) for n in range(20)),
        made.line("p", "", (1, 19 * SECOND), kind=LineKind.PICTURE, picture="pic"),
        made.line("x", "secret words", (1, SECOND), private=True),
    ]
    said = Segment(SegmentId("s"), TakeId("take1"), Frames(0), Frames(SECOND), "Hello", (), "Ann")
    session = made.session(takes, lines, title="Talk", pictures=[("pic", "pictures/p.png")])
    session = replace(session, transcript=Transcript("e", "m", "en", (said,)))
    return share_content(session, ShareOptions(audio=bool(takes)))


@pytest.fixture
def library(tmp_path):
    made.write_speech(tmp_path, TAKES)
    (tmp_path / "sessions/s/pictures").mkdir()
    (tmp_path / "sessions/s/pictures/p.png").write_bytes(made.PNG)
    (tmp_path / "out").mkdir()
    return tmp_path


NAMES = {
    "index.html", "notes.md", "notes.m4a", "notes-pictures/picture-22.png", "notes.epub",
    "notes.earmark", "notes.vtt", "notes.transcript.vtt", "notes.srt", "notes.transcript.srt",
    "labels.txt", "labels.transcript.txt", "notes.json",
}  # fmt: skip


def files(folder):
    return {p.relative_to(folder).as_posix() for p in Path(folder).rglob("*") if p.is_file()}


def test_every_form_is_in_it_and_an_earlier_one_is_replaced(library):
    target = library / "out" / "Talk"
    shares = []
    written = write_folder(content_of(), library, target, progress=shares.append)
    assert files(target) == NAMES
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)
    assert written.bytes == sum((target / name).stat().st_size for name in NAMES)
    assert len(webvtt.read(target / "notes.vtt")) == 22
    assert len(json.loads((target / "notes.json").read_text())["lines"]) == 22
    chapters = subprocess.run(
        ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", target / "notes.m4a"],
        capture_output=True,
        check=True,
    ).stdout
    assert [c["tags"]["title"] for c in json.loads(chapters)["chapters"]] == ["Talk", "Heading"]
    for name in NAMES:
        assert b"secret words" not in (target / name).read_bytes()
    with pytest.raises(TargetExists, match="there already"):
        write_folder(content_of(), library, target)
    write_folder(content_of(()), library, target, replace=True)
    assert files(target) == {n for n in NAMES if "m4a" not in n and "transcript" not in n}
    assert os.listdir(library / "out") == ["Talk"]


@pytest.mark.parametrize("stranger", ["mine.txt", "notes-pictures/holiday.png", "deep/notes.md"])
def test_a_folder_with_other_files_is_never_replaced(library, stranger):
    target = library / "out" / "Documents"
    (target / stranger).parent.mkdir(parents=True)
    (target / stranger).write_text("mine")
    with pytest.raises(TargetExists, match="holds other files"):
        write_folder(content_of(), library, target, replace=True)
    assert files(target) == {stranger}
    file = library / "out" / "a file"
    file.write_text("mine")
    with pytest.raises(TargetExists, match="is a file"):
        write_folder(content_of(), library, file, replace=True)
    assert file.read_text() == "mine"


def test_what_fails_leaves_nothing(library, monkeypatch):
    target = library / "out" / "Talk"
    stop = threading.Event()

    def progress(share):
        if share > 0.3:
            stop.set()

    with pytest.raises(ShareCancelled):
        write_folder(content_of(), library, target, progress=progress, cancelled=stop)
    assert os.listdir(library / "out") == []
    with monkeypatch.context() as patched:
        patched.setattr("earmark.share.subtitles.vtt_text", full)
        with pytest.raises(DiskFull):
            write_folder(content_of(), library, target)
    assert os.listdir(library / "out") == []
    (library / TAKES[0].file).unlink()
    with pytest.raises(EarmarkError, match=r"take1\.flac"):
        write_folder(content_of(), library, target)
    assert os.listdir(library / "out") == []


def full(*_args):
    raise OSError(28, "No space left on device")


def test_what_cannot_be_put_back_is_kept(library, monkeypatch):
    """The worst case: the second file cannot be placed, nor the first one put back."""
    target = library / "out" / "t.md"
    target.write_text("somebody's")
    real = Path.rename

    def rename(self, to):
        if "aside" in str(self) or self.name == "second":
            full()
        return real(self, to)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(DiskFull), writing_files(target, ["second"], replace=True) as room:
        (room / "t.md").write_text("new")
        (room / "second").write_text("new")
    kept = [p.read_text() for p in (library / "out").rglob("*") if p.is_file()]
    assert "somebody's" in kept


@pytest.mark.parametrize("form", ShareForm)
def test_the_estimate_is_near_what_is_made(library, form):
    content = content_of()
    target = library / "out" / f"t{form.spec.suffix()}"
    written = form.spec.load_writer()(content, library, target)
    estimate = estimated_bytes(content, library, form)
    assert abs(written.bytes - estimate) <= 0.1 * written.bytes + 3_000
    assert file_bytes([library / "out"]) == written.bytes
