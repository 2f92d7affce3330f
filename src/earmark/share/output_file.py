"""Writing a shared file: whole at its place, or nothing there; and how such work is cancelled."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from earmark.model import DiskFull, EarmarkError, NotFound, sync_folder
from earmark.model.i18n import _

Progress = Callable[[float], None]
"""Called with a share 0..1 of the work done, as often as convenient."""

_NAME_BYTES = 180
"""Of the target's name in a temporary one, whose endings need room below the usual 255."""

_SHOWN_NAME = 20
"""Characters at either end of a name too long that stand in the sentence."""


class ShareCancelled(Exception):
    """The person cancelled; nothing was left behind."""


class TargetExists(EarmarkError):
    """Something of that name is there already and may not be replaced."""


def go_on(cancelled: Event | None) -> None:
    """Raises ShareCancelled once the event is set."""
    if cancelled is not None and cancelled.is_set():
        raise ShareCancelled


def part_for(target: Path, pid: int) -> Path:
    """The temporary file of this process for this target; its name fits every disk."""
    name = target.name[-60:]
    while len(os.fsencode(name)) > _NAME_BYTES:
        name = name[1:]
    return target.with_name(f".{name}.{pid}.part")


def discard(part: Path) -> None:
    """Removes a temporary file; where it cannot be removed (its folder is none), it is not there
    or nothing helps, and why it was given up is what is told."""
    with suppress(OSError):
        part.unlink()


def part_of(progress: Progress | None, done: float, part: float) -> Progress | None:
    """The progress of a part of the work, `part` of all of it, when `done` of it is done."""
    return None if progress is None else lambda share: progress(min(1.0, done + share * part))


@contextmanager
def writing(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Gives a temporary path beside `target`; renamed durably at the end, removed on any error.

    Raises TargetExists (at the beginning and again at the end), NotFound for a missing folder,
    DiskFull, EarmarkError where the folder cannot be written.
    """
    refuse_existing(target, replace)
    part = part_for(target, os.getpid())
    try:
        try:
            fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
            os.close(fd)
            yield part
            fd = os.open(part, os.O_RDWR)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
            refuse_existing(target, replace)
            part.replace(target)
        except OSError as error:
            raise told(error, target) from error
    finally:
        discard(part)
    sync_folder(target.parent)


def refuse_existing(target: Path, replace: bool) -> None:
    """Raises TargetExists for a folder there, and without `replace` for anything there.

    And EarmarkError for a name that the disk does not take.
    """
    refuse_long_name(target)
    if target.is_dir():
        raise TargetExists(
            _("“{name}” is a folder.").format(name=target.name), _("Give the name of a file.")
        )
    if not replace and os.path.lexists(target):
        raise TargetExists(
            _("“{name}” is there already.").format(name=target.name),
            _("Choose another name, or say that it may be replaced."),
        )


def refuse_long_name(target: Path) -> None:
    """Raises EarmarkError where the name, or the path to it, is longer than the disk takes.

    Asked before any work: temporary names are short, so only the last step would meet it.
    """
    try:
        os.lstat(target)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise told(error, target) from error


def told(error: OSError, target: Path) -> EarmarkError:
    """The same error in a sentence for the person who chose `target`."""
    if error.errno == errno.ENAMETOOLONG:
        return _too_long(target)
    if not os.path.isdir(target.parent):  # noqa: PTH112  (False for what may not be looked at)
        return NotFound(
            _("The folder “{name}” is not there.").format(name=target.parent.name),
            _("Choose another place."),
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            _("There is not enough space for the shared file."),
            _("Free some space or choose another place; nothing was left behind."),
        )
    return EarmarkError(
        _("The shared file cannot be written: {reason}.").format(reason=error.strerror or error),
        _("Choose another place."),
    )


def _too_long(target: Path) -> EarmarkError:
    name = target.name
    if len(name) > 2 * _SHOWN_NAME:
        name = f"{name[:_SHOWN_NAME]}…{name[-_SHOWN_NAME:]}"
    try:
        most = os.pathconf(target.parent, "PC_NAME_MAX")
    except OSError:  # the path before the name is too long already
        return EarmarkError(
            _("The path to “{name}” is too long.").format(name=name),
            _("Choose a folder with a shorter path."),
        )
    return EarmarkError(
        _("The name “{name}” is too long: {bytes} bytes.").format(
            name=name, bytes=len(os.fsencode(target.name))
        ),
        _(
            "Choose a shorter one: {most} bytes at most with its ending, é and ü count as two."
        ).format(most=most),
    )
