"""The list of sessions and events: renaming, moving, the bin, and bringing all of it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QObject, Signal

from earmark.app import sessions as intents
from earmark.model.changes import Changes
from earmark.model.i18n import _
from earmark.model.session import Event, SessionSummary
from earmark.model.units import EventId, SessionId

from ..bridge import Bridge
from ..window.message_bar import MessageBar
from ..window.quick_picker import PickerEntry, QuickPicker
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

_BIN = "bin"


class LibraryController(QObject):
    """Keeps the list fresh and does what is asked of its rows.

    `listed(summaries, events)`: what the sidebar shows.
    """

    listed = Signal(object, object)

    def __init__(
        self,
        desk: SessionController,
        sheet: QuickPicker,
        strips: MessageBar,
        bridge: Bridge,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._sheet = sheet
        self._strips = strips
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._events: tuple[Event, ...] = ()
        self._summaries: tuple[SessionSummary, ...] = ()
        self._binned: SessionId | None = None
        self._recording: SessionId | None = None

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        self.refresh()

    def detach(self) -> None:
        self._earmark = None

    def recording(self, session: SessionId | None) -> None:
        """The session being recorded cannot be binned."""
        self._recording = session

    def heard_of(self, changes: Changes) -> None:
        """Reads the list again where it changed."""
        if changes.titles or changes.events or changes.takes or changes.notes:
            self.refresh()

    def refresh(self) -> None:
        if self._earmark is None:
            return
        library = self._earmark.library

        def got_events(events: tuple[Event, ...]) -> None:
            self._events = events

        def got_list(summaries: tuple[SessionSummary, ...]) -> None:
            self._summaries = summaries
            self.listed.emit(summaries, self._events)

        self._bridge.when_done(intents.events(library), got_events)
        self._bridge.when_done(intents.summaries(library), got_list)

    # --- sessions --------------------------------------------------------------------------

    def rename(self, id: SessionId, title: str) -> None:  # noqa: A002
        self._do(lambda earmark: intents.rename(earmark.library, id, title))

    def move(self, id: SessionId, event: EventId | None) -> None:  # noqa: A002
        self._do(lambda earmark: intents.move(earmark.library, id, event))

    def ask_move(self) -> None:
        """Asks for the event the session on the page belongs to; a new name makes a new one."""
        id = self._desk.ensure()  # noqa: A001
        if id is None:
            return
        entries = [PickerEntry(event.title, event.id) for event in self._events]
        entries.append(PickerEntry(_("No event"), None))
        self._sheet.open(
            _("Move to which event? A new name makes one."),
            entries,
            lambda event: self.move(id, event),
            new=lambda title: self.new_event(title, id),
        )

    def bin(self, id: SessionId | None = None) -> None:  # noqa: A002
        """Deletes a session (default: the one on the page) into the bin; it can be undone."""
        id = id or self._desk.id  # noqa: A001
        if id is None or self._earmark is None:
            return
        if id == self._recording:
            self._strips.tell(
                _BIN, _("This session is being recorded. Stop the recording first."), passing=True
            )
            return
        if id == self._desk.id:
            self._desk.start_fresh(focus=False)
        self._binned = id

        def done(_changes: Changes) -> None:
            self._strips.tell(
                _BIN,
                _("The session is in the bin."),
                passing=True,
                button=_("Undo"),
                press=self.undelete,
            )

        self._bridge.when_done(intents.delete(self._earmark.library, id), done)

    def undelete(self) -> None:
        """Brings back what was deleted last."""
        id, self._binned = self._binned, None  # noqa: A001
        self._strips.clear(_BIN)
        if id is not None:
            self._restore(id)

    def show_bin(self) -> None:
        """Lists the bin; choosing a session restores it."""
        if self._earmark is None:
            return

        def got(binned: tuple[SessionSummary, ...]) -> None:
            if not binned:
                self._strips.tell(_BIN, _("The bin is empty."), passing=True)
                return
            self._sheet.open(
                _("Restore which deleted session?"),
                [PickerEntry(s.title, s.id, _day(s)) for s in binned],
                self._restore,
            )

        self._bridge.when_done(intents.binned(self._earmark.library), got)

    def go_to(self) -> None:
        """Asks for a session by its title and opens it."""
        self._sheet.open(
            _("Go to which session?"),
            [PickerEntry(s.title, s.id, _day(s)) for s in self._summaries],
            self._desk.open,
        )

    # --- events ----------------------------------------------------------------------------

    def ask_new_event(self) -> None:
        self._sheet.open(
            _("Name of the new event"), (), lambda _value: None, new=lambda t: self.new_event(t)
        )

    def new_event(self, title: str, session: SessionId | None = None) -> None:
        """Makes an event, and moves `session` into it."""
        if self._earmark is None:
            return
        made = intents.create_event(self._earmark.library, title)

        def done(event: Event) -> None:
            if session is not None:
                self.move(session, event.id)
            elif self._desk.id is None:
                self._desk.start_fresh(event)

        self._bridge.when_done(made, done)

    def ask_new_event_for(self, session: str) -> None:
        """Asks for the name of a new event and moves the session into it."""
        self._sheet.open(
            _("Name of the new event"),
            (),
            lambda _value: None,
            new=lambda title: self.new_event(title, SessionId(session)),
        )

    def ask_rename_event(self, id: EventId) -> None:  # noqa: A002
        title = next((e.title for e in self._events if e.id == id), "")
        self._sheet.open(
            _("New name of the event"),
            (),
            lambda _value: None,
            new=lambda text: self.rename_event(id, text),
            text=title,
        )

    def rename_event(self, id: EventId, title: str) -> None:  # noqa: A002
        self._do(lambda earmark: intents.rename_event(earmark.library, id, title))

    def remove_event(self, id: EventId) -> None:  # noqa: A002
        """The event goes; its sessions stay, unfiled."""
        self._do(lambda earmark: intents.remove_event(earmark.library, id))

    def _restore(self, id: SessionId) -> None:  # noqa: A002
        if self._earmark is not None:
            restored = intents.restore(self._earmark.library, id)
            self._bridge.when_done(restored, lambda _changes: self._desk.open(id))

    def _do(self, intent: Callable[[Earmark], object]) -> None:
        if self._earmark is not None:
            self._bridge.when_done(intent(self._earmark))  # type: ignore[arg-type]


def _day(summary: SessionSummary) -> str:
    at = QDateTime.fromMSecsSinceEpoch(round(summary.created_at.timestamp() * 1000))
    return QLocale().toString(at, "d MMM yyyy, HH:mm")
