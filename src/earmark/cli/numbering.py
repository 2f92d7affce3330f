"""Lines by their number, as `show --json` counts them: from 1."""

from __future__ import annotations

from earmark.model import NoteLine, NotFound, Session
from earmark.model.i18n import _


def line_numbered(session: Session, number: int) -> NoteLine:
    """Raises NotFound where there are not so many."""
    if number > len(session.lines):
        raise NotFound(
            _("The session has no line {number}.").format(number=number),
            _("It has {count}.").format(count=len(session.lines)),
        )
    return session.lines[number - 1]
