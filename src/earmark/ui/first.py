"""What is read beside the loading of Qt, for the first paint."""

from __future__ import annotations

from dataclasses import dataclass

from earmark.app.settings import Settings
from earmark.model.session import SessionSummary


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The person's settings and the newest sessions, as far as they could be read at once."""

    settings: Settings
    sessions: tuple[SessionSummary, ...]
