"""The speech models as a person handles them: listed, downloaded, added, removed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .events import Events
from .executors import Executor, Pool
from .jobs import Cancelled, Job
from .news import ModelsChanged

if TYPE_CHECKING:
    from earmark.transcribe.engines import EngineInfo
    from earmark.transcribe.models import ModelInfo, Models

T = TypeVar("T")
_STEP = 0.004
"""Of a whole download; a bar is some 200 pixels wide."""
Make = Callable[["Models", Job["ModelInfo"]], "ModelInfo"]


class SpeechModels:
    """Looks on an executor of its own, and fetches models on a pool: a download of an hour holds
    nothing else up. What changed is told as `ModelsChanged`."""

    def __init__(self, executor: Executor, downloads: Pool, events: Events) -> None:
        self._executor = executor
        self._downloads = downloads
        self._events = events
        self._lock = threading.Lock()
        self._models: Models | None = None
        self._jobs: dict[str, Job[ModelInfo]] = {}
        self._closed = False

    @property
    def models(self) -> Models:
        """The folder itself, for whoever needs a checked file's path. Never on the GUI thread."""
        with self._lock:
            if self._models is None:
                from earmark.transcribe.models import Models

                self._models = Models()
            return self._models

    def listing(self) -> Future[tuple[ModelInfo, ...]]:
        """The table and whatever else is installed."""
        return self._look(lambda: self.models.listing())

    def engines(self) -> Future[tuple[EngineInfo, ...]]:
        """The speech engines, and whether each is installed."""

        def work() -> tuple[EngineInfo, ...]:
            from earmark.transcribe.engines import engines

            return engines()

        return self._look(work)

    def remove(self, name: str) -> Future[None]:
        """Deletes a model's file. Only on the person's word. The future fails with EarmarkError."""

        def work() -> None:
            self.models.remove(name)
            self._events.tell(ModelsChanged())

        return self._look(work)

    def get(self, name: str) -> Job[ModelInfo]:
        """Downloads a known model; what came before a cancel is kept and taken up again.

        A second call while the first is on its way gives the same job.
        """
        return self._begin(
            name, lambda models, job: models.get(name, _in_steps(job), job.cancelled.is_set)
        )

    def add(self, path: Path) -> Job[ModelInfo]:
        """Copies a file the person trusts into the folder. Checked first."""
        return self._begin(
            path.name, lambda models, job: models.add(path, _in_steps(job), job.cancelled.is_set)
        )

    def running(self) -> dict[str, Job[ModelInfo]]:
        """What is on its way, by the model's name (an added file: its file name)."""
        with self._lock:
            return dict(self._jobs)

    def close(self) -> None:
        """Cancels what is on its way: the next download of it goes on there."""
        with self._lock:
            self._closed = True
        for job in self.running().values():
            job.cancel()
        self._downloads.shutdown()
        self._executor.shutdown()

    def _look(self, work: Callable[[], T]) -> Future[T]:
        return self._executor.submit(work)

    def _begin(self, label: str, make: Make) -> Job[ModelInfo]:
        with self._lock:
            if label in self._jobs:
                return self._jobs[label]
            job: Job[ModelInfo] = Job(label, self._events)
            self._jobs[label] = job
            if self._closed:
                job.cancel()
        self._downloads.submit(self._work, job, make)
        return job

    def _work(self, job: Job[ModelInfo], make: Make) -> None:
        from earmark.transcribe.models import DownloadCancelled

        try:
            if job.cancelled.is_set():
                raise Cancelled
            info = make(self.models, job)
        except DownloadCancelled:
            self._over(job)
            job.fail(Cancelled())
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            self._over(job)
            job.fail(error)
        else:
            self._over(job)
            job.succeed(info)
        self._events.tell(ModelsChanged())

    def _over(self, job: Job[ModelInfo]) -> None:
        with self._lock:
            self._jobs.pop(job.label, None)


def _in_steps(job: Job[ModelInfo]) -> Callable[[float | None], None]:
    """Tells progress in steps that can be seen, not for every piece that comes."""
    last = -1.0

    def tell(fraction: float | None) -> None:
        nonlocal last
        if fraction is None or fraction - last >= _STEP or fraction < last or fraction == 1:
            last = -1.0 if fraction is None else fraction
            job.progress(fraction)

    return tell


def spoken_languages() -> tuple[str, ...]:
    """The codes of all languages that models know."""
    from earmark.transcribe.languages import MULTILINGUAL_V3

    return MULTILINGUAL_V3


def speech_models() -> Models:
    """The folder of models, for a command that does one thing with it."""
    from earmark.transcribe.models import Models

    return Models()


def model_form(info: ModelInfo) -> dict[str, object]:
    """One model as the command line prints it."""
    return {
        "name": info.name,
        "bytes": info.bytes,
        "sha256": info.sha256,
        "languages": list(info.languages),
        "installed": info.installed,
        "path": None if info.path is None else str(info.path),
    }
