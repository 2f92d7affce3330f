"""Events: the groups that sessions are filed under."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, update

from earmark.model import (
    Changes,
    Event,
    EventId,
    NotFound,
    SessionId,
    new_id,
    safe_text,
    safe_title,
)
from earmark.model.i18n import _

from . import rows
from .store import Store, known_event, no_event, touch, touch_events
from .tables import EventRow, SessionRow

_SHORTEST = 4
"""With `create`, fewer characters of an id are taken for a title."""


class Events(Store):
    def events(self) -> tuple[Event, ...]:
        """All events by title."""
        with self.reading() as connection:
            found = connection.execute(
                select(EventRow.__table__).order_by(func.lower(EventRow.title), EventRow.id)
            )
            return tuple(rows.event_from(row) for row in found)

    def create_event(self, title: str) -> Event:
        with self.changing() as connection:
            return _create(connection, title)

    def find_event(self, text: str, create: bool = False) -> Event:
        """The event of that exact title, or whose id begins so; made where asked for.

        Raises NotFound for none or several.
        """
        title = safe_title(text)
        prefix = safe_text(text).strip().lower()
        with self.changing() if create else self.reading() as connection:
            by_title = select(EventRow.__table__).where(EventRow.title == title)
            by_id = select(EventRow.__table__).where(
                EventRow.id.startswith(prefix, autoescape=True)
            )
            found = connection.execute(by_title.order_by(EventRow.id).limit(1)).all()
            if not found and len(prefix) >= (_SHORTEST if create else 1):
                found = connection.execute(by_id.limit(2)).all()
            if len(found) == 1:
                return rows.event_from(found[0])
            if create and title:
                return _create(connection, title)
        if len(found) > 1:
            raise NotFound(
                _("Several events have an id that begins with “{id}”.").format(id=prefix[:80]),
                _("Write more of the id, or the exact title."),
            )
        raise no_event(title)

    def rename_event(self, id: EventId, title: str) -> Changes:  # noqa: A002
        with self.changing() as connection:
            known_event(connection, id)
            connection.execute(
                update(EventRow).where(EventRow.id == id).values(title=safe_title(title))
            )
            touch_events(connection)
            return Changes(_touched(connection, id), titles=True, events=True)

    def remove_event(self, id: EventId) -> Changes:  # noqa: A002
        """Removes the event; its sessions stay, unfiled."""
        with self.changing() as connection:
            known_event(connection, id)
            sessions = _touched(connection, id)
            connection.execute(
                update(SessionRow).where(SessionRow.event_id == id).values(event_id=None)
            )
            connection.execute(delete(EventRow).where(EventRow.id == id))
            touch_events(connection)
            return Changes(sessions, titles=True, events=True)


def _create(connection: Connection, title: str) -> Event:
    event = Event(EventId(new_id()), safe_title(title))
    connection.execute(insert(EventRow).values(id=event.id, title=event.title))
    touch_events(connection)
    return event


def _touched(connection: Connection, event: EventId) -> frozenset[SessionId]:
    """The event's sessions, their files marked as behind."""
    found = connection.scalars(select(SessionRow.id).where(SessionRow.event_id == event)).all()
    for session in found:
        touch(connection, session)
    return frozenset(SessionId(session) for session in found)
