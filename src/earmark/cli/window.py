"""The window, as the command line knows it: something the wiring can open."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol

from earmark.model import EarmarkError, SessionId
from earmark.model.i18n import _


class Window(Protocol):
    """Opens the window on a library, with a file or a session; returns its exit code."""

    def __call__(self, folder: Path, file: Path | None, session: SessionId | None = None) -> int:
        """Returns when the window is closed."""


def check_screen() -> None:
    """Raises EarmarkError where no window can open: Qt itself would end the process."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named):
        raise EarmarkError(
            _("There is no screen to open the window on."),
            _("Start Earmark in a desktop session, or use its commands: “earmark --help”."),
        )
