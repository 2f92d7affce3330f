"""`python -m earmark.audio.worker`: one job as a JSON object on stdin, JSON lines on stdout."""

from __future__ import annotations

import sys

from earmark.model.errors import EarmarkError, UnusableMedia
from earmark.model.i18n import _
from earmark.worker.server import Work, WorkerJob, serve

CPU_SECONDS = {
    "keep": 6 * 3600,
    "import": 2 * 3600,
    "peaks": 3600,
    "adopt": 2 * 3600,
    "cut-out": 2 * 3600,
    "silence": 6 * 3600,
}


def main() -> int:
    """Does the job it is given; the exit code."""
    return serve(_duty)


def _duty(name: str) -> WorkerJob:
    def work() -> Work:
        from . import jobs

        return jobs.JOBS[name]

    return WorkerJob(work, CPU_SECONDS[name], _too_big)


def _too_big() -> EarmarkError:
    return UnusableMedia(
        _("This file needs far more memory than sound does, so it was given up."),
        _("Convert it to WAV or FLAC with another program and import that."),
    )


if __name__ == "__main__":
    sys.exit(main())
