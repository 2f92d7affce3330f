"""`earmark models`: list, add, get, remove; without any library."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import read, run
from modelserver import model_server
from tinyfile import SHA256, tiny_model

from earmark.transcribe.known import KNOWN

KEYS = ["name", "bytes", "sha256", "languages", "installed", "path"]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library folder that must not be made."""
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    yield tmp_path / "library"
    assert not (tmp_path / "library").exists()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ggml-tiny-test.bin"
    path.write_bytes(tiny_model())
    return path


def test_a_model_is_added_listed_and_removed(nowhere: Path, file: Path):
    listed = read(nowhere, "models", "list")
    assert [one["name"] for one in listed] == [row.name for row in KNOWN]
    assert all(list(one) == KEYS and not one["installed"] for one in listed)
    added = read(nowhere, "models", "add", file, process=True)
    assert (added["name"], added["installed"]) == ("tiny-test", True)
    mine = read(nowhere, "models", "list")[-1]
    assert mine == {
        "name": "tiny-test",
        "bytes": len(tiny_model()),
        "sha256": SHA256,
        "languages": ["en"],
        "installed": True,
        "path": mine["path"],
    }
    assert Path(mine["path"]).read_bytes() == tiny_model()
    run(nowhere, "models", "remove", "tiny-test")
    assert not Path(mine["path"]).exists()
    assert len(read(nowhere, "models", "list")) == len(KNOWN)
    run(nowhere, "models", "remove", "tiny-test", code=1)


def test_what_is_wrong_is_one_sentence(nowhere: Path, file: Path):
    file.write_bytes(tiny_model()[:-7])
    assert "cut off" in run(nowhere, "models", "add", file, code=1)
    assert "no file" in run(nowhere, "models", "add", "nothing.bin", code=1)
    assert "no-such" in run(nowhere, "models", "get", "no-such", code=1)
    env = {**os.environ, "EARMARK_MODEL_HOST": "http://example.org"}
    assert "example.org" in run(nowhere, "models", "get", "tiny", env=env, code=1)


def test_wrong_usage(nowhere: Path):
    for args in (("models",), ("models", "get"), ("models", "steal", "x"), ("models", "list", "x")):
        run(nowhere, *args, code=2)


def test_an_unknown_file_is_said_to_be_one(nowhere: Path, file: Path):
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "models", "add", str(file)],
        capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip
    assert "none of the known models" in done.stderr
    assert "tiny-test" in done.stdout


def test_a_wrong_file_from_the_server_is_refused(nowhere: Path, tmp_path: Path):
    """What this server has is a model, but not the one that was asked for."""
    with model_server(tiny_model()) as server:
        env = {**os.environ, "EARMARK_MODEL_HOST": server.url}
        assert "another file" in run(nowhere, "models", "get", "tiny", env=env, code=1)
        assert "checksum" in run(nowhere, "models", "get", "tiny.en", env=env, code=1)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_interrupted_download_keeps_what_came(nowhere: Path, tmp_path: Path):
    with model_server(bytes(77691713), "hang") as server:
        env = {**os.environ, "EARMARK_MODEL_HOST": server.url}
        with subprocess.Popen(
            [sys.executable, "-m", "earmark", "models", "get", "tiny"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert server.going.wait(120)
            process.send_signal(signal.SIGINT)
            _out, said = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "Cancelled" in said and "Traceback" not in said
    (part,) = (tmp_path / "models").iterdir()
    assert part.name == "ggml-tiny.bin.part" and part.stat().st_size > 0
    listed = json.loads(run(nowhere, "models", "list", "--json"))
    assert not listed[0]["installed"]


def test_doctor_tells_engine_and_models(nowhere: Path, tmp_path: Path, file: Path):
    def findings() -> list[tuple[str, str]]:
        done = subprocess.run(
            [sys.executable, "-m", "earmark", "doctor", "--json", "--library", str(nowhere)],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        return [(one["level"], one["what"]) for one in json.loads(done.stdout)["findings"]]

    def about(words: str) -> list[str]:
        return [level for level, what in findings() if words in what]

    assert about("No speech model") == ["warning"]
    run(nowhere, "models", "add", file)
    (tmp_path / "models" / "broken.bin").write_bytes(b"lmgg")
    assert about("Speech models: tiny-test.") == ["good"]
    assert about("“broken.bin” is cut off") == ["warning"]
    assert len(about("ranscribing with")) + len(about("No speech engine")) == 1
