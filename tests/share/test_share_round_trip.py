"""What is shared is read back without a difference: any notes, in a bundle and in a page."""

from __future__ import annotations

import dataclasses
import tempfile
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sessions_to_share as made
import sharing_back as rig
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from earmark.model import (
    Anchor,
    Bookmark,
    BookmarkId,
    Event,
    EventId,
    Frames,
    Gap,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    SampleRate,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    Transcript,
    Word,
    safe_line,
    safe_text,
    safe_title,
    tidy_runs,
)
from earmark.share.content import share_content
from earmark.share.shared_file import read_share

SHARES = st.floats(0, 1)
TAKES = ("a1b2", "c3d4")
FRAMES = 4_000
anchors = st.builds(
    Anchor, st.sampled_from(TAKES).map(TakeId), st.integers(0, FRAMES).map(Frames)
) | st.just(Anchor(TakeId("foreign"), Frames(10**9)))
texts = st.text(max_size=40).map(safe_text) | st.sampled_from(HOSTILE).map(safe_text)


@st.composite
def lines(draw: st.DrawFn, number: int) -> NoteLine:
    text = draw(texts)
    offsets = draw(st.lists(st.integers(0, max(0, len(text) - 1)), max_size=6))
    runs = tuple(TimeRun(at, draw(st.none() | anchors)) for at in offsets)
    return NoteLine(
        LineId(f"{number:016x}"),
        text,
        draw(st.sampled_from([kind for kind in LineKind if kind is not LineKind.PICTURE])),
        draw(st.integers(0, 6)),
        draw(st.booleans()),
        tuple(draw(st.lists(st.sampled_from(list(Mark)), unique=True))),
        False,
        draw(st.none() | anchors),
        tidy_runs(text, runs),
    )


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    zone = timezone(timedelta(minutes=draw(st.integers(-12 * 60, 14 * 60))))
    when = datetime(2026, 1, 1, tzinfo=zone) + timedelta(microseconds=draw(st.integers(0, 10**15)))
    takes = tuple(
        Take(
            TakeId(name),
            number,
            SampleRate(draw(st.sampled_from([8_000, 44_100, 48_000]))),
            draw(st.integers(1, 2)),
            Frames(FRAMES),
            when,
            draw(st.sampled_from([TakeState.COMPLETE, TakeState.RECOVERED])),
            f"sessions/s/{name}.flac",
            "flac",
            tuple(Gap(Frames(at), Frames(9), "stall") for at in draw(st.sets(st.integers(0, 90)))),
        )
        for number, name in enumerate(TAKES, start=1)
    )
    takes = tuple(
        dataclasses.replace(t, gaps=tuple(sorted(t.gaps, key=lambda gap: gap.frame))) for t in takes
    )
    foreign = Take(
        TakeId("foreign"), 3, SampleRate(48_000), 1, Frames(10), when, TakeState.COMPLETE,
        session=SessionId("other"),
    )  # fmt: skip
    notes = tuple(draw(lines(number)) for number in range(draw(st.integers(0, 6))))
    spoken = tuple(
        Segment(
            SegmentId(str(n)), TakeId(TAKES[0]), Frames(n * 10), Frames(n * 10 + 9),
            safe_line(draw(texts)),
            (Word(safe_line(draw(texts)), Frames(n * 10), Frames(n * 10 + 5), draw(SHARES)),),
            safe_line(draw(texts)), draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    title = safe_title(draw(texts))
    return Session(
        SessionId("5e55"),
        title,
        when,
        "sessions/s",
        Event(EventId("e"), title) if title else None,
        safe_line(draw(texts)).strip(),
        safe_line(draw(texts)).strip(),
        (*takes, foreign),
        notes,
        tuple(
            Bookmark(BookmarkId(f"b{n}"), Anchor(TakeId(TAKES[1]), Frames(n)), safe_line(label))
            for n, label in enumerate(draw(st.lists(texts, max_size=3)))
        ),
        transcript=draw(st.none() | st.just(Transcript("e", "m", "en", spoken))),
    )


@pytest.mark.parametrize("kind", ["bundle", "html"])
@given(sessions())
def test_nothing_differs(kind: str, session: Session) -> None:
    with tempfile.TemporaryDirectory() as folder:
        share = read_share(rig.shared(Path(folder), session, kind, audio=False))
    expected = share_content(session).session
    got = share.session
    assert got.lines == expected.lines
    assert got.bookmarks == expected.bookmarks
    assert rig.without_ids(got.transcript) == rig.without_ids(expected.transcript)
    assert [dataclasses.replace(take, codec=None) for take in expected.takes] == list(got.takes)
    assert (got.event and got.event.title) == (expected.event and expected.event.title)
    for name in ("id", "title", "created_at", "place", "summary"):
        assert getattr(got, name) == getattr(expected, name)


def test_the_zip_says_nothing_of_when_and_where_it_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "somebody's own folder"
    session = rig.write_files(folder, rig.rich_session())
    share = rig.shared(folder, session, "bundle")
    assert b"somebody" not in share.read_bytes()
    with zipfile.ZipFile(share) as zipped:
        assert zipped.testzip() is None
        first = zipped.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        for info in zipped.infolist():
            assert info.date_time == (2026, 3, 4, 15, 30, 0)
            assert not info.extra and not info.comment
            assert b"sessions/s" not in zipped.read(info)
        page = zipped.read("index.html")
        assert b'class="sound"' in page and b"first words" in page
    assert sorted(path.name for path in folder.iterdir()) == ["sessions", "shared.earmark"]


def test_a_picture_leaves_without_what_a_camera_wrote_into_it(tmp_path: Path) -> None:
    session = rig.write_files(tmp_path, rig.rich_session((8_000, 8_000)))
    text = made._chunk(b"tEXt", b"Comment\0at home")
    (tmp_path / "sessions/s/pictures/p1.png").write_bytes(made.PNG[:33] + text + made.PNG[33:])
    share = rig.shared(tmp_path, session, "bundle")
    with zipfile.ZipFile(share) as zipped:
        assert zipped.read("pictures/p1.png") == made.PNG
