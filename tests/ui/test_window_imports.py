"""Imports in the window: a strip with progress and cancel, never a dialog, never silence."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from window_desk import Desk

from earmark.app.events import Events
from earmark.app.jobs import Cancelled, Job
from earmark.app.news import JobProgress, SoundTrack, TrackTaken
from earmark.model import Event, EventId, Session, SessionId
from earmark.model.errors import UnusableMedia
from earmark.ui.controllers.imports import ImportController, is_picture
from earmark.ui.window.message_bar import MessageBar


class FakeImports:
    def __init__(self) -> None:
        self.events = Events()
        self.jobs: list[Job[object]] = []
        self.asked: list[dict[str, object]] = []

    def import_file(self, path: Path, **more: object) -> Job[object]:
        self.asked.append(more)
        self.jobs.append(Job(path.name, self.events))
        return self.jobs[-1]


class FakeEarmark:
    def __init__(self) -> None:
        self.imports = FakeImports()


@pytest.fixture
def desk(qapp):
    home = QWidget()
    desk = ImportController(MessageBar(home), home)
    desk.home = home
    desk.earmark = FakeEarmark()
    desk.earmark.imports.events.subscribe(
        lambda news: desk.heard(news) if isinstance(news, JobProgress) else None
    )
    desk.attach(desk.earmark)
    return desk


def begin(desk, name: str = "a talk.mp3") -> Job[object]:
    desk.import_files([Path("/somewhere") / name])
    return desk.earmark.imports.jobs[-1]


def test_an_import_shows_its_progress_and_opens_when_it_is_in(desk):
    opened: list[str] = []
    desk.imported.connect(opened.append)
    job = begin(desk)
    assert desk._strips.said(f"job:{job.id}") == "Importing a talk.mp3…"
    job.progress(0.5)
    assert desk._strips.said(f"job:{job.id}") == "Importing a talk.mp3…"
    job.succeed(object(), "session")
    assert desk._strips.keys() == ()
    assert opened == ["session"]


def test_cancel_asks_the_job_and_leaves_no_words(desk):
    job = begin(desk)
    desk._strips._strips[f"job:{job.id}"]._button.click()
    assert job.cancelled.is_set()
    job.fail(Cancelled())
    assert desk._strips.keys() == ()


def test_a_bad_file_gets_its_sentence_with_its_name(desk):
    job = begin(desk, "x.mp3")
    job.fail(UnusableMedia("This is no sound.", "Choose another file."))
    assert desk._strips.said(f"job:{job.id}") == "x.mp3: This is no sound. Choose another file."


def test_pictures_are_told_from_recordings():
    assert is_picture(Path("A.JPG")) and not is_picture(Path("a.wav"))


def test_the_track_taken_is_said_and_another_can_be_had(desk):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    session = Session(SessionId("s"), "T", now, "", Event(EventId("e"), "Course"))
    tracks = (SoundTrack(1, "", 2), SoundTrack(2, "Microphone", 1))
    desk.track_taken(TrackTaken(session, Path("/somewhere/obs.mkv"), 2, tracks))
    said = desk._strips.said("track:s")
    assert said == "“obs.mkv” has 2 sound tracks: track 2 (Microphone) was taken."
    (button,) = (b for b in desk.home.findChildren(QPushButton) if "instead" in b.text())
    assert button.text() == "Take track 1 instead"
    button.click()
    assert desk._strips.said("track:s") is None
    assert desk.earmark.imports.asked == [
        {"event": "e", "track": 1, "instead_of": session},
    ]


def test_a_transcript_comes_in_with_the_recording_of_its_name(desk):
    names = ("talk.srt", "talk.mp3", "other.wav", "alone.vtt")
    desk.import_files([Path("/somewhere") / name for name in names])
    jobs = zip(desk.earmark.imports.jobs, desk.earmark.imports.asked, strict=True)
    assert {job.label: asked["transcript"] for job, asked in jobs} == {
        "talk.mp3": Path("/somewhere/talk.srt"),
        "other.wav": None,
        "alone.vtt": None,
    }


def test_another_track_is_taken_in_the_window(qapp, tmp_path, monkeypatch, qtbot):
    source = tmp_path / "obs.mkv"
    with av.open(str(source), "w") as container:
        streams = [container.add_stream("flac", rate=16_000, layout="mono") for _n in range(2)]
        for level, stream in enumerate(streams):
            wave = (8000 * level * np.sin(np.arange(16_000) / 9)).astype("i2").reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 16_000, 0, Fraction(1, 16_000)
            resampler = av.AudioResampler("s16", "mono", 16_000, frame_size=4000)
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
    window_desk = Desk(tmp_path / "library", monkeypatch)
    window_desk.open()
    try:
        window_desk.window.open_file(source)
        strips = window_desk.window.parts.strips

        def offered() -> list[QPushButton]:
            return [b for b in strips.findChildren(QPushButton) if "instead" in b.text()]

        qtbot.waitUntil(lambda: bool(offered()), timeout=60_000)
        qtbot.waitUntil(lambda: bool(window_desk.window.desk.id), timeout=60_000)
        first = window_desk.window.desk.id
        (button,) = offered()
        assert button.text() == "Take track 1 instead"
        button.click()
        qtbot.waitUntil(lambda: window_desk.window.desk.id not in (None, first), timeout=60_000)
        window_desk.settle()
        assert [one.id for one in window_desk.sessions()] == [window_desk.window.desk.id]
    finally:
        window_desk.close()
