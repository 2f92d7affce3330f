"""Errors in two kinds, shown in one place.

The person's world (`EarmarkError`): its sentence and its remedy, as they are. Bugs of ours: the
traceback goes to the log, one sentence to the strip. Logs hold no note text, titles or paths.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType

from PySide6.QtCore import QObject, Slot

from earmark.model.errors import EarmarkError
from earmark.model.i18n import _

from .message_bar import MessageBar

log = logging.getLogger(__name__)
_BUG = "bug"


class ErrorPresenter(QObject):
    """Shows errors as strips; installed as `sys.excepthook` for what escapes a slot."""

    def __init__(self, strips: MessageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._strips = strips

    @Slot(object)
    def trouble(self, error: EarmarkError) -> None:
        """The person's world. The same kind of trouble replaces its earlier strip."""
        self._strips.tell(f"trouble:{type(error).__name__}", str(error), serious=True)

    @Slot(object)
    def bug(self, error: BaseException) -> None:
        """Ours: already logged by whoever caught it."""
        self._strips.tell(
            _BUG,
            _(
                "Something went wrong inside Earmark ({name}). Recording and saved notes are not "
                "affected; details are in the log."
            ).format(name=type(error).__name__),
            serious=True,
        )

    def install(self) -> None:
        """Takes what escapes a slot on the GUI thread: to `trouble` or to `bug`."""
        sys.excepthook = self.escaped

    def escaped(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, EarmarkError):
            self.trouble(error)
            return
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("a slot failed", exc_info=(kind, error, trace))
        self.bug(error)
