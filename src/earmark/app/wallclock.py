"""The clock on the wall, as sessions are remembered by it."""

from __future__ import annotations

from datetime import datetime


def local_now() -> datetime:
    """Now, with the zone of this place: recordings are remembered by the clock on the wall."""
    return datetime.now().astimezone()


def default_title(at: datetime) -> str:
    """The title a session has until the person gives one: date and time."""
    return at.strftime("%Y-%m-%d %H:%M")
