"""Markdown: what another renderer shows, and what comes back when it is imported."""

from __future__ import annotations

import json
import subprocess
import threading
from dataclasses import replace
from urllib.parse import unquote

import pytest
import sessions_to_share as made
from hostile import HOSTILE
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from earmark.app.notesfile import parse_notes
from earmark.model import (
    EarmarkError,
    Frames,
    LineKind,
    Mark,
    Segment,
    SegmentId,
    TakeId,
    Transcript,
    safe_line,
)
from earmark.model.markdown import BEGIN, END, escaped, unescaped
from earmark.share.content import ShareOptions, share_content
from earmark.share.markdown import markdown_text, write_markdown
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.output_file import ShareCancelled, TargetExists

SECOND = 48_000
TAKES = (made.take(1, 30 * SECOND), made.take(2, 10 * 16_000, rate=16_000))


def content_of(lines, **more):
    return share_content(made.session(TAKES, lines, **more), ShareOptions(audio=False))


def inline(tokens):
    return [each for token in tokens for each in (token.children or [])]


def shown(markdown):
    """The text another renderer shows for it, each block on a line."""
    blocks = [t for t in MarkdownIt("gfm-like").disable("linkify").parse(markdown) if t.children]
    return ["".join(part.content for part in block.children) for block in blocks]


TEXT = st.text(max_size=40) | st.sampled_from([t for t in HOSTILE if len(t) < 400])
SYNTAX = st.text(
    alphabet="#-*+=>[]()!`~_|$&;\\<.:0123456789 \t★❓⚑axemsp\u2003\u202e\x1b", max_size=30
)


@given(TEXT | SYNTAX)
@example("[x](javascript:alert(1))")
@example("# not a heading")
@example("- no bullet")
@example("[ ] no box")
@example("[12:34] no time")
@example("★ no star")
@example("&emsp;&lt;&#65;")
@example("1. no number")
@example("ends with #")
@example("ends with \\")
@example("&nbsp;")
@example("![a](b)")
@example("   kept  blanks  ")
def test_any_text_comes_back_and_is_shown_as_it_is(text):
    line = safe_line(text)
    assert unescaped(escaped(text)) == line
    if line.strip() and not set(line) & set("\t\u2003\x1b\ufffd") and line.isprintable():
        words = " ".join(line.split())
        rendered = shown(escaped(text))
        assert [" ".join(each.split()) for each in rendered] == [words]
    html = MarkdownIt("gfm-like").disable("linkify").render(f"- {escaped(text)}")
    for never in ("<a ", "<img", "<h1", "<em", "<strong", "<code", "<s>", "<pre", "<hr", "<table"):
        assert never not in html


KINDS = st.sampled_from([kind for kind in LineKind if kind is not LineKind.PICTURE])


@given(
    st.lists(
        st.tuples(
            TEXT | SYNTAX,
            KINDS,
            st.integers(0, 6),
            st.booleans(),
            st.none() | st.integers(0, 30 * SECOND),
            st.permutations(list(Mark)).flatmap(
                lambda marks: st.integers(0, 3).map(lambda n: tuple(marks[:n]))
            ),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_every_line_comes_back_the_same(lines, linked):
    notes = [
        replace(
            made.line(f"l{i}", safe_line(text), None if at is None else (1, at), kind=kind),
            indent=indent,
            checked=checked and kind is LineKind.CHECK,
            marks=marks,
        )
        for i, (text, kind, indent, checked, at, marks) in enumerate(lines)
    ]
    content = content_of(notes, title="- [x] # title", summary="--- \n[1:00] no line")
    text = markdown_text(content, "a talk (1).m4a" if linked else "")
    found = parse_notes(text)
    assert [(f.text, f.kind, f.indent, f.checked, f.marks) for f in found] == [
        (n.text, n.kind, n.indent, n.checked, n.marks) for n in notes
    ]
    for line, back in zip(content.lines, found, strict=True):
        assert (line.ms is None) == (back.ms is None)
        assert line.ms is None or abs(line.ms - back.ms) <= 1
        exact = line.line.anchor and line.line.anchor.frame * 1000 / SECOND
        assert line.ms is None or abs(exact - back.ms) <= 10
    # another renderer sees the same kinds and no code, quotes, numbers or HTML from the notes
    tokens = MarkdownIt("gfm-like").disable("linkify").parse(text)
    kinds = {token.type for token in tokens}
    assert not kinds & {"code_block", "fence", "blockquote_open", "ordered_list_open", "hr"}
    assert [t.content.strip() for t in tokens if t.type == "html_block"] == [BEGIN, END]
    headings = [t for t in tokens if t.type == "heading_open"]
    assert len(headings) == 1 + sum(n.kind.is_heading for n in notes)
    links = [each.attrs["href"] for each in inline(tokens) if each.type == "link_open"]
    times = [f"{line.ms / 1000:.3f}" for line in content.lines if line.ms is not None]
    if linked:
        assert unquote(links[0]) == "a talk (1).m4a"
        assert [f"{float(unquote(link).split('#t=')[1]):.3f}" for link in links[1:]] == times
    else:
        assert links == []


def test_lists_are_nested_as_the_notes_are():
    lines = [
        made.line(str(i), name, None, kind=kind, indent=indent)
        for i, (name, kind, indent) in enumerate(
            [("deep", LineKind.BULLET, 2), ("one", LineKind.CHECK, 1), ("plain", LineKind.PLAIN, 1),
             ("under", LineKind.BULLET, 2), ("top", LineKind.BULLET, 0), ("far", LineKind.PLAIN, 3)]
        )
    ]  # fmt: skip
    level, levels = 0, {}
    for token in MarkdownIt().parse(markdown_text(content_of(lines))):
        level += {"bullet_list_open": 1, "bullet_list_close": -1}.get(token.type, 0)
        if token.type == "inline":
            levels[token.content.split("]")[-1].split(";")[-1].strip()] = level
    wanted = {"deep": 3, "one": 2, "plain": 1, "under": 3, "top": 1, "far": 1}
    assert {name: levels[name] for name in wanted} == wanted


@pytest.fixture
def full(tmp_path):
    made.write_sound(tmp_path, TAKES)
    (tmp_path / "sessions/s/pictures").mkdir()
    (tmp_path / "sessions/s/pictures/p.png").write_bytes(made.PNG)
    lines = (
        made.line("h", "Heading", (1, SECOND), kind=LineKind.HEADING1),
        made.line("a", "one two", (1, 2 * SECOND + 24), marks=(Mark.STAR, Mark.TODO)),
        made.line("p", "a [slide]", (1, 5 * SECOND), kind=LineKind.PICTURE, picture="pic"),
        made.line("x", "secret", (1, 6 * SECOND), private=True),
        made.line("c", "back", (2, 16_000)),
    )
    session = made.session(
        TAKES,
        lines,
        title="Title",
        event="Camp",
        place="Hall",
        summary="Short",
        bookmarks=[(1, 7 * SECOND, "here")],
        pictures=[("pic", "pictures/p.png")],
    )
    said = Segment(
        SegmentId("s"), TakeId("take1"), Frames(0), Frames(SECOND), "Hello *all*", (), "Ann"
    )
    return share_content(replace(session, transcript=Transcript("e", "m", "en", (said,))))


def test_the_files_lie_beside_each_other_and_fit(tmp_path, full):
    place = tmp_path / "out"
    place.mkdir()
    target = place / "my talk.md"
    written = write_markdown(full, tmp_path, target)
    names = ["my talk-pictures", "my talk.m4a", "my talk.md"]
    assert sorted(p.name for p in place.iterdir()) == names
    assert written.bytes == sum(p.stat().st_size for p in place.rglob("*") if p.is_file())
    text = target.read_text("utf-8")
    assert "secret" not in text and str(tmp_path) not in text
    for line in ("# Title", "Camp · 2026-03-04 · Hall", "Short", "## Transcript",
                 "[00:00](my%20talk.m4a#t=0) **Ann:** Hello \\*all\\*",
                 "- [00:02](my%20talk.m4a#t=2.001) ★ ⚑ one two"):  # fmt: skip
        assert line in text.splitlines()
    tokens = inline(MarkdownIt().parse(text))
    for name in [unquote(t.attrs["src"]) for t in tokens if t.type == "image"]:
        assert (place / name).read_bytes() == made.PNG
    for link in [unquote(t.attrs["href"]) for t in tokens if t.type == "link_open"]:
        assert (place / link.split("#")[0]).is_file()
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-of", "json", place / "my talk.m4a"],
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)["format"]
    assert abs(float(found["duration"]) - 40) < 0.05
    assert (found["tags"]["title"], found["tags"]["album"]) == ("Title", "Camp")
    back = parse_notes(text)
    assert [line.text for line in back] == ["Heading", "one two", "a [slide]", "back"]
    assert back[-1].ms == 31_000


def test_opus_and_the_notes_alone(tmp_path, full):
    target = tmp_path / "t.md"
    write_markdown(full, tmp_path, target, WriteOptions(AudioForm.OPUS))
    assert "(t.opus#t=1)" in target.read_text("utf-8")
    silent = tmp_path / "silent.md"
    nothing = share_content(made.session((), (made.line("a", "only words"),)))
    write_markdown(nothing, tmp_path, silent)
    assert "- only words\n" in silent.read_text("utf-8")
    assert not list(tmp_path.glob("silent.m4a"))


def test_markdown_under_the_name_of_a_sound_file(tmp_path, full):
    write_markdown(full, tmp_path, tmp_path / "odd #1?.m4a")
    text = (tmp_path / "odd #1?.m4a").read_text("utf-8")
    assert "(odd%20%231%3F.m4a.m4a#t=1)" in text
    assert (tmp_path / "odd #1?.m4a.m4a").stat().st_size > 10_000


def test_nothing_of_another_share_or_person_is_lost_or_left(tmp_path, full):
    place = tmp_path / "out"
    place.mkdir()
    target, sound = place / "t.md", place / "t.m4a"
    sound.write_bytes(b"somebody's own recording")
    for again in (False, True):
        with pytest.raises(TargetExists, match=r"t\.m4a"):
            write_markdown(full, tmp_path, target, replace=again)
    sound.unlink()
    stop = threading.Event()
    with pytest.raises(ShareCancelled):
        write_markdown(full, tmp_path, target, progress=lambda _share: stop.set(), cancelled=stop)
    assert list(place.iterdir()) == []
    write_markdown(full, tmp_path, target)
    (place / "t-pictures" / "mine.png").write_bytes(b"mine")
    without = replace(full, lines=full.lines[:2], pictures=())
    write_markdown(without, tmp_path, target, replace=True)
    assert [p.name for p in (place / "t-pictures").iterdir()] == ["mine.png"]


def test_missing_sound_is_named_and_nothing_written(tmp_path, full):
    (tmp_path / TAKES[1].file).unlink()
    place = tmp_path / "out"
    place.mkdir()
    with pytest.raises(EarmarkError, match=r"take2\.flac.*notes alone"):
        write_markdown(full, tmp_path, place / "t.md")
    with pytest.raises(EarmarkError, match="nowhere"):
        write_markdown(content_of(()), tmp_path, tmp_path / "nowhere" / "t.md")
    assert list(place.iterdir()) == []
