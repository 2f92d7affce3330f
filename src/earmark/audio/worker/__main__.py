"""`python -m earmark.audio.worker`: one job as a JSON object on stdin, JSON lines on stdout."""

from __future__ import annotations

import errno
import json
import os
import select
import sys
import time
from typing import Any

from earmark.model.errors import DiskFull, EarmarkError, LibraryUnusable, UnusableMedia
from earmark.model.i18n import _

from .limits import into_the_background, limit

_REPORT_SECONDS = 0.1


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


def main() -> int:
    """Reads the job, does it, says what came of it. Returns the exit code."""
    raw = bytearray()
    while not raw.endswith(b"\n") and (chunk := os.read(0, 65536)):
        raw += chunk
    job: dict[str, Any] = json.loads(raw)
    # Libraries print to 1 and 2 as they like; the messages keep a descriptor of their own.
    out = os.dup(1)
    os.dup2(2, 1)
    reporter = Reporter(out)
    into_the_background()
    limit(job["job"])
    try:
        reporter.say({"done": _do(job, reporter)})
    except EarmarkError as error:
        _tell(reporter, error)
        return 1
    except MemoryError:
        _tell(
            reporter,
            UnusableMedia(
                _("This file needs far more memory than sound does, so it was given up."),
                _("Convert it to WAV or FLAC with another program and import that."),
            ),
        )
        return 1
    except OSError as error:
        told = _of_the_disk(error)
        if told is None:
            raise
        _tell(reporter, told)
        return 1
    return 0


def _do(job: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    from . import jobs

    return jobs.JOBS[job["job"]](job, reporter.progress)


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


if __name__ == "__main__":
    sys.exit(main())
