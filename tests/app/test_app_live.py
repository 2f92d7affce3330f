"""The live transcript: it follows the recording's journal, and never loses a second of it."""

from __future__ import annotations

import os
import threading
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from fake_engine import RATE, FakeEngines, words
from speech_room import Room, chosen
from waiting import wait_until

from earmark.app import livetranscript
from earmark.app.engines import Choice
from earmark.app.news import TranscriptGrew, TranscriptionPhase, TranscriptionState
from earmark.audio.journal import JournalWriter, lock_journal
from earmark.audio.manifest import TakeManifest, write_manifest
from earmark.audio.peakfile import PeakWriter
from earmark.model import (
    Frames,
    LineId,
    NoteLine,
    NotesEdit,
    SessionId,
    TakeState,
    TimeRun,
    make_folder,
)

Start = Callable[[], Room]


class Sitting:
    """A recording as capture makes it: manifest, journal, and what it says of them."""

    def __init__(self, room: Room, session: SessionId | None = None) -> None:
        self.room = room
        self.session, self.take = room.earmark.recording.start(session)
        folder = room.earmark.folder
        fields = room.captures.now.last("start")
        fields.pop("device")
        self.manifest = TakeManifest.from_message({"v": 1, **fields})
        make_folder(folder / self.manifest.folder)
        self.journal = JournalWriter(self.manifest.journal_path(folder), self.take, RATE, 1)
        PeakWriter(self.manifest.peaks_path(folder), RATE).close()
        write_manifest(folder, self.manifest)
        self.lock = lock_journal(self.manifest.journal_path(folder))
        room.captures.record()

    def speak(self, seconds: int) -> None:
        for _ in range(seconds):
            self.journal.append(array("h", bytes(2 * RATE)).tobytes())
        self.journal.sync()
        self.room.engines.seconds[self.take] = self.journal.frames // RATE
        say = self.room.captures.now.say
        say("stored", take=self.take, frames=self.journal.frames, mono_ns=1, free_bytes=1)

    def stop(self) -> None:
        self.room.earmark.recording.stop()
        self.end()

    def end(self) -> None:
        frames = self.journal.frames
        self.journal.seal("stop")
        self.journal.close()
        self.let_go()
        self.room.captures.stop(frames)

    def let_go(self) -> None:
        """The journal is nobody's any more."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def wait_words(self, count: int) -> None:
        wait_until(lambda: self.room.texts(self.session) == words(range(count)), what=f"{count}")

    def kept(self) -> bool:
        (take,) = self.room.look(self.session).takes
        return take.state is TakeState.COMPLETE


@pytest.fixture
def room(start: Start) -> Room:
    made = start()
    made.earmark.transcribing.set_live(True)
    return made


def live(room: Room, session: SessionId) -> list[TranscriptionState]:
    return [state for state in room.states(session) if state.live]


def told(room: Room) -> list[str]:
    """What was told of the transcript's growing, which follows its being stored."""
    grown = [n for n in room.news if isinstance(n, TranscriptGrew)]
    return [segment.text for n in grown for segment in n.segments]


def test_words_appear_while_recording_and_the_rest_after_stop(room: Room) -> None:
    sitting = Sitting(room)
    sitting.speak(3)
    sitting.wait_words(3)
    sitting.speak(2)
    sitting.wait_words(5)
    wait_until(lambda: told(room) == words(range(5)))
    assert {n.take for n in room.news if isinstance(n, TranscriptGrew)} == {sitting.take}
    room.engines.go_on.clear()
    sitting.speak(4)
    wait_until(lambda: live(room, sitting.session)[-1].behind_s >= 4)
    sitting.stop()
    wait_until(sitting.kept, what="the take in its kept form")
    wait_until(lambda: not (room.earmark.folder / sitting.manifest.journal).exists())
    room.engines.go_on.set()
    sitting.wait_words(9)
    wait_until(lambda: live(room, sitting.session)[-1].phase is TranscriptionPhase.DONE)
    state = room.earmark.library.run(lambda lib: lib.transcription(sitting.take)).result()
    assert (state.finished, state.queued, state.done) == (True, False, 9 * RATE)
    wait_until(lambda: room.engines.last.gone)
    assert room.earmark.library.run(lambda lib: lib.untranscribed()).result() == ()
    assert len(room.engines.told) == 9


def test_a_take_that_is_a_file_before_the_engine_is_ready_is_left_to_the_queue(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Event()

    def slow(*args: Any, **more: Any) -> Choice:
        ready.wait(60)
        return chosen(*args, **more)

    monkeypatch.setattr("earmark.app.transcribing.choose", slow)
    sitting = Sitting(room)
    sitting.speak(3)
    sitting.stop()
    wait_until(lambda: not (room.earmark.folder / sitting.manifest.journal).exists())
    ready.set()
    sitting.wait_words(3)
    assert room.engines.last.all("take")[-1]["file"]


def test_turned_on_in_mid_recording_the_beginning_comes_too_and_off_is_safe(room: Room) -> None:
    room.earmark.transcribing.set_live(False)
    assert not room.earmark.transcribing.live
    sitting = Sitting(room)
    sitting.speak(3)
    room.earmark.transcribing.set_live(True)
    sitting.wait_words(3)
    engine = room.engines.last
    room.earmark.transcribing.set_live(False)
    wait_until(lambda: engine.cancelled)
    wait_until(lambda: live(room, sitting.session)[-1].phase is TranscriptionPhase.CANCELLED)
    sitting.speak(2)
    room.earmark.transcribing.set_live(True)
    sitting.wait_words(5)
    sitting.stop()
    wait_until(lambda: live(room, sitting.session)[-1].phase is TranscriptionPhase.DONE)
    assert room.texts(sitting.session) == words(range(5))
    assert len(room.engines.told) == 5


def test_a_dying_engine_is_replaced_and_nothing_is_twice_or_missing(room: Room) -> None:
    room.engines.deaths.extend([2, 0, 1])
    sitting = Sitting(room)
    sitting.speak(6)
    sitting.wait_words(6)
    sitting.stop()
    wait_until(lambda: live(room, sitting.session)[-1].phase is TranscriptionPhase.DONE)
    assert len(room.engines.told) == 6


def test_an_engine_that_dies_again_and_again_costs_the_words_not_the_recording(room: Room) -> None:
    room.engines.deaths.extend([0] * 10)
    sitting = Sitting(room)
    sitting.speak(2)
    failed = room.wait(sitting.session, TranscriptionPhase.FAILED)
    assert failed.sentence
    sitting.speak(2)
    sitting.stop()
    wait_until(sitting.kept)
    (take,) = room.look(sitting.session).takes
    assert take.frames == 4 * RATE


def test_quitting_leaves_the_rest_to_the_queue(start: Start, engines: FakeEngines) -> None:
    room = start()
    room.earmark.transcribing.set_live(True)
    sitting = Sitting(room)
    sitting.speak(3)
    sitting.wait_words(3)
    engines.go_on.clear()
    sitting.speak(3)
    sitting.stop()
    wait_until(sitting.kept)
    engines.go_on.set()
    engines.seconds[sitting.take] = 6
    again = start()
    again.earmark.transcribing.resume()
    wait_until(lambda: again.texts(sitting.session) == words(range(6)))
    assert len(engines.told) == len(set(engines.told)) == 6


def test_a_recording_whose_capture_died_is_transcribed_as_far_as_its_journal_goes(
    room: Room,
) -> None:
    sitting = Sitting(room)
    sitting.speak(2)
    sitting.wait_words(2)
    sitting.journal.append(array("h", bytes(2 * RATE)).tobytes())  # not told any more
    sitting.journal.close()
    sitting.let_go()
    room.captures.now.die()
    sitting.wait_words(3)


def test_pause_and_resume_go_on_in_the_next_take(room: Room) -> None:
    sitting = Sitting(room)
    sitting.speak(2)
    room.earmark.recording.pause()
    sitting.end()
    sitting.wait_words(2)
    again = Sitting(room, sitting.session)
    again.speak(1)
    wait_until(lambda: room.texts(sitting.session) == [*words(range(2)), *words(range(1))])
    again.stop()


def test_what_is_dropped_off_the_record_is_not_in_the_news(room: Room) -> None:
    from earmark.app.offrecord import drop
    from earmark.model import Span

    sitting = Sitting(room)
    sitting.speak(1)
    sitting.wait_words(1)
    drop(room.earmark.library, [(sitting.take, Span(Frames(RATE), Frames(RATE)))]).result()
    sitting.speak(2)
    wait_until(lambda: room.texts(sitting.session) == ["w0", "w2"])
    wait_until(lambda: len(told(room)) >= 2)
    assert told(room) == ["w0", "w2"]
    sitting.stop()


def test_lines_typed_meanwhile_help_the_engine(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livetranscript, "STILL_S", 0.0)
    sitting = Sitting(room)
    sitting.speak(1)
    sitting.wait_words(1)
    anchor = room.earmark.recording.now()
    assert anchor is not None
    lines = [
        NoteLine(LineId(f"l{n}"), text, anchor=anchor, runs=(TimeRun(0, anchor),), private=private)
        for n, (text, private) in enumerate([("Noether", False), ("secret", True)])
    ]
    room.earmark.notes.edit(sitting.session, NotesEdit((lines[0].id, lines[1].id), tuple(lines)))
    room.earmark.notes.flush().result()
    engine = room.engines.last
    wait_until(lambda: engine.all("prompt"))
    sitting.speak(1)
    sitting.wait_words(2)
    assert engine.all("prompt") == [{"frame": anchor.frame, "text": "Noether"}]
    sitting.stop()


def test_without_an_engine_a_sentence_is_told_and_recording_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    from earmark.model import NotFound

    def none(*_args: Any, **_more: Any) -> None:
        raise NotFound("No speech engine is installed.", "This installs it: pip")

    monkeypatch.setattr("earmark.app.transcribing.choose", none)
    sitting = Sitting(room)
    sitting.speak(2)
    assert "No speech engine" in room.wait(sitting.session, TranscriptionPhase.FAILED).sentence
    sitting.stop()
    wait_until(sitting.kept)
    assert room.texts(sitting.session) == []


def test_far_behind_the_engine_is_given_no_more_than_it_can_hold(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(livetranscript, "AHEAD_S", 4.0)
    room.engines.go_on.clear()
    sitting = Sitting(room)
    sitting.speak(30)
    wait_until(lambda: room.engines.made and room.engines.last.all("take"))
    wait_until(lambda: live(room, sitting.session)[-1].behind_s >= 30)
    assert room.engines.last._frames <= 5 * RATE
    room.engines.go_on.set()
    sitting.wait_words(30)
    sitting.stop()
