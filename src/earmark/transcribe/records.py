"""What is remembered of a verified model: size, sum, and when its file was last written."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from earmark.model import write_atomically

_SUM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Record:
    """Of a file as it was when its sum was taken."""

    bytes: int
    sha256: str
    mtime_ns: int

    def fits(self, path: Path) -> bool:
        """Whether the file looks as it did then. Raises OSError."""
        found = path.stat()
        return (found.st_size, found.st_mtime_ns) == (self.bytes, self.mtime_ns)


def read_record(path: Path) -> Record | None:
    """The record of a model's file; None where there is none, or none that can be read."""
    try:
        data = json.loads(_place(path).read_bytes())
        record = Record(data["bytes"], data["sha256"], data["mtime_ns"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = isinstance(record.bytes, int) and isinstance(record.mtime_ns, int)
    return record if whole and _SUM.fullmatch(str(record.sha256)) else None


def remember(path: Path, sha256: str) -> Record:
    """Writes the record, where the folder lets it: without one the sum is taken again."""
    found = path.stat()
    record = Record(found.st_size, sha256, found.st_mtime_ns)
    try:
        write_atomically(_place(path), json.dumps(asdict(record)).encode())
    except OSError:
        pass
    return record


def forget(path: Path) -> None:
    _place(path).unlink(missing_ok=True)


def _place(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
