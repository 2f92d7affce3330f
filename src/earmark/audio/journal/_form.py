"""The journal: the crash-safe file a running take is written to. Standard library only.

A file is a header and then blocks, each with a magic, its sequence number, its first frame, its
frame count, flags and a CRC-32 over header and payload. A PCM block's payload is little-endian
16-bit samples, channels interleaved; a gap's and the seal's is JSON. Readers stop at the first
torn or wrong block and believe the file's length only.

When the disk reports an error the writer never writes to that file again (the kernel may have
dropped pages and say "fine" the next time): what was not acknowledged goes into a new segment,
`NAME.1`, `NAME.2`…, whose blocks replace those of the earlier ones from its first frame on.
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from pathlib import Path

HEADER = struct.Struct("<8sHHIIQ32sI")
"""magic, version, channels, rate, segment, first frame, take id (ASCII), CRC of the rest."""
BLOCK = struct.Struct("<4sIQIHHII")
"""magic, sequence, first frame, frames, flags, 0, payload bytes, CRC of the rest and payload."""
FILE_MAGIC = b"EARMARKJ"
BLOCK_MAGIC = b"EMBK"
VERSION = 1
GAP = 1
SEAL = 2
MAX_PAYLOAD = 1 << 24
MAX_GAP = 1 << 31
SAMPLE_BYTES = 2


def segment_path(path: Path, segment: int) -> Path:
    """The file of one segment; segment 0 is the journal's own name."""
    return path if segment == 0 else path.with_name(f"{path.name}.{segment}")


def journal_files(path: Path) -> tuple[Path, ...]:
    """The journal's files that exist, in order: they go together."""
    found: list[Path] = []
    while (part := segment_path(path, len(found))).exists():
        found.append(part)
    return tuple(found)


def lock_journal(path: Path) -> int | None:
    """Takes the journal for oneself: a descriptor that holds the lock until closed.

    None while another process holds it: the one that records or finishes the take.
    """
    fd = os.open(path, os.O_RDWR)
    if lock_file(fd):
        return fd
    os.close(fd)
    return None


def lock_file(fd: int) -> bool:
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows: an open file cannot be taken away there
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def pack_block(sequence: int, frame: int, frames: int, flags: int, payload: bytes) -> bytes:
    """One block as it stands in the file."""
    head = BLOCK.pack(BLOCK_MAGIC, sequence, frame, frames, flags, 0, len(payload), 0)[:-4]
    return head + struct.pack("<I", zlib.crc32(payload, zlib.crc32(head))) + payload


def pack_header(channels: int, rate: int, segment: int, frame: int, take: str) -> bytes:
    """A file's header."""
    raw = HEADER.pack(
        FILE_MAGIC, VERSION, channels, rate, segment, frame, take.encode("ascii", "replace"), 0
    )[:-4]
    return raw + struct.pack("<I", zlib.crc32(raw))
