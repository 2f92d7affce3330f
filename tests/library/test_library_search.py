"""Search: what is found, what is not, and the index in step with every row."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelves import a_line, a_take, all_of, rows_of

from earmark.library import Library
from earmark.model import (
    Anchor,
    Bookmark,
    BookmarkId,
    Frames,
    Mark,
    NotesEdit,
    Segment,
    SegmentId,
    SessionId,
    Span,
    TakeId,
    Word,
    new_id,
)
from earmark.model.search import HitKind, SearchHit, SearchScope, parse_query

RATE = 48_000


def said(take: TakeId, text: str, second: int, speaker: str = "") -> Segment:
    """Half a second for each word."""
    start = second * RATE
    words = tuple(
        Word(word, Frames(start + n * RATE // 2), Frames(start + (n + 1) * RATE // 2))
        for n, word in enumerate(text.split())
    )
    return Segment(SegmentId(new_id()), take, words[0].start, words[-1].end, text, words, speaker)


class Shelf:
    """A library with one talk of 60 s: typed, said, marked, named."""

    def __init__(self, folder: Path) -> None:
        self.library = Library.open(folder)
        event = self.library.create_event("Zürich Days").id
        when = datetime.fromisoformat("2026-03-04T23:30:00+01:00")
        self.talk = self.library.create_session("Café culture", event, when).id
        self.take = TakeId(new_id())
        self.library.put_take(self.talk, a_take(id=self.take, seconds=60))
        self.line = a_line("The BUDGET of naïve #Plans", Anchor(self.take, Frames(RATE)))
        self.line = replace(self.line, marks=(Mark.STAR,), private=True)
        self.library.save_notes(self.talk, all_of(self.line, a_line("loose budget ends")))
        self.library.set_details(self.talk, summary="What was decided")
        self.library.add_bookmark(
            self.talk, Bookmark(BookmarkId(new_id()), Anchor(self.take, Frames(0)), "Kickoff")
        )
        self.library.begin_transcription(self.take, "e", "m", "en")
        self.library.add_segments(
            self.take,
            [
                said(self.take, "we talk about budget matters today", 2, "Ada"),
                said(self.take, "nobody hears zyzzyva in here", 10, "Bob"),
            ],
            Frames(60 * RATE),
            finished=True,
        )

    def found(self, text: str, **more: object) -> tuple[SearchHit, ...]:
        return self.library.search(parse_query(text), **more)  # type: ignore[arg-type]

    def texts(self, text: str, **more: object) -> list[str]:
        return [hit.snippet for hit in self.found(text, **more)]


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "library")
    yield shelf
    shelf.library.close()


TYPED, LOOSE = "The BUDGET of naïve #Plans", "loose budget ends"
SPOKEN, HIDDEN = "we talk about budget matters today", "nobody hears zyzzyva in here"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("budget", [TYPED, LOOSE, SPOKEN]),
        ("NAIVE budg", [TYPED]),
        ("bud ends", []),
        ('"budget ends"', [LOOSE]),
        ('"ends budget"', []),
        ("budget -today -loose", [TYPED]),
        ('budget -"budget matters"', [TYPED, LOOSE]),
        ("cafe", ["Café culture"]),
        ("zurich", ["Zürich Days"]),
        ("decid", ["What was decided"]),
        ("kick", ["Kickoff"]),
        ("ada", ["Ada"]),
        ("speaker:ada", [SPOKEN]),
        ("budget speaker:bob", []),
        ("mark:star", [TYPED]),
        ("budget -mark:star", [LOOSE, SPOKEN]),
        ("mark:nonsense", []),
        ("tag:plans", [TYPED]),
        ("tag:plan", []),
        ("event:zurich budget", [TYPED, LOOSE, SPOKEN]),
        ("event:geneva budget", []),
        ("event:zurich", ["Café culture"]),
        ("after:2026-03-04 before:2026-03-05 loose", [LOOSE]),
        ("before:2026-03-04 loose", []),
        ("after:2026-03-05 loose", []),
        ("after:2026 loose", [LOOSE]),
        ("after:soon", []),
        ("-budget", []),
        ("", []),
        ("!!! loose", [LOOSE]),
    ],
)
def test_a_query_finds_what_it_says(shelf: Shelf, query: str, wanted: list[str]) -> None:
    assert shelf.texts(query) == wanted
    assert sorted(shelf.texts(query, best=True)) == sorted(wanted)


def test_a_hit_says_where_and_when(shelf: Shelf) -> None:
    typed, loose, spoken = shelf.found("budget")
    assert (typed.session, typed.title, typed.kind) == (shelf.talk, "Café culture", HitKind.NOTE)
    assert (typed.line, typed.anchor, typed.session_ms) == (shelf.line.id, shelf.line.anchor, 1000)
    assert (loose.anchor, loose.session_ms) == (None, None)
    assert (spoken.kind, spoken.line, spoken.session_ms) == (HitKind.TRANSCRIPT, None, 2000)
    assert shelf.texts("budget", kinds=SearchScope.TRANSCRIPT.kinds) == [SPOKEN]
    assert shelf.texts("budget", limit=2) == [TYPED, LOOSE]


def test_newest_session_first(shelf: Shelf) -> None:
    for day, text in (("2026-05-01", "budget newer"), ("2020-01-01", "budget older")):
        when = datetime.fromisoformat(f"{day}T10:00:00+00:00")
        session = shelf.library.create_session("Talk", None, when).id
        shelf.library.save_notes(session, all_of(a_line(text)))
    assert shelf.texts("budget") == ["budget newer", TYPED, LOOSE, SPOKEN, "budget older"]


def test_nothing_from_the_bin(shelf: Shelf) -> None:
    shelf.library.bin_session(shelf.talk)
    assert shelf.found("budget") == shelf.found("zurich") == ()
    shelf.library.restore_session(shelf.talk)
    assert len(shelf.found("budget")) == 3


def test_what_is_off_the_record_neither_finds_nor_hides(shelf: Shelf) -> None:
    word = Span(Frames(11 * RATE), Frames(RATE // 2))
    shelf.library.set_off_record(shelf.take, (word,))
    assert shelf.found("zyzzyva") == shelf.found('"hears zyzzyva"') == ()
    assert shelf.texts("nobody") == shelf.texts("nobody -zyzzyva") == ["nobody hears in here"]
    shelf.library.set_off_record(shelf.take, (Span(Frames(9 * RATE), Frames(20 * RATE)),))
    assert shelf.found("nobody") == shelf.found("bob") == shelf.found("speaker:bob") == ()
    shelf.library.set_off_record(shelf.take, ())
    assert shelf.texts("zyzzyva") == [HIDDEN]


def test_words_cut_for_good_are_on_no_page_of_the_index(shelf: Shelf) -> None:
    """The index keeps them folded: capitals would hide them from a look at the bytes."""
    assert holding(shelf, b"zyzzyva")
    shelf.library.purge_words(shelf.talk, {shelf.take: (Span(Frames(11 * RATE), Frames(RATE)),)})
    shelf.library.write_session_json(shelf.talk)
    assert holding(shelf, b"zyzz") == []
    assert shelf.texts("nobody") == ["nobody hears here"]


def holding(shelf: Shelf, word: bytes) -> list[str]:
    files = [path for path in shelf.library.folder.rglob("*") if path.is_file()]
    return [path.name for path in files if word in path.read_bytes().lower()]


def test_the_index_follows_every_change(shelf: Shelf) -> None:
    library, talk = shelf.library, shelf.talk
    library.save_notes(talk, all_of(replace(shelf.line, text="Income"), a_line("")))
    library.rename_session(talk, "Tea")
    library.set_details(talk, summary="")
    library.rename_speaker(talk, "Ada", "Eve")
    library.rename_event(library.events()[0].id, "Bern")
    library.edit_segment(talk, segment(library, talk), "costs alone")
    for gone in ("naive", "cafe", "decided", "ada", "zurich", "matters", "budget -loose"):
        assert shelf.found(gone) == (), gone
    for there in ("income", "tea", "eve", "bern", "costs"):
        assert len(shelf.found(there)) == 1, there
    library.save_notes(talk, NotesEdit((), (), (shelf.line.id,)))
    assert shelf.found("income") == ()
    library.purge_session(talk)
    assert [part for _s, kind, part, *_ in rows_of(library)["words"] if kind != "event"] == []
    assert rows_of(library)["search_changes"] == []


def segment(library: Library, session: SessionId) -> SegmentId:
    transcript = library.session(session).transcript
    assert transcript is not None
    return transcript.segments[0].id


def test_an_older_library_and_a_rebuilt_one_are_indexed(shelf: Shelf) -> None:
    library = shelf.library
    library.flush_session_files()
    before, wanted = rows_of(library)["words"], shelf.texts("budget")
    library.close()
    database = library.folder / "library.db"
    old = sqlite3.connect(database)
    for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        old.execute(f"DROP TRIGGER {name}")
    for name in ("search_words", "search_entries", "search_changes"):
        old.execute(f"DROP TABLE {name}")
    old.execute("UPDATE alembic_version SET version_num = '0003'")
    old.commit()
    old.close()
    for step in ("migrated", "rebuilt"):
        shelf.library = Library.open(library.folder)
        assert shelf.texts("budget") == wanted, step
        assert rows_of(shelf.library)["words"] == before, step
        shelf.library.close()
        if step == "migrated":
            assert list((library.folder / "backups").glob("*before-migration.db"))
            database.unlink()
    shelf.library = Library.open(library.folder)


PIECES = ["tag:", "mark:", "event:x", "speaker:", "before:2", "after:2026", "AND", "OR", "NOT"]
PIECES += ["NEAR(", '"', "-", "*", "budget", "text:"]
QUERIES = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from("ab\"*-:()^+{}\\'% \x00\ud800ß字#"), max_size=25),
    st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join),
)


def test_no_input_raises(shelf: Shelf) -> None:
    @given(QUERIES, st.booleans())
    def tried(text: str, best: bool) -> None:
        shelf.found(text, best=best)

    tried()
    shelf.found('"a" ' * 5000)
    shelf.found("(" * 100_000)


@given(st.text(max_size=60))
def test_reading_a_query_loses_no_word(text: str) -> None:
    query = parse_query(text)
    assert len(query.phrases) + len(query.without) + len(query.filters) <= 32
    assert all(phrase.strip() for phrase in (*query.phrases, *query.without))


@given(st.lists(st.from_regex(r"[a-zé]{1,8}", fullmatch=True), min_size=1, max_size=6))
def test_words_are_read_as_they_stand(words: list[str]) -> None:
    assert parse_query(" ".join(words)).phrases == tuple(words)
    assert parse_query(" ".join(words)).beginning
    quoted = parse_query(f'"{" ".join(words)}" -{words[0]}')
    assert (quoted.phrases, quoted.without) == ((" ".join(words),), (words[0],))
    assert not quoted.beginning
