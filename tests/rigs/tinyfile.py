"""The tiny genuine model's quantised file, unpacked; and a larger one made by rule."""

from __future__ import annotations

import functools
import hashlib
import lzma
import struct
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "tinywhisper"
SHA256 = "1486cb2589bab98fb424c78b52e810899f0fbd426ff041c191ccd501a218f876"
HEADER = 4
"""Where the 11 numbers begin."""


@functools.cache
def tiny_model() -> bytes:
    """The file's bytes, the very ones the checksum is known of."""
    data = lzma.decompress((DATA / "tiny-test-q5_0.bin.xz").read_bytes())
    assert hashlib.sha256(data).hexdigest() == SHA256
    return data


def with_number(data: bytes, which: int, value: int) -> bytes:
    """The file with the header's `which`-th number replaced."""
    at = HEADER + 4 * which
    return data[:at] + struct.pack("<i", value) + data[at + 4 :]


def frames(data: bytes) -> list[tuple[int, int, int]]:
    """Of each tensor: where its frame begins, where its data begins, where its data ends."""
    (tokens,) = struct.unpack_from("<i", data, 56 + 4 * 80 * 201)
    at = 60 + 4 * 80 * 201
    for _token in range(tokens):
        at += 4 + struct.unpack_from("<i", data, at)[0]
    found = []
    while at < len(data):
        dimensions, length, kind = struct.unpack_from("<3i", data, at)
        count = 1
        for one in struct.unpack_from(f"<{dimensions}i", data, at + 12):
            count *= one
        inside = at + 12 + 4 * dimensions + length
        end = inside + {0: count * 4, 1: count * 2, 6: count // 32 * 22}[kind]
        found.append((at, inside, end))
        at = end
    return found
