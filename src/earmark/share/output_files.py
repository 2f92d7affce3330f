"""Shares of several files: all of them at their places, or none.

They are made in a temporary folder beside the target and moved to their places at the end; what
they replace is set aside meanwhile, and put back if anything fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark.model import sync_folder
from earmark.model.i18n import _

from .output_file import TargetExists, part_for, refuse_existing, refuse_long_name, told

ASIDE = ".aside"
"""Stands in the temporary folder while files are moved out of it: all of them are whole then."""


@contextmanager
def writing_files(
    target: Path, companions: Iterable[str] = (), *, replace: bool = False
) -> Iterator[Path]:
    """Gives a temporary folder: make `target.name` in it and any of `companions` (paths relative
    to `target`'s folder, with `/`; those not made are left out).

    `replace` is for the target: a companion that is there is replaced only together with it, so
    that a sound file that only happens to have the name stays.
    Raises TargetExists naming what is there, and what `writing` raises.
    """
    places = {target.name: target, **{name: target.parent / name for name in companions}}
    _refuse(target, places.values(), replace)
    room = room_for(target, os.getpid())
    aside = room / ASIDE
    try:
        try:
            room.mkdir()
            yield room
            made = {name: place for name, place in places.items() if (room / name).is_file()}
            for name in made:
                _sync(room / name)
            _refuse(target, made.values(), replace)
            _place(room, made)
            shutil.rmtree(aside, ignore_errors=True)
        except OSError as error:
            raise told(error, target) from error
    finally:
        if not (aside.is_dir() and any(aside.iterdir())):  # what could not be put back stays
            shutil.rmtree(room, ignore_errors=True)
    for folder in {place.parent for place in made.values()} | {target.parent}:
        sync_folder(folder)


@contextmanager
def writing_folder(
    target: Path, ours: Callable[[str], bool], *, replace: bool = False
) -> Iterator[Path]:
    """Gives a temporary folder that becomes `target`.

    A folder that is there is replaced only if all files in it are `ours` (asked with their paths
    relative to it, with `/`), so that nobody's other files go with it. Raises what `writing` does.
    """
    _refuse_folder(target, ours, replace)
    room = room_for(target, os.getpid())
    try:
        try:
            room.mkdir()
            yield room
            for file in room.rglob("*"):
                if file.is_file():
                    _sync(file)
            _refuse_folder(target, ours, replace)
            _swap(room, target)
        except OSError as error:
            raise told(error, target) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)
    sync_folder(target.parent)


def file_bytes(places: Iterable[Path]) -> int:
    """The size of these files, and of those in these folders, as they are."""
    total = 0
    for place in places:
        files = place.rglob("*") if place.is_dir() else (place,)
        total += sum(file.stat().st_size for file in files if file.is_file())
    return total


def room_for(target: Path, pid: int) -> Path:
    """The temporary folder of this process for this target."""
    return part_for(target, pid).with_suffix(".parts")


def _refuse(target: Path, places: Iterable[Path], replace: bool) -> None:
    replaces = replace and target.is_file()
    for place in places:
        refuse_existing(place, replace if place == target else replaces)


def _refuse_folder(target: Path, ours: Callable[[str], bool], replace: bool) -> None:
    refuse_long_name(target)
    if not os.path.lexists(target):
        return
    if not target.is_dir() or target.is_symlink():
        raise TargetExists(
            _("“{name}” is a file.").format(name=target.name), _("Give the name of a folder.")
        )
    if not replace:
        refuse = _("“{name}” is there already.")
    elif all(
        ours(entry.relative_to(target).as_posix())
        for entry in target.rglob("*")
        if entry.is_symlink() or not entry.is_dir()
    ):
        return
    else:
        refuse = _("“{name}” holds other files.")
    raise TargetExists(refuse.format(name=target.name), _("Choose a new folder."))


def _sync(file: Path) -> None:
    fd = os.open(file, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _place(room: Path, made: dict[str, Path]) -> None:
    """Moves the files to their places; on an error everything is as before."""
    aside = room / ASIDE
    aside.mkdir()
    undo: list[tuple[Path, Path]] = []
    new_folders: list[Path] = []
    try:
        for number, (name, place) in enumerate(made.items()):
            if not place.parent.is_dir():
                place.parent.mkdir()
                new_folders.append(place.parent)
            if os.path.lexists(place):
                place.rename(aside / str(number))
                undo.append((aside / str(number), place))
            (room / name).rename(place)
            undo.append((place, room / name))
    except BaseException:
        for now, before in reversed(undo):
            now.rename(before)
        for folder in new_folders:
            folder.rmdir()
        raise


def _swap(room: Path, target: Path) -> None:
    old = target.with_name(f"{room.name}.old")
    there = target.is_dir()
    if there:
        target.rename(old)
    try:
        room.rename(target)
    except OSError:
        if there:
            old.rename(target)
        raise
    if there:
        shutil.rmtree(old, ignore_errors=True)
