"""A file a person named: its name in a sentence, and the sentences where it cannot be read."""

from __future__ import annotations

from pathlib import Path

from .errors import NotFound
from .i18n import _
from .text import safe_line

_MOST = 80


def shown(path: Path) -> str:
    """The file's name as it may stand in a sentence."""
    return safe_line(path.name)[:_MOST]


def no_file(path: Path, remedy: str = "") -> NotFound:
    """There is nothing of that name."""
    return NotFound(
        _("There is no file “{name}”.").format(name=shown(path)),
        remedy or _("Check the name and try again."),
    )


def unreadable(name: str) -> NotFound:
    """The file called `name` is there, but not for this person."""
    return NotFound(
        _("“{name}” may not be read.").format(name=name),
        _("Give yourself permission to read it, then try again."),
    )
