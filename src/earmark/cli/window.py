"""The window, as the command line knows it: something the wiring can open."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from earmark.model import SessionId


class Window(Protocol):
    """Opens the window on a library, with a file or a session; returns its exit code."""

    def __call__(self, folder: Path, file: Path | None, session: SessionId | None = None) -> int:
        """Returns when the window is closed."""
