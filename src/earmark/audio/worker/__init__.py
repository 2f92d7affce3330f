"""The worker: one job in a process of its own, which may crash or be stopped by anyone.

`client.run_job` starts it; `python -m earmark.audio.worker` is it. This package's client side
imports the standard library only.
"""

from .client import JobCancelled, WorkerFailed, run_job

__all__ = ["JobCancelled", "WorkerFailed", "run_job"]
