"""Takes: what the recording, the finishing and the importing report about them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, insert, select, update

from earmark.model import Changes, NotFound, SessionId, Span, Take, TakeId
from earmark.model.i18n import _

from . import rows
from .store import Store, count_takes, known_session, touch
from .tables import TakeRow


class Takes(Store):
    def begin_take(self, session: SessionId, take: Take) -> Changes:
        """Enters a new take. One that is there stays as it is: a late report undoes nothing."""
        return self._enter(session, take, update_it=False)

    def put_take(self, session: SessionId, take: Take) -> Changes:
        """Enters the take or brings it up to date.

        What is off the record changes only by `set_off_record`, so that a report made from an
        older reading of the take cannot bring it back.
        """
        return self._enter(session, take, update_it=True)

    def _enter(self, session: SessionId, take: Take, *, update_it: bool) -> Changes:
        values = rows.take_values(session, take)
        with self.changing() as connection:
            known_session(connection, session)
            this = TakeRow.id == take.id
            if connection.scalar(select(TakeRow.id).where(this)) is None:
                connection.execute(insert(TakeRow).values(**values))
            elif update_it:
                del values["off_record"], values["session_id"]
                connection.execute(update(TakeRow).where(this).values(**values))
            count_takes(connection, session)
            touch(connection, session)
        return Changes(frozenset({session}), titles=True, takes=True)

    def set_off_record(self, take: TakeId, spans: Iterable[Span]) -> Changes:
        """The stretches of the take that are off the record, all of them. Raises NotFound."""
        with self.changing() as connection:
            this = TakeRow.id == take
            session = connection.scalar(select(TakeRow.session_id).where(this))
            if session is None:
                raise no_take(take)
            spans_ = rows.spans_values(spans)
            connection.execute(update(TakeRow).where(this).values(off_record=spans_))
            touch(connection, session)
        return Changes(frozenset({SessionId(session)}), takes=True)

    def take(self, id: TakeId) -> Take:  # noqa: A002
        """The take, with its session named. Raises NotFound."""
        with self.reading() as connection:
            row = connection.execute(
                select(TakeRow.__table__).where(TakeRow.id == id)
            ).one_or_none()
        if row is None:
            raise no_take(id)
        return rows.take_from(row, shown_in=None)

    def next_ordinal(self, session: SessionId) -> int:
        """The number of the session's next take, from 1."""
        with self.reading() as connection:
            last = connection.scalar(
                select(func.max(TakeRow.ordinal)).where(TakeRow.session_id == session)
            )
        return (last or 0) + 1


def no_take(take: str) -> NotFound:
    return NotFound(
        _("There is no take “{id}”.").format(id=take[:80]),
        _("`earmark show` lists the takes of a session."),
    )
