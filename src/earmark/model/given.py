"""A file a person named: its name in a sentence, and the sentences where it cannot be read."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import BinaryIO

from .errors import NotFound, UnusableMedia
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


def check_given(path: Path) -> int:
    """The file's size. Raises NotFound; UnusableMedia for folders, pipes and devices, of which a
    reader might never see the end (or the beginning: opening a pipe waits for who writes it).
    """
    try:
        info = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_file(path) from error
    except PermissionError as error:
        raise unreadable(shown(path)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UnusableMedia(
            _("“{name}” cannot be read: {reason}.").format(name=shown(path), reason=reason),
            _("Check its name and its disk, then try again."),
        ) from error
    if stat.S_ISDIR(info.st_mode):
        raise UnusableMedia(
            _("“{name}” is a folder, not a file.").format(name=shown(path)),
            _("Choose the file in it."),
        )
    if not stat.S_ISREG(info.st_mode):
        raise UnusableMedia(
            _("“{name}” is a pipe or a device, not a file.").format(name=shown(path)),
            _("Save what comes out of it as a file, then choose that."),
        )
    return info.st_size


def open_given(path: Path) -> BinaryIO:
    """Opens the file for reading. Raises what `check_given` does."""
    check_given(path)
    try:
        return path.open("rb")
    except PermissionError as error:
        raise unreadable(shown(path)) from error
