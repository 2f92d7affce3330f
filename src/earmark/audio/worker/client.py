"""Runs one job in a worker process and waits for it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from earmark.model.errors import (
    Busy,
    DiskFull,
    EarmarkError,
    LibraryUnusable,
    NotFound,
    UnusableMedia,
)
from earmark.model.i18n import _
from earmark.model.places import take_file

ARGV = (sys.executable, "-m", "earmark.audio.worker")
_ERRORS = {
    kind.__name__: kind
    for kind in (Busy, DiskFull, EarmarkError, LibraryUnusable, NotFound, UnusableMedia)
}
_LOOK_SECONDS = 0.1
_MAX_LINE = 64 << 20
_KEPT_STDERR = 8000


class JobCancelled(Exception):
    """The caller set `cancelled`: the worker is gone and left nothing behind."""


class WorkerFailed(EarmarkError):
    """The worker died or broke off. `detail` is for a report, not for the person."""

    def __init__(self, what: str, remedy: str, detail: str) -> None:
        super().__init__(what, remedy)
        self.detail = detail


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
    try:
        with tempfile.TemporaryFile() as errors:
            answer = _talk(job, on_progress, cancelled, argv, errors)
            code = int(answer.pop("code"))
            errors.seek(0, os.SEEK_END)
            errors.seek(max(0, errors.tell() - _KEPT_STDERR))
            detail = errors.read().decode("utf-8", "replace")
    except OSError as error:
        _sweep(job, before)
        raise WorkerFailed(
            _("The worker process could not be started."),
            _("Close some programs and try again; nothing was changed."),
            str(error),
        ) from error
    except BaseException:
        _sweep(job, before)
        raise
    if "done" in answer and isinstance(answer["done"], dict):
        return dict(answer["done"])
    _sweep(job, before)
    failed = answer.get("failed")
    if isinstance(failed, dict):
        kind = _ERRORS.get(str(failed.get("kind")), EarmarkError)
        raise kind(str(failed.get("what", "")), str(failed.get("remedy", "")))
    raise _death(job, code, detail)


def _talk(
    job: Mapping[str, Any],
    on_progress: Callable[[float], None] | None,
    cancelled: threading.Event | None,
    argv: tuple[str, ...],
    errors: IO[bytes],
) -> dict[str, Any]:
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=_environment(),
        start_new_session=True,
        bufsize=0,
    )
    answer: dict[str, Any] = {}
    best = 0.0
    try:
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
        except BrokenPipeError:
            pass  # it died at once: its exit code tells
        for line in _lines(process.stdout, cancelled):
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if not isinstance(message, dict):
                continue
            if "progress" in message:
                share = min(1.0, float(message["progress"]))
                if on_progress is not None and share > best:
                    on_progress(share)
                best = max(best, share)
            else:
                answer.update(message)
        process.stdin.close()
        answer["code"] = process.wait()
    finally:
        # stdin stayed open until here: a worker whose parent dies sees its end and stops.
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
    return answer


def _lines(out: IO[bytes], cancelled: threading.Event | None) -> Iterator[bytes]:
    """Whole lines until the end of the output. Raises JobCancelled."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        while True:
            if cancelled is not None and cancelled.is_set():
                raise JobCancelled
            if not selector.select(_LOOK_SECONDS):
                continue
            chunk = os.read(out.fileno(), 65536)
            *lines, pending = (pending + chunk).split(b"\n")
            yield from lines
            if not chunk or len(pending) > _MAX_LINE:
                return


def _environment() -> dict[str, str]:
    """One thread per library: the worker stays in the background and within its memory."""
    return {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


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


def _death(job: Mapping[str, Any], code: int, detail: str) -> EarmarkError:
    if job.get("job") == "import":
        if code == -signal.SIGXCPU:
            what = _("This file keeps the decoder busy without end, so it was given up.")
        else:
            what = _("The decoder broke down on this file.")
        return UnusableMedia(
            what,
            _("Convert it to WAV or FLAC with another program and import that."),
        )
    return WorkerFailed(
        _(
            "A recording could not be put into its kept form: the worker stopped (code {code})."
        ).format(code=code),
        _("It is safe in its journal, and Earmark tries again at the next start."),
        detail,
    )
