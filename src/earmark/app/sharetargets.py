"""Where a share may not go: onto what the library itself is made of."""

from __future__ import annotations

import re
from pathlib import Path

from earmark.model import EarmarkError
from earmark.model.i18n import _

_FOLDERS = frozenset(("sessions", "run", "backups", "bin"))
_FILES = re.compile(r"library.*\.db.*|settings\.json")


def refuse_own_files(target: Path, library: Path) -> None:
    """Raises EarmarkError where `target` would stand among (or replace) the library's own files.

    No word of a person can mean that, not even that what is there may be replaced.
    """
    place, folder = _real(target), _real(library)
    if place != folder and folder not in place.parents:
        return
    inside = [part.casefold() for part in place.relative_to(folder).parts]
    if not inside or inside[0] in _FOLDERS or (len(inside) == 1 and _FILES.fullmatch(inside[0])):
        raise EarmarkError(
            _("“{name}” is a place of the library itself.").format(name=target.name),
            _("Choose a place outside the library's folder."),
        )


def _real(path: Path) -> Path:
    """The path without links before its last part: a link at the target is itself replaced."""
    try:
        return path.absolute().parent.resolve() / path.name
    except (OSError, RuntimeError):  # a circle of links: no place of any library
        return path.absolute()
