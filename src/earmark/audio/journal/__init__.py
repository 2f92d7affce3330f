"""The journal: the crash-safe file a running take is written to. Standard library only."""

from ._form import journal_files, lock_journal
from ._reading import DAMAGED, JournalReader, JournalScan, scan_journal
from ._writing import FileLayer, JournalWriter, Position

__all__ = [
    "DAMAGED",
    "FileLayer",
    "JournalReader",
    "JournalScan",
    "JournalWriter",
    "Position",
    "journal_files",
    "lock_journal",
    "scan_journal",
]
