"""`earmark backup`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from .opening import opened
from .output import print_json, print_line


def backup(folder: Path, arguments: Namespace) -> int:
    """A consistent copy of the database, also while a window or a recording writes to it."""
    target = Path(arguments.to)
    with opened(folder) as earmark:
        earmark.library.run(lambda lib: lib.copy_to(target, replace=arguments.force)).result()
    if arguments.json:
        print_json({"path": str(target), "bytes": target.stat().st_size})
    else:
        print_line(str(target))
    return 0
