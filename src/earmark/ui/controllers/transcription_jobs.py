"""Transcriptions asked for in the window: the pane tells of the session's own, a strip of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earmark.app.news import JobProgress
from earmark.model.i18n import _

if TYPE_CHECKING:
    from earmark.app.jobs import Job
    from earmark.model import Session, SessionId

    from ..window.message_bar import MessageBar

_KEY = "transcribe-all"


class TranscriptionJobs:
    """Knows which jobs' news are its own."""

    def __init__(self, strips: MessageBar) -> None:
        self._strips = strips
        self._single: set[str] = set()
        self._all: Job[tuple[SessionId, ...]] | None = None

    def follow(self, job: Job[Session]) -> None:
        """One session's: how it goes stands in the pane, so the page keeps its room."""
        self._single.add(job.id)

    def follow_all(self, job: Job[tuple[SessionId, ...]]) -> None:
        """Every session that has no transcript: a strip with Cancel, wherever the person is."""
        self._all = job

    def heard(self, progress: JobProgress) -> bool:
        """News of a job; whether it is one of these."""
        if progress.job in self._single:
            if progress.done:
                self._single.discard(progress.job)
            return True
        if self._all is None or progress.job != self._all.id:
            return False
        if progress.done:
            self._all = None
            self._strips.clear(_KEY)
        else:
            self._strips.tell(
                _KEY,
                _("Transcribing all sessions that have no transcript…"),
                part=progress.fraction or 0.0,
                button=_("Cancel"),
                press=self._all.cancel,
            )
        return True
