"""Runs one job of the library's sound in a worker process and waits for it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from earmark.model.errors import EarmarkError, UnusableMedia
from earmark.model.i18n import _
from earmark.model.places import take_file
from earmark.worker.client import Death, JobCancelled, WorkerFailed, run_worker

__all__ = ["ARGV", "JobCancelled", "WorkerFailed", "run_job"]

_STRANGERS = ("import", "adopt", "cut-out")
"""Jobs that decode what somebody else made."""
ARGV = (sys.executable, "-m", "earmark.audio.worker")


def run_job(
    job: Mapping[str, Any],
    on_progress: Callable[[float], None] | None = None,
    cancelled: threading.Event | None = None,
    *,
    argv: tuple[str, ...] = ARGV,
) -> dict[str, Any]:
    """Runs `job` (a JSON object, see docs/design.md) and returns what it came to. Blocks.

    `on_progress` gets shares 0..1, never falling. Raises JobCancelled, the EarmarkError the
    worker tells of, or WorkerFailed (UnusableMedia for an import) when it dies. Whatever happens,
    the process is gone afterwards and its part files with it; what it was to read is untouched.
    """
    before = _files(job)[1]
    return run_worker(
        argv,
        job,
        on_progress,
        cancelled,
        sweep=lambda _pid: _sweep(job, before),
        death=lambda death: _told(job, death),
    )


def _files(job: Mapping[str, Any]) -> tuple[set[Path], set[Path]]:
    """Part files and finished files of this job's take, as they are now."""
    try:
        folder = Path(job["library"], job["folder"])
        name = Path(take_file(job["ordinal"], job["take"], "x")).stem
    except (KeyError, TypeError):
        return set(), set()
    names = (name, name.replace("take-", "original-", 1))
    parts = {path for each in names for path in folder.glob(f".{each}.*.part")}
    whole = {path for each in names for path in folder.glob(f"{each}.*")}
    return parts, whole


def _sweep(job: Mapping[str, Any], before: set[Path]) -> None:
    """Removes this job's part files; of an import, which is whole or nothing, every new file."""
    parts, whole = _files(job)
    for path in parts | (whole - before if job.get("job") == "import" else set()):
        path.unlink(missing_ok=True)


def _kept(job: Mapping[str, Any]) -> str:
    if job.get("job") in _STRANGERS:
        return _("Nothing was imported, and your file is as it was.")
    return _("The recording is safe in its journal, and Earmark tries again at the next start.")


def _told(job: Mapping[str, Any], death: Death) -> EarmarkError:
    if death.fault:
        return death.as_fault(job.get("library"), _kept(job))
    if job.get("job") in _STRANGERS:
        if death.code == -signal.SIGXCPU:
            what = _("This file keeps the decoder busy without end, so it was given up.")
        else:
            what = _("The decoder broke down on this file.")
        return UnusableMedia(
            what,
            _("Convert it to WAV or FLAC with another program and import that."),
        )
    if job.get("job") == "silence":
        return WorkerFailed(
            _("A recording could not be cut: the worker stopped (code {code}).").format(
                code=death.code
            ),
            _("Nothing was changed in it; ask again."),
            death.detail,
        )
    return WorkerFailed(
        _(
            "A recording could not be put into its kept form: the worker stopped (code {code})."
        ).format(code=death.code),
        _("It is safe in its journal, and Earmark tries again at the next start."),
        death.detail,
    )
