"""What a person does with a transcript, and which engine and model are taken."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from desk import Desk

from earmark.app.engines import choose
from earmark.app.news import Changed
from earmark.app.settings import Settings
from earmark.app.transcripts import (
    edit_passage,
    name_speaker,
    note_from_passage,
    refuse_late,
    rename_speaker,
)
from earmark.model import (
    Anchor,
    EarmarkError,
    Frames,
    NotFound,
    SampleRate,
    Segment,
    SegmentId,
    SessionId,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    Transcript,
    Word,
)

TAKE = TakeId("ab" * 8)


def passage(number: int, text: str) -> Segment:
    start = number * 1000
    words = tuple(
        Word(one, Frames(start + 100 * n), Frames(start + 100 * n + 90))
        for n, one in enumerate(text.split())
    )
    return Segment(SegmentId(f"s{number}"), TAKE, Frames(start), Frames(start + 900), text, words)


@pytest.fixture
def session(desk: Desk) -> SessionId:
    def make(library: Any) -> SessionId:
        from datetime import UTC, datetime

        session = library.create_session("Talk").id
        now = datetime.now(UTC)
        rate, frames = SampleRate(1000), Frames(9000)
        library.put_take(session, Take(TAKE, 1, rate, 1, frames, now, TakeState.COMPLETE))
        found = (passage(1, "one two one"), passage(2, "three four"), passage(3, "five"))
        library.put_transcript(session, Transcript("e", "m", "en", found))
        return session

    return desk.earmark.library.run(make).result()


def shown(desk: Desk, session: SessionId) -> Any:
    return desk.earmark.library.run(lambda lib: lib.session(session)).result()


def test_a_passage_becomes_a_line_at_its_moment_with_a_time_for_each_word(
    desk: Desk, session: SessionId
) -> None:
    library = desk.earmark.library
    later = note_from_passage(library, session, SegmentId("s2")).result()
    line_id = note_from_passage(library, session, SegmentId("s1")).result()
    lines = shown(desk, session).lines
    assert [line.id for line in lines] == [line_id, later], "in order of time"
    line = lines[0]
    assert (line.text, line.anchor) == ("one two one", Anchor(TAKE, Frames(1000)))
    assert line.runs == tuple(
        TimeRun(offset, Anchor(TAKE, Frames(frame)))
        for offset, frame in ((0, 1000), (4, 1100), (8, 1200))
    )
    with pytest.raises(NotFound):
        note_from_passage(library, session, SegmentId("gone")).result()


def test_words_and_speakers_are_set_and_everybody_hears_of_it(
    desk: Desk, session: SessionId
) -> None:
    library = desk.earmark.library
    edit_passage(library, session, SegmentId("s2"), "three for").result()
    name_speaker(library, session, [SegmentId("s1"), SegmentId("s3")], "Ada").result()
    rename_speaker(library, session, "Ada", "Ada L.").result()
    found = shown(desk, session).transcript.segments
    assert [(s.text, s.speaker, s.edited) for s in found] == [
        ("one two one", "Ada L.", False),
        ("three for", "", True),
        ("five", "Ada L.", False),
    ]
    told = [n.changes for n in desk.of(Changed) if n.changes.transcript]
    assert len(told) >= 3
    assert all(session in changes.sessions for changes in told[-3:])


def test_a_late_start_is_refused_and_taken_back(desk: Desk, session: SessionId) -> None:
    library = desk.earmark.library
    line = note_from_passage(library, session, SegmentId("s1")).result()
    refuse_late(library, session, line).result()
    assert shown(desk, session).late_refused == {line}
    refuse_late(library, session, line, False).result()
    assert shown(desk, session).late_refused == frozenset()


class Shelf:
    """The models that are installed, by name."""

    def __init__(self, **languages: tuple[str, ...]) -> None:
        self._there = {
            name.replace("_", "-"): SimpleNamespace(
                name=name.replace("_", "-"), installed=True, languages=known, broken=""
            )
            for name, known in languages.items()
        }

    def listing(self) -> tuple[Any, ...]:
        absent = SimpleNamespace(name="x", installed=False, languages=(), broken="")
        return (*self._there.values(), absent)

    def info(self, name: str) -> Any:
        if name not in self._there:
            raise NotFound(f"There is no speech model “{name}”.")
        return self._there[name]

    def path(self, name: str) -> Path:
        return Path(f"ggml-{name}.bin")


ALL = ("en", "de", "fr")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earmark.transcribe.engines.choose", lambda name=None: name or "first")


@pytest.mark.usefixtures("installed")
def test_the_best_installed_model_after_the_talk_and_a_quick_one_live() -> None:
    shelf: Any = Shelf(tiny=ALL, base=ALL, small_q5_1=ALL, mine=ALL)
    assert choose(Settings(), shelf).model == "small-q5-1"
    assert choose(Settings(), shelf, live=True).model == "base"
    assert choose(Settings(transcribe_model="tiny", live_model="mine"), shelf).model == "tiny"
    live = choose(Settings(transcribe_model="tiny", live_model="mine"), shelf, live=True)
    assert (live.model, live.language, live.engine) == ("mine", "auto", "first")
    assert choose(Settings(transcribe_model="tiny"), shelf, model="base").model == "base"
    assert choose(Settings(), Shelf(mine=ALL), language="DE").language == "de"  # type: ignore[arg-type]


@pytest.mark.usefixtures("installed")
def test_a_model_for_the_language_is_taken_and_one_that_does_not_know_it_refused() -> None:
    shelf: Any = Shelf(base=("en",), tiny=ALL)
    assert choose(Settings(), shelf, language="de").model == "tiny"
    with pytest.raises(EarmarkError, match="does not know the language"):
        choose(Settings(), shelf, model="base", language="de")


@pytest.mark.usefixtures("installed")
def test_without_a_model_the_ways_to_one_are_said() -> None:
    with pytest.raises(NotFound, match=r"models get base.*models add"):
        choose(Settings(), Shelf())  # type: ignore[arg-type]


def test_without_an_engine_the_one_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(NotFound, match=r"pip install .*earmark\[transcribe\]"):
        choose(Settings(), Shelf(base=ALL))  # type: ignore[arg-type]
