"""A session whose recording runs (or broke off): as long as its journal is by now."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from earmark.audio.journal import JournalReader
from earmark.model import EarmarkError, Session, Take


def as_recorded(folder: Path, session: Session) -> Session:
    """The session with the frames and gaps that the journals of its unfinished takes hold."""
    if all(take.file is not None for take in session.takes):
        return session
    takes = tuple(_by_journal(folder, take) for take in session.takes)
    return dataclasses.replace(session, takes=takes)


def _by_journal(folder: Path, take: Take) -> Take:
    if take.file is not None or take.journal is None:
        return take
    try:
        with JournalReader(folder / take.journal, verify=False) as journal:
            return dataclasses.replace(take, frames=journal.frames, gaps=journal.gaps)
    except (OSError, EarmarkError):
        return take  # just finished by somebody, or nothing of it was stored yet
