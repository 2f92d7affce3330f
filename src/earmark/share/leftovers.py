"""What a killed writer left beside its target, told by its process id: finished or removed.

`writing`, `writing_files` and `writing_folder` clean up behind themselves; only a kill keeps them
from it. When it came while whole files were being moved to their places, the rest follows them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .output_file import discard, part_for
from .output_files import ASIDE, room_for


def settle(target: Path, pid: int) -> None:
    """Leaves either the whole share at its place or nothing of it, and what was there before."""
    room = room_for(target, pid)
    old = room.with_name(f"{room.name}.old")
    if (room / ASIDE).is_dir():
        _place_rest(room, target)
    elif old.is_dir() and not os.path.lexists(target):
        (room if room.is_dir() else old).rename(target)
    part = part_for(target, pid)
    for left in (part, part.with_suffix(".sound")):
        discard(left)
    for left in (room, old):
        shutil.rmtree(left, ignore_errors=True)


def _place_rest(room: Path, target: Path) -> None:
    """Moves what is still in `room` where it belongs; all of it is whole, and may be there."""
    shutil.rmtree(room / ASIDE)
    for file in [entry for entry in room.rglob("*") if entry.is_file()]:
        place = target.parent / file.relative_to(room)
        place.parent.mkdir(exist_ok=True)
        file.replace(place)
