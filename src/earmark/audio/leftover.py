"""What of a journal no reader takes for sound: nothing that might matter is removed unseen."""

from __future__ import annotations

import os
from pathlib import Path

from earmark.model.errors import UnusableMedia

from .journal import journal_files, scan_journal
from .journal._form import BLOCK, BLOCK_MAGIC, HEADER


def whole_frames(journal: Path) -> int:
    """Frames that can be read, every block checked; 0 without a readable beginning."""
    try:
        return scan_journal(journal).frames
    except UnusableMedia:
        return 0


def left_out(journal: Path, frames: int) -> int:
    """Bytes of the journal's last file after its last whole block; `frames` as `whole_frames`.

    A death leaves at most one torn block; more means that the disk lost something in the middle.
    """
    last = journal_files(journal)[-1]
    with last.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        offset = min(size, HEADER.size)
        while True:
            file.seek(offset)
            raw = file.read(BLOCK.size)
            if len(raw) < BLOCK.size:
                break
            magic, _sequence, first, count, _flags, _zero, payload, _crc = BLOCK.unpack(raw)
            end = offset + BLOCK.size + payload
            if magic != BLOCK_MAGIC or first + count > frames or end > size:
                break
            offset = end
    return size - offset
