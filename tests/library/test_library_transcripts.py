"""Transcripts: in what was found comes out, nothing twice, and what a person wrote stays."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelves import a_line, a_take, all_of, rows_of

from earmark.library import Library
from earmark.model import (
    Busy,
    Frames,
    NotFound,
    Segment,
    SegmentId,
    SessionId,
    Span,
    TakeId,
    Transcript,
    Word,
    new_id,
)
from earmark.model.wordtimes import realigned

RATE = 48_000


def said(take: TakeId, text: str, start: float, seconds: float = 1.0, **more: object) -> Segment:
    """A segment whose words share its time equally."""
    texts = text.split()
    each = seconds / max(1, len(texts))
    words = tuple(
        Word(one, at(start + each * n), at(start + each * (n + 1)), 0.5)
        for n, one in enumerate(texts)
    )
    values = {
        "id": SegmentId(new_id()),
        "take": take,
        "start": at(start),
        "end": at(start + seconds),
        "text": text,
        "words": words,
    }
    return Segment(**(values | more))  # type: ignore[arg-type]


def at(seconds: float) -> Frames:
    return Frames(round(seconds * RATE))


def texts(library: Library, session: SessionId) -> list[str]:
    transcript = library.session(session).transcript
    assert transcript is not None
    return [segment.text for segment in transcript.segments]


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def session(library: Library) -> SessionId:
    return library.create_session("Talk").id


@pytest.fixture
def take(library: Library, session: SessionId) -> TakeId:
    take = a_take(file="sessions/x/take-1.flac", codec="flac")
    library.put_take(session, take)
    return take.id


def test_what_is_found_is_stored_with_how_far_it_is(library, session, take) -> None:
    assert library.session(session).transcript is None
    assert library.untranscribed() == (session,)
    changes = library.begin_transcription(take, "e", "base", "auto")
    assert (changes.transcript, changes.sessions) == (True, frozenset({session}))
    assert library.session(session).transcript is None
    one, two = said(take, "one two", 0), said(take, "three", 4)
    library.add_segments(take, [one], at(2), after=Frames(0))
    (waiting,) = library.transcriptions()
    assert (waiting.done, waiting.finished, waiting.queued) == (at(2), False, True)
    library.add_segments(take, [two], at(10), finished=True, after=at(2))
    library.name_language(take, "en")
    assert library.session(session).transcript == Transcript("e", "base", "en", (one, two))
    assert library.transcriptions() == ()
    assert library.untranscribed() == ()
    assert library.transcription(take).finished


def test_a_window_told_twice_is_stored_once(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    found = said(take, "once", 0)
    library.add_segments(take, [found], at(2), after=Frames(0))
    with pytest.raises(Busy):
        library.add_segments(take, [said(take, "once", 0)], at(2), after=Frames(0))
    library.add_segments(take, [found], at(2))
    assert texts(library, session) == ["once"]
    library.add_segments(take, [], at(1))
    assert library.transcription(take).done == at(2)


def test_asking_again_goes_on_and_another_model_begins_anew(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "auto")
    library.add_segments(take, [said(take, "old", 0), said(take, "words", 6)], at(7))
    library.leave_transcription(take)
    assert library.transcriptions() == ()
    library.begin_transcription(take, "e", "base", "en")
    assert library.transcriptions()[0].done == at(7)
    library.begin_transcription(take, "e", "small", "en")
    assert library.transcriptions()[0].done == 0
    assert texts(library, session) == ["old", "words"]
    library.add_segments(take, [said(take, "new", 0)], at(2))
    assert texts(library, session) == ["new", "words"]
    library.add_segments(take, [], at(10), finished=True)
    assert texts(library, session) == ["new"]
    library.begin_transcription(take, "e", "small", "auto")
    assert library.transcription(take).finished
    library.begin_transcription(take, "e", "small", "auto", again=True)
    assert not library.transcription(take).finished


def test_what_a_person_wrote_survives_another_model(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    first, second, third = (said(take, w, n) for n, w in enumerate(("a a", "b b", "c c")))
    library.add_segments(take, [first, second, third], at(10), finished=True)
    library.edit_segment(session, second.id, "Bee b")
    library.set_speaker(session, [first.id, third.id], "Ada")
    library.begin_transcription(take, "e", "small", "en")
    long = said(take, "x x y y z z", 0, 3)
    library.add_segments(take, [long, said(take, "end", 5)], at(6))
    library.add_segments(take, [], at(10), finished=True)
    transcript = library.session(session).transcript
    found = [(s.text, s.speaker, s.edited, s.start, s.end) for s in transcript.segments]
    assert found == [
        ("x x", "Ada", False, at(0), at(1)),
        ("Bee b", "", True, at(1), at(2)),
        ("z z", "Ada", False, at(2), at(3)),
        ("end", "", False, at(5), at(6)),
    ]
    assert transcript.model == "small"


def test_an_edit_keeps_the_times_of_the_words_that_stay(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    found = said(take, "the quick fox ran", 0, 4)
    library.add_segments(take, [found], at(5))
    library.edit_segment(session, found.id, " the quick brown fox,\nran ")
    (now,) = library.session(session).transcript.segments
    assert now.text == "the quick brown fox, ran"
    assert now.edited
    between = at(2) + RATE * 6 // 11  # by the letters of both words
    assert [(w.text, w.start, w.end) for w in now.words] == [
        ("the", at(0), at(1)),
        ("quick", at(1), at(2)),
        ("brown", at(2), between),
        ("fox,", between, at(3)),
        ("ran", at(3), at(4)),
    ]
    assert (now.words[1], now.words[-1]) == (found.words[1], found.words[-1])
    library.edit_segment(session, found.id, "")
    assert texts(library, session) == []
    library.edit_segment(session, found.id, "back again")
    assert texts(library, session) == ["back again"]
    with pytest.raises(NotFound):
        library.edit_segment(session, SegmentId("nothing"), "x")


def test_words_off_the_record_are_not_shown_and_come_back(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    whole = said(take, "a b c d", 0, 4)
    wordless = replace(said(take, "private", 2, 1), words=())
    library.add_segments(take, [whole, wordless, said(take, "after", 8)], at(10))
    library.set_off_record(take, [Span(at(1.5), at(1))])
    assert texts(library, session) == ["a d", "after"]
    library.edit_segment(session, whole.id, "A d")
    assert texts(library, session) == ["A d", "after"]
    library.set_off_record(take, [])
    assert texts(library, session) == ["A b c d", "private", "after"]
    library.set_off_record(take, [Span(Frames(0), at(10))])
    assert texts(library, session) == []


def test_words_cut_for_good_are_on_no_page_of_the_database(library, session, take) -> None:
    """Also where they stood before: in rows that went when the take was transcribed again, and
    in passages that were written anew."""
    secret = "xyzzyquux"
    spans = {take: (Span(at(100), at(300)),)}
    for model in ("small", "large", "small"):
        library.begin_transcription(take, "e", model, "en")
        found = [
            said(take, f"{secret if 100 <= n < 400 else 'open'} {model} words {n}", float(n))
            for n in range(500)
        ]
        library.add_segments(take, found, at(500), finished=True)
    passage = next(s for s in library.session(session).transcript.segments if "150" in s.text)
    library.edit_segment(session, passage.id, f"{secret} mended")
    library.edit_segment(session, passage.id, "mended again")
    library.write_session_json(session)
    other = sqlite3.connect(library.folder / "library.db")
    other.execute("PRAGMA secure_delete=OFF").fetchall()  # some systems' SQLite always does it
    other.execute("CREATE TABLE gone AS SELECT * FROM segments")
    other.execute("DROP TABLE gone")
    other.commit()
    other.close()
    files = [f for f in library.folder.rglob("*") if f.is_file()]
    assert any(secret.encode() in f.read_bytes() for f in files)
    before = texts(library, session)
    library.purge_words(session, spans)
    library.write_session_json(session)
    assert texts(library, session) == [*before[:100], *before[400:]]
    for file in library.folder.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


def test_words_cut_for_good_are_told_of_while_another_program_reads(
    library, session, take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its view of before keeps the log: said, not hidden; afterwards asked again it is done."""
    library.begin_transcription(take, "e", "small", "en")
    library.add_segments(take, [said(take, "xyzzyquux", 1.0)], at(9), finished=True)
    reader = sqlite3.connect(library.folder / "library.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM segments").fetchall()
    with pytest.raises(Busy):
        library.purge_words(session, {take: (Span(at(0), at(5)),)})
    reader.execute("COMMIT")
    reader.close()
    library.purge_words(session, {take: (Span(at(0), at(5)),)})
    for file in library.folder.rglob("*"):
        assert not file.is_file() or b"xyzzyquux" not in file.read_bytes()


def test_speakers_and_refusals(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    one, two, three = (said(take, w, n) for n, w in enumerate(("a", "b", "c")))
    library.add_segments(take, [one, two, three], at(5))
    library.set_speaker(session, [one.id, three.id], " Ada\n")
    library.rename_speaker(session, "Ada", "Grace")
    library.rename_speaker(session, "", "nobody")
    assert [s.speaker for s in library.session(session).transcript.segments] == [
        "Grace",
        "",
        "Grace",
    ]
    line = a_line("late")
    library.save_notes(session, all_of(line))
    library.refuse_late(session, line.id, True)
    library.refuse_late(session, line.id, True)
    assert library.session(session).late_refused == {line.id}
    library.refuse_late(session, line.id, False)
    assert library.session(session).late_refused == frozenset()


def test_a_transcript_of_a_share_is_put_whole(library, session, take) -> None:
    one = said(take, "b", 3, speaker="Ada", edited=True)
    two = replace(said(take, "a", 1), words=())
    stranger = said(TakeId("elsewhere"), "x", 0)
    library.put_transcript(session, Transcript("e", "m", "de", (one, two, stranger)))
    assert library.session(session).transcript == Transcript("e", "m", "de", (two, one))
    assert library.untranscribed() == ()


def test_the_bin_waits_and_a_purge_leaves_nothing(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    library.add_segments(take, [said(take, "a", 0)], at(1))
    library.refuse_late(session, a_line().id, True)
    library.bin_session(session)
    assert library.transcriptions() == ()
    assert library.untranscribed() == ()
    library.restore_session(session)
    assert len(library.transcriptions()) == 1
    library.purge_session(session)
    found = rows_of(library)
    assert not any(found[name] for name in ("segments", "transcriptions", "late_refusals"))
    with pytest.raises(NotFound):
        library.add_segments(take, [], at(2))


def test_everything_is_rebuilt_row_for_row(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    library.add_segments(take, [said(take, "ünd \U0001f600", 0, speaker="Ada")], at(1))
    library.refuse_late(session, a_line().id, True)
    library.flush_session_files()
    before, shown = rows_of(library), library.session(session)
    library.close()
    (library.folder / "library.db").unlink()
    with Library.open(library.folder) as again:
        assert rows_of(again) | {"state": None} == before | {"state": None}
        assert again.session(session) == shown
        form = library.folder / shown.folder / "session.json"
        older = json.loads(form.read_text())
        for name in ("segments", "transcriptions", "late_refusals"):
            del older[name]
        form.write_text(json.dumps(older))
    with Library.rebuild(library.folder) as older_one:
        assert older_one.session(session).transcript is None
        assert older_one.session(session).takes == shown.takes


def test_spoilt_rows_in_a_file_are_left_out(library, session, take) -> None:
    library.begin_transcription(take, "e", "base", "en")
    library.add_segments(take, [said(take, "good", 0), said(take, "bad", 2)], at(3))
    library.flush_session_files()
    form = library.folder / library.session(session).folder / "session.json"
    library.close()
    content = json.loads(form.read_text())
    bad = next(s for s in content["segments"] if s["text"] == "bad")
    for words in (["x"], ["x", "y", 3, 0.5], [1, 2, 3, 0.5], "words", None):
        bad["words"] = words
        form.write_text(json.dumps(content))
        with Library.rebuild(library.folder) as again:
            assert texts(again, session) == ["good"]


def test_a_library_of_the_first_version_is_migrated_with_all_it_holds(tmp_path: Path) -> None:
    """Later versions only add tables: without them a new library is one of 0001."""
    folder = tmp_path / "library"
    with Library.open(folder) as library:
        session = library.create_session("Talk").id
        library.put_take(session, a_take(file="x.flac"))
        library.save_notes(session, all_of(a_line("one"), a_line("two")))
        library.flush_session_files()
        shown = library.session(session)
    connection = sqlite3.connect(folder / "library.db")
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in triggers.fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    index = ("search_words", "search_entries", "search_changes")
    for name in ("segments", "transcriptions", "late_refusals", "note_versions", *index):
        connection.execute(f"DROP TABLE {name}")
    connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.commit()
    connection.close()
    with Library.open(folder) as library:
        assert library.session(session) == shown
        library.begin_transcription(shown.takes[0].id, "e", "m", "en")
        library.add_segments(shown.takes[0].id, [said(shown.takes[0].id, "new", 0)], at(2))
        assert texts(library, session) == ["new"]
    assert len(list((folder / "backups").glob("*before-migration.db"))) == 1


@given(
    st.lists(st.sampled_from("abcde"), max_size=8), st.lists(st.sampled_from("abcdefg"), max_size=8)
)
def test_words_written_anew_stay_in_order_and_within_the_passage(old, new) -> None:
    segment = said(TakeId("t"), " ".join(old), 3, 2)
    words = realigned(segment, " ".join(new))
    assert [word.text for word in words] == new
    times = [moment for word in words for moment in (word.start, word.end)]
    assert times == sorted(times)
    assert all(segment.start <= moment <= segment.end for moment in times)
    if old == new:
        assert words == segment.words
