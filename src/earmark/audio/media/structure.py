"""Of which parts a media file consists, read from its bytes: where each begins and truly ends.

A length that a header declares is never taken for the end of the sound: writers die before they
correct it, and people join files. A damaged stretch divides a file into parts too. Each part can be
decoded by itself; a part that `continues` goes on in the times of the one before, so that what is
missing between them shows. Bounds everywhere: the files come from strangers.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..riff import Span, chunked_sounds
from .views import FileBytes

_MOST = 1_000_000
"""Boxes, elements or parts looked at."""

_OGG_PAGE = struct.Struct("<4sBBqIIIB")
_OGG_CONTINUED, _OGG_FIRST, _OGG_LAST = 1, 2, 4
_BITS_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

_EBML, _SEGMENT, _CLUSTER, _VOID = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xEC
_SEEK_HEAD = 0x114D9B74
_IN_SEGMENT = frozenset(
    (
        *(_SEEK_HEAD, 0x1549A966, 0x1654AE6B, _CLUSTER, 0x1C53BB6B, 0x1254C367, 0x1941A469),
        *(0x1043A770, _VOID, 0xBF),
    )
)
_IN_CLUSTER = frozenset((0xE7, 0xA3, 0xA0, 0xAB, 0xA7, 0x5854, 0xAF, _VOID, 0xBF))

_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_BROADCAST = 1


class Part(NamedTuple):
    """Spans of the file and bytes in their place, that together read like a file of its own."""

    pieces: tuple[Span | bytes, ...]
    continues: bool = False


class Structure(NamedTuple):
    """`parts`: none where the file is to be read as it is. `cut`: its end is missing.
    `sound`: nothing is damaged, joined or declared wrongly, so that others read it right too.
    """

    parts: tuple[Part, ...] = ()
    cut: bool = False
    sound: bool = True


def read_structure(path: Path) -> Structure:
    """The structure of a file; of an unknown one that it is whole."""
    with FileBytes(path) as data:
        head = data.take(0, 16)
        if head[:4] == b"fLaC":
            return _flac(data)
        if head[:4] == b"OggS":
            return _ogg(data)
        if head[4:8] == b"ftyp":
            return _mp4(data)
        if head[:4] == b"\x1aE\xdf\xa3":
            return _matroska(data)
        if head == _ASF_HEADER:
            return Structure(cut=_asf_is_cut(data))
        if head[4:8] in _MP4_FIRST:
            return _mp4(data)
    return _chunked(path)


def _chunked(path: Path) -> Structure:
    """WAV, RF64, W64, AIFF, CAF and AU: a length is written before the sound."""
    found = chunked_sounds(path)
    if not found:
        return Structure()
    as_told = len(found) == 1 and found[0].declared == found[0].size and found[0].last
    if as_told:
        return Structure()
    parts = [Part(sound.pieces()) for sound in found]
    last = found[-1]
    cut = last.declared is not None and last.size < last.declared
    return Structure(tuple(parts), cut, sound=False)


def _flac(data: FileBytes) -> Structure:
    """FLAC, a part for each rate, number of channels and size of samples: FFmpeg mixes up and
    doubles frames where these change in mid-file."""
    begin, last = 4, False
    while not last and begin < data.size:
        raw = data.take(begin, 4)
        last = len(raw) < 4 or raw[0] >= 128
        begin += 4 + int.from_bytes(raw[1:], "big")
    sync = data.take(begin, 2)
    form = _flac_form(data.take(begin, 16))
    if form is None:
        return Structure()
    changes: list[int] = []
    waiting: tuple[int, bytes] | None = None
    at = data.find(sync, begin + 4)
    while at >= 0 and len(changes) < _MOST:
        seen = _flac_form(data.take(at, 16))
        if seen == form:
            waiting = None
        elif seen is not None and waiting is not None and waiting[1] == seen:
            changes.append(waiting[0])  # two alike: not by chance
            form, waiting = seen, None
        elif seen is not None:
            waiting = (at, seen)
        at = data.find(sync, at + (4 if seen else 1))
    if not changes:
        return Structure()
    ends = [*changes, data.size]
    spans = map(Span, [begin, *changes], ends)
    return Structure(tuple(Part((Span(0, begin), span)) for span in spans), sound=False)


def _flac_form(raw: bytes) -> bytes | None:
    """What in the header of a FLAC frame tells its form; None where it is none."""
    if len(raw) < 16 or raw[0] != 0xFF or raw[1] & 0xFE != 0xF8 or raw[3] & 1:
        return None
    block, rate, channels, bits = raw[2] >> 4, raw[2] & 15, raw[3] >> 4, raw[3] >> 1 & 7
    if not block or rate == 15 or channels > 10 or bits == 3:
        return None
    first = raw[4]
    more = 0 if first < 0x80 else 8 - (first ^ 0xFF).bit_length() - 1
    if first >= 0x80 and not 1 <= more <= 6:
        return None
    at = 5 + more + {6: 1, 7: 2}.get(block, 0)
    width = {12: 1, 13: 2, 14: 2}.get(rate, 0)
    hertz, end = raw[at : at + width], at + width
    if end >= len(raw) or _crc8(raw[:end]) != raw[end]:
        return None
    return bytes((rate, 1 if channels > 7 else channels, bits)) + hertz


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def _crc8_of(byte: int) -> int:
    for _bit in range(8):
        byte = (byte << 1 ^ (7 if byte & 128 else 0)) & 255
    return byte


_CRC8 = bytes(map(_crc8_of, range(256)))


class _Page(NamedTuple):
    at: int
    end: int
    flags: int
    position: int
    serial: int
    number: int


def _ogg(data: FileBytes) -> Structure:
    """Chained links (each a file of its own) and holes in them, page by page."""
    links: list[_OggLink] = []
    torn = False
    end = 0
    for page in _ogg_pages(data):
        if page is None:
            torn = True
            break
        if page.flags & _OGG_FIRST and (not links or links[-1].has_sound):
            links.append(_OggLink())
        if links:
            links[-1].add(page, hole=page.at != end)
        end = page.end
        if len(links) > _MOST:
            break
    if not links:
        return Structure(sound=False)
    cut = torn or not links[-1].ended
    if len(links) == 1 and not links[0].hurt:
        return Structure((), cut, sound=not cut and len(links[0].serials) == 1)
    return Structure(tuple(part for link in links for part in link.parts()), cut, sound=False)


class _OggLink:
    """A link of a chain: its header pages, and its other pages in stretches between holes."""

    def __init__(self) -> None:
        self.serials: dict[int, int] = {}
        self.has_sound = self.ended = False
        self._headers: list[Span] = []
        self._stretches: list[list[Span]] = [[]]

    @property
    def hurt(self) -> bool:
        return len(self._stretches) > 1

    def add(self, page: _Page, *, hole: bool) -> None:
        due = self.serials.get(page.serial)
        self.serials[page.serial] = page.number + 1
        self.ended = self.ended or bool(page.flags & _OGG_LAST)
        self.has_sound = self.has_sound or page.position > 0
        if not self.has_sound:
            _extend(self._headers, page)
            return
        left_out = due is not None and page.number != due
        if self._stretches[-1] and (hole or left_out):
            self._stretches.append([])
        _extend(self._stretches[-1], page)

    def parts(self) -> Iterator[Part]:
        for number, stretch in enumerate(self._stretches):
            yield Part((*self._headers, *stretch), continues=number > 0)


def _extend(spans: list[Span], page: _Page) -> None:
    if spans and spans[-1].end == page.at:
        spans[-1] = Span(spans[-1].start, page.end)
    else:
        spans.append(Span(page.at, page.end))


def _ogg_pages(data: FileBytes) -> Iterator[_Page | None]:
    """The sound pages; None where the last one is torn."""
    at = 0
    while True:
        at = data.find(b"OggS", at)
        if at < 0:
            return
        raw = data.take(at, _OGG_PAGE.size)
        if len(raw) < _OGG_PAGE.size:
            yield None
            return
        _magic, _v, flags, position, serial, number, crc, pieces = _OGG_PAGE.unpack(raw)
        table = data.take(at + len(raw), pieces)
        end = at + len(raw) + pieces + sum(table)
        if len(table) < pieces or end > data.size:
            if data.find(b"OggS", at + 4) < 0:
                yield None
                return
        elif _ogg_sum(data.take(at, end - at)) == crc:
            yield _Page(at, end, flags, position, serial, number)
            at = end
            continue
        at += 4


def _ogg_sum(page: bytes) -> int:
    """Ogg's checksum, which is zlib's read from the other end of each byte, without its masks."""
    turned = (page[:22] + bytes(4) + page[26:]).translate(_BITS_TURNED)
    value = zlib.crc32(turned, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(value.to_bytes(4, "little").translate(_BITS_TURNED), "big")


_MP4_FIRST = (b"moov", b"mdat", b"free", b"wide", b"skip", b"styp", b"pnot")
_MP4_BOXES = frozenset((b"ftyp", b"moof", b"sidx", b"mfra", b"uuid", b"meta", b"emsg", *_MP4_FIRST))


def _mp4(data: FileBytes) -> Structure:
    """M4A, MP4, MOV, 3GP: box by box. Joined files begin with a box `ftyp` each."""
    files: list[_Mp4File] = []
    cut = False
    last = b""
    at = 0
    for _n in range(_MOST):
        if at + 8 > data.size:
            cut = bool(files) and files[-1].fragmented and (at < data.size or last == b"moof")
            break
        raw = data.take(at, 16)
        size, name = int.from_bytes(raw[:4], "big"), raw[4:8]
        if size == 1 and len(raw) == 16:
            size = int.from_bytes(raw[8:], "big")
        if size == 0 and name in _MP4_BOXES:
            size = data.size - at
        if not files or (name == b"ftyp" and files[-1].has_index):
            files.append(_Mp4File(at))
        known = name in _MP4_BOXES or name.isalnum()
        if size < 8 or not known:
            found = _next_fragment(data, at) if files[-1].fragmented else -1
            if found < 0:
                break
            files[-1].leave_out(at, found)
            at = found
            continue
        if at + size > data.size:
            cut = True
            if files[-1].fragmented and name != b"mdat":
                break
            at = data.size
            break
        files[-1].names.add(name)
        last = name
        at += size
    else:
        return Structure()
    if not files:
        return Structure()
    torn = cut and at < data.size
    ends = [*(file.begin for file in files[1:]), at if torn else data.size]
    if len(files) == 1 and not torn and not files[0].holes:
        return Structure((), cut, sound=not cut)
    parts = (file.part(end) for file, end in zip(files, ends, strict=True))
    return Structure(tuple(parts), cut, sound=False)


class _Mp4File:
    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.names: set[bytes] = set()
        self.holes: list[Span] = []

    @property
    def fragmented(self) -> bool:
        return b"moof" in self.names

    @property
    def has_index(self) -> bool:
        return b"moov" in self.names

    def leave_out(self, start: int, end: int) -> None:
        self.holes.append(Span(start, end))

    def part(self, end: int) -> Part:
        """All of it, a hole as a box of its size that says it is free: places stay."""
        pieces: list[Span | bytes] = []
        at = self.begin
        for hole in self.holes:
            size = hole.end - hole.start
            free = struct.pack(">I4s", size, b"free")
            pieces += [Span(at, hole.start), free, Span(hole.start + len(free), hole.end)]
            at = hole.end
        return Part((*pieces, Span(at, end)))


def _next_fragment(data: FileBytes, at: int) -> int:
    """Where the next whole box `moof` begins; -1 where there is none. Boxes below 4 GB only."""
    found = data.find(b"moof", at + 12)
    while found >= 0:
        size = int.from_bytes(data.take(found - 4, 4), "big")
        inner = data.take(found + 8, 4)
        if inner == b"mfhd" and found - 4 + size <= data.size and found - 4 - at < 1 << 32:
            return found - 4
        found = data.find(b"moof", found + 4)
    return -1


def _matroska(data: FileBytes) -> Structure:
    """Matroska and WebM. Joined files begin with an EBML header each."""
    begins: list[int] = []
    cut = hurt = unclosed = False
    at = 0
    for _n in range(_MOST):
        if at >= data.size:
            break
        name, size, body = _element(data, at)
        if name == _EBML:
            begins.append(at)
            unclosed = False
        elif name == _SEGMENT:
            cut = size is not None and body + size > data.size
            unclosed = size is None and _element(data, body)[0] == _VOID
            at = body
            continue
        elif name == _CLUSTER and size is None:
            at, torn = _after_cluster(data, body)
            cut = cut or torn
            continue
        elif name == _SEEK_HEAD:
            unclosed = False
        if (name != _EBML and name not in _IN_SEGMENT) or size is None:
            found = _next_of(data, at + 1)
            hurt = hurt or found >= 0
            if found < 0:
                cut = cut or data.size - at > _TAIL
                break
            at = found
            continue
        if body + size > data.size:
            found = _next_of(data, body)
            if found < 0:
                cut = True
                break
            hurt = True
            at = found
            continue
        at = body + size
    else:
        return Structure()
    cut = cut or unclosed
    if len(begins) < 2:
        return Structure((), cut, sound=not (cut or hurt))
    ends = [*begins[1:], data.size]
    parts = tuple(Part((Span(a, b),)) for a, b in zip(begins, ends, strict=True))
    return Structure(parts, cut, sound=False)


_TAIL = 1 << 16
"""Bytes of something unknown that a file may end in."""


def _after_cluster(data: FileBytes, at: int) -> tuple[int, bool]:
    """Where a cluster of unknown size ends, and whether it ends torn."""
    for _n in range(_MOST):
        if at >= data.size:
            break
        name, size, body = _element(data, at)
        if name not in _IN_CLUSTER or size is None:
            return at, name is None and data.size - at < 12
        if body + size > data.size:
            return data.size, True
        at = body + size
    return data.size, False


def _next_of(data: FileBytes, at: int) -> int:
    """Where the next cluster or file begins."""
    found = (data.find(id_.to_bytes(4, "big"), at) for id_ in (_CLUSTER, _EBML))
    return min((place for place in found if place >= 0), default=-1)


def _element(data: FileBytes, at: int) -> tuple[int | None, int | None, int]:
    """Name and size of an EBML element, None where torn or unknown, and where its body begins."""
    raw = data.take(at, 12)
    if not raw or not raw[0]:
        return None, None, at
    width = 9 - raw[0].bit_length()
    rest = raw[width:]
    if width > 4 or not rest or not rest[0]:
        return None, None, at
    name = int.from_bytes(raw[:width], "big")
    wide = 9 - rest[0].bit_length()
    unknown = (1 << 7 * wide) - 1
    size = int.from_bytes(rest[:wide], "big") & unknown
    if len(rest) < wide:
        return None, None, at
    return name, None if size == unknown else size, at + width + wide


def _asf_is_cut(data: FileBytes) -> bool:
    """Whether a WMA file ends before its data object does. A live one cannot say."""
    (header,) = struct.unpack("<Q", data.take(16, 8).ljust(8, b"\0"))
    file = data.find(_ASF_FILE, 30, min(header, data.size))
    if file >= 0:
        flags = data.take(file + 88, 4)
        if flags and flags[0] & _ASF_BROADCAST:
            return False
    if header > data.size:
        return True
    raw = data.take(header, 24)
    if raw[:16] != _ASF_DATA or len(raw) < 24:
        return len(raw) < 24
    (size,) = struct.unpack("<Q", raw[16:])
    return bool(header + size > data.size)
