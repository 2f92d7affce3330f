"""Inside the worker process: one job as a JSON object on stdin, JSON lines on stdout."""

from __future__ import annotations

import errno
import json
import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from earmark.model.errors import DiskFull, EarmarkError, LibraryUnusable
from earmark.model.i18n import _

from .limits import into_the_background, limit

Progress = Callable[[float], None]
Work = Callable[[dict[str, Any], Progress], dict[str, Any]]
"""Does the job, reports shares 0..1, returns what it came to. Raises EarmarkError, OSError."""
_REPORT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """A kind of job: how to get at its work (imports happen then), and the processor time it may
    use. `too_big` is told where it needs more memory than a worker may have."""

    work: Callable[[], Work]
    cpu_seconds: int
    too_big: Callable[[], EarmarkError]


class Reporter:
    """Writes progress; notices when nobody listens any more and stops the work then."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._last = 0.0

    def progress(self, share: float) -> None:
        """Raises SystemExit when the process that asked for the job is gone."""
        now = time.monotonic()
        if now - self._last < _REPORT_SECONDS:
            return
        self._last = now
        readable, _w, _x = select.select([0], [], [], 0)
        if readable and not os.read(0, 4096):
            raise SystemExit(1)
        self.say({"progress": round(min(1.0, max(0.0, share)), 4)})

    def say(self, message: dict[str, Any]) -> None:
        try:
            os.write(self._out, json.dumps(message).encode() + b"\n")
        except BrokenPipeError as error:
            raise SystemExit(1) from error


def serve(duty: Callable[[str], WorkerJob]) -> int:
    """Reads the job, does it, says what came of it. Returns the exit code.

    `duty` tells what the job of that name is.
    """
    raw = bytearray()
    while not raw.endswith(b"\n") and (chunk := os.read(0, 1 << 20)):
        raw += chunk
    job: dict[str, Any] = json.loads(raw)
    del raw
    # Libraries print to 1 and 2 as they like; the messages keep a descriptor of their own.
    out = os.dup(1)
    os.dup2(2, 1)
    reporter = Reporter(out)
    what = duty(str(job["job"]))
    into_the_background()
    limit(what.cpu_seconds)
    try:
        reporter.say({"done": what.work()(job, reporter.progress)})
    except EarmarkError as error:
        _tell(reporter, error)
        return 1
    except MemoryError:
        _tell(reporter, what.too_big())
        return 1
    except OSError as error:
        told = _of_the_disk(error)
        if told is None:
            raise
        _tell(reporter, told)
        return 1
    return 0


def _tell(reporter: Reporter, error: EarmarkError) -> None:
    kind = type(error).__name__
    reporter.say({"failed": {"kind": kind, "what": error.what, "remedy": error.remedy}})


def _of_the_disk(error: OSError) -> EarmarkError | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            _("The disk is full."),
            _("Free some space and try again; nothing that was there is touched."),
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO):
        return LibraryUnusable(
            _("A file could not be read or written: {reason}.").format(reason=error.strerror),
            _("Check that the library folder can be written to, then try again."),
        )
    return None
