"""What a container says about itself, read without decoding: is it whole, can it be sought exactly?

Plain reading of headers with bounds everywhere: the files come from strangers.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path
from typing import NamedTuple

_OGG_PAGE = struct.Struct("<4sBBqIIIB")
_OGG_FIRST, _OGG_LAST = 2, 4

_MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the header's version bits: MPEG 1, MPEG 2, MPEG 2.5."""
_KBITS_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_LAYER3 = 1
_MAX_BOXES = 1_000_000
_EBML_SEGMENT = 0x18538067


class OggShape(NamedTuple):
    """`plain`: one logical stream from beginning to end. `cut`: it has no end."""

    plain: bool
    cut: bool


class Mp3Shape(NamedTuple):
    """`constant`: every frame of one bit rate and form, nothing else between. `declared`: frames
    (MPEG's) by the Xing or Info header, or None; `found`: whole frames, that header not counted.
    """

    constant: bool
    declared: int | None
    found: int
    torn: bool

    @property
    def cut(self) -> bool:
        """Whole but for a torn last frame, as many are, it counts as whole where it can tell."""
        return self.found < self.declared - 1 if self.declared else self.torn


def ogg_shape(path: Path) -> OggShape:
    """Walks the pages of an Ogg file."""
    serials: set[int] = set()
    firsts = 0
    plain, ended = True, False
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        at = 0
        while at < length:
            file.seek(at)
            raw = file.read(_OGG_PAGE.size)
            if len(raw) < _OGG_PAGE.size:
                return OggShape(plain, True)
            magic, _v, flags, _position, serial, _n, _crc, pieces = _OGG_PAGE.unpack(raw)
            table = file.read(pieces)
            if magic != b"OggS" or len(table) < pieces:
                return OggShape(False, not ended)
            serials.add(serial)
            firsts += bool(flags & _OGG_FIRST)
            plain = plain and len(serials) == firsts == 1
            ended = ended or bool(flags & _OGG_LAST)
            at += _OGG_PAGE.size + pieces + sum(table)
        return OggShape(plain, at > length or not ended)


def mp3_shape(path: Path) -> Mp3Shape:
    """Walks the frames of an MP3 file, after its ID3v2 tag."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        if not length:
            return Mp3Shape(False, None, 0, False)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _walk_mp3(data, length)


def _walk_mp3(data: mmap.mmap, length: int) -> Mp3Shape:
    at = _after_id3(data, length)
    form: tuple[int, int] | None = None
    constant, declared, found = True, None, 0
    while at + 4 <= length:
        head = _mp3_head(data[at : at + 4])
        if head is None:
            rest = bytes(data[at : at + 8])
            tag = rest[:3] in (b"TAG", b"ID3") or rest in (b"APETAGEX", b"LYRICSBE")
            return Mp3Shape(constant and tag, declared, found, False)
        kind, bits, size = head
        if at + size > length:
            return Mp3Shape(constant, declared, found, True)
        if form is None and declared is None:
            declared = _xing_frames(bytes(data[at : at + min(size, 256)]))
            if declared is not None:
                at += size
                continue
        if form is None:
            form = (kind, bits)
        constant = constant and form == (kind, bits)
        found += 1
        at += size
    return Mp3Shape(constant and found > 0, declared, found, False)


def _after_id3(data: mmap.mmap, length: int) -> int:
    at = 0
    while data[at : at + 3] == b"ID3" and at + 10 <= length:
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 127
        at += 10 + size + (10 if data[at + 5] & 16 else 0)
    return at


def _mp3_head(raw: bytes) -> tuple[int, int, int] | None:
    """Form (version, rate, mono or not), bit rate and frame size in bytes of a Layer III frame."""
    word = int.from_bytes(raw, "big")
    version, layer = word >> 19 & 3, word >> 17 & 3
    kbits, rate, padding = word >> 12 & 15, word >> 10 & 3, word >> 9 & 1
    if word >> 21 != 0x7FF or layer != _MP3_LAYER3 or version == 1 or rate == 3:
        return None
    if kbits in (0, 15):
        return None
    bits = (_KBITS_1 if version == 3 else _KBITS_2)[kbits - 1]
    size = (144_000 if version == 3 else 72_000) * bits // _MP3_RATES[version][rate] + padding
    mono = (word >> 6 & 3) == 3
    return version << 4 | rate << 1 | mono, bits, size


def _xing_frames(frame: bytes) -> int | None:
    at = max(frame.find(b"Xing", 0, 48), frame.find(b"Info", 0, 48))
    if at < 0 or len(frame) < at + 12:
        return None
    flags, frames = struct.unpack_from(">II", frame, at + 4)
    return frames if flags & 1 else 0


def mp4_is_cut(path: Path) -> bool:
    """Whether a box of an MP4 file (M4A, MOV, 3GP) should reach beyond the file's end."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        at = 0
        for _box in range(_MAX_BOXES):
            file.seek(at)
            raw = file.read(16)
            if len(raw) < 8:
                return length > at
            size = int.from_bytes(raw[:4], "big")
            if size == 1 and len(raw) == 16:
                size = int.from_bytes(raw[8:], "big")
            if size < 8:
                return False  # 0: up to the end, whatever that is; else no box at all
            if at + size > length:
                return True
            at += size
    return False


def matroska_is_cut(path: Path) -> bool:
    """Whether a Matroska or WebM file is shorter than its segment. A live one cannot say."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        raw = file.read(4096)
    at = 0
    while at < len(raw):
        name, at = _ebml_number(raw, at, keep_marker=True)
        size, at = _ebml_number(raw, at, keep_marker=False)
        if name is None or size is None:
            return False
        if name == _EBML_SEGMENT:
            return at + size > length
        at += size
    return False


def _ebml_number(raw: bytes, at: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """A variable-length number and what follows it; None where it is torn or "unknown"."""
    if at >= len(raw) or not raw[at]:
        return None, at
    width = 9 - raw[at].bit_length()
    value = int.from_bytes(raw[at : at + width], "big")
    unknown = (1 << 7 * width) - 1
    if not keep_marker:
        value &= unknown
    if len(raw) < at + width or (not keep_marker and value == unknown):
        return None, at
    return value, at + width
