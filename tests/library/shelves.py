"""Ready content for library tests, and any content at all for hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from earmark.model import (
    MAX_INDENT,
    Anchor,
    Bookmark,
    BookmarkId,
    Frames,
    Gap,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    NotesEdit,
    SampleRate,
    SessionId,
    Span,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    new_id,
    tidy_runs,
)

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=timezone(timedelta(hours=1)))


def a_take(ordinal: int = 1, seconds: int = 10, **more: Any) -> Take:
    values: dict[str, Any] = {
        "id": TakeId(new_id()),
        "ordinal": ordinal,
        "sample_rate": SampleRate(48_000),
        "channels": 1,
        "frames": Frames(48_000 * seconds),
        "started_at": NOW,
        "state": TakeState.COMPLETE,
    }
    return Take(**(values | more))


def a_line(text: str = "words", anchor: Anchor | None = None, **more: Any) -> NoteLine:
    runs = (TimeRun(0, anchor),) if text else ()
    return NoteLine(LineId(new_id()), text, anchor=anchor, runs=runs, **more)


def all_of(*lines: NoteLine) -> NotesEdit:
    return NotesEdit(tuple(line.id for line in lines), lines)


def rows_of(library: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as stored; of the index of words what it says, row by row."""
    import sqlite3

    connection = sqlite3.connect(Path(library.folder) / "library.db")
    try:
        names = [
            n
            for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            if not n.startswith("search_words") and n != "search_entries"
        ]
        rows = {n: sorted(connection.execute(f"SELECT * FROM {n}"), key=repr) for n in names}
        connection.execute(
            "CREATE VIRTUAL TABLE temp.said USING fts5vocab(main, search_words, 'instance')"
        )
        rows["words"] = sorted(
            connection.execute(
                "SELECT session_id, kind, part, term, offset FROM temp.said"
                " LEFT JOIN search_entries ON id = doc"
            ),
            key=repr,
        )
        return rows
    finally:
        connection.close()


ids = st.uuids(version=4).map(lambda u: u.hex[:16])
frames = st.integers(0, 2**40).map(Frames)
texts = st.text(
    st.characters(
        exclude_categories=("Cs",), exclude_characters="\0\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
    ),
    max_size=30,
)
moments = st.datetimes(
    min_value=datetime(1, 1, 2),
    max_value=datetime(9999, 12, 30),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
    | st.just(UTC),
)


@st.composite
def takes(draw: st.DrawFn, ordinal: int = 1) -> Take:
    spans, at = [], 0
    for skip, length in draw(
        st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), max_size=3)
    ):
        spans.append(Span(Frames(at + skip), Frames(length)))
        at += skip + length
    paths = st.none() | st.sampled_from(["sessions/x/take-1.flac", "sessions/é/a b.opus"])
    return Take(
        TakeId(draw(ids)),
        ordinal,
        SampleRate(draw(st.sampled_from([8000, 44_100, 48_000, 192_000]))),
        draw(st.integers(1, 2)),
        draw(frames),
        draw(moments),
        draw(st.sampled_from(TakeState)),
        draw(paths),
        draw(st.none() | st.sampled_from(["flac", "opus"])),
        tuple(draw(st.lists(st.builds(Gap, frames, frames, texts), max_size=3))),
        draw(paths),
        draw(paths),
        draw(paths),
        tuple(spans),
    )


def anchors_into(known: list[TakeId]) -> st.SearchStrategy[Anchor]:
    take = ids.map(TakeId) if not known else st.sampled_from(known) | ids.map(TakeId)
    return st.builds(Anchor, take, frames)


@st.composite
def lines(draw: st.DrawFn, known: list[TakeId]) -> NoteLine:
    text = draw(texts)
    anchor = st.none() | anchors_into(known)
    runs = draw(st.lists(st.builds(TimeRun, st.integers(0, 30), anchor), max_size=4))
    return NoteLine(
        LineId(draw(ids)),
        text,
        draw(st.sampled_from(LineKind)),
        draw(st.integers(0, MAX_INDENT)),
        draw(st.booleans()),
        tuple(draw(st.lists(st.sampled_from(Mark), unique=True))),
        draw(st.booleans()),
        draw(anchor),
        tidy_runs(text, tuple(runs)),
        None,
    )


def bookmarks(known: list[TakeId]) -> st.SearchStrategy[Bookmark]:
    return st.builds(Bookmark, ids.map(BookmarkId), anchors_into(known), texts.map(_one_line))


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


session_ids = ids.map(SessionId)
