"""The folder of models: files a person adds, what is listed, what is removed, what is trusted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tinyfile import SHA256, tiny_model

from earmark.model import Busy, DiskFull, EarmarkError, NotFound, UnusableMedia
from earmark.transcribe.models import KNOWN, DownloadCancelled, Models, models_folder


@pytest.fixture(autouse=True)
def no_folder_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("EARMARK_MODELS", raising=False)


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ggml-tiny-test.bin"
    path.write_bytes(tiny_model())
    return path


def names(models: Models) -> list[str]:
    return sorted(p.name for p in models.folder.iterdir()) if models.folder.exists() else []


def test_before_anything_the_table_is_listed_and_nothing_is_made(models: Models):
    listed = models.listing()
    assert [one.name for one in listed] == [row.name for row in KNOWN]
    assert not any(one.installed or one.path for one in listed)
    assert not models.folder.exists()


def test_an_added_file_is_named_by_its_file_and_said_to_be_unknown(models: Models, file: Path):
    info = models.add(file)
    assert (info.name, info.installed, info.known) == ("tiny-test", True, False)
    assert (info.bytes, info.sha256, info.languages) == (len(tiny_model()), SHA256, ("en",))
    assert models.listing()[-1] == info
    assert models.path("tiny-test").read_bytes() == file.read_bytes()
    assert names(models) == ["ggml-tiny-test.bin", "ggml-tiny-test.bin.json"]


def test_the_same_again_is_fine_and_another_of_that_name_is_not(models: Models, file: Path):
    first = models.add(file)
    assert models.add(file) == first
    data = bytearray(tiny_model())
    data[-10] ^= 1  # a weight
    file.write_bytes(data)
    with pytest.raises(Busy, match="tiny-test"):
        models.add(file)
    assert models.path("tiny-test").read_bytes() == tiny_model()
    assert names(models) == ["ggml-tiny-test.bin", "ggml-tiny-test.bin.json"]


def test_a_broken_file_is_refused_and_leaves_nothing(models: Models, file: Path):
    file.write_bytes(tiny_model()[:-1])
    with pytest.raises(UnusableMedia, match="cut off"):
        models.add(file)
    with pytest.raises(NotFound):
        models.add(file.with_name("none.bin"))
    assert names(models) == []


@pytest.mark.parametrize("name", ["-x.bin", "a b.bin", "ggml-.bin", "a\nb.bin", "…"])
def test_a_name_that_cannot_be_one_is_refused(models: Models, file: Path, name: str):
    with pytest.raises(EarmarkError):
        models.add(file.rename(file.with_name(name)))
    assert not any(n.endswith(".bin") for n in names(models))


def test_adding_needs_room(models: Models, file: Path, monkeypatch: pytest.MonkeyPatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _p: usage._replace(free=1_000_000))
    monkeypatch.setattr("earmark.transcribe.model_copy._share", lambda *_fds: False)
    with pytest.raises(DiskFull):
        models.add(file)
    assert names(models) == []


def test_adding_can_be_cancelled(models: Models, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("earmark.transcribe.model_copy._share", lambda *_fds: False)
    seen: list[float | None] = []
    with pytest.raises(DownloadCancelled):
        models.add(file, seen.append, lambda: bool(seen))
    assert names(models) == []


def test_what_a_crash_left_of_adding_is_cleared_but_no_others_work(models: Models, file: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    models.folder.mkdir()
    lives = models.folder / f"ggml-a.bin.{os.getppid()}.add.part"
    for path in (models.folder / f"ggml-b.bin.{ended.pid}.add.part", lives):
        path.write_bytes(b"x")
    models.add(file)
    assert names(models) == sorted([lives.name, "ggml-tiny-test.bin", "ggml-tiny-test.bin.json"])


def test_removing_takes_the_file_its_record_and_a_part(models: Models, file: Path):
    models.add(file)
    (models.folder / "ggml-tiny-test.bin.part").write_bytes(b"x")
    models.remove("tiny-test")
    assert names(models) == []
    with pytest.raises(NotFound):
        models.remove("tiny-test")
    (models.folder / "ggml-base.bin.part").write_bytes(b"x")
    models.remove("base")
    assert names(models) == []
    with pytest.raises(NotFound):
        models.remove("../models/ggml-x")


def test_a_file_that_changed_on_disk_never_reaches_an_engine(models: Models, file: Path):
    path = models.add(file).path
    assert path is not None
    data = bytearray(tiny_model())
    data[-10] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))
    with pytest.raises(UnusableMedia, match="changed"):
        models.path("tiny-test")
    path.write_bytes(tiny_model()[:-100])
    with pytest.raises(UnusableMedia, match="cut off"):
        models.path("tiny-test")
    broken = models.info("tiny-test")
    assert not broken.installed and "cut off" in broken.broken
    path.write_bytes(tiny_model())
    assert models.path("tiny-test") == path


def test_a_file_put_there_by_hand_is_looked_at_once(models: Models, file: Path):
    models.folder.mkdir()
    shutil.copy(file, models.folder / "mine.bin")
    (models.folder / "notes.txt").write_text("x")
    (models.folder / "broken.bin").write_bytes(b"lmgg")
    by_name = {one.name: one for one in models.listing()}
    assert by_name["mine"].installed and by_name["mine"].sha256 is None
    assert not by_name["broken"].installed
    assert models.path("mine").name == "mine.bin"
    assert models.info("mine").sha256 == SHA256


def test_another_file_under_a_known_name_is_not_trusted(models: Models, file: Path):
    models.folder.mkdir()
    shutil.copy(file, models.folder / "ggml-base.bin")
    with pytest.raises(UnusableMedia):
        models.path("base")
    with pytest.raises(UnusableMedia):
        models.get("base", base_url="http://127.0.0.1:9")


def test_a_file_a_person_adds_under_a_known_name_is_told_to_be_another(models, file: Path):
    info = models.add(file.rename(file.with_name("ggml-base.bin")))
    assert info.name == "base" and not info.known and info.sha256 == SHA256
    assert models.path("base") == info.path
    with pytest.raises(Busy):
        models.get("base", base_url="http://127.0.0.1:9")


def test_a_broken_record_only_costs_another_look(models: Models, file: Path):
    path = models.add(file).path
    assert path is not None
    record = path.with_name(path.name + ".json")
    for text in ("", "[]", '{"bytes": 1}', '{"bytes": "x", "sha256": 5, "mtime_ns": null}'):
        record.write_text(text)
        assert models.path("tiny-test") == path
        assert json.loads(record.read_text())["sha256"] == SHA256


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(models: Models, file: Path):
    models.folder.mkdir(mode=0o500)
    with pytest.raises(EarmarkError, match="cannot be kept"):
        models.add(file)
    with pytest.raises(EarmarkError, match="cannot be kept"):
        models.get("base", base_url="http://127.0.0.1:9")


def test_a_folder_under_a_file_is_one_sentence(tmp_path: Path, file: Path):
    (tmp_path / "x").write_text("x")
    models = Models(tmp_path / "x" / "models")
    assert len(models.listing()) == len(KNOWN)
    with pytest.raises(EarmarkError, match="cannot be kept"):
        models.add(file)


def test_where_models_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert models_folder() == tmp_path / "cache" / "earmark" / "models"
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "mine"))
    assert Models().folder == tmp_path / "mine"
