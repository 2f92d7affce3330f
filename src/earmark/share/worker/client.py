"""Has shares made by a worker process and waits for them. Loads nothing heavy."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from earmark.model import EarmarkError, Session
from earmark.model.i18n import _
from earmark.model.plain import to_plain
from earmark.worker.client import Death, JobCancelled, WorkerFailed, run_worker

from ..content import ShareOptions
from ..formats import ShareForm
from ..leftovers import settle
from ..options import WriteOptions, Written
from ..output_file import TargetExists, refuse_long_name
from ..output_files import file_bytes

__all__ = ["ARGV", "JobCancelled", "WorkerFailed", "run_share", "run_site"]

ARGV = (sys.executable, "-m", "earmark.share.worker")
OnProgress = Callable[[float], None]


def run_share(
    session: Session,
    library: Path,
    target: Path,
    form: ShareForm,
    options: ShareOptions,
    write: WriteOptions,
    *,
    replace: bool = False,
    on_progress: OnProgress | None = None,
    cancelled: threading.Event | None = None,
    argv: tuple[str, ...] = ARGV,
) -> Written:
    """Writes one session to `target`; blocks.

    Raises what the writers raise, JobCancelled within a second of `cancelled`, or WorkerFailed
    when the worker dies. Nothing is left then: what the worker could not remove is removed here.
    """
    job = {
        "job": "share",
        "session": to_plain(session),
        "form": form.value,
        **_common(library, target, options, write, replace),
    }
    return _run(job, target, on_progress, cancelled, argv)


def run_site(
    event: str,
    sessions: Sequence[Session],
    library: Path,
    target: Path,
    options: ShareOptions,
    write: WriteOptions,
    *,
    replace: bool = False,
    on_progress: OnProgress | None = None,
    cancelled: threading.Event | None = None,
    argv: tuple[str, ...] = ARGV,
) -> Written:
    """Writes the report of an event to the folder `target`; blocks. Raises as `run_share`."""
    job = {
        "job": "site",
        "event": event,
        "sessions": [to_plain(session) for session in sessions],
        **_common(library, target, options, write, replace),
    }
    return _run(job, target, on_progress, cancelled, argv)


def _common(
    library: Path, target: Path, options: ShareOptions, write: WriteOptions, replace: bool
) -> dict[str, Any]:
    return {
        "library": str(library.absolute()),
        "target": str(target.absolute()),
        "options": to_plain(options),
        "write": to_plain(write),
        "replace": replace,
    }


def _run(
    job: Mapping[str, Any],
    target: Path,
    on_progress: OnProgress | None,
    cancelled: threading.Event | None,
    argv: tuple[str, ...],
) -> Written:
    refuse_long_name(target)
    before = _identity(target)
    try:
        done = run_worker(
            argv,
            job,
            on_progress,
            cancelled,
            sweep=lambda pid: _sweep(target, pid),
            death=lambda death: _told(job, death),
            errors=(TargetExists,),
        )
    except (JobCancelled, WorkerFailed):
        if _identity(target) in (None, before):
            raise
        return Written(target, file_bytes([target]))  # it was at its place already
    return Written(target, int(done["bytes"]))


def _sweep(target: Path, pid: int | None) -> None:
    if pid is not None:
        settle(target, pid)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file or folder stands there; None for none."""
    try:
        stat = path.lstat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _told(job: Mapping[str, Any], death: Death) -> EarmarkError:
    if death.fault:
        return death.as_fault(job.get("library"), _("Nothing was left behind."))
    return WorkerFailed(
        _("The share could not be made: its worker stopped (code {code}).").format(code=death.code),
        _("Try again, or share the notes alone; nothing was left behind."),
        death.detail,
    )
