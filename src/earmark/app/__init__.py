"""What a person can do with Earmark: no Qt, no SQL. Import-light: services load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .earmark import Earmark

__all__ = ["Earmark", "open_earmark"]


def open_earmark(folder: Path) -> Earmark:
    """The application on a library folder, as a window needs it: capture is made ready and what
    a death left is restored in the background. Blocks until the library is open; raises
    LibraryUnusable where it cannot be.
    """
    from .earmark import Earmark

    earmark = Earmark(folder)
    earmark.recording.prepare()
    try:
        earmark.library.opened.result()
    except BaseException:
        earmark.close()
        raise
    earmark.finishing.restore(earmark.recording.attach)
    return earmark


def __getattr__(name: str) -> object:
    if name == "Earmark":
        from .earmark import Earmark

        return Earmark
    raise AttributeError(name)
