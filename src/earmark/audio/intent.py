"""Intents: the small files in `run/intents/` that name each take not yet in its kept form.

Capture writes one before the first frame is stored; it goes last, after the journal. Standard
library only: the capture process imports this.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, get_type_hints

from earmark.model.files import make_folder, sync_folder, write_atomically
from earmark.model.units import EventId, SampleRate, SessionId, TakeId

VERSION = 1
CODECS = ("flac", "opus")
_ID_CHARACTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")


class BadIntent(ValueError):
    """An intent that cannot be believed: torn, of another version, or naming strange paths."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What is needed to finish a take when nothing else is left of it.

    `folder`, `journal` and `peaks` are relative to the library folder, with `/`; `created_at` (of
    the session) and `started_at` (of the take) are ISO 8601 with zone; `socket` is the path of
    the capture process's socket, relative to the library folder, or "".
    """

    take: TakeId
    session: SessionId
    ordinal: int
    title: str
    created_at: str
    started_at: str
    folder: str
    journal: str
    peaks: str
    rate: SampleRate
    channels: int
    codec: str = "flac"
    event: EventId | None = None
    pid: int = 0
    socket: str = ""

    def __post_init__(self) -> None:
        """Raises BadIntent for ids that are no ids, paths that leave the library, and the like."""
        for an_id in (self.take, self.session):
            if not an_id or len(an_id) > 64 or not _ID_CHARACTERS.issuperset(an_id):
                raise BadIntent(f"not an id: {an_id!r:.80}")
        for path in (self.folder, self.journal, self.peaks):
            if not is_inside(path):
                raise BadIntent("a path that is not inside the library")
        if self.codec not in CODECS:
            raise BadIntent(f"no such codec: {self.codec!r:.40}")
        if not (1_000 <= self.rate <= 768_000 and 1 <= self.channels <= 32 and self.ordinal >= 1):
            raise BadIntent("rate, channels or ordinal out of range")

    def path(self, library: Path) -> Path:
        """Where this intent lies."""
        return intents_folder(library) / f"{self.take}.json"

    def journal_path(self, library: Path) -> Path:
        return library / self.journal

    def peaks_path(self, library: Path) -> Path:
        return library / self.peaks

    def to_message(self) -> dict[str, Any]:
        """The fields as they stand in the file and in the `start` command."""
        return {"v": VERSION, **asdict(self)}

    @staticmethod
    def from_message(message: dict[str, Any]) -> Intent:
        """The intent in a message; other fields of the message are ignored. Raises BadIntent."""
        given: dict[str, Any] = {}
        for field in fields(Intent):
            if field.name not in message:
                continue
            value = message[field.name]
            expected = _KINDS[field.name]
            if isinstance(value, bool) or not isinstance(value, expected):
                raise BadIntent(f"{field.name} has the wrong type")
            given[field.name] = value
        try:
            return Intent(**given)
        except TypeError as error:
            raise BadIntent("fields are missing") from error


_NEWTYPES: dict[object, tuple[type, ...]] = {int: (int,), str: (str,)}
_KINDS: dict[str, tuple[type, ...]] = {
    name: (str, type(None)) if name == "event" else _NEWTYPES[getattr(hint, "__supertype__", hint)]
    for name, hint in get_type_hints(Intent).items()
}


def is_inside(relative: str) -> bool:
    """Whether a path in an intent stays inside the library folder it is relative to."""
    path = PurePosixPath(relative)
    return (
        bool(path.parts)
        and not path.is_absolute()
        and ".." not in path.parts
        and ("\x00" not in relative and "\\" not in relative and ":" not in path.parts[0])
    )


def intents_folder(library: Path) -> Path:
    return library / "run" / "intents"


def write_intent(library: Path, intent: Intent) -> Path:
    """Writes the intent durably (file and folder synced). Returns where."""
    make_folder(intents_folder(library))
    path = intent.path(library)
    write_atomically(path, json.dumps(intent.to_message(), ensure_ascii=True).encode())
    return path


def read_intent(path: Path) -> Intent:
    """The intent in a file. Raises BadIntent where it cannot be believed, OSError else."""
    try:
        message = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadIntent("not JSON") from error
    if not isinstance(message, dict) or message.get("v") != VERSION:
        raise BadIntent("of another version")
    intent = Intent.from_message(message)
    if intent.take != path.stem:
        raise BadIntent("named for another take")
    return intent


def read_intents(library: Path) -> list[Intent]:
    """Every intent that can be believed, oldest take first."""
    found = []
    for path in sorted(intents_folder(library).glob("*.json")):
        try:
            found.append(read_intent(path))
        except (BadIntent, FileNotFoundError):
            continue
    return sorted(found, key=lambda intent: (intent.created_at, intent.session, intent.ordinal))


def remove_intent(library: Path, intent: Intent) -> None:
    """Removes the intent durably; it may be gone already. Last of all, after the journal."""
    intent.path(library).unlink(missing_ok=True)
    if intents_folder(library).is_dir():
        sync_folder(intents_folder(library))
