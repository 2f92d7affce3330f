"""What is off the record is cut for good: said first, done on one more press, never in a dialog."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from earmark.app.news import JobProgress
from earmark.model.i18n import _, ngettext

from ..bridge import Bridge
from ..window.message_bar import MessageBar
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.permanent_cut import CutOffer, CutResult

_STRIP = "permanent-cut"
_NAMED = 3
"""So many files are named; of more, the number is."""


class PermanentCutController(QObject):
    """Asks, shows how far it is, and says what came of it, each in the same strip."""

    def __init__(
        self, desk: SessionController, strips: MessageBar, bridge: Bridge, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._strips = strips
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._job = ""

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self._earmark = None

    def ask(self) -> None:
        """Says how much of the session on the page would be cut, with the button that does it."""
        session = self._desk.id
        if self._earmark is None or self._job:
            return
        if session is None:
            self._nothing()
            return
        self._bridge.when_done(self._earmark.permanent_cut.look(session), self._offer)

    def heard(self, progress: JobProgress) -> bool:
        """News of a job; whether it is this one."""
        if not self._job or progress.job != self._job:
            return False
        if progress.done:
            self._job = ""
            self._strips.clear(_STRIP)
        else:
            self._show(progress.fraction)
        return True

    def _offer(self, offer: CutOffer) -> None:
        if not offer.takes:
            self._nothing()
            return
        self._strips.tell(
            _STRIP,
            ngettext(
                "{n} second that is off the record would become silence for good, and its words "
                "would go: nothing brings them back.",
                "{n} seconds that are off the record would become silence for good, and their "
                "words would go: nothing brings them back.",
                offer.seconds,
            ).format(n=offer.seconds),
            serious=True,
            button=_("Cut for good"),
            press=lambda: self._cut(offer),
        )

    def _nothing(self) -> None:
        self._strips.tell(_STRIP, _("Nothing in this session is off the record."), passing=True)

    def _cut(self, offer: CutOffer) -> None:
        if self._earmark is None or self._job:
            return
        job = self._earmark.permanent_cut.cut(offer)
        future: Future[CutResult] = job.future
        if not future.done():
            self._job = job.id
            self._show(0.0)
        self._bridge.when_done(future, self._done)

    def _show(self, part: float | None) -> None:
        self._strips.tell(_STRIP, _("Cutting what is off the record…"), part=part or 0.0)

    def _done(self, result: CutResult) -> None:
        self._job = ""
        sentences = [
            ngettext(
                "{n} second was cut for good.", "{n} seconds were cut for good.", result.seconds
            ).format(n=result.seconds)
        ]
        if result.originals:
            sentences.append(
                ngettext(
                    "The imported file still holds it.",
                    "The imported files still hold it.",
                    len(result.originals),
                )
            )
        sentences.append(_copies(result.copies))
        if result.originals:
            self._strips.tell(
                _STRIP,
                " ".join(sentences),
                serious=True,
                button=ngettext(
                    "Remove the imported file",
                    "Remove the imported files",
                    len(result.originals),
                ),
                press=lambda: self._remove_originals(result),
            )
        else:
            self._strips.tell(_STRIP, " ".join(sentences))

    def _remove_originals(self, result: CutResult) -> None:
        self._strips.clear(_STRIP)
        if self._earmark is not None:
            gone = self._earmark.permanent_cut.remove_originals(result)
            self._bridge.when_done(gone, lambda _changes: self._removed(result))

    def _removed(self, result: CutResult) -> None:
        self._strips.tell(
            _STRIP,
            ngettext(
                "The imported file was removed.",
                "The imported files were removed.",
                len(result.originals),
            )
            + " "
            + _copies(result.copies),
        )


def _copies(copies: tuple[str, ...]) -> str:
    """What else can hold it, and is not touched."""
    if not copies:
        return _("Shares made before still hold it.")
    if len(copies) <= _NAMED:
        return _(
            "Left as they are, and may still hold it: {files}, and shares made before."
        ).format(files=", ".join(copies))
    return _(
        "Left as they are, and may still hold it: {files} and {n} more in backups and "
        "run/archived, and shares made before."
    ).format(files=", ".join(copies[:_NAMED]), n=len(copies) - _NAMED)
