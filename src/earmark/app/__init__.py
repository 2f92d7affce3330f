"""What a person can do with Earmark: no Qt, no SQL. Import-light: services load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .earmark import Earmark

__all__ = ["Earmark", "open_earmark"]


def open_earmark(folder: Path, *, create: bool = True) -> Earmark:
    """The application on a library folder: see `earmark.app.earmark.Earmark`."""
    from .earmark import Earmark

    return Earmark(folder, create=create)


def __getattr__(name: str) -> object:
    if name == "Earmark":
        from .earmark import Earmark

        return Earmark
    raise AttributeError(name)
