"""The form of `show --json`, notes files, settings, spans off the record, the second start."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from waiting import wait_until

from earmark.app.instance import claim, focus_other
from earmark.app.notesfile import parse_notes
from earmark.app.offrecord import merged
from earmark.app.settings import SettingsStore
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
    Picture,
    PictureId,
    SampleRate,
    Session,
    SessionId,
    Span,
    Take,
    TakeId,
    TakeState,
    TimeRun,
)
from earmark.model.forms import session_form

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def take(name: str, ordinal: int, state: TakeState = TakeState.COMPLETE, **more: object) -> Take:
    return Take(
        id=TakeId(name),
        ordinal=ordinal,
        sample_rate=SampleRate(8000),
        channels=1,
        frames=Frames(16_000),
        started_at=NOW,
        state=state,
        file=f"sessions/{name}.flac",
        codec="flac",
        **more,  # type: ignore[arg-type]
    )


def test_the_form_is_to_the_letter() -> None:
    mine, running = (
        take("mine", 1, gaps=(Gap(Frames(5), Frames(6), "stall"),)),
        take("running", 2, TakeState.SEALED),
    )
    foreign = take("foreign", 7, session=SessionId("else"))
    text = "a\U0001f600b"
    session = Session(
        SessionId("s"),
        "Title",
        NOW,
        "sessions/2026/03/x",
        Event(EventId("e"), "Course"),
        "Room",
        "Short",
        (mine, running, foreign),
        (
            NoteLine(
                LineId("l1"),
                text,
                LineKind.CHECK,
                2,
                True,
                (Mark.STAR,),
                True,
                Anchor(TakeId("running"), Frames(4000)),
                (TimeRun(0, None), TimeRun(2, Anchor(TakeId("mine"), Frames(9)))),
            ),
            NoteLine(LineId("l2"), "elsewhere", anchor=Anchor(TakeId("foreign"), Frames(800))),
            NoteLine(LineId("l3"), "", LineKind.PICTURE, picture=PictureId("p")),
        ),
        (Bookmark(BookmarkId("b"), Anchor(TakeId("mine"), Frames(3)), "here"),),
        (Picture(PictureId("p"), "pictures/p.png", "a slide"),),
    )
    form = session_form(session)
    assert list(form) == [
        "schema", "id", "title", "event", "created_at", "duration_ms", "place", "summary",
        "takes", "lines", "bookmarks", "pictures", "transcript",
    ]  # fmt: skip
    assert form["schema"] == "earmark.session/1"
    assert form["created_at"] == "2026-03-04T05:06:00+00:00"
    assert form["duration_ms"] == 4000
    assert form["takes"][0] == {
        "id": "mine", "ordinal": 1, "sample_rate": 8000, "channels": 1, "frames": 16_000,
        "started_at": "2026-03-04T05:06:00+00:00", "file": "sessions/mine.flac", "codec": "flac",
        "start_ms": 0, "gaps": [{"frame": 5, "frames": 6, "cause": "stall"}], "state": "complete",
    }  # fmt: skip
    assert (form["takes"][1]["file"], form["takes"][1]["start_ms"]) == (None, 2000)
    assert (form["takes"][2]["session"], form["takes"][2]["start_ms"]) == ("else", None)
    assert form["lines"][0] == {
        "id": "l1", "ordinal": 1, "kind": "check", "checked": True, "indent": 2, "text": text,
        "marks": ["star"], "private": True,
        "anchor": {"take": "running", "frame": 4000, "ms": 500, "session_ms": 2500},
        "runs": [
            {"offset": 0, "take": None, "frame": None}, {"offset": 2, "take": "mine", "frame": 9},
        ],
    }  # fmt: skip
    assert form["lines"][1]["anchor"]["session_ms"] is None
    assert form["lines"][1]["anchor"]["ms"] == 100
    assert form["lines"][2]["anchor"] is None
    assert form["pictures"] == [
        {"id": "p", "line": "l3", "file": "sessions/2026/03/x/pictures/p.png", "alt": "a slide"}
    ]
    assert form["bookmarks"] == [{"id": "b", "take": "mine", "frame": 3, "label": "here"}]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# [1:02] Head", (LineKind.HEADING1, 0, 62_000, "Head")),
        ("\t- [x] [0:01.5] done", (LineKind.CHECK, 1, 1500, "done")),
        ("    * [3](a.mp3#t=4.5) t counts", (LineKind.BULLET, 2, 4500, "t counts")),
        ("[1:00:00.25] plain", (LineKind.PLAIN, 0, 3_600_250, "plain")),
        ("- no time", (LineKind.BULLET, 0, None, "no time")),
        ("[9:99] no time either", (LineKind.PLAIN, 0, None, "[9:99] no time either")),
        ("[link](http://x)", (LineKind.PLAIN, 0, None, "[link](http://x)")),
        ("#hash", (LineKind.PLAIN, 0, None, "#hash")),
        ("###", (LineKind.HEADING3, 0, None, "")),
    ],
)
def test_notes_files(line: str, expected: tuple[LineKind, int, float | None, str]) -> None:
    (found,) = parse_notes(line + "\n\n")
    assert (found.kind, found.indent, found.ms, found.text) == expected


def test_settings_are_saved_and_survive_nonsense(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    store.change(look_back_s=5, input="mic")
    assert SettingsStore(tmp_path).value == store.value
    with pytest.raises(ValueError, match="speed"):
        store.change(speed=9)
    (tmp_path / "settings.json").write_text('{"speed": "fast", "input": "m", "newer": [1]}')
    again = SettingsStore(tmp_path)
    assert (again.value.speed, again.value.input) == (1.0, "m")
    again.change(follow=False)
    assert '"newer"' in (tmp_path / "settings.json").read_text()
    (tmp_path / "settings.json").write_text("{")
    assert SettingsStore(tmp_path).value.input is None


def test_spans_off_the_record_are_merged() -> None:
    spans = [Span(Frames(a), Frames(n)) for a, n in ((50, 10), (0, 5), (55, 20), (5, 5), (90, 0))]
    assert merged(tuple(spans)) == (Span(Frames(0), Frames(10)), Span(Frames(50), Frames(25)))


def test_the_second_start_focuses_the_first(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30) / "library"
    assert not focus_other(deep)
    first = claim(deep)
    assert first is not None
    try:
        asked: list[str | None] = []
        first.on_focus(asked.append)
        assert claim(deep) is None
        assert focus_other(deep, "/some/file.wav")
        wait_until(lambda: asked == ["/some/file.wav"])
        assert os.stat(deep / "run" / "window.sock").st_mode & 0o077 == 0
    finally:
        first.close()
    again = claim(deep)
    assert again is not None
    again.close()
    assert not [t for t in threading.enumerate() if t.name == "earmark-instance"]
