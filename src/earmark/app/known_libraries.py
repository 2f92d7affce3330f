"""The libraries this person has opened, by folder: so that a disk that is away is not taken for
a library that has yet to be made."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path

from earmark.model import LibraryNotConnected, make_folder, write_atomically
from earmark.model.i18n import _
from earmark.model.library_id import is_library

from .places import state_folder

log = logging.getLogger(__name__)
PLACE = "libraries"


class KnownLibraries:
    """One small file for each folder, in the person's state folder.

    Where that cannot be read or written nothing is known, and nothing is refused.
    """

    def __init__(self, state: Path | None = None) -> None:
        self._state = state

    def id_of(self, folder: Path) -> str | None:
        """The id of the library that was opened in the folder last."""
        for path in self._files(folder):
            try:
                form = json.loads(path.read_bytes())
            except (OSError, ValueError):
                continue
            if isinstance(form, dict) and isinstance(form.get("id"), str):
                return str(form["id"])
        return None

    def remember(self, folder: Path, library: str) -> None:
        """A library was opened there: from now on its absence is noticed."""
        for path, name in self._files(folder).items():
            data = json.dumps({"v": 1, "folder": name, "id": library}, ensure_ascii=False)
            try:
                if not path.is_file() or path.read_bytes() != data.encode():
                    make_folder(path.parent)
                    write_atomically(path, data.encode())
            except OSError as error:
                log.info("the state folder cannot be written: errno %s", error.errno)

    def forget(self, folder: Path) -> None:
        """The person wants a new library there. Raises OSError."""
        for path in self._files(folder):
            path.unlink(missing_ok=True)

    def is_away(self, folder: Path) -> bool:
        """Whether a library was opened there before and nothing of it is there now."""
        return not is_library(folder) and self.id_of(folder) is not None

    def check(self, folder: Path) -> None:
        """Raises LibraryNotConnected where the folder's library is away."""
        if self.is_away(folder):
            raise LibraryNotConnected(
                _("The library “{folder}” is not connected: its folder is empty or gone.").format(
                    folder=folder
                ),
                _(
                    "Connect its disk or put the folder back, and start Earmark again; "
                    "for a new, empty library there start it once with --new-library."
                ),
            )

    def _files(self, folder: Path) -> dict[Path, str]:
        """The files that speak of the folder, by its name as given and its real one."""
        place = (self._state or state_folder()) / PLACE
        names = dict.fromkeys((os.path.abspath(folder), os.path.realpath(folder)))  # noqa: PTH100
        return {place / f"{path_key(name)}.json": name for name in names}


def path_key(path: str | os.PathLike[str]) -> str:
    """A file's name that stands for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
