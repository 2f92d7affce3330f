"""The parent's side and the guards around an engine, with processes that misbehave on purpose."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import tinymodel
import transcribing
from transcribing import check_form, passages, run, word_error

from earmark.model.errors import DiskFull, NotFound
from earmark.transcribe import engines as engines_module
from earmark.transcribe.client import Cancelled, Engine
from earmark.transcribe.engines import EngineFailed, choose, engines
from earmark.transcribe.limits import available, limit_memory, threads_to_use

SAYS = """
import json, sys
def say(**fields): print(json.dumps(fields), flush=True)
"""


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", SAYS + code)


def test_lines_that_are_no_messages_are_passed_over():
    code = """
print("ggml: hello"); print("{half"); print("[1]")
say(ev="segments", take="t", segments=[], done=5); say(ev="finished", take="t", frames=5)
sys.stdin.read()
"""
    with Engine(child(code)) as engine:
        assert [event["ev"] for event in engine.events()] == ["segments", "finished"]


def test_what_the_process_says_failed_is_raised_as_that_error():
    code = 'say(ev="failed", kind="DiskFull", what="The disk is full.", remedy="Free some.")'
    with Engine(child(code)) as engine, pytest.raises(DiskFull, match="Free some"):
        list(engine.events())


@pytest.mark.parametrize("end", ["sys.exit(1)", "import os; os.abort()", "1/0"])
def test_a_process_that_dies_is_one_sentence_with_its_last_words_kept_for_a_report(end):
    with Engine(child(f"print('last words', file=sys.stderr, flush=True); {end}")) as engine:
        with pytest.raises(EngineFailed, match="broke down"):
            list(engine.events())
        assert "last words" in engine.what_it_printed()


def test_memory_that_ran_out_is_said_as_such():
    code = "print('std::bad_alloc', file=sys.stderr, flush=True); import os; os.abort()"
    with Engine(child(code)) as engine, pytest.raises(EngineFailed, match="not enough memory"):
        list(engine.events())
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with Engine(child(killed)) as engine, pytest.raises(EngineFailed, match="memory ran out"):
        list(engine.events())


def test_no_program_is_one_sentence():
    with pytest.raises(EngineFailed, match="could not be started"):
        Engine(("/does/not/exist",))


def test_sending_never_waits_and_says_when_nobody_takes_it():
    with Engine(child("import time; say(ev='ready'); time.sleep(600)")) as engine:
        taken = 0
        while engine.pcm(bytes(1 << 20)):
            taken += 1
            assert taken < 100
        assert taken >= 16, "half a minute behind is nothing"
        threading.Timer(0.05, engine.cancel).start()
        with pytest.raises(Cancelled):
            list(engine.events())


def test_an_engine_that_hangs_ends_itself_with_a_sentence():
    code = (
        "import json, time; from earmark.transcribe.watch import Watch\n"
        "w = Watch(lambda m: print(json.dumps(m), flush=True)); w.begin('t'); time.sleep(600)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "EARMARK_STUCK_SECONDS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 3
    assert last["ev"] == "failed" and "stopped" in last["what"] and last["remedy"]


def test_bad_commands_end_the_process_instead_of_leaving_it_deaf():
    from earmark.transcribe.client import ARGV

    done = subprocess.run(ARGV, input=b"{nonsense\n", capture_output=True, timeout=120)
    assert done.returncode == 2
    done = subprocess.run(ARGV, input=b"", capture_output=True, timeout=120)
    assert done.returncode == 0


def test_a_model_larger_than_the_free_memory_is_refused_before_it_is_loaded():
    free = "MemTotal: 4000000 kB\nMemAvailable:    1000000 kB\n"
    assert available(free) == 1_024_000_000
    assert available("") is None
    with pytest.raises(EngineFailed, match=r"needs \d+ MB of memory; 976 MB are free"):
        limit_memory(3 << 30, free)


def test_threads_leave_a_core_to_the_person():
    cores = len(os.sched_getaffinity(0))
    assert threads_to_use(None) == max(1, cores - 1)
    assert threads_to_use(None, live=True) == 1
    assert threads_to_use(3, live=True) == 3
    assert threads_to_use(-5) == 1


def test_the_default_engine_is_taken_first_and_the_other_where_it_is_alone(monkeypatch):
    def there(*packages: str) -> None:
        monkeypatch.setattr(
            engines_module.importlib.util, "find_spec", lambda name: name in packages or None
        )

    there("_pywhispercpp", "whisper_cpp_python")
    assert choose() == "pywhispercpp"
    assert choose("whisper-cpp-python") == "whisper-cpp-python"
    there("whisper_cpp_python")
    assert choose() == "whisper-cpp-python"
    assert [engine.installed for engine in engines()] == [False, True]
    with pytest.raises(NotFound, match=r"earmark\[transcribe\]"):
        choose("pywhispercpp")
    there()
    with pytest.raises(NotFound, match=r'No speech engine is installed.*earmark\[transcribe\]"'):
        choose()
    assert all(engine.why_not for engine in engines())


def test_an_engine_that_cannot_be_looked_for_is_not_there(monkeypatch):
    def blocked(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(engines_module.importlib.util, "find_spec", blocked)
    assert [engine.installed for engine in engines()] == [False, False]


def test_no_engine_is_imported_by_asking_for_them():
    code = (
        "import sys; from earmark.transcribe.engines import engines; engines()\n"
        "from earmark.transcribe import client\n"
        "bad = [m for m in sys.modules if 'whisper' in m and not m.startswith('earmark')]\n"
        "sys.exit(bool(bad))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mel_bands": 128}, "newer than the engine"),
        ({"vocabulary": 51_866}, "newer than the engine"),
        ({"coding": "q5_1"}, "quantised"),
    ],
)
def test_the_second_engine_refuses_models_that_would_take_it_down(change, sentence, monkeypatch):
    from earmark.transcribe import legacy
    from earmark.transcribe.model_check import ModelFacts

    known = {"bytes": 1, "coding": "f16", "languages": ("en",), "mel_bands": 80}
    facts = {**known, "vocabulary": 51_865, "audio_layers": 4, "text_layers": 4}
    facts |= {"text_positions": 448, **change}
    monkeypatch.setattr(legacy, "check_model", lambda _path: ModelFacts(**facts))
    with pytest.raises(EngineFailed, match=sentence):
        legacy.WhisperCppPython().load(Path("model.bin"), threads=1, language="auto")


def _legacy_python() -> str | None:
    """An interpreter that has whisper-cpp-python: this one, or the one named for the purpose."""
    if importlib.util.find_spec("whisper_cpp_python"):
        return sys.executable
    return os.environ.get("EARMARK_LEGACY_PYTHON")


@pytest.mark.skipif(
    _legacy_python() is None,
    reason="whisper-cpp-python is not built here: docs/transcription.md tells how, and to name "
    "its interpreter in EARMARK_LEGACY_PYTHON",
)
@pytest.mark.skipif(not tinymodel.can_speak(), reason="no espeak-ng")
def test_the_second_engine_hears_the_same_words(tmp_path, monkeypatch):
    python = _legacy_python()
    assert python is not None
    source = str(Path(engines_module.__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", source)
    model = tinymodel.unpack_f16(tmp_path)
    with Engine((python, "-m", "earmark.transcribe.child")) as engine:
        loaded = engine.load(model, engine="whisper-cpp-python", threads=1)
        assert loaded["engine"] == "whisper-cpp-python"
        wrong = total = 0
        off: list[float] = []
        for seed in range(12):
            sound, spoken = tinymodel.clip(seed, 3 + seed % 5)
            file = transcribing.write(tmp_path / f"{seed}.flac", sound)
            segments = passages(run(engine, "take", tinymodel.RATE, file))
            check_form(segments, len(sound))
            errors, said = word_error(spoken, segments)
            wrong, total = wrong + errors, total + said
            off += transcribing.time_errors(spoken, segments, tinymodel.RATE)
        assert wrong / total < 0.15
        assert sorted(off)[len(off) // 2] <= 0.3
        with pytest.raises(EngineFailed, match="quantised"):
            engine.load(tinymodel.unpack(tmp_path), engine="whisper-cpp-python")
        with pytest.raises(EngineFailed, match="English only"):
            engine.load(model, language="fr", engine="whisper-cpp-python")
