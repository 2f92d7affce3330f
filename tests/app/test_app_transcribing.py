"""The queue of talks to transcribe: nothing twice, nothing missing, whatever happens to it."""

from __future__ import annotations

import dataclasses
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_engine import RATE, FakeEngines, words
from speech_room import Room
from waiting import wait_until

from earmark.app import power
from earmark.app.jobs import Cancelled
from earmark.app.news import JobProgress, TranscriptGrew, TranscriptionPhase
from earmark.app.prompts import prompts
from earmark.model import (
    Anchor,
    Busy,
    EarmarkError,
    Frames,
    LineId,
    NoteLine,
    NotesEdit,
    NotFound,
    SessionId,
    TakeState,
    TimeRun,
    new_id,
)

Start = Callable[[], Room]


def test_a_session_is_transcribed_take_by_take_with_its_progress(room: Room) -> None:
    session = room.session(5, 3)
    first, second = room.takes(session)
    done = room.transcribe(session)
    assert done == room.look(session)
    assert [s.text for s in done.transcript.segments] == words(range(5)) + words(range(3))
    assert (done.transcript.engine, done.transcript.model) == ("fake", "base")
    assert done.transcript.language == "en", "as the engine heard it"
    (engine,) = room.engines.made
    assert len(engine.all("load")) == 1, "loaded once for both takes"
    assert [take["take"] for take in engine.all("take")] == [first, second]
    wait_until(lambda: engine.gone)
    states = room.states(session)
    assert states[0].phase is TranscriptionPhase.WAITING
    assert states[-1].phase is TranscriptionPhase.DONE
    shares = [s.fraction for s in states if s.phase is TranscriptionPhase.RUNNING]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    grown = [n for n in room.news if isinstance(n, TranscriptGrew)]
    assert [s.text for n in grown for s in n.segments] == words([*range(5), *range(3)])
    jobs = [n for n in room.news if isinstance(n, JobProgress)]
    assert (jobs[-1].done, jobs[-1].session) == (True, session)


def test_asked_again_it_is_there_and_another_model_does_it_anew(room: Room) -> None:
    session = room.session(3)
    room.transcribe(session)
    room.transcribe(session)
    assert len(room.engines.made) == 1
    assert room.transcribe(session, model="small").transcript.model == "small"
    assert room.texts(session) == words(range(3))
    assert len(room.engines.told) == 6
    room.transcribe(session, model="small", again=True)
    assert len(room.engines.told) == 9


def test_nothing_is_twice_or_missing_however_often_the_engine_is_killed(room: Room) -> None:
    session = room.session(40, 30)
    # 60 windows at most: every death comes before the 70 are told
    room.engines.deaths.extend(random.randrange(1, 7) for _ in range(10))
    room.transcribe(session)
    assert room.texts(session) == words(range(40)) + words(range(30))
    assert not room.engines.deaths
    assert len(room.engines.told) == len(set(room.engines.told))


def test_quitting_in_mid_run_goes_on_there_at_the_next_start(
    start: Start, engines: FakeEngines
) -> None:
    room = start()
    session = room.session(60, 20)
    for _ in range(5):
        engines.go_on.set()
        if _ == 0:
            job = room.earmark.transcribing.transcribe(session)
        else:
            room.earmark.transcribing.resume()
        before = len(engines.told)
        wait_until(lambda: len(engines.told) >= before + 4)  # noqa: B023
        engines.go_on.clear()
        room = start()
        assert isinstance(job.future.exception(60), Cancelled)
        assert engines.last.cancelled
    engines.go_on.set()
    room.earmark.transcribing.resume()
    room.wait(session, TranscriptionPhase.DONE)
    assert room.texts(session) == words(range(60)) + words(range(20))
    repeated = len(engines.told) - len(set(engines.told))
    assert repeated <= 5, "at most the window at work when the program ended"


def test_an_engine_that_dies_twice_at_one_place_fails_the_take_and_the_rest_goes_on(
    room: Room,
) -> None:
    session, other = room.session(3, 2), room.session(2)
    room.engines.deaths.extend([0, 0])
    job = room.earmark.transcribing.transcribe(session)
    assert room.transcribe(other).transcript is not None
    with pytest.raises(EarmarkError, match="stopped working"):
        job.future.result(60)
    assert room.texts(session) == words(range(2))
    assert len(room.engines.made) >= 3
    assert room.wait(session, TranscriptionPhase.FAILED).sentence
    assert room.earmark.library.run(lambda lib: lib.transcriptions()).result() == ()
    assert room.transcribe(session).transcript is not None, "asked again it is tried again"
    assert room.texts(session) == words(range(3)) + words(range(2))


def test_what_the_engine_says_of_a_take_is_told_and_the_other_takes_are_done(room: Room) -> None:
    session = room.session(2, 3)
    room.engines.fails[room.takes(session)[0]] = ("It is broken.", "Mend it.")
    with pytest.raises(EarmarkError, match=r"It is broken\. Mend it\."):
        room.transcribe(session)
    assert room.texts(session) == words(range(3))


def test_a_model_that_is_refused_ends_in_a_sentence(room: Room) -> None:
    session = room.session(2)
    room.engines.refuses = "This model is broken."
    with pytest.raises(EarmarkError, match="This model is broken"):
        room.transcribe(session)
    wait_until(lambda: room.engines.last.gone)


def test_what_fails_after_a_start_is_tried_once_and_left(
    start: Start, engines: FakeEngines
) -> None:
    room = start()
    session, other = room.session(3), room.session(2)
    takes = (*room.takes(session), *room.takes(other))

    def wait_in_line(library: Any) -> None:
        for take in takes:
            library.begin_transcription(take, "fake", "base", "auto")

    room.earmark.library.run(wait_in_line).result()
    engines.fails[takes[0]] = ("It is broken.", "")
    room = start()
    room.earmark.transcribing.resume()
    room.wait(other, TranscriptionPhase.DONE)
    assert room.wait(session, TranscriptionPhase.FAILED).sentence == "It is broken."
    assert room.texts(other) == words(range(2))
    room.earmark.transcribing.resume()
    wait_until(lambda: engines.last.gone)
    assert sum(take["take"] == takes[0] for e in engines.made for take in e.all("take")) == 1


def test_cancelling_ends_the_engine_and_keeps_what_was_found(room: Room) -> None:
    session, next_ = room.session(50), room.session(2)
    job = room.earmark.transcribing.transcribe(session)
    waiting = room.earmark.transcribing.transcribe(next_)
    wait_until(lambda: len(room.engines.told) >= 5)
    room.engines.go_on.clear()
    engine = room.engines.last
    room.earmark.transcribing.cancel(session)
    wait_until(lambda: engine.cancelled)
    room.engines.go_on.set()
    assert isinstance(job.future.exception(60), Cancelled)
    assert room.wait(session, TranscriptionPhase.CANCELLED)
    assert waiting.future.result(60).transcript is not None
    kept = room.texts(session)
    assert kept == words(range(len(kept)))
    assert 4 <= len(kept) < 50
    room.transcribe(session)
    assert room.texts(session) == words(range(50))


def test_a_job_can_be_cancelled_by_itself(room: Room) -> None:
    session = room.session(50)
    job = room.earmark.transcribing.transcribe(session)
    wait_until(lambda: len(room.engines.told) >= 2)
    room.engines.go_on.clear()
    job.cancel()
    assert isinstance(job.future.exception(60), Cancelled)


def test_it_waits_while_recording_and_goes_on_after(room: Room) -> None:
    session = room.session(30)
    room.earmark.recording.start(title="Other")
    room.captures.record()
    job = room.earmark.transcribing.transcribe(session)
    assert "recording" in room.wait(session, TranscriptionPhase.PAUSED).sentence
    assert room.engines.told == []
    room.earmark.recording.stop()
    room.captures.stop(0)
    wait_until(lambda: len(room.engines.told) >= 3)
    room.engines.go_on.clear()
    engine = room.engines.last
    room.earmark.recording.start(title="Another")
    room.captures.record()
    wait_until(lambda: engine.cancelled)
    room.engines.go_on.set()
    room.earmark.settings.change(transcribe_while_recording=True)
    job.future.result(60)
    assert room.texts(session) == words(range(30))
    room.earmark.recording.stop()
    room.captures.stop(0)


def test_it_waits_on_battery_where_that_is_set(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplies = tmp_path / "power_supply"
    for name, files in {
        "BAT0": {"type": "Battery", "status": "Discharging", "scope": "System"},
        "AC": {"type": "Mains", "online": "0"},
        "mouse": {"type": "Battery", "status": "Discharging", "scope": "Device"},
    }.items():
        (supplies / name).mkdir(parents=True)
        for file, text in files.items():
            (supplies / name / file).write_text(text + "\n")
    assert power.on_battery(supplies)
    monkeypatch.setattr("earmark.app.transcribing.on_battery", lambda: power.on_battery(supplies))
    room.earmark.settings.change(transcribe_on_battery=False)
    session = room.session(3)
    job = room.earmark.transcribing.transcribe(session)
    assert "plugged in" in room.wait(session, TranscriptionPhase.PAUSED).sentence
    (supplies / "AC" / "online").write_text("1\n")
    assert not power.on_battery(supplies)
    assert job.future.result(60).transcript is not None


def test_computers_without_a_battery_are_not_on_battery(tmp_path: Path) -> None:
    assert not power.on_battery(tmp_path / "nowhere")
    assert not power.on_battery(tmp_path)


def test_another_earmark_at_work_is_awaited(start: Start, engines: FakeEngines) -> None:
    room = start()
    one, two = room.session(40), room.session(3)
    other = Room(room.earmark.folder, engines)
    try:
        first = room.earmark.transcribing.transcribe(one)
        wait_until(lambda: len(engines.told) >= 2)
        engines.go_on.clear()
        second = other.earmark.transcribing.transcribe(two)
        assert "Other work" in other.wait(two, TranscriptionPhase.PAUSED).sentence
        engines.go_on.set()
        first.future.result(60)
        second.future.result(60)
        assert other.texts(two) == words(range(3))
        assert other.texts(one) == words(range(40))
    finally:
        other.earmark.close()


def test_what_cannot_be_transcribed_is_said(room: Room) -> None:
    with pytest.raises(NotFound):
        room.transcribe(SessionId("nothing"))
    with pytest.raises(EarmarkError, match="no recording"):
        room.transcribe(room.session())
    running = room.session(3, state=TakeState.RECORDING)
    with pytest.raises(Busy, match="still being recorded"):
        room.transcribe(running)
    assert room.wait(running, TranscriptionPhase.FAILED).remedy
    with pytest.raises(Busy, match="not in its kept form"):
        room.transcribe(room.session(3, state=TakeState.SEALED))
    assert room.engines.made == []


def test_a_take_without_speech_is_done_and_says_so(room: Room) -> None:
    session = room.session(4)
    room.engines.silent.add(room.takes(session)[0])
    done = room.transcribe(session)
    assert done.transcript.segments == ()
    assert "no speech" in room.wait(session, TranscriptionPhase.DONE).sentence
    room.transcribe(session)
    assert len(room.engines.made) == 1


def test_all_untranscribed_ones_at_once(room: Room) -> None:
    done, one, broken, two = room.session(1), room.session(2), room.session(2), room.session(3)
    room.transcribe(done)
    room.engines.fails[room.takes(broken)[0]] = ("It is broken.", "")
    assert set(room.earmark.transcribing.transcribe_all().future.result(60)) == {one, two}
    assert [room.texts(s) for s in (one, two)] == [words(range(2)), words(range(3))]
    room.engines.fails.clear()
    assert room.earmark.transcribing.transcribe_all().future.result(60) == (broken,)
    assert room.earmark.transcribing.transcribe_all().future.result(60) == ()
    told = {n.job for n in room.news if isinstance(n, JobProgress)}
    assert len(told) == 4, "one asked for, three times all: their parts tell nothing"


def test_a_session_purged_meanwhile_ends_its_work(room: Room) -> None:
    session, other = room.session(30), room.session(2)
    job = room.earmark.transcribing.transcribe(session)
    wait_until(lambda: len(room.engines.told) >= 3)
    room.earmark.library.run(lambda lib: lib.purge_session(session)).result()
    with pytest.raises(EarmarkError):
        job.future.result(60)
    assert room.transcribe(other).transcript is not None


def test_no_thread_and_no_process_before_it_is_asked(room: Room) -> None:
    room.earmark.transcribing.resume()
    room.session(3)
    ours = ("earmark-transcribing", "engine-events", "transcribe-writer")
    assert not [one for one in threading.enumerate() if one.name.startswith(ours)]
    assert room.engines.made == []


def test_the_lines_typed_in_a_take_go_along_but_for_private_ones(room: Room) -> None:
    session = room.session(3)
    (take,) = room.takes(session)

    def line(text: str, second: int, **more: Any) -> NoteLine:
        anchor = Anchor(take, Frames(second * RATE))
        return NoteLine(LineId(new_id()), text, anchor=anchor, runs=(TimeRun(0, anchor),), **more)

    lines = [line("Noether", 2), line("Emmy", 1), line("secret", 1, private=True), line(" ", 0)]
    lines.append(dataclasses.replace(lines[0], id=LineId(new_id()), anchor=None))
    edit = NotesEdit(tuple(one.id for one in lines), tuple(lines))
    room.earmark.library.run(lambda lib: lib.save_notes(session, edit)).result()
    room.transcribe(session)
    (sent,) = room.engines.last.all("take")
    told = [{"frame": RATE, "text": "Emmy"}, {"frame": 2 * RATE, "text": "Noether"}]
    assert sent["prompts"] == told == prompts(room.look(session), take)
