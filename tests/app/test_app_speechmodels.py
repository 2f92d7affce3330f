"""Speech models as a service: nothing waits for a download, and closing leaves it resumable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelserver import model_server
from tinyfile import tiny_model
from waiting import wait_until

from earmark.app.events import Events
from earmark.app.executors import Executors
from earmark.app.jobs import Cancelled
from earmark.app.news import JobProgress, ModelsChanged
from earmark.app.settings import Settings, SettingsStore
from earmark.app.speechmodels import SpeechModels
from earmark.model import NotFound, UnusableMedia
from earmark.transcribe.known import KNOWN


@pytest.fixture
def news() -> list[Any]:
    return []


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, news) -> Iterator[SpeechModels]:
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    events = Events()
    events.subscribe(news.append)
    executors = Executors()
    service = SpeechModels(executors.models, executors.downloads, events)
    yield service
    service.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ggml-tiny-test.bin"
    path.write_bytes(tiny_model())
    return path


def test_a_file_is_added_and_removed(service: SpeechModels, file: Path, news):
    info = service.add(file).future.result(60)
    assert (info.name, info.installed) == ("tiny-test", True)
    wait_until(lambda: news and isinstance(news[-1], ModelsChanged))
    assert any(isinstance(one, JobProgress) and one.done for one in news)
    assert service.listing().result(60)[-1] == info
    service.remove("tiny-test").result(60)
    assert len(service.listing().result(60)) == len(KNOWN)
    with pytest.raises(NotFound):
        service.remove("tiny-test").result(60)


def test_a_broken_file_fails_its_job_with_the_sentence(service: SpeechModels, file: Path, news):
    file.write_bytes(tiny_model()[:-1])
    with pytest.raises(UnusableMedia):
        service.add(file).future.result(60)
    wait_until(lambda: any(isinstance(one, JobProgress) and one.failed for one in news))
    assert service.running() == {}


def test_two_downloads_run_beside_each_other_and_the_list_waits_for_none(service, monkeypatch):
    with model_server(bytes(77691713), "hang") as server:
        monkeypatch.setenv("EARMARK_MODEL_HOST", server.url)
        first = service.get("tiny")
        assert service.get("tiny") is first
        wait_until(lambda: len(server.asked) == 1)
        second = service.get("tiny-q5_1")
        wait_until(lambda: len(server.asked) == 2)
        assert set(service.running()) == {"tiny", "tiny-q5_1"}
        assert len(service.listing().result(60)) == len(KNOWN)
        second.cancel()
        with pytest.raises(Cancelled):
            second.future.result(60)
        assert not first.future.done()


def test_closing_ends_a_download_and_keeps_what_came(tmp_path, service, monkeypatch, news):
    with model_server(bytes(77691713), "hang") as server:
        monkeypatch.setenv("EARMARK_MODEL_HOST", server.url)
        job = service.get("tiny")
        wait_until(
            lambda: any(isinstance(n, JobProgress) and (n.fraction or 0) > 0.4 for n in news)
        )
        service.close()
        assert isinstance(job.future.exception(60), Cancelled)
    assert (tmp_path / "models" / "ggml-tiny.bin.part").stat().st_size > 30_000_000
    steps = [n for n in news if isinstance(n, JobProgress)]
    assert len(steps) < 260, "a bar needs no more steps"


def test_engines_are_told(service: SpeechModels):
    names = [engine.name for engine in service.engines().result(60)]
    assert names == ["pywhispercpp", "whisper-cpp-python"]


def test_settings_of_transcribing_are_kept_and_checked(tmp_path: Path):
    store = SettingsStore(tmp_path)
    store.change(transcribe_language="de", live_model="base", transcribe_engine="pywhispercpp")
    assert SettingsStore(tmp_path).value.transcribe_language == "de"
    for wrong in (
        {"transcribe_language": "German"}, {"transcribe_language": None}, {"live_model": 3},
        {"transcribe_engine": "other"}, {"transcribe_on_battery": "yes"}, {"late_notes": None},
    ):  # fmt: skip
        with pytest.raises(ValueError):
            store.change(**wrong)
    (tmp_path / "settings.json").write_text('{"transcribe_language": "x", "live_model": "base"}')
    assert SettingsStore(tmp_path).value == Settings(live_model="base")
