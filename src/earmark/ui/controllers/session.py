"""Which session is on the page, and how what is typed there reaches the library.

At start the page shows a session that exists nowhere yet; it is made in the library only when
something is typed, named or recorded in it, so that empty sessions never pile up.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from earmark.app.wallclock import default_title, local_now
from earmark.model.notes import Anchor, EarlyAnchor, NotesEdit
from earmark.model.session import Event, Session
from earmark.model.transcript import Transcript
from earmark.model.units import LineId, SessionId

from ..bridge import Bridge

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.news import NotesSaved
    from earmark.model.changes import Changes

    from ..notes import NoteEditor
    from ..window.page import Page

FRESH = SessionId("")
"""The id of a session that is not in the library yet."""


class SessionController(QObject):
    """Opens sessions, makes the fresh one when it is needed, saves what is edited.

    `opened(Session)`: another session is on the page. `refreshed(Session)`: the same one, with
    changed takes, bookmarks or details.
    """

    opened = Signal(object)
    refreshed = Signal(object)
    typed = Signal()

    def __init__(self, page: Page, editor: NoteEditor, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._editor = editor
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._early: tuple[SessionId, bool] | None = None
        self._whole = False
        """Whether the library knows every line of the page, empty ones included."""
        self._dirty = False
        self._only_made = False
        """The recorder made the session on the page, and nobody has put anything into it yet."""
        self._asked: SessionId | None = None
        self._sent: dict[int, NotesEdit] = {}
        self.session = _fresh(None)
        page.show_session(self.session)
        editor.edited.connect(self._edited)
        page.renamed.connect(self._renamed)
        page.place_kept.connect(lambda text: self._detailed(place=text))
        page.summary_kept.connect(lambda text: self._detailed(summary=text))
        page.date_kept.connect(self._dated)

    @property
    def id(self) -> SessionId | None:
        """The session on the page; None while it is not in the library."""
        return self.session.id or None

    @property
    def folder(self) -> Path | None:
        """The library's folder, once it is known."""
        return None if self._earmark is None else self._earmark.folder

    def attach(self, earmark: Earmark) -> None:
        """The library is there: what was typed before goes in now."""
        self._earmark = earmark
        self.flush()
        if self._dirty:
            self._edited(self._all())
        early, self._early = self._early, None
        if early is not None:
            self.open(early[0], focus=early[1])

    def detach(self) -> None:
        self.flush()
        self._earmark = None

    def flush(self) -> None:
        """Hands everything typed so far to the note taker."""
        self._editor.flush()

    def now(self) -> Anchor | None:
        """The moment that what is typed now points to."""
        if self._earmark is None or not self.session.id:
            return None
        return self._earmark.typing_anchor(self.session.id)

    def exact(self, early: EarlyAnchor) -> Anchor | None:
        """The anchor of a moment while the recording was about to begin, once it is known."""
        return early if self._earmark is None else self._earmark.recording.exact(early)

    def start_fresh(self, event: Event | None = None, *, focus: bool = True) -> None:
        """Shows an empty session; with `focus` what is typed next goes into its notes."""
        self.flush()
        self._asked = None
        self._take(_fresh(event), focus)

    def open(self, id: SessionId, *, focus: bool = True) -> None:  # noqa: A002
        """Shows a session of the library; with `focus` keys go to its notes from then on.

        Without, they go where they went: one who is choosing in the list still means the list.
        """
        if self._earmark is None:  # chosen from the first list: opened as soon as it can be read
            self._early = id, focus
            return
        if id == self.session.id:
            if focus:
                self._editor.setFocus()
            return
        self.flush()
        self._asked = id
        from earmark.app import sessions as intents

        found = intents.session(self._earmark.library, id)
        self._bridge.when_done(found, lambda session: self._found(session, focus))

    def made(self, id: SessionId) -> None:  # noqa: A002
        """The recorder made the session on the page."""
        self._only_made = not self.session.id
        self.session = dataclasses.replace(self.session, id=id)

    def never_recorded(self, id: SessionId, title: str) -> None:  # noqa: A002
        """The recording that the session was made for did not begin: unless something was put
        into it meanwhile, the page is a fresh one again and the session goes."""
        self.flush()
        if self._earmark is None or (self.session.id == id and not self._only_made):
            return
        if self.session.id == id:
            self.session = dataclasses.replace(self.session, id=FRESH)
            self._only_made = False
            self.refreshed.emit(self.session)
        from earmark.app import sessions as intents

        intents.take_back(self._earmark.library, self._earmark.notes.flush, id, title)

    def ensure(self) -> SessionId | None:
        """The session's id, made in the library where it was not yet; None before it is open."""
        from earmark.app import sessions as intents

        self._only_made = False
        if self._earmark is None:
            return None
        if not self.session.id:
            event = self.session.event.id if self.session.event else None
            id, made = intents.new_session(  # noqa: A001
                self._earmark.library, self.session.title, event
            )
            self.session = dataclasses.replace(self.session, id=id)
            self._bridge.when_done(made, self._refreshed, _ignore)
        return self.session.id

    def heard_of(self, changes: Changes) -> None:
        """Looks whether a change of the library is one of this page."""
        from earmark.app import sessions as intents

        here = self.session.id
        if self._earmark is None or not here or here not in changes.sessions:
            return
        if changes.takes or changes.bookmarks or changes.details or changes.titles:
            self._bridge.when_done(
                intents.session(self._earmark.library, here), self._refreshed, _ignore
            )

    @Slot(object)
    def _edited(self, edit: NotesEdit) -> None:
        self.typed.emit()
        if not self.session.id and not any(line.text or line.picture for line in edit.changed):
            self._editor.set_saved(edit)  # an empty page has nothing to lose
            return
        session = self.ensure()
        if self._earmark is None or session is None:
            self._dirty = True
            return
        if not self._whole:
            edit = self._all()
        self._whole, self._dirty = True, False
        self._sent[self._earmark.notes.edit(session, edit)] = edit

    def saved(self, news: NotesSaved) -> None:
        """Lines are durable: those that changed again since are not yet."""
        if news.session != self.session.id:
            return
        for revision in [r for r in self._sent if r <= news.revision]:
            self._editor.set_saved(self._sent.pop(revision))

    def _all(self) -> NotesEdit:
        lines = self._editor.lines()
        return NotesEdit(tuple(line.id for line in lines), lines)

    def _found(self, session: Session, focus: bool) -> None:
        if session.id == self._asked:
            self._take(session, focus)

    def _take(self, session: Session, focus: bool) -> None:
        self.flush()  # what was typed while the other one was read belongs to this one
        self.session = session
        self._page.show_session(session)
        self._sent.clear()
        self._dirty = False
        self._whole = bool(session.lines)
        self._only_made = False
        self._editor.load(session.lines, session.timeline)
        self.opened.emit(session)
        if focus:
            self._editor.setFocus()

    def _refreshed(self, session: Session) -> None:
        if session.id != self.session.id:
            return
        self.session = session
        self._page.show_session(session)
        self._editor.set_timeline(session.timeline)
        self.refreshed.emit(session)

    def spoken(self, transcript: Transcript | None, refused: frozenset[LineId]) -> None:
        """What is known of the session's words, for whoever asks for the session."""
        self.session = dataclasses.replace(
            self.session, transcript=transcript, late_refused=refused
        )

    def _renamed(self, title: str) -> None:
        from earmark.app import sessions as intents

        self._only_made = False
        if self._earmark is None or not self.session.id:
            self.session = dataclasses.replace(self.session, title=title)
            self.ensure()
            return
        self._bridge.when_done(intents.rename(self._earmark.library, self.session.id, title))

    def _detailed(self, place: str | None = None, summary: str | None = None) -> None:
        from earmark.app import sessions as intents

        id = self.ensure()  # noqa: A001
        if self._earmark is not None and id is not None:
            self._bridge.when_done(
                intents.set_details(self._earmark.library, id, place=place, summary=summary)
            )

    def _dated(self, date: datetime) -> None:
        from earmark.app import sessions as intents

        id = self.ensure()  # noqa: A001
        if self._earmark is not None and id is not None:
            self._bridge.when_done(intents.set_date(self._earmark.library, id, date))


def _fresh(event: Event | None) -> Session:
    now = local_now()
    return Session(FRESH, default_title(now), now, "", event)


def _ignore(_error: Exception) -> None:
    """A session that went away meanwhile needs no words, nor one whose making the outbox tells."""
