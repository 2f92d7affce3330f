"""Imports: a session per file, cancelled without a trace, the demo brought in once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from desk import Desk

from earmark.app.demo import open_demo
from earmark.app.jobs import Cancelled
from earmark.app.news import JobProgress
from earmark.model import UnusableMedia


def tone(path: Path) -> Path:
    soundfile.write(path, 0.2 * np.sin(np.arange(32_000) / 9), 16_000)
    return path


def test_a_file_becomes_a_session(desk: Desk, tmp_path: Path) -> None:
    job = desk.earmark.imports.import_file(tone(tmp_path / "My talk.wav"), notes="[0:01] here")
    session = job.future.result(60)
    assert session.title == "My talk"
    assert session.lines[0].anchor is not None
    assert session.lines[0].anchor.frame == 16_000
    progress = desk.of(JobProgress)
    assert progress[-1].done
    assert progress[-1].session == session.id
    assert (desk.earmark.folder / session.folder / "session.json").exists()


def test_a_cancelled_import_leaves_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from earmark.app.jobs import Job

    real = Job.progress

    def cancel(job: Job[object], fraction: float | None) -> None:
        job.cancel()
        real(job, fraction)

    monkeypatch.setattr(Job, "progress", cancel)
    job = desk.earmark.imports.import_file(tone(tmp_path / "a.wav"))
    with pytest.raises(Cancelled):
        job.future.result(60)
    assert desk.of(JobProgress)[-1].cancelled
    assert list((desk.earmark.folder / "sessions").rglob("*.wav")) == []
    assert desk.earmark.library.run(lambda lib: lib.summaries()).result() == ()


def test_a_bad_file_is_told_and_leaves_no_session(desk: Desk, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"nothing of sound")
    job = desk.earmark.imports.import_file(bad)
    with pytest.raises(UnusableMedia):
        job.future.result(60)
    assert desk.of(JobProgress)[-1].failed
    assert desk.earmark.library.run(lambda lib: lib.summaries()).result() == ()


def test_the_demo_comes_in_once(desk: Desk) -> None:
    session = open_demo(desk.earmark)
    assert desk.earmark.settings.value.transcript_shown
    desk.earmark.settings.change(transcript_shown=False)
    assert open_demo(desk.earmark) == session
    assert not desk.earmark.settings.value.transcript_shown, "the person closed it"
    whole = desk.earmark.library.run(lambda library: library.session(session)).result()
    assert whole.lines
    assert whole.transcript is not None
    said = " ".join(segment.text for segment in whole.transcript.segments)
    assert said.startswith("Good morning everybody")
    for segment in whole.transcript.segments:
        assert segment.text == " ".join(word.text for word in segment.words)
        assert segment.end <= whole.takes[0].frames
    found = desk.earmark.library.run(lambda lib: lib.session(session)).result()
    assert len(found.lines) > 5
    assert all(line.runs for line in found.lines if line.text)
    assert found.place
