"""The library: everything one person keeps, in one folder. Model values in and out, never rows.

Importing this package is cheap; SQLAlchemy is loaded when `Library` is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .glance import glance
from .proof import is_proven

if TYPE_CHECKING:
    from .library import Library

__all__ = ["Library", "glance", "is_proven"]


def __getattr__(name: str) -> Any:
    if name == "Library":
        from .library import Library

        return Library
    raise AttributeError(name)
