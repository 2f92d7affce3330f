"""One share being made: its progress in the sheet or, once that is hidden, in a strip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from earmark.app.jobs import Cancelled
from earmark.app.news import JobProgress
from earmark.model.errors import EarmarkError
from earmark.model.i18n import _
from earmark.model.text import safe_line

from ..bridge import Bridge
from ..window.message_bar import MessageBar
from .reveal import show_in_folder
from .words import TimeLeftWords, nowhere_words, size_words, wait_words

if TYPE_CHECKING:
    from earmark.app.jobs import Job
    from earmark.app.sharing import Written

    from .sheet import ShareSheet

STRIP = "share"


class ShareProgress(QObject):
    """`made(Written)` and `failed(EarmarkError)`: the outcome, unless the person cancelled it,
    which is `cancelled()`. `busy(str)`: the name of what is being made, "" when that ends. What
    nobody sees in the sheet is told in the strip."""

    busy = Signal(str)
    made = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self, sheet: ShareSheet, strips: MessageBar, bridge: Bridge, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self._strips = strips
        self._bridge = bridge
        self._job: Job[Written] | None = None
        self._mine: set[str] = set()
        self._name = ""
        self._left = TimeLeftWords()
        self._last: tuple[float | None, str] = (None, "")
        sheet.left.connect(self._hidden)
        bridge.bug.connect(self._broken)

    @property
    def running(self) -> bool:
        return self._job is not None

    def begin(self, job: Job[Written], target: Path) -> None:
        """Follows a job to its end."""
        self._job = job
        self._mine.add(job.id)
        self._name = safe_line(target.name)
        self._left = TimeLeftWords()
        self._last = (None, "")
        self._strips.clear(STRIP)
        self._sheet.making.begin(self._name)
        self.busy.emit(self._name)
        self._bridge.when_done(job.future, self._done, self._refused)

    def cancel(self) -> None:
        """Ends the job; nothing of it stays."""
        if self._job is not None:
            self._job.cancel()

    def heard(self, progress: JobProgress) -> bool:
        """News of a job; True where it is one of these."""
        if progress.job not in self._mine:
            return False
        if self._job is not None and progress.job == self._job.id and not progress.done:
            left = self._left.seconds(progress.fraction)
            self._last = (progress.fraction, "" if left is None else wait_words(left))
            self._show()
        return True

    def _show(self) -> None:
        fraction, wait = self._last
        if not self._sheet.isHidden():
            self._sheet.making.show_progress(fraction, wait)
            return
        words = _("Sharing “{name}”…").format(name=self._name)
        self._strips.tell(
            STRIP,
            f"{words} {wait}".strip(),
            part=fraction or 0.0,
            button=_("Cancel"),
            press=self.cancel,
        )

    def _hidden(self) -> None:
        if self.running:
            self._show()

    def shown(self) -> None:
        """The sheet is there again: it says what the strip said."""
        if self.running:
            self._strips.clear(STRIP)
            self._show()

    def _done(self, written: Written) -> None:
        self._ended()
        self._strips.clear(STRIP)
        if self._sheet.isHidden():
            self._tell(
                _("“{name}” is ready ({size}).").format(
                    name=safe_line(written.path.name), size=size_words(written.bytes)
                ),
                _("Show in folder"),
                lambda: show_in_folder(written.path, self, lambda: self._nowhere(written.path)),
            )
        self.made.emit(written)

    def _ended(self) -> None:
        self._job = None
        self.busy.emit("")

    def _refused(self, error: EarmarkError) -> None:
        self._ended()
        self._strips.clear(STRIP)
        if isinstance(error, Cancelled):
            self.cancelled.emit()
            return
        if self._sheet.isHidden():
            self._strips.tell(STRIP, str(error), serious=True)
        self.failed.emit(error)

    def _broken(self, _error: BaseException) -> None:
        """A fault of ours has its own strip; here the choices come back."""
        job = self._job
        if job is None or not job.future.done():
            return
        fault = job.future.exception()
        if fault is not None and not isinstance(fault, EarmarkError):
            self._refused(EarmarkError(_("It could not be shared."), _("Nothing was left behind.")))

    def _nowhere(self, path: Path) -> None:
        self._strips.tell(STRIP, nowhere_words(path))

    def _tell(self, words: str, button: str, press: Callable[[], object]) -> None:
        self._strips.tell(STRIP, words, button=button, press=press)
