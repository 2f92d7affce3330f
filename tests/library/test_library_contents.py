"""What goes in comes out: equal after saving, and row for row after rebuilding from the files."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelves import NOW, a_line, a_take, all_of, bookmarks, lines, moments, rows_of, takes, texts

from earmark.library import Library
from earmark.model import (
    Anchor,
    Bookmark,
    BookmarkId,
    EventId,
    Frames,
    LineId,
    NoteLine,
    NotesEdit,
    NotFound,
    SessionId,
    Span,
    TimeRun,
)

roomy = settings(
    max_examples=settings.default.max_examples // 4,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


@roomy
@given(st.data())
def test_any_content_survives_saving_and_rebuilding(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "library"
        with Library.open(folder) as library:
            expected = {}
            known: list = []
            for index in range(data.draw(st.integers(1, 3))):
                event = library.create_event(data.draw(texts)) if data.draw(st.booleans()) else None
                session = library.create_session(
                    data.draw(texts), event.id if event else None, data.draw(moments)
                )
                own = data.draw(st.lists(takes(index + 1), max_size=2, unique_by=lambda t: t.id))
                own = [t for t in own if t.id not in known]
                own = [replace(take, ordinal=n) for n, take in enumerate(own, 1)]
                for take in own:
                    library.put_take(session.id, take)
                known += [take.id for take in own]
                notes = data.draw(st.lists(lines(known), max_size=6, unique_by=lambda x: x.id))
                library.save_notes(session.id, all_of(*notes))
                marks = data.draw(st.lists(bookmarks(known), max_size=3, unique_by=lambda b: b.id))
                for mark in marks:
                    library.add_bookmark(session.id, mark)
                library.set_details(session.id, place=data.draw(texts), summary=data.draw(texts))
                if data.draw(st.booleans()):
                    library.add_picture(session.id, b"PNG", "png", data.draw(texts))
                if data.draw(st.booleans()):
                    library.bin_session(session.id)
                loaded = library.session(session.id)
                assert loaded.lines == tuple(notes)
                assert set(loaded.bookmarks) == set(marks)
                assert tuple(t for t in loaded.takes if t.session is None) == tuple(own)
                expected[session.id] = loaded
            library.flush_session_files()
            before = rows_of(library)
            listed = library.summaries(), library.binned(), library.events()
            expected = {id_: library.session(id_) for id_ in expected}
        (folder / "library.db").unlink()
        with Library.open(folder) as library:
            assert rows_of(library) | {"state": None} == before | {"state": None}
            assert (library.summaries(), library.binned(), library.events()) == listed
            for id_, session in expected.items():
                assert library.session(id_) == session


def test_only_changed_lines_are_written(library: Library) -> None:
    session = library.create_session("Talk").id
    first, second = a_line("one"), a_line("two")
    library.save_notes(session, all_of(first, second))
    library._connection.exec_driver_sql(
        "CREATE TEMP TRIGGER counted AFTER UPDATE ON lines BEGIN SELECT RAISE(ABORT, 'touched')"
        " WHERE old.text = 'one'; END"
    )
    library._connection.rollback()
    changed = replace(second, text="two!")
    library.save_notes(session, NotesEdit((first.id, second.id), (changed,)))
    assert [line.text for line in library.session(session).lines] == ["one", "two!"]


def test_lines_the_edit_does_not_know_stay_among_the_others(library: Library) -> None:
    session = library.create_session("Talk").id
    a, b, c = a_line("a"), a_line("b"), a_line("c")
    library.save_notes(session, all_of(a, b, c))
    with Library.open(library.folder) as other:
        stranger = a_line("x")
        other.save_notes(session, NotesEdit((a.id, stranger.id, b.id, c.id), (stranger,)))
    library.save_notes(session, NotesEdit((c.id, a.id, b.id), ()))
    assert [line.text for line in library.session(session).lines] == ["c", "a", "x", "b"]


def test_text_is_made_safe_and_never_refused(library: Library) -> None:
    session = library.create_session("a/b\n\u202e" + "x" * 10_000)
    assert len(session.title) == 500
    assert "\n" not in session.title
    anchor = Anchor(a_take().id, Frames(7))
    text = "nul\0 lone\ud800 break\u2028end"
    line = NoteLine(LineId("l"), text, runs=(TimeRun(0, None), TimeRun(text.index("end"), anchor)))
    long = a_line("\U0001f4a1" * 1_000_000)
    library.save_notes(session.id, all_of(line, long))
    library.flush_session_files()
    saved, kept = library.session(session.id).lines
    assert saved.text == "nul\ufffd lone\ufffd break end"
    assert saved.text[saved.runs[-1].offset :] == "end"
    assert kept == long
    assert (library.folder / session.folder / "session.json").is_file()


def test_a_pasted_line_points_to_the_other_sessions_take_for_ever(library: Library) -> None:
    one, two = library.create_session("One").id, library.create_session("Two").id
    take = a_take()
    library.put_take(one, take)
    line = a_line("pasted", Anchor(take.id, Frames(5)))
    library.save_notes(two, all_of(line))
    (shown,) = library.session(two).takes
    assert (shown.id, shown.session) == (take.id, one)
    assert library.session(one).takes == (take,)
    library.purge_session(one)
    assert library.session(two).takes == ()
    assert library.session(two).lines == (line,)


def test_the_list_tells_counts_durations_and_events(library: Library) -> None:
    event = library.create_event("Course")
    older = library.create_session("Older", event.id, NOW)
    newer = library.create_session("Newer", created_at=NOW.replace(year=2027))
    library.put_take(older.id, a_take(1, 10))
    library.put_take(older.id, a_take(2, 5))
    library.save_notes(older.id, all_of(a_line(), a_line()))
    first, second = library.summaries()
    assert (first.id, second.id) == (newer.id, older.id)
    assert (second.duration_ms, second.takes, second.lines) == (15_000, 2, 2)
    assert second.event == event
    assert library.summaries(event.id) == (second,)
    assert second.duration_ms == library.session(older.id).timeline.duration_ms


def test_binned_sessions_come_back_and_purged_ones_do_not(library: Library) -> None:
    session = library.create_session("Talk")
    (library.folder / session.folder / "take-1-abcdef.flac").write_bytes(b"sound")
    library.bin_session(session.id)
    assert library.summaries() == ()
    assert [s.id for s in library.binned()] == [session.id]
    with pytest.raises(NotFound):
        library.find_session(session.id)
    library.restore_session(session.id)
    assert [s.id for s in library.summaries()] == [session.id]
    assert (library.folder / session.folder / "take-1-abcdef.flac").is_file()
    library.purge_session(session.id)
    assert not (library.folder / session.folder).exists()
    assert list((library.folder / "bin").iterdir()) == []
    with pytest.raises(NotFound):
        library.session(session.id)


def test_a_purge_cut_short_can_be_taken_back(library: Library) -> None:
    session = library.create_session("Talk")
    library.bin_session(session.id)
    folder = library.folder / session.folder
    (library.folder / "bin").mkdir()
    folder.rename(library.folder / "bin" / folder.name)  # as a crash before the commit leaves it
    library.restore_session(session.id)
    assert folder.is_dir()
    assert library.summaries()[0].id == session.id


def test_renaming_leaves_the_folder_in_place(library: Library) -> None:
    session = library.create_session("First name", created_at=NOW)
    library.rename_session(session.id, "Second\nname")
    renamed = library.session(session.id)
    assert (renamed.title, renamed.folder) == ("Second name", session.folder)
    assert session.folder == f"sessions/2026/03/2026-03-04 First name {session.id[:6]}"


def test_ids_are_found_by_an_unambiguous_beginning(library: Library) -> None:
    library.create_session("A", id=SessionId("abc1000000000000"))
    library.create_session("B", id=SessionId("abc2000000000000"))
    assert library.find_session("ABC1") == "abc1000000000000"
    for prefix in ("abc", "", "%", "x"):
        with pytest.raises(NotFound):
            library.find_session(prefix)


def test_making_a_session_twice_gives_the_first(library: Library) -> None:
    first = library.create_session("A", id=SessionId("abc1"))
    assert library.create_session("B", id=SessionId("abc1")) == first
    assert library.create_session("C", event=EventId("gone")).event is None


def test_events_are_found_made_renamed_and_removed(library: Library) -> None:
    event = library.find_event("Course", create=True)
    assert library.find_event("Course") == event
    assert library.find_event(event.id) == event
    assert library.find_event(event.id[:6], create=True) == event
    session = library.create_session("Talk", event.id).id
    changes = library.rename_event(event.id, "Seminar")
    assert changes.sessions == {session}
    assert library.session(session).event == library.find_event("Seminar")
    library.remove_event(event.id)
    assert library.session(session).event is None
    assert library.events() == ()
    with pytest.raises(NotFound):
        library.move_session(session, event.id)


def test_a_line_goes_in_by_its_time(library: Library) -> None:
    session = library.create_session("Talk").id
    one, two = a_take(1), a_take(2)
    library.put_take(session, one)
    library.put_take(session, two)
    early, late = (
        a_line("early", Anchor(one.id, Frames(48))),
        a_line("late", Anchor(two.id, Frames(9))),
    )
    library.save_notes(session, all_of(early, a_line("no time"), late))
    library.add_line(session, a_line("between", Anchor(one.id, Frames(48_000))))
    library.add_line(session, a_line("last"))
    library.add_line(session, a_line("first", Anchor(one.id, Frames(0))))
    texts_now = [line.text for line in library.session(session).lines]
    assert texts_now == ["first", "early", "no time", "between", "late", "last"]


def test_off_the_record_is_kept_by_later_reports_of_the_take(library: Library) -> None:
    session = library.create_session("Talk").id
    take = a_take()
    library.begin_take(session, take)
    library.set_off_record(take.id, [Span(Frames(90), Frames(20)), Span(Frames(100), Frames(50))])
    library.put_take(session, replace(take, file="x.flac"))
    (kept,) = library.session(session).takes
    assert kept.off_record == (Span(Frames(90), Frames(60)),)
    assert kept.file == "x.flac"
    library.begin_take(session, take)
    assert library.take(take.id).file == "x.flac"
    assert library.take(take.id).session == session
    assert library.next_ordinal(session) == 2


def test_bookmarks_and_pictures_belong_to_their_session(library: Library) -> None:
    session = library.create_session("Talk")
    take = a_take()
    library.put_take(session.id, take)
    mark = Bookmark(BookmarkId("b"), Anchor(take.id, Frames(1)), "here")
    library.add_bookmark(session.id, mark)
    library.add_bookmark(session.id, replace(mark, label="there"))
    assert library.session(session.id).bookmarks == (replace(mark, label="there"),)
    library.remove_bookmark(session.id, mark.id)
    picture = library.add_picture(session.id, b"\x89PNG", ".PNG/../", "a slide")
    assert library.session(session.id).pictures == (picture,)
    path = library.folder / session.folder / picture.file
    assert path.read_bytes() == b"\x89PNG"
    assert path.parent == library.folder / session.folder / "pictures"


def test_what_another_program_changed_is_noticed_once(library: Library) -> None:
    session = library.create_session("Talk").id
    assert not library.changed_elsewhere()
    with Library.open(library.folder) as other:
        other.rename_session(session, "Renamed")
    assert library.changed_elsewhere()
    assert not library.changed_elsewhere()
    assert library.session(session).title == "Renamed"


@pytest.mark.parametrize(
    "call",
    [
        lambda li, id_: li.session(id_),
        lambda li, id_: li.rename_session(id_, "x"),
        lambda li, id_: li.save_notes(id_, NotesEdit(())),
        lambda li, id_: li.put_take(id_, a_take()),
        lambda li, id_: li.add_picture(id_, b"", "png"),
        lambda li, id_: li.bin_session(id_),
        lambda li, id_: li.purge_session(id_),
        lambda li, id_: li.take(id_),
        lambda li, id_: li.set_off_record(id_, []),
        lambda li, id_: li.find_event(id_),
        lambda li, id_: li.rename_event(id_, "x"),
    ],
)
def test_unknown_ids_get_a_sentence(library: Library, call) -> None:
    with pytest.raises(NotFound) as caught:
        call(library, "nowhere")
    assert caught.value.what
    assert caught.value.remedy


def test_another_date_moves_the_takes_and_survives_a_rebuilding(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    then = NOW - timedelta(days=2_000, hours=3)
    with Library.open(folder) as library:
        session = library.create_session("T", created_at=NOW)
        take = replace(a_take(), started_at=NOW + timedelta(minutes=1))
        library.put_take(session.id, take)
        other = library.create_session("Between", created_at=NOW - timedelta(days=10))
        changes = library.set_date(session.id, then)
        assert changes.titles and changes.details and changes.takes
        moved = library.session(session.id)
        assert moved.created_at == then
        assert moved.takes[0].started_at == then + timedelta(minutes=1)
        assert moved.folder == session.folder
        assert [one.id for one in library.summaries()] == [other.id, session.id]
        with pytest.raises(NotFound):
            library.set_date(SessionId("nobody"), then)
        library.flush_session_files()
        rows = rows_of(library)
    with Library.rebuild(folder) as rebuilt:
        assert rows_of(rebuilt) == rows
