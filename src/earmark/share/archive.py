"""Reading a stranger's zip: only known names, only what it says, never more than it says.

Our own reader of the table of contents, as `zipfile` takes any number of members into memory,
believes sizes and gives whole members. What is odd in any way makes the whole file refused.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .layout import FOLDERS, MAX_MEMBERS, MAX_NAMES, MAX_RATIO, most_bytes
from .refusals import MalformedShare

CHUNK = 1 << 18
_END = struct.Struct("<4s4H2LH")
_END64_WHERE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_FLAGS_ALLOWED = 0x0008 | 0x0006 | 0x0800
"""Sizes after the data, strength of compression, UTF-8 names. Not: encrypted, patched."""
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the zip. `at` is where its local header begins."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    at: int


class Archive:
    """The checked members of an open zip file, by name. Nothing is unpacked before it is asked for.

    Raises Unsound for anything outside the layout and anything that contradicts itself.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = file.seek(0, 2)
        self.members = {member.name: member for member in self._contents()}
        self._check_places()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The member's bytes, piece by piece, never more than it may hold; its checksum at the end.

        Raises Unsound, KeyError.
        """
        member = self.members[name]
        at = self._data(member)
        unpacker = zlib.decompressobj(-15) if member.method == _DEFLATED else None
        done = crc = 0
        left = member.packed
        waiting = b""
        while left or waiting:
            if not waiting:
                self._file.seek(at)
                waiting = self._read(min(CHUNK, left))
                at += len(waiting)
                left -= len(waiting)
            if unpacker is None:
                piece, waiting = waiting, b""
            else:
                try:
                    piece = unpacker.decompress(waiting, CHUNK)
                except zlib.error as error:
                    raise MalformedShare(f"{name}: cannot be unpacked") from error
                waiting = unpacker.unconsumed_tail
                if unpacker.eof and (left or waiting or unpacker.unused_data):
                    raise MalformedShare(f"{name}: more than its data")
            done += len(piece)
            if done > member.size:
                raise MalformedShare(f"{name}: larger than it says")
            crc = zlib.crc32(piece, crc)
            if piece:
                yield piece
        if unpacker is not None and not unpacker.eof:
            raise MalformedShare(f"{name}: cut off")
        if done != member.size or crc != member.crc:
            raise MalformedShare(f"{name}: not what it says")

    def whole(self, name: str) -> bytes:
        """A small member at once."""
        return b"".join(self.chunks(name))

    def _read(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise MalformedShare("cut off")
        return data

    def _contents(self) -> Iterator[Member]:
        count, size, start = self._directory()
        if count > MAX_MEMBERS or size > MAX_NAMES or start + size > self._end:
            raise MalformedShare("too many members")
        self._file.seek(start)
        table = self._read(size)
        at, seen = 0, set[str]()
        for _number in range(count):
            member, at = _entry(table, at)
            if member.name.lower() in seen:
                raise MalformedShare(f"{member.name}: twice")
            seen.add(member.name.lower())
            if member.name not in FOLDERS:
                yield member
        if at != size:
            raise MalformedShare("a table of contents that does not fit")

    def _directory(self) -> tuple[int, int, int]:
        """Members, bytes and beginning of the table of contents."""
        end_at = self._end - _END.size
        if end_at < 0:
            raise MalformedShare("no zip")
        self._file.seek(end_at)
        mark, disk, disk_of, here, count, size, start, comment = _END.unpack(self._read(_END.size))
        if mark != b"PK\5\6" or comment:
            raise MalformedShare("no zip, or something behind it")
        table_end = end_at
        if _FULL16 in (disk, here, count) or _FULL32 in (size, start):
            table_end, here, count, size, start = self._directory64(end_at)
        elif disk or disk_of:
            raise MalformedShare("a zip of several disks")
        if here != count or start + size != table_end:
            raise MalformedShare("a table of contents at the wrong place")
        return count, size, start

    def _directory64(self, end_at: int) -> tuple[int, int, int, int, int]:
        where_at = end_at - _END64_WHERE.size
        if where_at < _END64.size:
            raise MalformedShare("no zip")
        self._file.seek(where_at)
        mark, disk, at, disks = _END64_WHERE.unpack(self._read(_END64_WHERE.size))
        if mark != b"PK\6\7" or disk or disks > 1 or at != where_at - _END64.size:
            raise MalformedShare("no zip64")
        self._file.seek(at)
        found = _END64.unpack(self._read(_END64.size))
        if found[0] != b"PK\6\6" or found[4] or found[5]:
            raise MalformedShare("no zip64")
        return at, found[6], found[7], found[8], found[9]

    def _data(self, member: Member) -> int:
        """Where the member's data begins. Its own header must say what the table says."""
        self._file.seek(member.at)
        found = _LOCAL.unpack(self._read(_LOCAL.size))
        mark, _needs, flags, method, _time, _day, crc, packed, size, name, extra = found
        later = bool(flags & 0x0008)
        same = (not later and crc == member.crc) or (later and crc in (0, member.crc))
        fits = all(
            told in (_FULL32, true) or (later and not told)
            for told, true in ((packed, member.packed), (size, member.size))
        )
        if mark != b"PK\3\4" or flags & ~_FLAGS_ALLOWED or method != member.method:
            raise MalformedShare(f"{member.name}: its header is another's")
        if not same or not fits or self._read(name) != member.name.encode("ascii"):
            raise MalformedShare(f"{member.name}: its header contradicts")
        return member.at + _LOCAL.size + int(name) + int(extra)

    def _check_places(self) -> None:
        """No member may lie in another: many names for one piece of data are a bomb."""
        order = sorted(self.members.values(), key=lambda member: member.at)
        free = 0
        for member in order:
            if member.at < free:
                raise MalformedShare(f"{member.name}: lies in another member")
            free = self._data(member) + member.packed
        if free > self._end:
            raise MalformedShare("cut off")


def _entry(table: bytes, at: int) -> tuple[Member, int]:
    """One row of the table of contents and where the next begins."""
    if at + _ENTRY.size > len(table):
        raise MalformedShare("a table of contents that is cut off")
    found = _ENTRY.unpack_from(table, at)
    mark, _made_by, _needs, flags, method, _time, _day, crc, packed, size = found[:10]
    names, extras, comment, disk, _internal, external, start = found[10:]
    body = at + _ENTRY.size
    end = body + names + extras + comment
    if mark != b"PK\1\2" or end > len(table) or disk:
        raise MalformedShare("a table of contents that is none")
    try:
        name = table[body : body + names].decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedShare("a name outside the layout") from error
    if flags & ~_FLAGS_ALLOWED or method not in (_STORED, _DEFLATED):
        raise MalformedShare(f"{name[:80]}: encrypted or packed in an unknown way")
    if _FULL32 in (packed, size, start):
        extra = table[body + names : body + names + extras]
        packed, size, start = _wide(extra, packed, size, start)
    kind = stat.S_IFMT(external >> 16)
    most: int | None
    if name in FOLDERS:
        most, regular = 0, kind in (0, stat.S_IFDIR)
    else:
        most, regular = most_bytes(name), kind in (0, stat.S_IFREG)
    if most is None or not regular:
        raise MalformedShare(f"{name[:80]!r}: outside the layout")
    if size > most or (method == _STORED and packed != size):
        raise MalformedShare(f"{name}: too large")
    if size > _MIB + packed * MAX_RATIO:
        raise MalformedShare(f"{name}: grows too much")
    return Member(name, method, crc, packed, size, start), end


def _wide(extra: bytes, packed: int, size: int, start: int) -> tuple[int, int, int]:
    """The figures that do not fit 32 bits, from the entry's zip64 field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind != 1:
            continue
        figures = [body[i : i + 8] for i in range(0, len(body) // 8 * 8, 8)]
        wide = iter(int.from_bytes(figure, "little") for figure in figures)
        try:
            size = next(wide) if size == _FULL32 else size
            packed = next(wide) if packed == _FULL32 else packed
            start = next(wide) if start == _FULL32 else start
        except StopIteration:
            break
        return packed, size, start
    raise MalformedShare("a zip64 entry without its figures")
