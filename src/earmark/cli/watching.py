"""A job of the application, watched from the command line until it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from earmark.app.news import JobProgress, News, Told, TrackTaken
from earmark.model.i18n import _

from .output import progress, tell

if TYPE_CHECKING:
    from earmark.app import Earmark
    from earmark.app.jobs import Job

T = TypeVar("T")


def watched(earmark: Earmark, label: str, begin: Callable[[], Job[T]]) -> T:
    """Begins a job, shows its progress and remarks on standard error, and returns what it came to.

    Raises what the job fails with. Ctrl+C cancels it: the application's end waits until it is gone.
    """
    with progress(label) as show:
        job = begin()

        def listen(news: News) -> None:
            if isinstance(news, JobProgress) and news.job == job.id:
                show(news.fraction)
            elif isinstance(news, Told):
                tell(f"{news.sentence} {news.remedy}".strip())
            elif isinstance(news, TrackTaken):
                others = ", ".join(track.words for track in news.others)
                choose = _("--track N takes another: {others}.").format(others=others)
                tell(f"{news.sentence} {choose}")

        end = earmark.events.subscribe(listen)
        try:
            return job.future.result()
        except KeyboardInterrupt:
            job.cancel()
            raise
        finally:
            end()
