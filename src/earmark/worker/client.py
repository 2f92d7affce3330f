"""Runs one job in a worker process and waits for it."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
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

from .faults import fault_in, report, what_happened, what_to_send

_ERRORS: tuple[type[EarmarkError], ...] = (
    Busy,
    DiskFull,
    EarmarkError,
    LibraryUnusable,
    NotFound,
    UnusableMedia,
)
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


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended that said neither `done` nor `failed`: exit code (negative: signal) and
    the end of what it wrote to stderr."""

    code: int
    detail: str

    @property
    def fault(self) -> str:
        """The error of our own that ended it; empty where something else did."""
        return fault_in(self.detail) if self.code > 0 else ""

    def as_fault(self, library: object, kept: str) -> WorkerFailed:
        """That error, told and reported; `kept` says what did not suffer."""
        path = report(str(library), self.fault) if library else None
        remedy = f"{kept} {what_to_send(path)}"
        return WorkerFailed(what_happened(self.fault), remedy, self.detail)


def run_worker(
    argv: tuple[str, ...],
    job: Mapping[str, Any],
    on_progress: Callable[[float], None] | None = None,
    cancelled: threading.Event | None = None,
    *,
    sweep: Callable[[int | None], None],
    death: Callable[[Death], EarmarkError],
    errors: Iterable[type[EarmarkError]] = (),
) -> dict[str, Any]:
    """Runs `job` (a JSON object) in the process `argv` and returns what it came to. Blocks.

    `on_progress` gets shares 0..1, never falling. Raises JobCancelled, the error the worker tells
    of (one of `errors` or of the model's), or `death(…)` when it dies. Whatever happens, the
    process is gone afterwards; unless it succeeded `sweep(its process id)` has removed what it
    left (the id is None where it could not be started).
    """
    started: list[int] = []

    def clean() -> None:
        sweep(started[0] if started else None)

    try:
        with tempfile.TemporaryFile() as said:
            answer = _talk(job, on_progress, cancelled, argv, said, started)
            code = int(answer.pop("code"))
            said.seek(0, os.SEEK_END)
            said.seek(max(0, said.tell() - _KEPT_STDERR))
            detail = said.read().decode("utf-8", "replace")
    except OSError as error:
        clean()
        raise WorkerFailed(
            _("The worker process could not be started."),
            _("Close some programs and try again; nothing was changed."),
            str(error),
        ) from error
    except BaseException:
        clean()
        raise
    if "done" in answer and isinstance(answer["done"], dict):
        return dict(answer["done"])
    clean()
    failed = answer.get("failed")
    if isinstance(failed, dict):
        known = {each.__name__: each for each in (*_ERRORS, *errors)}
        kind = known.get(str(failed.get("kind")), EarmarkError)
        raise kind(str(failed.get("what", "")), str(failed.get("remedy", "")))
    raise death(Death(code, detail))


def _talk(
    job: Mapping[str, Any],
    on_progress: Callable[[float], None] | None,
    cancelled: threading.Event | None,
    argv: tuple[str, ...],
    said: IO[bytes],
    started: list[int],
) -> dict[str, Any]:
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env=_environment(),
        start_new_session=True,
        bufsize=0,
    )
    started.append(process.pid)
    answer: dict[str, Any] = {}
    best = 0.0
    try:
        assert process.stdin is not None and process.stdout is not None
        try:
            _write(process.stdin, json.dumps(job).encode() + b"\n")
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


def _write(pipe: IO[bytes], data: bytes) -> None:
    """All of it: a pipe without a buffer may take less at once."""
    left = memoryview(data)
    while left:
        left = left[pipe.write(left) :]


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
