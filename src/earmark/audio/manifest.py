"""The manifest of a take: the small file in `run/intents/` from before its first frame until it is
in its kept form. Here are its only reader and its only writer.

Capture writes it, finishing reads it: what one of them believes, the other does too. It goes last,
after the journal. Standard library only: the capture process imports this.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, get_type_hints

from earmark.model.files import make_folder, sync_folder, write_atomically
from earmark.model.units import EventId, SampleRate, SessionId, TakeId

VERSION = 1
CODECS = ("flac", "opus")
ARCHIVE = "run/archived"
"""Where things go that nobody can read, and that are therefore not removed."""
_ID_CHARACTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")
_LARGEST = (1 << 31) - 1
"""Of a process's number and of an ordinal: more fits into neither the system's nor the database's
numbers."""


class BadManifest(ValueError):
    """What cannot be believed as a manifest: torn, of another version, or naming strange paths."""


@dataclass(frozen=True, slots=True)
class TakeManifest:
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
        """Raises BadManifest for a field that whoever finishes the take could not use."""
        for field in fields(self):
            problem = problem_with(field.name, getattr(self, field.name))
            if problem:
                raise BadManifest(f"{field.name}: {problem}")

    def path(self, library: Path) -> Path:
        """Where this manifest lies."""
        return manifests_folder(library) / f"{self.take}.json"

    def journal_path(self, library: Path) -> Path:
        return library / self.journal

    def peaks_path(self, library: Path) -> Path:
        return library / self.peaks

    def to_message(self) -> dict[str, Any]:
        """The fields as they stand in the file and in the `start` command."""
        return {"v": VERSION, **asdict(self)}

    @staticmethod
    def from_message(message: dict[str, Any]) -> TakeManifest:
        """The manifest in a message, whose other fields are ignored. Raises BadManifest."""
        known = (field.name for field in fields(TakeManifest))
        given = {name: message[name] for name in known if name in message}
        try:
            return TakeManifest(**given)
        except TypeError as error:
            raise BadManifest("fields are missing") from error


_TYPES: dict[str, tuple[type, ...]] = {
    name: (str, type(None)) if name == "event" else (getattr(hint, "__supertype__", hint),)
    for name, hint in get_type_hints(TakeManifest).items()
}
_RANGES = {
    "rate": (1_000, 768_000),
    "channels": (1, 32),
    "ordinal": (1, _LARGEST),
    "pid": (0, _LARGEST),
}


def problem_with(name: str, value: object) -> str:
    """What is wrong with one field of a manifest; "" where it can be believed."""
    if isinstance(value, bool) or not isinstance(value, _TYPES[name]):
        return "of the wrong type"
    if isinstance(value, int):
        least, most = _RANGES[name]
        return "" if least <= value <= most else "out of range"
    if value is None:
        return ""
    assert isinstance(value, str)
    if not _is_unicode(value):
        return "not Unicode"
    match name:
        case "take" | "session" | "event":
            good = 0 < len(value) <= 64 and _ID_CHARACTERS.issuperset(value)
            return "" if good else "not an id"
        case "folder" | "journal" | "peaks":
            return "" if is_inside(value) else "not inside the library"
        case "socket":
            return "" if not value or is_inside(value) else "not inside the library"
        case "created_at" | "started_at":
            return "" if _is_moment(value) else "not a time with its zone"
        case "codec":
            return "" if value in CODECS else "no such codec"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def is_inside(relative: str) -> bool:
    """Whether a path in a manifest stays inside the library folder it is relative to."""
    path = PurePosixPath(relative)
    return (
        bool(path.parts)
        and not path.is_absolute()
        and ".." not in path.parts
        and ("\x00" not in relative and "\\" not in relative and ":" not in path.parts[0])
    )


def manifests_folder(library: Path) -> Path:
    return library / "run" / "intents"


def write_manifest(library: Path, manifest: TakeManifest) -> Path:
    """Writes the manifest durably (file and folder synced). Returns where."""
    make_folder(manifests_folder(library))
    path = manifest.path(library)
    write_atomically(path, json.dumps(manifest.to_message(), ensure_ascii=True).encode())
    return path


def read_manifest(path: Path) -> TakeManifest:
    """The manifest in a file. Raises BadManifest where it cannot be believed, OSError else."""
    message = _read_message(path)
    if message.get("v") != VERSION:
        raise BadManifest("of another version")
    manifest = TakeManifest.from_message(message)
    if manifest.take != path.stem:
        raise BadManifest("named for another take")
    return manifest


def read_manifests(library: Path) -> tuple[list[TakeManifest], list[Path]]:
    """Every manifest that can be believed, oldest take first; and the files of all others."""
    found: list[TakeManifest] = []
    damaged: list[Path] = []
    for path in sorted(manifests_folder(library).glob("*.json")):
        try:
            found.append(read_manifest(path))
        except FileNotFoundError:
            continue  # finished in this moment
        except (BadManifest, OSError):
            damaged.append(path)
    return in_order(found), damaged


def in_order(manifests: list[TakeManifest]) -> list[TakeManifest]:
    """Oldest take first."""
    return sorted(manifests, key=lambda one: (one.created_at, one.session, one.ordinal))


def believable_fields(path: Path) -> dict[str, Any]:
    """The fields of a damaged manifest that can be believed, each for itself."""
    try:
        message = _read_message(path)
    except (BadManifest, OSError):
        return {}
    return {
        name: value
        for name, value in message.items()
        if name in _TYPES and not problem_with(name, value)
    }


def remove_manifest(library: Path, manifest: TakeManifest) -> None:
    """Removes the manifest durably; it may be gone already. Last of all, after the journal.

    One that could not be read is moved to `run/archived` instead.
    """
    path = manifest.path(library)
    try:
        read_manifest(path)
    except FileNotFoundError:
        pass
    except (BadManifest, OSError):
        make_folder(library / ARCHIVE)
        path.replace(library / ARCHIVE / f"{path.stem}.damaged.json")
        sync_folder(library / ARCHIVE)
    else:
        path.unlink(missing_ok=True)
    if manifests_folder(library).is_dir():
        sync_folder(manifests_folder(library))


def _read_message(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises BadManifest, OSError."""
    try:
        message = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadManifest("not JSON") from error
    if not isinstance(message, dict):
        raise BadManifest("not an object")
    return message
