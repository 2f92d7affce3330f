"""`earmark demo`."""

from __future__ import annotations

from pathlib import Path

from .opening import opened
from .window import Window, check_screen


def demo(folder: Path, window: Window) -> int:
    """Brings the built-in talk into the library, once, and opens the window on it."""
    check_screen()
    from earmark.app.demo import open_demo

    with opened(folder, writes=True) as earmark:
        session = open_demo(earmark)
    return window(folder, None, session)
