"""Cutting what is off the record for good, in the window: asked in a strip, done on one press."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from PySide6.QtWidgets import QApplication, QProgressBar, QPushButton
from waiting import wait_until
from window_desk import Desk

from earmark.audio.worker.jobs import JOBS
from earmark.model import Frames, SampleRate, Span, Take, TakeId, TakeState

RATE = 8_000
STRIP = "permanent-cut"


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch) -> Iterator[Desk]:
    monkeypatch.setattr(
        "earmark.audio.worker.run_job",
        lambda job, progress, _cancelled: JOBS[job["job"]](job, progress),
    )
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


def open_talk(desk: Desk, *, original: bool = False, off: bool = True) -> Path:
    """A session of ten seconds on the page, of which three are off the record; its file."""
    assert desk.earmark is not None
    library = desk.earmark.library
    made = library.run(lambda lib: lib.create_session("A talk")).result(60)
    file = f"{made.folder}/{'original' if original else 'take'}-1-abcdef.flac"
    sf.write(desk.folder / file, np.full(10 * RATE, 5000, "<i2"), RATE)
    take = Take(
        id=TakeId("abcdef0123456789"),
        ordinal=1,
        sample_rate=SampleRate(RATE),
        channels=1,
        frames=Frames(10 * RATE),
        started_at=made.created_at,
        state=TakeState.COMPLETE,
        file=file,
        codec="flac",
        original=file if original else None,
    )
    library.run(lambda lib: lib.put_take(made.id, take)).result(60)
    if off:
        span = Span(Frames(2 * RATE), Frames(3 * RATE))
        library.run(lambda lib: lib.set_off_record(take.id, [span])).result(60)
    desk.window.desk.open(made.id)
    desk.settle()
    return desk.folder / file


def ask(desk: Desk) -> str | None:
    desk.window.actions_["off_record_cut"].trigger()
    desk.settle()
    return said(desk)


def said(desk: Desk) -> str | None:
    return desk.window.parts.strips.said(STRIP)


def press(desk: Desk, words: str) -> None:
    buttons = desk.window.parts.strips.findChildren(QPushButton)
    next(b for b in buttons if b.text() == words and not b.isHidden()).click()


def wait_for(desk: Desk, sentence: str) -> str:
    def there() -> bool:
        desk.settle()
        return sentence in (said(desk) or "")

    wait_until(there, what=sentence)
    return said(desk) or ""


def zeros(file: Path) -> Any:
    return np.flatnonzero(sf.read(file, dtype="int16")[0] == 0)


def test_asked_in_a_strip_and_done_on_one_press(desk: Desk):
    file = open_talk(desk)
    question = ask(desk)
    assert question is not None and question.startswith("3 seconds that are off the record")
    assert not len(zeros(file))
    press(desk, "Cut for good")
    result = wait_for(desk, "3 seconds were cut for good.")
    assert "Shares made before" in result
    cut = zeros(file)
    assert (len(cut), cut[0], cut[-1]) == (3 * RATE, 2 * RATE, 5 * RATE - 1)
    (take,) = desk.session().takes
    assert [(span.frame, span.frames) for span in take.off_record] == [(2 * RATE, 3 * RATE)]


def test_the_imported_file_is_asked_for_by_itself(desk: Desk):
    file = open_talk(desk, original=True)
    ask(desk)
    press(desk, "Cut for good")
    assert "The imported file still holds it." in wait_for(desk, "cut for good.")
    assert file.exists()
    press(desk, "Remove the imported file")
    wait_for(desk, "The imported file was removed.")
    assert not file.exists()
    (take,) = desk.session().takes
    assert take.original is None
    assert len(zeros(desk.folder / take.file)) == 3 * RATE


def test_meanwhile_the_strip_shows_how_far_it_is(desk: Desk, monkeypatch):
    open_talk(desk)
    go_on = threading.Event()

    def slowly(job: Any, progress: Any, _cancelled: Any) -> Any:
        progress(0.5)
        assert go_on.wait(60)
        return JOBS["silence"](job, progress)

    monkeypatch.setattr("earmark.audio.worker.run_job", slowly)
    ask(desk)
    press(desk, "Cut for good")
    bars = desk.window.parts.strips.findChildren(QProgressBar)

    def half() -> bool:
        QApplication.processEvents()
        return any(bar.value() >= 500 for bar in bars if not bar.isHidden())

    wait_until(half, what="the bar")
    assert ask(desk) == "Cutting what is off the record…"
    go_on.set()
    wait_for(desk, "cut for good.")


@pytest.mark.parametrize("page", ["empty", "nothing off the record"])
def test_with_nothing_off_the_record_that_is_said(desk: Desk, page: str):
    if page != "empty":
        open_talk(desk, off=False)
    assert ask(desk) == "Nothing in this session is off the record."


def test_a_recording_says_why_it_waits(desk: Desk):
    file = open_talk(desk)
    desk.window.actions_["record"].trigger()
    desk.settle()
    assert ask(desk) is None
    strips = desk.window.parts.strips
    assert any("being recorded" in (strips.said(key) or "") for key in strips.keys())  # noqa: SIM118
    assert not len(zeros(file))


def test_a_failure_leaves_the_way_open(desk: Desk, monkeypatch):
    from earmark.model import EarmarkError

    file = open_talk(desk)

    def fails(*_job: Any) -> Any:
        raise EarmarkError("The disk is full.", "Free some space.")

    ask(desk)
    with monkeypatch.context() as patch:
        patch.setattr("earmark.audio.worker.run_job", fails)
        press(desk, "Cut for good")

        def told() -> bool:
            desk.settle()
            strips = desk.window.parts.strips
            return any("disk is full" in (strips.said(key) or "") for key in strips.keys())  # noqa: SIM118

        wait_until(told, what="the failure")
    assert said(desk) is None and not len(zeros(file))
    question = ask(desk)
    assert question is not None and question.startswith("3 seconds")
