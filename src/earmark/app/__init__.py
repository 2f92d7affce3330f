"""What a person can do with Earmark: no Qt, no SQL. Import-light: services load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .earmark import Earmark

__all__ = ["Earmark"]


def __getattr__(name: str) -> object:
    if name == "Earmark":
        from .earmark import Earmark

        return Earmark
    raise AttributeError(name)
