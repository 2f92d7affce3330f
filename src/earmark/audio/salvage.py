"""What a damaged manifest no longer says, from the take's other files: its sound is not given up.

A manifest is written whole or not at all; what damages one is the disk, or another program. Its
name is the take's id, and so are words in the journal's header. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from earmark.model.errors import UnusableMedia
from earmark.model.places import SESSIONS
from earmark.model.units import RECORDING_RATE

from .journal import JournalReader
from .manifest import CODECS, BadManifest, TakeManifest, believable_fields, problem_with

_TAKE_FILE = re.compile(r"take-(\d{1,9})-(.+)")
_SESSION_FOLDER = re.compile(r"(\d{4}-\d\d-\d\d) (.*) (\w{6})")


def salvaged(library: Path, damaged: Iterable[Path]) -> list[TakeManifest | None]:
    """For each damaged manifest one to finish the take by; None where no sound of it was found.

    Session and title are then what the folder's name says: the library may know better.
    """
    return [_salvage(library, path) for path in damaged]


def _salvage(library: Path, path: Path) -> TakeManifest | None:
    if problem_with("take", path.stem):
        return None
    sound = _sound(library, path)
    if sound is None:
        return None
    named = _TAKE_FILE.fullmatch(sound.stem)
    try:
        return TakeManifest(
            **{
                "rate": RECORDING_RATE,
                "channels": 1,
                "ordinal": int(named[1]) if named else 1,
                **_words_of_the_folder(sound, path.stem),
                **{k: v for k, v in believable_fields(path).items() if k != "pid"},
                **_words_of_the_header(sound),
                "take": path.stem,
                "folder": sound.parent.relative_to(library).as_posix(),
                "journal": sound.with_suffix(".journal").relative_to(library).as_posix(),
                "peaks": sound.with_suffix(".peaks").relative_to(library).as_posix(),
            }
        )
    except BadManifest:
        return None


def _sound(library: Path, manifest: Path) -> Path | None:
    """The take's journal; else what was kept of it; both are known by the take's id."""
    take = manifest.stem
    for journal in sorted((library / SESSIONS).glob("*/*/*/*.journal")):
        try:
            with JournalReader(journal, verify=False) as reader:
                if reader.take == take[:32]:
                    return journal
        except (OSError, UnusableMedia):
            continue
    named = (f"*/*/*/take-*-{take[:6]}.{suffix}" for suffix in ("journal", *CODECS))
    return next((found for one in named for found in (library / SESSIONS).glob(one)), None)


def _words_of_the_header(sound: Path) -> dict[str, Any]:
    try:
        with JournalReader(sound, verify=False) as reader:
            return {"rate": reader.rate, "channels": reader.channels}
    except (OSError, UnusableMedia):
        return {}


def _words_of_the_folder(sound: Path, take: str) -> dict[str, Any]:
    """A session that comes to the same folder each time this is asked."""
    moment = datetime.fromtimestamp(sound.stat().st_mtime).astimezone()
    words = {
        "session": take,
        "title": "",
        "created_at": moment.isoformat(),
        "started_at": moment.isoformat(),
    }
    named = _SESSION_FOLDER.fullmatch(sound.parent.name)
    if named is None:
        return words
    if named[1] != f"{moment:%Y-%m-%d}":
        words["created_at"] = f"{named[1]}T00:00:00+00:00"
    return {**words, "session": named[3] + take[6:], "title": named[2]}
