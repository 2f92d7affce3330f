"""Loads Qt, and leaves Python's own import in its place.

See docs/decisions/0013 before using PySide6's `from __feature__ import …` anywhere: it needs the
import that is put back here.
"""

from __future__ import annotations

import builtins


def load_qt() -> None:
    """Loads the modules of Qt that every window needs.

    PySide6 puts an import of its own in place of Python's, which reads and keeps the source of
    each module loaded from then on, to find out whether it uses PySide6's `__feature__`.
    """
    own_import = builtins.__import__
    try:
        import PySide6.QtWidgets  # noqa: F401
    finally:
        builtins.__import__ = own_import
