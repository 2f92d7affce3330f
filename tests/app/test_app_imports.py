"""Imports: a session per file, cancelled without a trace, the demo brought in once."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from desk import Desk

from earmark.app.demo import open_demo
from earmark.app.jobs import Cancelled
from earmark.app.news import JobProgress, Told, TrackTaken
from earmark.model import LineKind, UnusableMedia


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


def test_what_is_missing_in_a_file_is_told(desk: Desk, tmp_path: Path) -> None:
    rate = 44_100
    sound = 0.2 * np.sin(np.arange(8 * rate) / 9)
    source = tmp_path / "hole.mp3"
    soundfile.write(source, sound, rate, format="MP3", bitrate_mode="CONSTANT")
    data = bytearray(source.read_bytes())
    begin, end = len(data) // 2, len(data) * 3 // 4
    data[begin:end] = bytes(end - begin)
    source.write_bytes(data)
    session = desk.earmark.imports.import_file(source).future.result(60)
    (gap,) = session.takes[0].gaps
    assert gap.frame / rate == pytest.approx(4.0, abs=0.15)
    assert gap.frames / rate == pytest.approx(2.0, abs=0.15)
    told = [each.sentence for each in desk.of(Told) if "damaged in the middle" in each.sentence]
    assert len(told) == 1
    assert "in 1 place" in told[0]

    cut = tmp_path / "cut.mp3"
    cut.write_bytes(source.read_bytes()[: begin - 100])
    session = desk.earmark.imports.import_file(cut).future.result(60)
    assert session.takes[0].gaps == ()
    assert "ends early" in desk.of(Told)[-1].sentence


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


def film(path: Path, tracks: int = 1, chapters: tuple[str, ...] = ()) -> Path:
    """Two seconds: silent tracks and a last one that sounds; a chapter for each half second."""
    with av.open(str(path), "w") as container:
        if chapters:
            container.set_chapters(
                [
                    {
                        "id": n,
                        "start": 500 * n,
                        "end": 500 * (n + 1),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title} if title else {},
                    }
                    for n, title in enumerate(chapters)
                ]
            )
        streams = [container.add_stream("flac", rate=16_000, layout="mono") for _n in range(tracks)]
        for number, stream in enumerate(streams, start=1):
            wave = 8000 * (number == tracks) * np.sin(np.arange(32_000) / 9)
            sound = wave.astype("i2").reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(sound, "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 16_000, 0, Fraction(1, 16_000)
            resampler = av.AudioResampler("s16", "mono", 16_000, frame_size=4096)
            for part in (*resampler.resample(frame), *resampler.resample(None)):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
    return path


def test_the_date_is_the_files_unless_told(desk: Desk, tmp_path: Path) -> None:
    source = tone(tmp_path / "old.wav")
    os.utime(source, (1_500_000_000, 1_500_000_000))
    session = desk.earmark.imports.import_file(source).future.result(60)
    assert session.created_at.timestamp() == 1_500_000_000
    assert session.takes[0].started_at == session.created_at
    assert session.folder.startswith("sessions/2017/07/2017-07-14 old")
    told = datetime(2018, 2, 3, 4, 5, tzinfo=UTC)
    session = desk.earmark.imports.import_file(source, date=told).future.result(60)
    assert session.created_at == told
    assert session.folder.startswith("sessions/2018/02/2018-02-03 old")
    assert (desk.earmark.folder / session.folder / "session.json").exists()


def test_the_track_that_was_taken_is_told_and_another_can_take_its_place(
    desk: Desk, tmp_path: Path
) -> None:
    source = film(tmp_path / "obs.mkv", tracks=2)
    first = desk.earmark.imports.import_file(source).future.result(60)
    (told,) = desk.of(TrackTaken)
    assert (told.taken, [track.number for track in told.others]) == (2, [1])
    assert told.sentence == "“obs.mkv” has 2 sound tracks: track 2 was taken."
    again = desk.earmark.imports.import_file(source, track=1, instead_of=first).future.result(60)
    assert len(desk.of(TrackTaken)) == 1, "what a person chose needs no words"
    library = desk.earmark.library
    assert [one.id for one in library.run(lambda lib: lib.summaries()).result()] == [again.id]
    assert [one.id for one in library.run(lambda lib: lib.binned()).result()] == [first.id]


def test_what_was_written_into_meanwhile_stays_beside_it(desk: Desk, tmp_path: Path) -> None:
    source = film(tmp_path / "obs.mkv", tracks=2)
    first = desk.earmark.imports.import_file(source).future.result(60)
    noted = desk.earmark.imports.import_file(source, notes="mine").future.result(60)
    mine = noted.lines[0]
    desk.earmark.library.run(lambda lib: lib.add_line(first.id, mine)).result()
    again = desk.earmark.imports.import_file(source, track=1, instead_of=first).future.result(60)
    there = desk.earmark.library.run(lambda lib: lib.summaries()).result()
    assert {one.id for one in there} == {first.id, noted.id, again.id}


def test_chapters_are_headings_among_the_notes(desk: Desk, tmp_path: Path) -> None:
    source = film(tmp_path / "book.mka", chapters=("One", "", "Three"))
    session = desk.earmark.imports.import_file(source).future.result(60)
    assert [(line.text, line.kind, line.anchor.frame) for line in session.lines] == [
        ("One", LineKind.HEADING1, 0),
        ("Chapter 2", LineKind.HEADING1, 8_000),
        ("Three", LineKind.HEADING1, 16_000),
    ]
    notes = "[0:00.2] early\nloose\n# [0:01] Three\n[0:01.5] late"
    session = desk.earmark.imports.import_file(source, notes=notes).future.result(60)
    texts = ["One", "early", "loose", "Chapter 2", "Three", "late"]
    assert [line.text for line in session.lines] == texts


def test_a_fault_of_ours_is_called_that_and_can_be_sent(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from earmark.audio.worker import client

    broken = (
        "import atexit, sys; atexit.register(lambda: print('Warning: noise', file=sys.stderr));"
        "raise TypeError('/home/somebody/secret')"
    )
    monkeypatch.setattr(client.run_job, "__kwdefaults__", {"argv": (sys.executable, "-c", broken)})
    job = desk.earmark.imports.import_file(tone(tmp_path / "a.wav"))
    with pytest.raises(Exception, match="A fault in Earmark") as told:
        job.future.result(60)
    log = desk.earmark.folder / "run" / "faults.log"
    assert str(log) in str(told.value)
    assert "onvert" not in str(told.value)
    assert "TypeError" in log.read_text()
    assert "secret" not in log.read_text() + str(told.value)
