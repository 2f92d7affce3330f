"""Share, as the window's actions ask for it. Everything behind it is loaded at the first use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from earmark.app.news import JobProgress
from earmark.model.changes import Changes
from earmark.model.i18n import _
from earmark.model.session import Session
from earmark.model.units import EventId, LineId, SessionId

from ..bridge import Bridge
from ..notes import NoteEditor
from ..window.choices import Choices
from ..window.message_bar import MessageBar
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from ..share.sharer import Sharer

_STRIP = "share"


class ShareController(QObject):
    """Shares the session on the page, one of its lines, or an event.

    `sheet_made(ShareSheet)`: the sheet is there, at the first use. `busy(str)`: the name of what is
    being made, "" when that ends.
    """

    sheet_made = Signal(object)
    busy = Signal(str)

    def __init__(
        self,
        desk: SessionController,
        editor: NoteEditor,
        strips: MessageBar,
        choices: Choices,
        bridge: Bridge,
        home: QWidget,
        clear_of: Sequence[QWidget],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._strips = strips
        self._choices = choices
        self._bridge = bridge
        self._home = home
        self._clear_of = clear_of
        self._earmark: Earmark | None = None
        self.sharer: Sharer | None = None
        """None until something was shared."""
        desk.opened.connect(self._opened)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        if self.sharer is not None:
            self.sharer.close()
        self._earmark = None

    # --- what a person asks for ------------------------------------------------------------

    def share(self) -> None:
        """The session on the page; the selected lines or the caret's can be chosen alone."""
        self._session(self._editor.actions_on_lines.ids(), lines_only=False)

    def share_session(self, session: str) -> None:
        """Any session of the list."""
        sharer = self._ready()
        if sharer is not None:
            self._desk.flush()
            sharer.open_session(SessionId(session), (), lines_only=False)

    def share_line(self, line: str | None = None) -> None:
        """One line with the sound around its moment; all selected ones where it is one of them,
        and by default the selected ones or the caret's."""
        selected = self._editor.actions_on_lines.ids()
        alone = line is not None and line not in selected
        self._session((LineId(line),) if alone and line else selected, lines_only=True)

    def share_event(self, event: EventId | None = None) -> None:
        """A whole event (default: that of the session on the page) as a report."""
        here = self._desk.session.event
        wanted = event or (here.id if here is not None else None)
        sharer = self._ready()
        if sharer is None:
            return
        if wanted is None:
            self._strips.tell(
                _STRIP,
                _("This session belongs to no event. Move it to one, or choose one in the list."),
                passing=True,
            )
            return
        self._desk.flush()
        sharer.open_event(wanted)

    # --- news ------------------------------------------------------------------------------

    def heard(self, progress: JobProgress) -> bool:
        """News of a job; True where it is a share of this window."""
        return self.sharer is not None and self.sharer.heard(progress)

    def heard_of(self, changes: Changes) -> None:
        """The library changed: what the sheet shows may be another now."""
        if self.sharer is not None:
            self.sharer.heard_of(changes)

    # --- inside ----------------------------------------------------------------------------

    def _session(self, lines: Sequence[LineId], *, lines_only: bool) -> None:
        sharer = self._ready()
        if sharer is None:
            return
        if self._desk.id is None:
            self._strips.tell(
                _STRIP, _("There is nothing to share yet: record or type first."), passing=True
            )
            return
        self._desk.flush()
        sharer.open_session(self._desk.id, lines, lines_only=lines_only)

    def _ready(self) -> Sharer | None:
        if self._earmark is None:
            self._strips.tell(
                _STRIP, _("The library is still opening. Try again in a moment."), passing=True
            )
            return None
        if self.sharer is None:
            from ..share.sharer import Sharer
            from ..share.sheet import ShareSheet

            self.sharer = Sharer(
                self._earmark,
                self._strips,
                self._choices,
                self._bridge,
                ShareSheet(self._home, self._clear_of),
                self,
            )
            self.sharer.making.busy.connect(self.busy)
            self.sheet_made.emit(self.sharer.sheet)
        return self.sharer

    def _opened(self, session: Session) -> None:
        if self.sharer is not None:
            self.sharer.page_turned(session.id)
