"""`earmark transcribe` through the real engine, with the tiny genuine model."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tinymodel
from command import read, run
from waiting import wait_until

DATA = Path(tinymodel.__file__).parents[1] / "data" / "tinywhisper"
SAID = ["lecture", "white", "three", "six", "server", "page", "matrix"]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("_pywhispercpp") is None,
    reason="no speech engine here: pip install 'earmark[transcribe]'",
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    models = tmp_path / "models"
    models.mkdir()
    tinymodel.unpack(models)
    monkeypatch.setenv("EARMARK_MODELS", str(models))
    return tmp_path / "library"


def talk(path: Path, times: int = 1) -> Path:
    """The clip of the model's makers, again and again."""
    sound, rate = soundfile.read(DATA / "short.flac", dtype="float32")
    soundfile.write(path, np.tile(sound, times), rate)
    return path


def test_a_talk_is_transcribed_and_shown_and_not_done_twice(library: Path, tmp_path: Path) -> None:
    (came,) = read(library, "import", talk(tmp_path / "talk.flac"))
    (done,) = read(library, "transcribe", came["id"][:6], process=True)
    words = done.pop("words")
    segments = done.pop("segments")
    engine = {"engine": "pywhispercpp", "model": "tiny-test"}
    assert done == {"id": came["id"], "title": "talk", **engine}
    transcript = read(library, "show", came["id"])["transcript"]
    assert (transcript["engine"], transcript["model"]) == ("pywhispercpp", "tiny-test")
    assert len(transcript["segments"]) == segments
    told = [word["text"] for one in transcript["segments"] for word in one["words"]]
    assert len(told) == words
    assert tinymodel.edits(SAID, [one.lower().strip(".,") for one in told]) <= 1
    frames = [w["start_frame"] for one in transcript["segments"] for w in one["words"]]
    assert frames == sorted(frames)
    assert all(
        0 < word["probability"] <= 1 for one in transcript["segments"] for word in one["words"]
    )
    human = run(library, "show", came["id"])
    assert "Transcript (pywhispercpp tiny-test)" in human
    assert transcript["segments"][0]["text"] in human
    assert read(library, "transcribe", came["id"]) == [
        {**done, "segments": segments, "words": words}
    ]
    assert read(library, "transcribe", "--all") == []
    assert read(library, "show", came["id"])["transcript"] == transcript


def test_all_and_several_and_what_is_wrong(library: Path, tmp_path: Path) -> None:
    (one,) = read(library, "import", talk(tmp_path / "one.flac"))
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(48_000, "float32"), 16_000)
    (two,) = read(library, "import", silent)
    assert "nothing" in run(library, "transcribe", "nothing", code=1)
    run(library, "transcribe", code=2)
    run(library, "transcribe", one["id"], "--all", code=2)
    assert "no speech engine named" in run(
        library, "transcribe", one["id"], "--engine", "x", code=1
    )
    assert "models list" in run(library, "transcribe", one["id"], "--model", "x", code=1)
    assert "language" in run(library, "transcribe", one["id"], "--language", "xx", code=1)
    done = read(library, "transcribe", "--all", "--model", "tiny-test", "--language", "en")
    assert {row["id"]: row["words"] > 0 for row in done} == {one["id"]: True, two["id"]: False}
    assert "No speech was found." in run(library, "show", two["id"])
    assert read(library, "show", two["id"])["transcript"]["segments"] == []


def test_without_a_model_the_command_to_get_one_is_said(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (came,) = read(library, "import", talk(tmp_path / "talk.flac"))
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "empty"))
    told = run(library, "transcribe", came["id"], code=1)
    assert "earmark models get base" in told
    assert "earmark models add" in told
    assert read(library, "show", came["id"])["transcript"] is None


def test_an_engine_that_does_not_load_and_a_model_that_is_broken_are_named(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (came,) = read(library, "import", talk(tmp_path / "talk.flac"))
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "_pywhispercpp.py").write_text("raise ImportError('libgomp.so.1 is missing')\n")
    with monkeypatch.context() as one:
        one.setenv("PYTHONPATH", str(stub))
        told = run(library, "transcribe", came["id"], code=1)
    assert "does not load: libgomp.so.1 is missing" in told
    assert 'pip install --force-reinstall "earmark[transcribe]"' in told
    model = next((tmp_path / "models").glob("*.bin"))
    model.write_bytes(model.read_bytes()[:100_000])
    told = run(library, "transcribe", came["id"], code=1)
    assert "is cut off" in told
    assert "earmark models remove tiny-test" in told
    assert read(library, "show", came["id"])["transcript"] is None


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_mid_run_the_same_command_goes_on(
    library: Path, tmp_path: Path, how: signal.Signals
) -> None:
    (came,) = read(library, "import", talk(tmp_path / "long.flac", 40))
    process = subprocess.Popen(
        [sys.executable, "-m", "earmark", "transcribe", came["id"], "--library", str(library)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def found() -> int:
        transcript = read(library, "show", came["id"])["transcript"]
        return len(transcript["segments"]) if transcript else 0

    with process:
        wait_until(lambda: found() > 0 or process.poll() is not None, 120)
        process.send_signal(how)
        out, told = process.communicate(timeout=120)
    if how is signal.SIGINT and not out:  # else it was through with it before the signal came
        assert process.returncode == 1
        assert "goes on there" in told
    before = read(library, "show", came["id"])["transcript"]["segments"]
    (done,) = read(library, "transcribe", came["id"])
    after = read(library, "show", came["id"])["transcript"]["segments"]
    assert after[: len(before)] == before
    starts = [one["start_frame"] for one in after]
    assert starts == sorted(set(starts))
    told_words = [w["text"] for one in after for w in one["words"]]
    assert tinymodel.edits(SAID * 40, told_words) <= len(SAID) * 40 * 0.3
    assert done["words"] == len(told_words)


def test_json_is_json_whatever_is_told_beside_it(library: Path, tmp_path: Path) -> None:
    (came,) = read(library, "import", talk(tmp_path / "talk.flac"))
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "transcribe", came["id"], "beef", "--json"],
        env={**os.environ, "EARMARK_LIBRARY": str(library)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1
    assert "beef" in done.stderr
    assert json.loads(done.stdout or "[]") == []
