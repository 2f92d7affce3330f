"""The sound alone and with chapters, as ffprobe reads them."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import threading
from itertools import pairwise
from pathlib import Path

import pytest
import sessions_to_share as made
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from earmark.model import EarmarkError, LineKind, UnusableMedia
from earmark.share.audio import encode
from earmark.share.chapters import chapter_comments, sound_chapters
from earmark.share.content import share_content
from earmark.share.formats import ShareForm
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.output_file import ShareCancelled, TargetExists

SECOND = 48_000
TAKES = (made.take(1, 20 * SECOND), made.take(2, 10 * 16_000, rate=16_000))
SMALL = WriteOptions(AudioForm.OPUS)


def content_of(lines, takes=TAKES, **more):
    return share_content(made.session(takes, lines, **more))


def heading(name, anchor, kind=LineKind.HEADING2):
    return made.line(name, name, anchor, kind=kind)


def probed(path):
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json",
         path], capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def found_chapters(path):
    return [(c["tags"]["title"], float(c["start_time"])) for c in probed(path)["chapters"]]


LINES = (
    heading("One", (1, 3 * SECOND + 29)),
    made.line("l", "a line", (1, 4 * SECOND)),
    heading("Late, noted early", (2, 16_000 + 10_563)),
    heading("Half", (1, 5 * SECOND + 31_680)),
    heading("Same", (1, 5 * SECOND + 31_680)),
    heading("Without a time", None),
    heading("At the end", (2, 10 * 16_000)),
)
EXPECTED = (
    ("A talk", 0.0),
    ("One", 3.0006),
    ("Half", 5.66),
    ("Same", 5.66),
    ("Late, noted early", 21.6602),
    ("At the end", 30.0),
)


@pytest.fixture
def library(tmp_path):
    made.write_sound(tmp_path, TAKES)
    return tmp_path


@pytest.mark.parametrize("name", ["t.m4a", "t.opus"])
def test_chapters_begin_where_the_headings_do(library, name):
    content = content_of(LINES, event="Camp", place="Hall", summary="Short")
    target = library / name
    options = WriteOptions(AudioForm.OPUS) if name == "t.opus" else None
    written = ShareForm.CHAPTERS.spec.load_writer()(content, library, target, options)
    assert written.bytes == target.stat().st_size
    found = found_chapters(target)
    assert [title for title, _at in found] == [title for title, _at in EXPECTED]
    for (_title, at), (_, wanted) in zip(found, EXPECTED, strict=True):
        assert abs(at - wanted) <= 0.010
    ends = [float(c["end_time"]) - float(c["start_time"]) for c in probed(target)["chapters"]]
    assert min(ends[:-1]) > 0
    assert abs(float(probed(target)["format"]["duration"]) - 30) < 0.05


def test_the_tags_tell_the_talk_and_nothing_else(library):
    content = content_of(LINES, event="Camp", place="Hall", summary="Short\u202e\nand \x1bsweet")
    for form in AudioForm:
        target = library / f"t.{form.suffix}"
        ShareForm.AUDIO.spec.load_writer()(content, library, target, WriteOptions(form))
        shown = probed(target)
        assert shown["chapters"] == []
        tags = {**shown["format"].get("tags", {}), **shown["streams"][0].get("tags", {})}
        tags = {key.lower(): value for key, value in tags.items()}
        assert (tags["title"], tags["album"], tags["date"]) == ("A talk", "Camp", "2026-03-04")
        assert re.fullmatch("Hall · Short +and +sweet", tags["comment"])
        container = {"major_brand", "minor_version", "compatible_brands", "language", "encoder",
                     "handler_name", "vendor_id"}  # fmt: skip
        assert set(tags) - container == {"title", "album", "date", "comment"}
        assert str(library).encode() not in target.read_bytes()


def test_the_ending_says_the_form(library):
    content = content_of(LINES)
    write = ShareForm.AUDIO.spec.load_writer()
    for name, options, codec in (
        ("a.opus", None, "opus"),
        ("b.m4a", SMALL, "aac"),
        ("c.ogg", None, "opus"),
        ("d.sound", SMALL, "opus"),
        ("e.m4a", None, "aac"),
    ):
        write(content, library, library / name, options)
        assert probed(library / name)["streams"][0]["codec_name"] == codec
    assert (library / "b.m4a").stat().st_size < 0.75 * (library / "e.m4a").stat().st_size


def test_without_headings_every_line_is_a_chapter():
    lines = [made.line("a", "first", (1, 0)), made.line("b", "", (1, SECOND)),
             made.line("c", "second", (1, 2 * SECOND))]  # fmt: skip
    found = [(c.title, c.start_ms, c.end_ms) for c in sound_chapters(content_of(lines))]
    assert found == [("first", 0, 2000), ("second", 2000, 30_000)]
    assert sound_chapters(content_of(())) == ()


@given(
    st.lists(
        st.tuples(st.text(max_size=30) | st.sampled_from(HOSTILE), st.integers(0, 20 * SECOND)),
        max_size=20,
    ),
    st.integers(1, 20),
)
def test_chapters_are_in_order_never_empty_and_never_off(lines, crowd):
    crowded = [(f"{n}", 7) for n in range(crowd)]
    content = content_of(
        [made.line(str(i), text, (1, at)) for i, (text, at) in enumerate(lines + crowded)]
    )
    chapters = sound_chapters(content)
    assert chapters[0].start_ms == 0 and chapters[-1].end_ms == content.duration_ms
    for one, following in pairwise(chapters):
        assert one.start_ms < one.end_ms == following.start_ms
    starts = [c.start_ms for c in chapters]
    for line in content.lines:
        if line.line.text.isprintable() and line.line.text.strip():
            assert min(abs(line.ms - start) for start in starts) <= 10
    for chapter in chapters:
        assert len(chapter.title.encode()) <= 200
        assert chapter.title.strip() and "\n" not in chapter.title
    assert len(chapter_comments(chapters)) == 2 * len(chapters)


def test_many_headings_of_one_moment(library):
    content = content_of([heading(f"h{n}", (1, 2 * SECOND)) for n in range(30)])
    target = library / "t.m4a"
    ShareForm.CHAPTERS.spec.load_writer()(content, library, target)
    found = found_chapters(target)
    assert len(found) == 11 and all(abs(at - 2.0) <= 0.010 for _title, at in found[1:])
    assert "h29" in found[-1][0]


@pytest.mark.parametrize("form", [ShareForm.AUDIO, ShareForm.CHAPTERS])
def test_what_cannot_be_shared_is_told_and_leaves_nothing(library, form):
    write = form.spec.load_writer()
    place = library / "out"
    place.mkdir()
    target = place / "t.m4a"
    with pytest.raises(EarmarkError, match="no sound"):
        write(content_of((), ()), library, target)
    content = content_of(LINES)
    stop = threading.Event()
    with pytest.raises(ShareCancelled):
        write(content, library, target, progress=lambda _share: stop.set(), cancelled=stop)
    (library / TAKES[0].file).write_bytes(b"nothing to hear" * 99)
    with pytest.raises(UnusableMedia, match="take1"):
        write(content, library, target)
    (library / TAKES[0].file).unlink()
    with pytest.raises(EarmarkError, match=r"take1\.flac.*notes alone"):
        write(content, library, target)
    assert list(place.iterdir()) == []
    target.write_bytes(b"mine")
    with pytest.raises(TargetExists):
        write(content, library, target)
    assert target.read_bytes() == b"mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_as_such_by_the_encoder(library):
    """FFmpeg's own error becomes the one that `writing` turns into DiskFull."""
    with pytest.raises(OSError) as caught:
        encode(content_of(LINES).audio_plan, library, Path("/dev/full"), AudioForm.OPUS)
    assert caught.value.errno == errno.ENOSPC
