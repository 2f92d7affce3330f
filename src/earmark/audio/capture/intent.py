"""The intent: what a take is going to be, on disk before its first frame."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from earmark.audio.journal import FileLayer, JournalWriter
from earmark.audio.peakfile import PeakWriter
from earmark.model.errors import EarmarkError
from earmark.model.files import make_folder, sync_folder, write_atomically
from earmark.model.i18n import _

INTENTS = "run/intents"


@dataclass(frozen=True, slots=True)
class Intent:
    """A `start` command's fields that capture itself needs; `fields` is the whole intent.

    Paths are relative to the library, with `/`.
    """

    take: str
    folder: str
    journal: str
    peaks: str
    rate: int
    channels: int
    fields: dict[str, Any]

    @classmethod
    def read(cls, fields: dict[str, Any], socket: str) -> Intent:
        """Raises EarmarkError for fields that are missing, of the wrong kind, or lead outside."""
        try:
            intent = cls(
                str(fields["take"]),
                _inside(fields["folder"]),
                _inside(fields["journal"]),
                _inside(fields["peaks"]),
                int(fields["rate"]),
                int(fields["channels"]),
                {**fields, "v": 1, "pid": os.getpid(), "socket": socket},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EarmarkError(
                _("The recording was not described completely: {problem}").format(problem=error)
            ) from error
        if not intent.take.isalnum() or intent.channels not in (1, 2) or intent.rate < 8000:
            raise EarmarkError(_("The recording was not described correctly."))
        return intent

    def path(self, library: Path) -> Path:
        return library / INTENTS / f"{self.take}.json"


def _inside(relative: object) -> str:
    text = str(relative)
    path = PurePosixPath(text)
    if not text or path.is_absolute() or ".." in path.parts:
        raise ValueError(text)
    return text


class TakeFiles:
    """A new take's files: made in an order in which a death at any moment is understood.

    Journal (locked) and peaks first, then the intent that names them: an intent without a lock is
    a take to finish. Raises OSError, having removed again what it made.
    """

    def __init__(self, library: Path, intent: Intent, layer: FileLayer | None = None) -> None:
        self._library, self._intent = library, intent
        self._folder = library / intent.folder
        self._made_folder = not self._folder.exists()
        self._journal_path = library / intent.journal
        self._peaks_path = library / intent.peaks
        self.journal: JournalWriter | None = None
        self.peaks: PeakWriter | None = None
        made: list[Path] = []
        try:
            make_folder(self._folder)
            self.journal = JournalWriter(
                self._journal_path, intent.take, intent.rate, intent.channels, layer=layer
            )
            made.append(self._journal_path)
            made.append(self._peaks_path)
            self.peaks = PeakWriter(self._peaks_path, intent.rate)
            sync_folder(self._folder)
            make_folder(library / INTENTS)
            data = json.dumps(intent.fields, ensure_ascii=False, indent=1).encode()
            write_atomically(intent.path(library), data)
        except OSError:
            self._remove(made)
            raise

    def close(self) -> None:
        """Lets the files and the journal's lock go."""
        for file in (self.peaks, self.journal):
            if file is not None:
                file.close()
        self.peaks = self.journal = None

    def undo(self) -> None:
        """Nothing was recorded: as if the take had never been asked for."""
        self._remove([self._intent.path(self._library), self._peaks_path, self._journal_path])

    def _remove(self, made: list[Path]) -> None:
        for path in made:
            path.unlink(missing_ok=True)
        self.close()
        if self._made_folder and self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()
