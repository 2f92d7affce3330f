"""The recorder at the seam: ids at once, the frame now, deaths, pauses, devices."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from desk import Desk
from fakes import FakeCaptures

from earmark.app import Earmark
from earmark.app.executors import Executors
from earmark.app.news import (
    Alarm,
    DeviceSwitched,
    Proof,
    RecordingPhase,
    RecordingState,
    TakeBegan,
    TakeStopped,
    Told,
)
from earmark.app.sessions import new_session
from earmark.app.take_plan import TakePlan
from earmark.audio.manifest import write_manifest
from earmark.model import Anchor, Busy, SessionId, TakeId, TakeState


def test_start_gives_ids_at_once_and_tells_capture_where(desk: Desk) -> None:
    session, take = desk.earmark.recording.start(title="A / talk")
    sent = desk.captures.now.last("start")
    assert (sent["session"], sent["take"], sent["ordinal"]) == (session, take, 1)
    assert sent["journal"].startswith(sent["folder"])
    assert desk.earmark.recording.state.phase is RecordingPhase.ARMED
    found = desk.earmark.library.run(lambda lib: lib.session(session)).result()
    assert found.title == "A / talk"
    assert found.folder == sent["folder"]
    assert found.takes == ()
    desk.captures.record()
    found = desk.earmark.library.run(lambda lib: lib.session(session)).result()
    assert [one.state for one in found.takes] == [TakeState.RECORDING]
    assert desk.of(TakeBegan)[0].take == take


def test_the_frame_now_follows_the_clock_it_was_told(desk: Desk) -> None:
    recorder = desk.earmark.recording
    assert recorder.now() is None
    assert recorder.anchor_for_typing() is None
    _session, take = recorder.start()
    assert recorder.now() == Anchor(take, 0)
    _take, zero = desk.captures.record()
    assert recorder.anchor_at_time(zero + 2_500_000_000) == Anchor(take, 120_000)
    assert recorder.anchor_at_time(zero - 1) == Anchor(take, 0)
    desk.captures.now.say("clock", take=take, zero_ns=zero - 10_000_000, rate=48_000, frames=9)
    assert recorder.anchor_at_time(zero) == Anchor(take, 480)
    before = time.monotonic_ns()
    now = recorder.now()
    assert now is not None
    assert now.frame >= (before - zero) * 48 // 1_000_000


def test_pause_keeps_its_point_and_resume_is_a_new_take(desk: Desk) -> None:
    recorder = desk.earmark.recording
    session, first = recorder.start()
    desk.captures.record()
    recorder.pause()
    assert recorder.state.phase is RecordingPhase.PAUSED
    assert recorder.now() is None
    desk.captures.stop(10, "pause")
    assert recorder.anchor_for_typing() == Anchor(first, 10)
    recorder.resume()
    sent = desk.captures.now.last("start")
    assert (sent["session"], sent["ordinal"]) == (session, 2)
    assert sent["take"] != first
    desk.captures.record()
    recorder.stop()
    assert recorder.state.phase is RecordingPhase.STOPPING
    desk.captures.stop(10)
    assert recorder.state.phase is RecordingPhase.IDLE
    assert recorder.anchor_for_typing() is None


def test_stop_while_paused_ends_it(desk: Desk) -> None:
    desk.earmark.recording.start()
    desk.captures.record()
    desk.earmark.recording.pause()
    desk.captures.stop(5, "pause")
    desk.earmark.recording.stop()
    assert desk.earmark.recording.state.phase is RecordingPhase.IDLE
    assert desk.captures.now.count("stop") == 0


def test_a_session_is_continued(desk: Desk) -> None:
    session, _ = desk.earmark.recording.start(title="Once")
    desk.captures.record()
    desk.earmark.recording.stop()
    desk.captures.stop(4)
    desk.earmark.recording._sitting = None
    again, _ = desk.earmark.recording.start(session)
    assert again == session
    sent = desk.captures.now.last("start")
    assert (sent["ordinal"], sent["title"]) == (2, "Once")


def test_a_session_made_a_moment_ago_is_recorded_into_without_asking(desk: Desk) -> None:
    id_, made = new_session(desk.earmark.library, "Typed first")
    session, _take = desk.earmark.recording.start(id_)
    assert session == id_
    sent = desk.captures.now.last("start")
    assert (sent["ordinal"], sent["folder"]) == (1, made.result().folder)
    desk.captures.record()
    desk.earmark.recording.stop()
    desk.captures.stop(4)
    desk.earmark.recording.start(id_)
    assert desk.captures.now.last("start")["ordinal"] == 2


def test_one_recording_at_a_time(desk: Desk) -> None:
    desk.earmark.recording.start()
    with pytest.raises(Busy):
        desk.earmark.recording.start()


def test_a_session_that_is_not_there_is_told(desk: Desk) -> None:
    desk.earmark.recording.start(SessionId("gone"))
    assert desk.earmark.recording.state.phase is RecordingPhase.IDLE
    assert [told.kind for told in desk.of(Told)] == ["error"]
    assert not desk.captures.links or desk.captures.now.count("start") == 0


@pytest.mark.parametrize("kept", [True, False])
def test_only_what_was_recorded_is_called_kept(desk: Desk, kept: bool) -> None:
    desk.earmark.recording.start()
    if kept:
        desk.captures.record()
    while desk.earmark.recording.state.live:
        desk.captures.now.die()
    told = [f"{one.sentence} {one.remedy}" for one in desk.of(Alarm) if one.on]
    assert len(told) > 1
    assert all(("kept" in one) is kept for one in told), told
    assert ("Nothing was recorded" in told[-1]) is not kept


def test_a_recording_whose_beginning_was_not_heard_is_kept_as_far_as_it_was_stored(
    desk: Desk,
) -> None:
    """As one that outlived its window: no news of its first frame comes again."""
    _session, take = desk.earmark.recording.start()
    desk.captures.now.say("stored", take=take, frames=4800, mono_ns=1, free_bytes=1)
    desk.captures.now.say("stopped", take=take, frames=4800, reason="disk-full")
    (told,) = desk.of(Told)
    assert "kept" in told.sentence


@pytest.mark.parametrize("kept", [True, False])
def test_a_disk_that_was_full_from_the_start_kept_nothing(desk: Desk, kept: bool) -> None:
    _session, take = desk.earmark.recording.start()
    if kept:
        desk.captures.record()
    desk.captures.now.say("stopped", take=take, frames=48_000 * kept, reason="disk-full")
    (told,) = desk.of(Told)
    assert "full" in told.sentence
    assert ("kept" in told.sentence) is kept


def test_capture_killed_begins_a_new_take_by_itself(desk: Desk) -> None:
    session, first = desk.earmark.recording.start()
    desk.captures.record()
    desk.captures.now.say("stored", take=first, frames=4800, mono_ns=1, free_bytes=1)
    desk.captures.now.die()
    assert [a.kind for a in desk.of(Alarm) if a.on] == ["capture-died"]
    stopped = desk.of(TakeStopped)[-1]
    assert (stopped.take, stopped.sealed, stopped.frames) == (first, False, 4800)
    assert len(desk.captures.links) == 2
    sent = desk.captures.now.last("start")
    assert (sent["session"], sent["ordinal"]) == (session, 2)
    take, _zero = desk.captures.record()
    assert desk.earmark.recording.state.take == take != first
    now = desk.earmark.recording.now()
    assert now is not None and now.take == take


def test_capture_that_dies_again_and_again_is_given_up(desk: Desk) -> None:
    desk.earmark.recording.start()
    for _ in range(8):
        if desk.captures.now.alive:
            desk.captures.now.die()
    assert desk.earmark.recording.state.phase is RecordingPhase.IDLE
    assert len(desk.captures.links) == 4


def test_an_idle_capture_that_dies_is_replaced_in_silence(desk: Desk) -> None:
    desk.earmark.recording.prepare()
    desk.captures.now.die()
    assert len(desk.captures.links) == 2
    assert desk.of(Alarm) == []


def test_a_refused_start_is_told_and_leaves_nothing_running(desk: Desk) -> None:
    desk.earmark.recording.start()
    desk.captures.now.say("error", kind="no-input", message="There is no microphone. Plug one in.")
    assert desk.earmark.recording.state.phase is RecordingPhase.IDLE
    assert desk.of(Told)[-1].sentence.startswith("There is no microphone")
    desk.earmark.recording.start()


@pytest.mark.parametrize("how", ["stop", "disk-full", "pause", "refused"])
def test_the_end_is_told_when_its_reason_is_known_and_its_take_handed_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    recorder = desk.earmark.recording
    handed: list[RecordingPhase] = []
    monkeypatch.setattr(recorder, "_ended", lambda *_take: handed.append(recorder.state.phase))
    ends = (RecordingPhase.IDLE, RecordingPhase.PAUSED)
    ready: list[tuple[int, list[str]]] = []

    def look(news: object) -> None:
        if isinstance(news, RecordingState) and news.phase in ends:
            told = [type(one).__name__ for one in desk.news if isinstance(one, TakeStopped | Told)]
            ready.append((len(handed), told))

    desk.earmark.events.subscribe(look)
    recorder.start()
    if how == "refused":
        desk.captures.now.say("error", kind="no-input", message="There is no microphone.")
        assert ready == [(1, ["Told"])]
        return
    desk.captures.record()
    if how == "pause":
        recorder.pause()
    elif how == "stop":
        recorder.stop()
    desk.captures.stop(4800, how)
    told = ["TakeStopped", "Told"] if how == "disk-full" else ["TakeStopped"]
    assert ready[-1] == (1, told)


def test_proof_comes_from_what_was_stored(desk: Desk) -> None:
    _session, take = desk.earmark.recording.start()
    desk.captures.record()
    say = desk.captures.now.say
    say("level", rms_db=-20.0, peak_db=-3.0, clipped=0, speech=True)
    say("stored", take=take, frames=48_000, mono_ns=77, free_bytes=5)
    proof = desk.of(Proof)[-1]
    assert (proof.take, proof.stored_frames, proof.stored_mono_ns) == (take, 48_000, 77)
    assert proof.speech_mono_ns is not None
    assert (proof.rms_db, proof.free_bytes) == (-20.0, 5)


def test_devices_are_switched_and_told(desk: Desk) -> None:
    _session, take = desk.earmark.recording.start(device="one")
    assert desk.captures.now.last("start")["device"] == "one"
    desk.captures.record()
    desk.earmark.recording.use_device("two")
    assert desk.captures.now.last("device") == {"device": "two"}
    assert desk.earmark.settings.value.input == "two"
    desk.captures.now.say("device", take=take, name="x", label="Other", cause="lost", frame=3)
    assert desk.of(DeviceSwitched)[-1].label == "Other"
    assert "Other" in desk.of(Told)[-1].sentence
    assert desk.earmark.recording.state.device == "Other"


def test_warnings_go_off_with_the_take(desk: Desk) -> None:
    desk.earmark.recording.start()
    desk.captures.record()
    desk.captures.now.say("warning", kind="quiet", on=True)
    desk.earmark.recording.stop()
    desk.captures.stop(1)
    assert [(a.kind, a.on) for a in desk.of(Alarm)] == [("quiet", True), ("quiet", False)]


def test_a_recording_that_outlived_its_window_is_taken_over(desk: Desk) -> None:
    sitting = TakePlan.new(SessionId("ab" * 8), "Left", None)
    manifest = sitting.manifest(TakeId("cd" * 8), "flac", 1)
    write_manifest(desk.earmark.folder, manifest)
    desk.captures.living[manifest.take] = None  # type: ignore[assignment]
    assert desk.earmark.recording.attach(manifest)
    link = desk.captures.living[manifest.take]
    link.say("state", recording=manifest.to_message(), zero_ns=1_000_000_000, stored=3)
    recorder = desk.earmark.recording
    assert recorder.state.phase is RecordingPhase.RECORDING
    assert recorder.anchor_at_time(2_000_000_000) == Anchor(manifest.take, 48_000)
    session = desk.earmark.library.run(lambda lib: lib.session(manifest.session)).result()
    assert session.title == "Left"
    recorder.stop()
    assert link.count("stop") == 1


def test_closing_seals(desk: Desk) -> None:
    desk.earmark.recording.start()
    desk.captures.record()
    link = desk.captures.now
    desk.earmark.recording.close()
    assert link.count("quit") == 1
    assert link.closed
    assert len(desk.captures.links) == 1


def test_nothing_is_recorded_into_a_folder_that_is_no_library_of_ours(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "library.db").write_bytes(b"somebody else's file" * 100)
    captures = FakeCaptures()
    earmark = Earmark(folder, executors=Executors(inline=True), captures=captures)
    news: list[object] = []
    earmark.events.subscribe(news.append)
    earmark.recording.prepare()
    earmark.recording.start()
    assert not [cmd for cmd, _ in captures.now.sent if cmd == "start"]
    assert earmark.recording.state.phase is RecordingPhase.IDLE
    assert any(isinstance(one, Told) and one.remedy for one in news)
    assert not (folder / "sessions").exists()
    earmark.close()
