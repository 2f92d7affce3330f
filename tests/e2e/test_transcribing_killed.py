"""The real engine's process killed and cancelled at any moment: nothing twice, nothing missing."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import signal
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tinymodel
from waiting import wait_until

from earmark.app import Earmark
from earmark.app.engineprocess import EngineProcess, spawn_engine
from earmark.app.jobs import Cancelled
from earmark.model import Segment, SessionId

DATA = Path(tinymodel.__file__).parents[1] / "data" / "tinywhisper"
SAID = ["lecture", "white", "three", "six", "server", "page", "matrix"]
TIMES, KILLS = 24, 3
MANY_TIMES, MANY_KILLS = 60, 10
PAUSE_S = 12
"""Between the repetitions, so that the engine hears one of them at a time: this small a model
loses words in long windows, killed or not."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        importlib.util.find_spec("_pywhispercpp") is None,
        reason="no speech engine here: pip install 'earmark[transcribe]'",
    ),
]


class Desk:
    """An application on a library with one long talk; every engine it started is remembered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engines: list[EngineProcess] = []
        self.open()

    def open(self) -> None:
        self.earmark = Earmark(self.folder, spawn_speech=self.spawn)
        self.earmark.library.opened.result()

    def spawn(self) -> EngineProcess:
        self.engines.append(spawn_engine())
        return self.engines[-1]

    def segments(self, session: SessionId) -> tuple[Segment, ...]:
        found = self.earmark.library.run(lambda lib: lib.session(session)).result().transcript
        return found.segments if found is not None else ()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    models = tmp_path / "models"
    models.mkdir()
    tinymodel.unpack(models)
    monkeypatch.setenv("EARMARK_MODELS", str(models))
    monkeypatch.setattr("earmark.app.transcribing.RESUME_AFTER_S", 0.0)
    made = Desk(tmp_path / "library")
    yield made
    made.earmark.close()


@pytest.fixture
def times() -> int:
    """How often the clip is said in the talk."""
    return TIMES


@pytest.fixture
def talk(desk: Desk, tmp_path: Path, times: int) -> SessionId:
    clip, rate = soundfile.read(DATA / "short.flac", dtype="float32")
    pause = tinymodel.resampled(tinymodel.room(PAUSE_S, 1), tinymodel.RATE, rate)
    soundfile.write(tmp_path / "talk.flac", np.tile(np.concatenate([clip, pause]), times), rate)
    job = desk.earmark.imports.import_file(tmp_path / "talk.flac")
    return job.future.result(120).id


def check(segments: tuple[Segment, ...], frames: int, times: int) -> None:
    """Every repetition of the clip is there, once."""
    spans = [(one.start, one.end) for one in segments]
    assert spans == sorted(spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    told = " ".join(one.text for one in segments).lower().split()
    assert tinymodel.edits(SAID * times, told) <= 0.15 * len(SAID) * times
    for number in range(times):
        start, end = number * frames // times, (number + 1) * frames // times
        words = sum(len(s.words) for s in segments if start <= s.start < end)
        assert 4 <= words <= 10, (number, words)


@pytest.mark.parametrize(
    ("times", "enough"),
    [(TIMES, KILLS), pytest.param(MANY_TIMES, MANY_KILLS, marks=pytest.mark.nightly)],
)
def test_killed_at_random_moments_it_finishes(
    desk: Desk, talk: SessionId, times: int, enough: int
) -> None:
    dice = random.Random(7)
    job = desk.earmark.transcribing.transcribe(talk)
    kills = started = 0
    while kills < enough and not job.future.done():
        # each engine gets somewhere: one that dies twice where it is would be given up, rightly
        wait_until(lambda: len(desk.engines) > started or job.future.done(), 120)  # noqa: B023
        before = len(desk.segments(talk))
        wait_until(lambda: len(desk.segments(talk)) > before or job.future.done(), 120)  # noqa: B023
        threading.Event().wait(dice.uniform(0, 0.3))  # a moment of any phase
        if not job.future.done():
            with contextlib.suppress(ProcessLookupError):  # it may be between two engines
                started = len(desk.engines)
                os.kill(desk.engines[-1].pid, signal.SIGKILL)
                kills += 1
    session = job.future.result(300)
    assert kills == enough, "the talk is long enough for all of them"
    assert len(desk.engines) >= kills
    check(session.transcript.segments, session.takes[0].frames, times)


def test_quit_in_mid_run_it_finishes_after_the_next_start(
    desk: Desk, talk: SessionId, times: int
) -> None:
    job = desk.earmark.transcribing.transcribe(talk)
    for _ in range(3):
        before = len(desk.segments(talk))
        wait_until(lambda: len(desk.segments(talk)) > before, 120)  # noqa: B023
        desk.earmark.close()
        if not job.future.done():
            raise AssertionError("a job ends with its application")
        desk.open()
        desk.earmark.transcribing.resume()

    def finished() -> bool:
        takes = desk.earmark.library.run(lambda lib: lib.untranscribed()).result()
        return not takes

    wait_until(finished, 300)
    take = desk.earmark.library.run(lambda lib: lib.session(talk)).result().takes[0]
    check(desk.segments(talk), take.frames, times)


def test_a_cancelled_engine_is_gone_with_its_memory(desk: Desk, talk: SessionId) -> None:
    job = desk.earmark.transcribing.transcribe(talk)
    wait_until(lambda: desk.segments(talk), 120)
    pid = desk.engines[-1].pid
    begun = time.monotonic()
    desk.earmark.transcribing.cancel(talk)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), 60, "the engine's end")
    print(f"cancel to gone: {time.monotonic() - begun:.2f} s")
    assert isinstance(job.future.exception(60), Cancelled)
    kept = desk.segments(talk)
    assert kept
    done = desk.earmark.transcribing.transcribe(talk).future.result(300)
    assert done.transcript.segments[: len(kept)] == kept
