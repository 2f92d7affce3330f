"""Passages and lines find each other; a late note finds the sentence it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from late_measure import measure
from late_talks import make_talk

from earmark.model import (
    Anchor,
    Frames,
    LineId,
    NoteLine,
    SampleRate,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    Transcript,
    Word,
    line_of,
    passage_of,
    replay_start,
    spoken_under,
)
from earmark.model.wordforms import likeness, stem, terms

RATE = 1_000  # a frame is a millisecond
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def take(number: int, ms: int = 100_000) -> Take:
    name = TakeId(f"t{number}")
    return Take(name, number, SampleRate(RATE), 1, Frames(ms), DAY, TakeState.COMPLETE)


def said(start: int, text: str, number: int = 1, each_ms: int = 300) -> Segment:
    """A segment at `start` ms whose words follow each other."""
    words = tuple(
        Word(word, Frames(start + n * each_ms), Frames(start + (n + 1) * each_ms - 20))
        for n, word in enumerate(text.split())
    )
    name = SegmentId(f"{number}:{start}")
    end = words[-1].end if words else Frames(start + 500)
    return Segment(name, TakeId(f"t{number}"), Frames(start), end, text, words)


def note(text: str, ms: int, number: int = 1, name: str = "line") -> NoteLine:
    return NoteLine(LineId(name), text, anchor=Anchor(TakeId(f"t{number}"), Frames(ms)))


def talk(*segments: Segment, lines: tuple[NoteLine, ...] = (), takes: int = 2) -> Session:
    return Session(
        SessionId("s"), "Talk", DAY, "", takes=tuple(take(n + 1) for n in range(takes)),
        lines=lines, transcript=Transcript("e", "m", "en", segments),
    )  # fmt: skip


SENTENCES = (
    said(1_000, "Welcome to all of you here today."),
    said(10_000, "The primary replica accepts every write."),
    said(20_000, "A quorum of nodes elects the leader."),
    said(30_000, "Eviction frees memory when the cache is full."),
    said(40_000, "Questions are welcome at any time."),
)


def test_a_line_starts_at_the_sentence_its_words_are_about():
    session = talk(*SENTENCES)
    assert replay_start(note("quorum elects leader", 45_000), session) == Anchor("t1", 20_000)
    assert replay_start(note("primary: writes", 45_000), session) == Anchor("t1", 10_000)
    assert replay_start(note("cahce evict", 45_000), session) == Anchor("t1", 30_000)


def test_the_sentence_begins_inside_its_segment():
    segment = said(5_000, "That is all of it. A quorum elects the leader now.")
    found = replay_start(note("quorum leader", 20_000), talk(segment))
    assert found == Anchor("t1", 5_000 + 5 * 300)


def test_a_sentence_may_begin_in_the_segment_before():
    session = talk(said(5_000, "A quorum of nodes"), said(6_250, "elects the new leader."))
    assert replay_start(note("leader elected", 9_000), session) == Anchor("t1", 5_000)


def test_across_takes_the_timeline_counts():
    session = talk(said(95_000, "A quorum elects the leader."), said(2_000, "Go on.", 2))
    assert replay_start(note("quorum", 10_000, 2), session) == Anchor("t1", 95_000)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("lunch upstairs", 45_000),  # nothing of it was said
        ("the and of it", 45_000),  # no word that means anything
        ("", 45_000),
        ("quorum leader", 15_000),  # not said yet
    ],
)
def test_nothing_that_matches_clearly_gives_no_start(text: str, ms: int):
    assert replay_start(note(text, ms), talk(*SENTENCES)) is None


def test_what_was_said_more_than_90_s_before_is_forgotten():
    session = talk(*SENTENCES)
    late = note("quorum elects leader", 11_000, 2)  # 91 s after it
    assert replay_start(late, session) is None
    assert replay_start(note("quorum elects leader", 9_000, 2), session) == Anchor("t1", 20_000)


def test_two_equal_sentences_far_apart_are_not_clear():
    twice = [said(ms, "The quorum elects a leader.") for ms in (10_000, 11_000, 40_000)]
    between = [said(ms, "Nothing else here.") for ms in (20_000, 25_000, 30_000)]
    session = talk(twice[0], *between, replace(twice[2], id=SegmentId("again")))
    assert replay_start(note("quorum leader", 44_000), session) in (None, Anchor("t1", 40_000))


def test_refused_lines_without_time_and_sessions_without_transcript_have_none():
    session = talk(*SENTENCES)
    line = note("quorum elects leader", 45_000)
    assert replay_start(line, replace(session, late_refused=frozenset({line.id}))) is None
    assert replay_start(replace(line, anchor=None), session) is None
    assert replay_start(line, replace(session, transcript=None)) is None
    foreign = replace(line, anchor=Anchor(TakeId("elsewhere"), Frames(45_000)))
    assert replay_start(foreign, session) is None


def test_a_segment_written_anew_counts_with_its_new_text():
    told = replace(SENTENCES[2], text="Paxos chooses one value.", edited=True)
    session = talk(*SENTENCES[:2], told, *SENTENCES[3:])
    assert replay_start(note("paxos value", 45_000), session) == Anchor("t1", 20_000)
    assert replay_start(note("quorum leader", 45_000), session) is None


def test_better_than_every_fixed_look_back():
    told = measure(make_talk(seed, takes=1 + seed % 3) for seed in range(24))
    assert told.notes > 400
    assert told.error_s < min(told.fixed)
    assert told.right > 0.8
    assert told.invented <= told.about_nothing * 0.05


def test_passages_and_lines_find_each_other():
    lines = (note("a", 10_500, name="a"), note("b", 31_500, name="b"))
    session = talk(*SENTENCES, lines=lines)
    assert passage_of(lines[0], session) == SENTENCES[1]
    assert [line and line.id for line in (line_of(s, session) for s in SENTENCES)] == [
        None, "a", "a", "b", "b",
    ]  # fmt: skip
    assert spoken_under(lines[0], session) == SENTENCES[1:3]
    assert spoken_under(lines[1], session) == SENTENCES[3:]
    assert passage_of(note("early", 500), session) is None


def test_the_passage_of_a_line_written_in_silence_is_the_one_before():
    session = talk(*SENTENCES)
    assert passage_of(note("x", 70_000), session) == SENTENCES[-1]
    assert passage_of(note("x", 99_000, 2), session) is None


LINES = st.lists(st.integers(0, 99_999), max_size=8)
STARTS = st.lists(st.integers(0, 95_000), max_size=12, unique=True)


@given(LINES, STARTS)
def test_every_passage_is_under_one_line_at_most(times: list[int], starts: list[int]):
    lines = tuple(note("x", ms, name=f"l{n}") for n, ms in enumerate(times))
    segments = tuple(said(ms, "some words are said here") for ms in sorted(starts))
    session = talk(*segments, lines=lines)
    under = [segment.id for line in lines for segment in spoken_under(line, session)]
    assert len(under) == len(set(under))
    for segment in segments:
        line = line_of(segment, session)
        assert (segment.id in under) == (line is not None)
        if line is not None:
            assert segment in spoken_under(line, session)
            first = min(one.anchor.frame for one in lines if one.anchor)
            assert first < segment.end
    if segments and lines and min(times) <= segments[0].start:
        assert len(under) == len(segments)


@given(st.text(max_size=40), st.text(max_size=60), st.integers(0, 99_999))
def test_any_text_gives_a_start_not_after_its_anchor(text: str, spoken: str, ms: int):
    session = talk(replace(said(5_000, "x"), text=spoken, words=(), edited=True), *SENTENCES)
    line = note(text, ms)
    found = replay_start(line, session)
    if found is not None:
        assert -90_000 <= found.frame - ms <= 1_500
    assert line.anchor == Anchor("t1", ms)


@given(st.text(max_size=30))
def test_stems_and_terms_of_any_text(text: str):
    for term in terms(text):
        assert term
        assert likeness(term, term) == 1.0


def test_words_are_alike_by_their_stems_cuts_and_slips():
    assert stem("Replicas") == stem("replica")
    assert stem("stopped") == stem("stopping")
    assert likeness(stem("authentication"), stem("authenticated")) > 0.7
    assert likeness("auth", stem("authentication")) > 0.7
    assert likeness("qourum", "quorum") == 0.75
    assert likeness("quorm", "quorum") == 0.75
    assert likeness("2019", "2018") == 0.0
    assert likeness("cat", "dog") == 0.0
    assert terms("The naïve café, of course") == ("naiv", "cafe", "cours")
