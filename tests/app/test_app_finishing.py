"""Finishing: killed at any step and run again, a take is kept once, whole, and nothing is lost."""

from __future__ import annotations

import os
from array import array
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from waiting import wait_until

from earmark.app.news import Told
from earmark.app.take_plan import TakePlan, begin_take, ensure_session
from earmark.audio import finish
from earmark.audio.journal import JournalWriter, lock_journal
from earmark.audio.manifest import TakeManifest, read_manifests, write_manifest
from earmark.audio.peakfile import PeakWriter
from earmark.model import EarmarkError, SessionId, TakeId, TakeState, make_folder

FRAMES = 24_000


class Death(BaseException):
    """The process ends here."""


def left_behind(library: Path, *, seal: bool = False, frames: int = FRAMES) -> TakeManifest:
    """What a dead capture leaves: manifest and journal."""
    sitting = TakePlan.new(SessionId("ab" * 8), "Left behind", None)
    manifest = sitting.manifest(TakeId("cd" * 8), "flac", 1)
    make_folder(library / manifest.folder)
    journal = JournalWriter(manifest.journal_path(library), manifest.take, manifest.rate, 1)
    PeakWriter(manifest.peaks_path(library), manifest.rate).close()
    write_manifest(library, manifest)
    if frames:
        journal.append(array("h", (n % 3000 for n in range(frames))).tobytes())
    if seal:
        journal.seal("stop")
    journal.close()
    return manifest


def takes(desk: Desk) -> list[Any]:
    session = desk.earmark.library.run(lambda lib: lib.session(SessionId("ab" * 8))).result()
    assert session.title == "Left behind"
    return list(session.takes)


def assert_kept(desk: Desk, manifest: TakeManifest, state: TakeState) -> None:
    (take,) = takes(desk)
    assert (take.id, take.frames, take.state) == (manifest.take, FRAMES, state)
    assert (desk.earmark.folder / take.file).is_file()
    assert not manifest.journal_path(desk.earmark.folder).exists()
    assert read_manifests(desk.earmark.folder) == ([], [])


def test_what_a_death_left_is_restored_with_its_session(desk: Desk) -> None:
    manifest = left_behind(desk.earmark.folder)
    (found,) = desk.earmark.finishing.restore(list_only=True).result()
    assert found.state == "waiting"
    (done,) = desk.earmark.finishing.restore().result()
    assert (done.state, done.frames, done.title) == ("restored", FRAMES, "Left behind")
    assert_kept(desk, manifest, TakeState.RECOVERED)
    assert desk.earmark.finishing.restore().result() == ()


@pytest.mark.parametrize("step", ["keep_take", "put_take", "write_session_json", "forget"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_it_is_done_by_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    from earmark.library import Library

    manifest = left_behind(desk.earmark.folder, seal=True)
    desk.earmark.library.run(begin_take, manifest).result()
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
    assert_kept(desk, manifest, TakeState.COMPLETE)


def test_a_take_that_ends_is_finished_once_its_lock_is_free(desk: Desk) -> None:
    manifest = left_behind(desk.earmark.folder, seal=True)
    held = lock_journal(manifest.journal_path(desk.earmark.folder))
    assert held is not None
    desk.earmark.finishing.take_ended(manifest, FRAMES)
    (take,) = takes(desk)
    assert (take.state, take.frames) == (TakeState.SEALED, FRAMES)
    os.close(held)
    jobs: Any = desk.earmark.executors.jobs
    wait_until(lambda: jobs.tick() or takes(desk)[0].state is TakeState.COMPLETE)
    assert [one.state for one in desk.earmark.finishing.settle()] == ["restored"]
    assert_kept(desk, manifest, TakeState.COMPLETE)


def test_a_failing_worker_leaves_everything_for_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = left_behind(desk.earmark.folder)
    real = finish.keep_take

    def full(*_args: Any) -> None:
        raise EarmarkError("The disk is full.", "Free some space.")

    monkeypatch.setattr(finish, "keep_take", full)
    (found,) = desk.earmark.finishing.restore().result()
    assert found.state == "failed"
    assert manifest.journal_path(desk.earmark.folder).exists()
    monkeypatch.setattr(finish, "keep_take", real)
    desk.earmark.finishing.restore().result()
    assert_kept(desk, manifest, TakeState.RECOVERED)


def test_a_stale_look_at_a_finished_take_changes_nothing(desk: Desk) -> None:
    manifest = left_behind(desk.earmark.folder, seal=True)
    desk.earmark.finishing.restore().result()
    desk.earmark.finishing.take_ended(manifest, None)
    assert_kept(desk, manifest, TakeState.COMPLETE)


def test_a_take_without_a_frame_leaves_no_row(desk: Desk) -> None:
    left_behind(desk.earmark.folder, frames=0)
    (found,) = desk.earmark.finishing.restore().result()
    assert found.state == "empty"
    assert read_manifests(desk.earmark.folder) == ([], [])
    summaries = desk.earmark.library.run(lambda lib: lib.summaries()).result()
    assert summaries == ()


def test_a_live_recording_is_offered_not_finished(desk: Desk) -> None:
    manifest = left_behind(desk.earmark.folder)
    held = lock_journal(manifest.journal_path(desk.earmark.folder))
    assert held is not None
    offered: list[TakeManifest] = []
    (found,) = desk.earmark.finishing.restore(lambda one: bool(offered.append(one))).result()
    assert found.state == "recording"
    assert [one.take for one in offered] == [manifest.take]
    os.close(held)


@pytest.mark.parametrize("known", ["take", "session", "nothing"])
@pytest.mark.parametrize("text", [b"", b'{"v": 1, "take": "cdcd'])
def test_a_take_whose_manifest_is_damaged_is_restored_and_told_of(
    desk: Desk, known: str, text: bytes
) -> None:
    """Into its own session where the library knows the take or the folder, else into a new one
    of the folder's title and day; the unreadable file is put aside, and the second start is
    quiet."""
    folder = desk.earmark.folder
    manifest = left_behind(folder)
    if known == "take":
        desk.earmark.library.run(begin_take, manifest).result()
    elif known == "session":
        desk.earmark.library.run(ensure_session, manifest).result()
    manifest.path(folder).write_bytes(text)
    (done,) = desk.earmark.finishing.restore().result()
    assert (done.state, done.frames, done.title) == ("restored", FRAMES, "Left behind")
    (told,) = desk.of(Told)
    assert "Left behind" in told.sentence and "is kept" in told.remedy
    session = desk.earmark.library.run(lambda lib: lib.session(done.session)).result()
    assert (session.title, session.folder) == ("Left behind", manifest.folder)
    (take,) = session.takes
    assert (take.id, take.frames, take.state) == (manifest.take, FRAMES, TakeState.RECOVERED)
    assert (done.session == manifest.session) == (known != "nothing")
    assert not manifest.journal_path(folder).exists()
    assert (folder / f"run/archived/{manifest.take}.damaged.json").read_bytes() == text
    desk.news.clear()
    assert desk.earmark.finishing.restore().result() == ()
    assert not desk.of(Told)


def test_a_damaged_manifest_without_any_sound_is_told_and_left(desk: Desk) -> None:
    path = desk.earmark.folder / "run/intents/0123456789abcdef.json"
    make_folder(path.parent)
    path.write_bytes(b"{")
    (found,) = desk.earmark.finishing.restore().result()
    assert (found.state, found.take) == ("damaged", "0123456789abcdef")
    (told,) = desk.of(Told)
    assert "run/intents/0123456789abcdef.json" in told.sentence and told.remedy
    assert path.read_bytes() == b"{"
