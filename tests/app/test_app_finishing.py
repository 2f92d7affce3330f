"""Finishing: killed at any step and run again, a take is kept once, whole, and nothing is lost."""

from __future__ import annotations

import os
from array import array
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from waiting import wait_until

from earmark.app.sittings import Sitting, begin_take
from earmark.audio import finish
from earmark.audio.intent import Intent, read_intents, write_intent
from earmark.audio.journal import JournalWriter, lock_journal
from earmark.audio.peakfile import PeakWriter
from earmark.model import EarmarkError, SessionId, TakeId, TakeState, make_folder

FRAMES = 24_000


class Death(BaseException):
    """The process ends here."""


def left_behind(library: Path, *, seal: bool = False, frames: int = FRAMES) -> Intent:
    """What a dead capture leaves: intent and journal."""
    sitting = Sitting.new(SessionId("ab" * 8), "Left behind", None)
    intent = sitting.intent(TakeId("cd" * 8), "flac", 1)
    make_folder(library / intent.folder)
    journal = JournalWriter(intent.journal_path(library), intent.take, intent.rate, 1)
    PeakWriter(intent.peaks_path(library), intent.rate).close()
    write_intent(library, intent)
    if frames:
        journal.append(array("h", (n % 3000 for n in range(frames))).tobytes())
    if seal:
        journal.seal("stop")
    journal.close()
    return intent


def takes(desk: Desk) -> list[Any]:
    session = desk.earmark.library.run(lambda lib: lib.session(SessionId("ab" * 8))).result()
    assert session.title == "Left behind"
    return list(session.takes)


def assert_kept(desk: Desk, intent: Intent, state: TakeState) -> None:
    (take,) = takes(desk)
    assert (take.id, take.frames, take.state) == (intent.take, FRAMES, state)
    assert (desk.earmark.folder / take.file).is_file()
    assert not intent.journal_path(desk.earmark.folder).exists()
    assert read_intents(desk.earmark.folder) == []


def test_what_a_death_left_is_restored_with_its_session(desk: Desk) -> None:
    intent = left_behind(desk.earmark.folder)
    (found,) = desk.earmark.finishing.restore(list_only=True).result()
    assert found.state == "waiting"
    (done,) = desk.earmark.finishing.restore().result()
    assert (done.state, done.frames, done.title) == ("restored", FRAMES, "Left behind")
    assert_kept(desk, intent, TakeState.RECOVERED)
    assert desk.earmark.finishing.restore().result() == ()


@pytest.mark.parametrize("step", ["keep_take", "put_take", "write_session_json", "forget"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_it_is_done_by_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    from earmark.library import Library

    intent = left_behind(desk.earmark.folder, seal=True)
    desk.earmark.library.run(begin_take, intent).result()
    owner: Any = Library if hasattr(Library, step) else finish
    real = getattr(owner, step)

    def dies(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(*args, **kwargs)
        raise Death

    monkeypatch.setattr(owner, step, dies)
    with pytest.raises(Death):
        desk.earmark.finishing.restore().result()
    there = desk.earmark.folder / takes(desk)[0].journal if takes(desk)[0].journal else None
    assert (there is not None and there.exists()) or takes(desk)[0].file or step == "forget"
    monkeypatch.setattr(owner, step, real)
    desk.earmark.finishing.restore().result()
    assert_kept(desk, intent, TakeState.COMPLETE)


def test_a_take_that_ends_is_finished_once_its_lock_is_free(desk: Desk) -> None:
    intent = left_behind(desk.earmark.folder, seal=True)
    held = lock_journal(intent.journal_path(desk.earmark.folder))
    assert held is not None
    desk.earmark.finishing.take_ended(intent, FRAMES)
    (take,) = takes(desk)
    assert (take.state, take.frames) == (TakeState.SEALED, FRAMES)
    os.close(held)
    jobs: Any = desk.earmark._jobs
    wait_until(lambda: jobs.tick() or takes(desk)[0].state is TakeState.COMPLETE)
    assert [one.state for one in desk.earmark.finishing.settle()] == ["restored"]
    assert_kept(desk, intent, TakeState.COMPLETE)


def test_a_failing_worker_leaves_everything_for_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = left_behind(desk.earmark.folder)
    real = finish.keep_take

    def full(*_args: Any) -> None:
        raise EarmarkError("The disk is full.", "Free some space.")

    monkeypatch.setattr(finish, "keep_take", full)
    (found,) = desk.earmark.finishing.restore().result()
    assert found.state == "failed"
    assert intent.journal_path(desk.earmark.folder).exists()
    monkeypatch.setattr(finish, "keep_take", real)
    desk.earmark.finishing.restore().result()
    assert_kept(desk, intent, TakeState.RECOVERED)


def test_a_stale_look_at_a_finished_take_changes_nothing(desk: Desk) -> None:
    intent = left_behind(desk.earmark.folder, seal=True)
    desk.earmark.finishing.restore().result()
    desk.earmark.finishing.take_ended(intent, None)
    assert_kept(desk, intent, TakeState.COMPLETE)


def test_a_take_without_a_frame_leaves_no_row(desk: Desk) -> None:
    left_behind(desk.earmark.folder, frames=0)
    (found,) = desk.earmark.finishing.restore().result()
    assert found.state == "empty"
    assert read_intents(desk.earmark.folder) == []
    summaries = desk.earmark.library.run(lambda lib: lib.summaries()).result()
    assert summaries == ()


def test_a_live_recording_is_offered_not_finished(desk: Desk) -> None:
    intent = left_behind(desk.earmark.folder)
    held = lock_journal(intent.journal_path(desk.earmark.folder))
    assert held is not None
    offered: list[Intent] = []
    (found,) = desk.earmark.finishing.restore(lambda one: bool(offered.append(one))).result()
    assert found.state == "recording"
    assert [one.take for one in offered] == [intent.take]
    os.close(held)
