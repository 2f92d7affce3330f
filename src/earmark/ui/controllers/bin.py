"""Deleting for good what is in the bin: said first, done on one more press, never in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from earmark.app import sessions as intents
from earmark.model.i18n import _, ngettext
from earmark.model.session import SessionSummary

from ..bridge import Bridge
from ..window.message_bar import MessageBar

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

_STRIP = "bin"


class BinController(QObject):
    """Empties the bin of what was in it when the person was asked, and of nothing later."""

    def __init__(self, strips: MessageBar, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._strips = strips
        self._bridge = bridge
        self._earmark: Earmark | None = None

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self._earmark = None

    def ask(self) -> None:
        """Says how many sessions would be deleted, with the button that does it."""
        if self._earmark is not None:
            self._bridge.when_done(intents.binned(self._earmark.library), self._offer)

    def _offer(self, binned: tuple[SessionSummary, ...]) -> None:
        if not binned:
            self._strips.tell(_STRIP, _("The bin is empty."), passing=True)
            return
        self._strips.tell(
            _STRIP,
            ngettext(
                "{n} deleted session would be gone for good, with its sound.",
                "{n} deleted sessions would be gone for good, with their sound.",
                len(binned),
            ).format(n=len(binned)),
            serious=True,
            passing=True,
            button=_("Delete for good"),
            press=lambda: self._empty(binned),
        )

    def _empty(self, binned: tuple[SessionSummary, ...]) -> None:
        self._strips.clear(_STRIP)
        if self._earmark is not None:
            gone = intents.empty_bin(self._earmark.library, {session.id for session in binned})
            self._bridge.when_done(gone, self._done)

    def _done(self, _nothing: None) -> None:
        self._strips.tell(_STRIP, _("The bin was emptied."), passing=True)
