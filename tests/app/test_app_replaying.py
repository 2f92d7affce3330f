"""The replayer at the seam: look-back, playlists, what is heard, typing while it plays."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from desk import Desk

from earmark.app.news import RecordingPhase, ReplayState, Told
from earmark.library import Library
from earmark.model import (
    Anchor,
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
    Word,
)

ONE, TWO = TakeId("1" * 16), TakeId("2" * 16)
RATE = 1000


def a_take(id_: TakeId, ordinal: int, frames: int = 10_000) -> Take:
    return Take(
        id=id_,
        ordinal=ordinal,
        sample_rate=SampleRate(RATE),
        channels=1,
        frames=Frames(frames),
        started_at=datetime.now(UTC),
        state=TakeState.COMPLETE,
        file=f"sessions/{id_}.flac",
    )


@pytest.fixture
def session(desk: Desk) -> SessionId:
    def make(lib: Any) -> SessionId:
        made = lib.create_session("Talk")
        lib.put_take(made.id, a_take(ONE, 1))
        lib.put_take(made.id, a_take(TWO, 2))
        lines = tuple(
            NoteLine(LineId(str(n) * 16), f"line {n}", anchor=anchor)
            for n, anchor in enumerate((Anchor(ONE, 5000), Anchor(ONE, 9000), Anchor(TWO, 1000)))
        )
        lib.save_notes(made.id, NotesEdit(tuple(line.id for line in lines), lines))
        return made.id

    session = desk.earmark.library.run(make).result()
    desk.earmark.replay.load(session).result()
    return session


def played(desk: Desk) -> tuple[str, int]:
    sent = desk.replays[-1].last("play")
    return sent["take"], sent["frame"]


def test_a_word_plays_from_its_look_back_along_the_timeline(desk: Desk, session: SessionId) -> None:
    replay = desk.earmark.replay
    replay.play_word(Anchor(ONE, Frames(5000)))
    assert played(desk) == (ONE, 2000)
    replay.play_word(Anchor(ONE, Frames(1000)))
    assert played(desk) == (ONE, 0)
    replay.play_word(Anchor(TWO, Frames(1000)))
    assert played(desk) == (ONE, 8000)
    replay.play(Anchor(TWO, Frames(1000)))
    assert played(desk) == (TWO, 1000)
    desk.earmark.settings.change(look_back_s=0)
    replay.play_line(desk.earmark.replay.session.lines[1])  # type: ignore[union-attr]
    assert played(desk) == (ONE, 9000)


def test_the_playlist_is_loaded_before_it_plays(desk: Desk, session: SessionId) -> None:
    desk.earmark.replay.play(Anchor(ONE, Frames(0)))
    names = [name for name, _ in desk.replays[-1].sent]
    assert names.index("load") < names.index("play")
    takes = desk.replays[-1].last("load")["takes"]
    assert [take["id"] for take in takes] == [ONE, TWO]
    assert takes[0]["path"].startswith(str(desk.earmark.folder))


def test_heard_is_carried_on_from_the_last_position(desk: Desk, session: SessionId) -> None:
    replay = desk.earmark.replay
    assert replay.heard() is None
    replay.play(Anchor(ONE, Frames(0)))
    now = time.monotonic_ns()
    desk.replays[-1].say("pos", take=ONE, frame=500, mono_ns=now - 100_000_000)
    heard = replay.heard()
    assert heard is not None
    assert heard.take == ONE
    assert 600 <= heard.frame <= 750  # never further than the replay is believed: 250 ms
    desk.replays[-1].say("state", playing=False, speed=1.0)
    assert replay.heard() == Anchor(ONE, Frames(500))


def test_typing_points_to_what_is_heard_then_recorded_then_shown(
    desk: Desk, session: SessionId
) -> None:
    app = desk.earmark
    assert app.typing_anchor() is None
    app.replay.play(Anchor(ONE, Frames(0)))
    desk.replays[-1].say("pos", take=ONE, frame=700, mono_ns=time.monotonic_ns() + 10**9)
    anchor = app.typing_anchor()
    assert anchor is not None and anchor.take == ONE
    app.replay.pause()
    desk.replays[-1].say("pos", take=ONE, frame=700, mono_ns=1)
    assert app.typing_anchor(session) == Anchor(ONE, Frames(700))
    assert app.typing_anchor(SessionId("other")) is None
    recorded, take = app.recording.start()
    desk.captures.record()
    anchor = app.typing_anchor()
    assert anchor is not None and anchor.take == take
    app.replay.play(Anchor(TWO, Frames(0)))
    anchor = app.typing_anchor()
    assert anchor is not None and anchor.take == TWO
    app.replay.pause()
    app.recording.pause()
    desk.captures.stop(33, "pause")
    assert app.recording.state.phase is RecordingPhase.PAUSED
    assert app.typing_anchor(recorded) == Anchor(take, Frames(33))


def test_a_take_of_another_session_plays_alone(desk: Desk, session: SessionId) -> None:
    other = TakeId("3" * 16)

    def make(lib: Any) -> None:
        lib.put_take(lib.create_session("Other").id, a_take(other, 1))

    desk.earmark.library.run(make).result()
    desk.earmark.replay.play(Anchor(other, Frames(10)))
    assert [take["id"] for take in desk.replays[-1].last("load")["takes"]] == [other]
    assert played(desk) == (other, 10)
    desk.earmark.replay.play(Anchor(TWO, Frames(0)))
    assert [take["id"] for take in desk.replays[-1].last("load")["takes"]] == [ONE, TWO]


def test_a_dead_process_is_replaced_at_the_position_heard(desk: Desk, session: SessionId) -> None:
    desk.earmark.replay.set_speed(1.5)
    desk.earmark.replay.play(Anchor(ONE, Frames(0)))
    desk.replays[-1].say("pos", take=ONE, frame=4321, mono_ns=time.monotonic_ns() + 10**9)
    here = desk.earmark.replay.heard()
    assert here is not None
    desk.replays[-1].die()
    assert len(desk.replays) == 2
    assert desk.replays[-1].last("speed") == {"value": 1.5}
    assert desk.replays[-1].count("load") == 1
    take, frame = played(desk)
    assert take == ONE
    assert frame >= here.frame


def test_a_take_whose_file_is_missing_is_told_by_its_number(desk: Desk, session: SessionId) -> None:
    desk.earmark.replay.play(Anchor(ONE, Frames(0)))
    desk.replays[-1].say("error", kind="unreadable", message="System error.", take=TWO)
    (told,) = desk.of(Told)
    assert "take 2" in told.sentence
    assert told.remedy


def test_a_lost_output_pauses_and_says_so(desk: Desk, session: SessionId) -> None:
    desk.earmark.replay.play(Anchor(ONE, Frames(0)))
    desk.replays[-1].say("output-lost", name="Headset")
    assert not desk.earmark.replay.state.playing
    assert desk.earmark.replay.state.output_lost == "Headset"
    assert desk.of(Told)[-1].kind == "warning"


def test_loop_reaches_to_the_next_line(desk: Desk, session: SessionId) -> None:
    shown = desk.earmark.replay.session
    assert shown is not None
    desk.earmark.replay.set_loop(shown.lines[0])
    sent = desk.replays[-1].last("loop")
    assert (sent["start"]["frame"], sent["end"]["frame"]) == (2000, 9000)
    assert desk.earmark.replay.state.loop == shown.lines[0].id
    desk.earmark.replay.set_loop(None)
    assert desk.replays[-1].last("loop") == {"off": True}


def test_a_running_recording_can_be_played(desk: Desk) -> None:
    session, take = desk.earmark.recording.start()
    desk.captures.record()
    desk.earmark.replay.load(session).result()
    desk.earmark.replay.play(Anchor(take, Frames(0)))
    assert desk.replays[-1].last("load")["takes"][0]["kind"] == "journal"
    desk.captures.now.say("stored", take=take, frames=96_000, mono_ns=1, free_bytes=1)
    assert desk.replays[-1].last("live") == {"take": take, "frames": 96_000}


def test_jump_moves_along_the_timeline(desk: Desk, session: SessionId) -> None:
    desk.earmark.replay.seek(Anchor(ONE, Frames(8000)))
    desk.earmark.replay.jump(5000)
    assert desk.earmark.replay.heard() == Anchor(TWO, Frames(3000))
    assert desk.replays[-1].last("seek") == {"take": TWO, "frame": 3000}
    assert [s.playing for s in desk.of(ReplayState)][-1] is False


def spoken_in(session: SessionId, desk: Desk) -> None:
    words = (
        Word(text, Frames(2_000 + n * 300), Frames(2_280 + n * 300))
        for n, text in enumerate(["A", "quorum", "elects", "the", "leader."])
    )
    said = Segment(SegmentId("s1"), ONE, Frames(2_000), Frames(3_480), "", tuple(words))
    said = dataclasses.replace(said, text=" ".join(word.text for word in said.words))

    def put(lib: Any) -> None:
        lib.begin_transcription(ONE, "made", "base", "en")
        lib.add_segments(ONE, [said], Frames(10_000), finished=True)
        late = NoteLine(LineId("0" * 16), "leader quorum", anchor=Anchor(ONE, Frames(9_500)))
        order = tuple(line.id for line in lib.session(session).lines)
        lib.save_notes(session, NotesEdit(order, (late,)))

    desk.earmark.library.run(put).result()
    desk.earmark.replay.load(session).result()


def test_a_late_note_plays_from_its_sentence_unless_that_is_not_wanted(
    desk: Desk, session: SessionId
) -> None:
    spoken_in(session, desk)
    replay = desk.earmark.replay
    line = replay.session.lines[0]  # type: ignore[union-attr]
    replay.play_line(line)
    assert played(desk) == (ONE, 2_000)
    replay.play_word(Anchor(ONE, Frames(9_900)), line)  # typed in one go with the line
    assert played(desk) == (ONE, 2_000)
    replay.play_word(Anchor(ONE, Frames(9_900)))
    assert played(desk) == (ONE, 6_900)
    replay.play_word(Anchor(TWO, Frames(9_900)), line)  # a word put in ten seconds later
    assert played(desk) == (TWO, 6_900)
    replay.set_loop(line)
    assert desk.replays[-1].last("loop")["start"] == {"take": ONE, "frame": 2_000}
    replay.set_loop(None)
    desk.earmark.settings.change(late_notes=False)
    replay.play_line(line)
    assert played(desk) == (ONE, 6_500)
    desk.earmark.settings.change(late_notes=True)
    desk.earmark.library.run(lambda lib: lib.refuse_late(session, line.id, True)).result()
    replay.play_line(line)
    assert played(desk) == (ONE, 6_500)
    desk.earmark.library.run(lambda lib: lib.refuse_late(session, line.id, False)).result()
    replay.play_line(line)
    assert played(desk) == (ONE, 2_000)
    assert replay.session.lines[0].anchor == line.anchor  # type: ignore[union-attr]


def test_catching_up_ends_at_the_live_edge_and_leaves_the_set_speed(
    desk: Desk, session: SessionId
) -> None:
    replay = desk.earmark.replay
    replay.load(session).result()
    replay.set_speed(1.3)
    replay.catch_up(Anchor(ONE, Frames(1000)))
    assert (replay.state.speed, desk.earmark.settings.value.speed) == (1.5, 1.3)
    link = desk.replays[-1]

    def heard(pace: float, times: int) -> None:
        for _ in range(times):
            link.say("pos", take=ONE, frame=2000, mono_ns=time.monotonic_ns(), pace=pace)

    heard(1.3, 5)
    heard(1.0, 3)  # as it was before the speed changed
    heard(0.0, 20)
    heard(1.5, 40)
    heard(1.0, 5)
    assert replay.state.speed == 1.5
    heard(1.0, 10)
    assert replay.state.speed == 1.0
    assert link.last("speed") == {"value": 1.0}
    link.say("ended")
    assert replay.state.speed == 1.3
    assert desk.earmark.settings.value.speed == 1.3


def test_a_speed_chosen_while_catching_up_counts(desk: Desk, session: SessionId) -> None:
    replay = desk.earmark.replay
    replay.load(session).result()
    replay.catch_up(Anchor(ONE, Frames(1000)))
    replay.set_speed(2.0)
    link = desk.replays[-1]
    link.say("state", playing=True, waiting=True)
    for _ in range(30):
        link.say("pos", take=ONE, frame=2000, mono_ns=time.monotonic_ns(), pace=1.0)
    link.say("ended")
    assert replay.state.speed == 2.0


def test_all_that_was_recorded_being_heard_is_the_live_edge(desk: Desk, session: SessionId) -> None:
    replay = desk.earmark.replay
    replay.load(session).result()
    replay.catch_up(Anchor(ONE, Frames(1000)))
    desk.replays[-1].say("state", playing=True, waiting=False)
    assert replay.state.speed == 1.5
    desk.replays[-1].say("state", playing=True, waiting=True)
    assert replay.state.speed == 1.0
    replay.load(None).result()
    assert replay.state.speed == desk.earmark.settings.value.speed == 1.0


def test_the_words_are_read_again_where_they_changed_and_now_and_then(
    desk: Desk, session: SessionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken_in(session, desk)
    replay, library = desk.earmark.replay, desk.earmark.library
    whole: list[bool] = []
    read = Library.session

    def counted(self: Library, id: SessionId, *, transcript: bool = True) -> Session:  # noqa: A002
        whole.append(transcript)
        return read(self, id, transcript=transcript)

    monkeypatch.setattr(Library, "session", counted)
    before = replay.session
    assert before is not None
    assert before.transcript is not None
    late = NoteLine(LineId("1" * 16), "another line", anchor=Anchor(ONE, Frames(9_700)))
    order = (*(line.id for line in before.lines), late.id)
    library.run(lambda lib: lib.save_notes(session, NotesEdit(order, (late,)))).result()
    assert replay.session is not None
    assert late.id in [line.id for line in replay.session.lines]
    assert replay.session.transcript is before.transcript
    assert True not in whole, "an edit of the notes reads no words"
    segment = before.transcript.segments[0]
    library.run(lambda lib: lib.edit_segment(session, segment.id, "A quorum votes.")).result()
    assert replay.session.transcript is before.transcript, "a moment ago they were read"
    assert True not in whole
    desk.lane.tick()
    assert replay.session.transcript is not None
    assert replay.session.transcript.segments[0].text == "A quorum votes."
    assert whole.count(True) == 1
