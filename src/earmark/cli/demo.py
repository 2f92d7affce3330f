"""`earmark demo`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .opening import opened
from .output import tell


def demo(folder: Path, window: Callable[[Path, Path | None], int]) -> int:
    """Brings the built-in talk into the library, once, and opens the window."""
    from earmark.app.demo import open_demo

    with opened(folder, writes=True) as earmark:
        session = open_demo(earmark)
    tell(session)
    return window(folder, None)
