"""What one action changed: views look at this value and refresh themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from .units import SessionId


@dataclass(frozen=True, slots=True)
class Changes:
    """Sessions whose parts changed, and whether the list of sessions or events did."""

    sessions: frozenset[SessionId] = field(default_factory=frozenset)
    titles: bool = False
    """The list: a session came, went, moved or was renamed, or its duration changed."""
    events: bool = False
    notes: bool = False
    takes: bool = False
    bookmarks: bool = False
    details: bool = False
    transcript: bool = False
    """With no session named: another program may have changed any."""
