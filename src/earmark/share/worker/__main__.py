"""`python -m earmark.share.worker`: one share as a JSON object on stdin, JSON lines on stdout."""

from __future__ import annotations

import sys

from earmark.model import EarmarkError, UnusableMedia
from earmark.model.i18n import _
from earmark.worker.server import Work, WorkerJob, serve

CPU_SECONDS = 12 * 3600


def main() -> int:
    """Does the job it is given; the exit code."""
    return serve(_duty)


def _duty(name: str) -> WorkerJob:
    def work() -> Work:
        from . import jobs

        return jobs.JOBS[name]

    return WorkerJob(work, CPU_SECONDS, _too_big)


def _too_big() -> EarmarkError:
    return UnusableMedia(
        _("This share needs far more memory than it should, so it was given up."),
        _("Share the notes alone, or fewer sessions at once."),
    )


if __name__ == "__main__":
    sys.exit(main())
