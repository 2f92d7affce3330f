"""Where things of a session stand in the library, as pure functions of the values.

Both capture and the library make a session's folder, whichever comes first: both call these.
Paths are relative to the library folder, with `/`.
"""

from __future__ import annotations

from datetime import datetime

from .text import file_name
from .units import SessionId, TakeId

SESSIONS = "sessions"
SESSION_FILE = "session.json"
PICTURES = "pictures"
_SHORT = 6


def session_folder(created_at: datetime, title: str, id: SessionId) -> str:  # noqa: A002
    """`sessions/YYYY/MM/<date> <title> <first 6 of id>`, by the title at the session's making.

    The date is that of `created_at` in its own zone. A later rename does not move the folder.
    """
    day = f"{created_at.year:04}-{created_at.month:02}-{created_at.day:02}"
    name = f"{day} {file_name(title)} {id[:_SHORT]}"
    return f"{SESSIONS}/{created_at.year:04}/{created_at.month:02}/{name}"


def take_file(ordinal: int, id: TakeId, suffix: str) -> str:  # noqa: A002
    """`take-<ordinal>-<first 6 of id>.<suffix>`, inside the session's folder."""
    return f"take-{ordinal}-{id[:_SHORT]}.{suffix.removeprefix('.')}"
