"""What a check found: one sentence about the state of things and one about what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    GOOD = "good"
    """Looked at and in order."""
    WARNING = "warning"
    """Works, but not as well as it should."""
    ERROR = "error"
    """Something is missing or broken."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `earmark doctor`. `do` is empty where there is nothing to do."""

    level: Level
    what: str
    do: str = ""
