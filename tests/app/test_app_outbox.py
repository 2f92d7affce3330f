"""What the library does not take is kept in a second place, and comes back by itself, once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from disk import WAYS, Disk
from fakes import FakeCaptures, FakeLink
from waiting import wait_until

from earmark.app import Earmark
from earmark.app.bookmarks import drop_bookmark, remove_bookmark
from earmark.app.executors import Executors
from earmark.app.news import Alarm, Told, Unsaved
from earmark.app.places import state_folder
from earmark.app.sessions import new_session, rename, set_details
from earmark.app.transcripts import edit_passage, name_speaker, refuse_late
from earmark.library import Library
from earmark.model import (
    Anchor,
    DiskFull,
    Frames,
    LineId,
    NoteLine,
    NotesEdit,
    SampleRate,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    Transcript,
)

A, B, C = LineId("a" * 16), LineId("b" * 16), LineId("c" * 16)
TAKE = TakeId("e" * 16)
Start = Callable[[], Earmark]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def start(folder: Path):
    """Opens the library, as each start does; ends what it opened."""
    opened: list[Earmark] = []

    def begin() -> Earmark:
        while opened:
            opened.pop().close()
        earmark = Earmark(
            folder,
            executors=Executors(inline=True),
            captures=FakeCaptures(),
            spawn_replay=FakeLink,
        )
        earmark.library.opened.result(60)
        opened.append(earmark)
        return earmark

    yield begin
    for earmark in opened:
        earmark.close()


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch):
    """A switch: whether the disk is full for every change."""
    real = Library.check_place
    on: list[bool] = []

    def check(library: Library) -> None:
        if on:
            raise DiskFull("The disk is full.", "Free some space.")
        real(library)

    monkeypatch.setattr(Library, "check_place", check)

    def switch(state: bool) -> None:
        on[:] = [True] if state else []

    return switch


def files() -> list[Path]:
    return sorted((state_folder() / "unsaved").glob("*/*.json"))


def session_of(earmark: Earmark, session: SessionId) -> Session:
    return earmark.library.run(lambda lib: lib.session(session)).result(60)


def texts(earmark: Earmark, session: SessionId) -> list[str]:
    return [line.text for line in session_of(earmark, session).lines]


def spoken(earmark: Earmark) -> SessionId:
    """A session with a take, a transcript of two passages and a line."""
    session, made = new_session(earmark.library, "Before")
    made.result(60)
    at = session_of(earmark, session).created_at
    take = Take(TAKE, 1, SampleRate(100), 1, Frames(1000), at, TakeState.COMPLETE)
    passages = tuple(
        Segment(SegmentId(name), TAKE, Frames(start), Frames(start + 100), text)
        for name, start, text in (("s1", 0, "one to"), ("s2", 200, "three"))
    )

    def put(lib: Library) -> None:
        lib.put_take(session, take)
        lib.put_transcript(session, Transcript("e", "m", "en", passages))

    earmark.library.run(put).result(60)
    earmark.notes.edit(session, NotesEdit((A,), (NoteLine(A, "saved"),)))
    earmark.notes.flush().result(60)
    return session


def test_everything_a_person_changes_comes_back_at_the_next_start(start: Start, full) -> None:
    earmark = start()
    session = spoken(earmark)
    gone, stored = drop_bookmark(earmark.library, session, Anchor(TAKE, Frames(1)), "gone")
    stored.result(60)
    full(True)
    other, _made = new_session(earmark.library, "Made on a full disk")
    earmark.notes.edit(other, NotesEdit((B,), (NoteLine(B, "into the new one"),)))
    earmark.notes.edit(session, NotesEdit((C, A), (NoteLine(A, "changed"), NoteLine(C, "new"))))
    rename(earmark.library, session, "After")
    set_details(earmark.library, session, place="Bern")
    edit_passage(earmark.library, session, SegmentId("s1"), "one two")
    name_speaker(earmark.library, session, [SegmentId("s2")], "Ada")
    refuse_late(earmark.library, session, A)
    mark, _stored = drop_bookmark(earmark.library, session, Anchor(TAKE, Frames(7)), "here")
    remove_bookmark(earmark.library, session, gone.id)
    earmark.settings.change(speed=1.5, look_back_s=5.0)
    assert earmark.library.outbox.failing
    (file,) = files()
    assert file == earmark.library.outbox.kept_in
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.name == earmark.library.id

    earmark.close()
    full(False)
    earmark = start()
    found = session_of(earmark, session)
    assert [line.text for line in found.lines] == ["new", "changed"]
    assert (found.title, found.place) == ("After", "Bern")
    assert found.transcript is not None
    assert [(one.text, one.speaker) for one in found.transcript.segments] == [
        ("one two", ""),
        ("three", "Ada"),
    ]
    assert found.late_refused == {A}
    assert [(one.id, one.label) for one in found.bookmarks] == [(mark.id, "here")]
    assert (session_of(earmark, other).title, texts(earmark, other)) == (
        "Made on a full disk",
        ["into the new one"],
    )
    assert (earmark.settings.value.speed, earmark.settings.value.look_back_s) == (1.5, 5.0)
    assert json.loads((earmark.folder / "settings.json").read_text())["speed"] == 1.5
    back = earmark.library.outbox.came_back
    assert back is not None
    assert back.sentence.startswith("What could not be saved the last time is back")
    assert "notes" in back.sentence and "titles" in back.sentence and "settings" in back.sentence
    assert not list((state_folder() / "unsaved").rglob("*.*"))
    assert start().library.outbox.came_back is None


def test_when_the_disk_has_room_again_it_is_saved_and_the_second_place_is_empty(
    start: Start, full
) -> None:
    earmark = start()
    session = spoken(earmark)
    news: list[Any] = []
    earmark.events.subscribe(news.append)
    full(True)
    earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "later"),)))
    earmark.notes.flush()
    assert files()
    full(False)
    earmark.notes.flush().result(60)
    assert texts(earmark, session) == ["saved", "later"]
    assert files() == []
    assert not earmark.library.outbox.unsaved
    assert [one.on for one in news if isinstance(one, Alarm)] == [True, False]
    assert [one.on for one in news if isinstance(one, Unsaved)][-1] is False


def test_what_was_saved_already_is_neither_doubled_nor_overwrites_what_is_newer(
    start: Start, full
) -> None:
    """A file that could not be removed in time speaks of the past."""
    earmark = start()
    session = spoken(earmark)
    full(True)
    lines = NoteLine(A, "pending"), NoteLine(B, "new")
    earmark.notes.edit(session, NotesEdit((A, B), lines))
    rename(earmark.library, session, "Pending")
    earmark.settings.change(speed=1.5)
    (file,) = files()
    old = file.read_bytes()
    full(False)
    earmark.notes.flush().result(60)
    earmark.close()
    assert files() == []
    file.write_bytes(old)
    earmark = start()
    assert texts(earmark, session) == ["pending", "new"]

    earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "new, then newer"),)))
    rename(earmark.library, session, "Newer")
    earmark.settings.change(speed=2.0)
    earmark.close()
    file.write_bytes(old)
    earmark = start()
    found = session_of(earmark, session)
    assert found.title == "Newer"
    assert [line.text for line in found.lines] == ["pending", "new, then newer", "new"]
    assert earmark.settings.value.speed == 2.0
    earmark.close()
    file.write_bytes(old)
    assert texts(start(), session) == ["pending", "new, then newer", "new"]


def test_a_line_taken_away_meanwhile_goes_only_if_nobody_changed_it(start: Start, full) -> None:
    earmark = start()
    session = spoken(earmark)
    earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "two"),)))
    earmark.notes.flush().result(60)
    full(True)
    earmark.notes.edit(session, NotesEdit((), (), (A, B)))
    earmark.notes.flush()
    earmark.close()
    full(False)
    with Library.open(earmark.folder) as elsewhere:  # as an older Earmark would
        elsewhere.save_notes(session, NotesEdit((A, B), (NoteLine(B, "two, changed elsewhere"),)))
    assert texts(start(), session) == ["two, changed elsewhere"]


def test_two_programs_keep_their_own_and_a_living_ones_is_left_alone(
    start: Start, folder: Path, full
) -> None:
    earmark = start()
    session = spoken(earmark)
    other = Earmark(folder, executors=Executors(inline=True), captures=FakeCaptures())
    full(True)
    earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "mine"),)))
    other.notes.edit(session, NotesEdit((A, C), (NoteLine(C, "other's"),)))
    earmark.notes.flush()
    other.notes.flush()
    assert len(files()) == 2
    other.close()
    full(False)
    third = Earmark(folder, executors=Executors(inline=True), captures=FakeCaptures())
    third.close()
    assert len(files()) == 1
    assert texts(earmark, session) == ["saved", "other's"]
    earmark.notes.flush().result(60)
    assert files() == []
    assert sorted(texts(earmark, session)) == ["mine", "other's", "saved"]


def test_the_second_place_is_elsewhere_where_the_state_folder_is_full_too(
    start: Start, full, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earmark = start()
    session = spoken(earmark)
    (tmp_path / "no folder").write_text("")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    state = state_folder()
    with monkeypatch.context() as one:
        one.setenv("XDG_STATE_HOME", str(tmp_path / "no folder"))
        full(True)
        earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "kept"),)))
        earmark.notes.flush()
        file = earmark.library.outbox.kept_in
        assert file is not None and file.is_relative_to(tmp_path / "tmp")
        assert (tmp_path / "tmp").joinpath(
            *file.relative_to(tmp_path / "tmp").parts[:1]
        ).stat().st_mode & 0o777 == 0o700
        earmark.close()
    assert state_folder() == state
    full(False)
    assert texts(start(), session) == ["saved", "kept"]
    assert not file.exists()


def test_where_nothing_can_be_kept_it_is_known(
    start: Start, full, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earmark = start()
    session = spoken(earmark)
    (tmp_path / "no folder").write_text("")
    full(True)
    with monkeypatch.context() as one:
        one.setenv("XDG_STATE_HOME", str(tmp_path / "no folder"))
        one.setattr("tempfile.tempdir", str(tmp_path / "no folder"))
        earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "in memory"),)))
        earmark.notes.flush()
        assert earmark.library.outbox.kept_in is None
        assert earmark.library.outbox.failing
    full(False)
    earmark.notes.flush().result(60)
    assert texts(earmark, session) == ["saved", "in memory"]


def test_somebody_elses_temporary_folder_is_not_used(
    start: Start, full, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    earmark = start()
    session = spoken(earmark)
    (tmp_path / "no folder").write_text("")
    open_to_all = tmp_path / "tmp" / f"earmark-{os.getuid()}"
    open_to_all.mkdir(parents=True)
    open_to_all.chmod(0o777)
    full(True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "no folder"))
    earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "in memory"),)))
    earmark.notes.flush()
    assert earmark.library.outbox.kept_in is None
    assert list(open_to_all.iterdir()) == []
    full(False)


def test_what_finds_no_place_any_more_is_put_aside_and_told(start: Start, full) -> None:
    earmark = start()
    session = spoken(earmark)
    full(True)
    rename(earmark.library, session, "Too late")
    edit_passage(earmark.library, session, SegmentId("s1"), "one two")
    earmark.close()
    full(False)
    with Library.open(earmark.folder) as elsewhere:
        elsewhere.bin_session(session)
        elsewhere.purge_session(session)
    earmark = start()
    back = earmark.library.outbox.came_back
    assert back is not None
    (aside,) = files()
    assert str(aside) in f"{back.sentence} {back.remedy}"
    assert "Too late" in aside.read_text()
    assert start().library.outbox.came_back is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "earmark.unsaved/1", "edits": [{}]}'])
def test_a_broken_file_is_put_aside_not_deleted_and_stops_nothing(start: Start, text: str) -> None:
    earmark = start()
    place = state_folder() / "unsaved" / str(earmark.library.id)
    place.mkdir(parents=True)
    (place / "1234.json").write_text(text)
    back = start().library.outbox.came_back
    assert back is not None
    assert [path.read_text() for path in place.glob("*.json")] == [text]
    assert start().library.outbox.came_back is None


def test_what_comes_back_to_a_disk_that_is_still_full_waits_for_it(start: Start, full) -> None:
    earmark = start()
    session = spoken(earmark)
    full(True)
    earmark.notes.edit(session, NotesEdit((A, B), (NoteLine(B, "kept"),)))
    earmark.notes.flush()
    earmark = start()
    news: list[Any] = []
    earmark.events.subscribe(news.append)
    assert len(files()) == 1
    full(False)
    earmark.notes.flush().result(60)
    assert texts(earmark, session) == ["saved", "kept"]
    assert [one.about for one in news if isinstance(one, Told)] == ["came-back"]
    assert files() == []


def test_a_library_that_hangs_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dead network disk answers nothing: what is typed is elsewhere within a second or so."""
    import threading
    import time

    go_on = threading.Event()
    earmark = Earmark(folder, captures=FakeCaptures(), spawn_replay=FakeLink)
    try:
        session, made = new_session(earmark.library, "S")
        made.result(60)
        earmark.library.run(lambda _library: go_on.wait(60))
        began = time.monotonic()
        earmark.notes.edit(session, NotesEdit((A,), (NoteLine(A, "typed"),)))
        file = wait_until(lambda: earmark.library.outbox.kept_in, what="the second place")
        assert time.monotonic() - began < 5
        assert "typed" in file.read_text()
    finally:
        go_on.set()
        earmark.close()
    assert files() == []


# --- real disks -------------------------------------------------------------------------------


def opened(folder: Path) -> Earmark:
    earmark = Earmark(folder, captures=FakeCaptures(), spawn_replay=FakeLink)
    earmark.library.opened.result(60)
    return earmark


@pytest.mark.parametrize("way", WAYS)
def test_a_real_disk_that_fails_loses_nothing_and_nothing_is_written_in_its_place(
    disk: Disk, way: str
) -> None:
    earmark = opened(disk.library)
    session, made = new_session(earmark.library, "Before")
    made.result(60)
    earmark.notes.edit(session, NotesEdit((A,), (NoteLine(A, "saved"),)))
    earmark.notes.flush().result(60)
    disk.fail(way)
    lines = tuple(NoteLine(LineId(f"{n:016}"), "x" * 200) for n in range(500))
    order = (A, *(line.id for line in lines))
    earmark.notes.edit(session, NotesEdit(order, (NoteLine(A, "changed"), *lines)))
    rename(earmark.library, session, "After")
    earmark.settings.change(speed=1.5)
    wait_until(lambda: earmark.library.outbox.kept_in, what="the second place")
    earmark.close()
    assert disk.left_at_its_place() == []
    if way == "renamed":
        assert not disk.library.exists()
    if way in ("detached", "renamed"):
        assert not try_to_open(disk.library)
        assert disk.left_at_its_place() == []
    disk.mend()
    earmark = opened(disk.library)
    found = session_of(earmark, session)
    assert (found.title, found.lines[0].text, len(found.lines)) == ("After", "changed", 501)
    assert earmark.settings.value.speed == 1.5
    assert files() == []
    earmark.close()


def try_to_open(folder: Path) -> bool:
    earmark = Earmark(folder, captures=FakeCaptures(), spawn_replay=FakeLink)
    error = earmark.library.opened.exception(60)
    earmark.close()
    return error is None


@pytest.mark.parametrize("way", WAYS)
def test_killed_while_the_disk_fails_nothing_is_lost(disk: Disk, way: str) -> None:
    rig = Path(__file__).parents[1] / "rigs" / "typing_once.py"
    program = subprocess.Popen(
        [sys.executable, str(rig), str(disk.library)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdin is not None and program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        disk.fail(way)
        program.stdin.write("\n")
        program.stdin.flush()
        kept = Path(program.stdout.readline().removeprefix("kept ").strip())
    finally:
        program.kill()
        program.communicate(timeout=60)
    assert kept.is_file()
    disk.mend()
    earmark = opened(disk.library)
    (summary,) = earmark.library.run(lambda lib: lib.summaries()).result(60)
    assert summary.title == "After"
    assert texts(earmark, summary.id) == ["saved, and changed", "typed"]
    assert earmark.settings.value.speed == 1.5
    assert not kept.exists()
    earmark.close()
