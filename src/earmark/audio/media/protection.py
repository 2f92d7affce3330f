"""Copy protection: what a container says of it. The decoder would make noise of such sound."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from pathlib import Path

Boxes = Iterator[tuple[bytes, int, int]]
"""A name or number with where its content begins and ends."""

_MP4_NAMES = frozenset((b"enca", b"drms", b"aavd"))
"""Sample entries: Common Encryption, Apple's, Audible's."""
_MP4_PARENTS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl"))
_MOST = 100_000

_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_ENCRYPTION = frozenset(
    bytes.fromhex(guid)
    for guid in (
        "fbb3112223bdd211b4b700a0c955fc6e",
        "14e68a292226174cb935dae07ee9289c",
        "338505438169e6499b74ad12cb86d58c",
    )
)
"""Content, Extended Content and Advanced Content Encryption Object."""

_EBML = b"\x1a\x45\xdf\xa3"
_MKV_PARENTS = frozenset((b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\x6d\x80", b"\x62\x40"))
"""Segment, Tracks, ContentEncodings, ContentEncoding."""
_MKV_TRACK, _MKV_TYPE, _MKV_ENCRYPTION = b"\xae", b"\x83", b"\x50\x35"
_MKV_CLUSTER = b"\x1f\x43\xb6\x75"
_MKV_AUDIO = 2

_AUDIBLE = b"\x57\x90\x75\x36"
_TS_SYNC, _TS_LENGTHS, _TS_LOOKED_AT = 0x47, (188, 192), 5_000


def is_protected(path: Path) -> bool:
    """Whether the file's sound is encrypted."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        if length < 16:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[4:8] == b"ftyp":
                return data[8:12] == b"odcf" or _mp4_is_protected(data, 0, length)
            if data[:16] == _ASF:
                return any(name in _ASF_ENCRYPTION for name, _at, _end in _asf_objects(data))
            if data[:4] == _EBML:
                return _mkv_is_protected(data, 0, length)
            return data[4:8] == _AUDIBLE or _ts_is_scrambled(data, length)


def mp4_boxes(data: mmap.mmap, at: int, end: int) -> Boxes:
    """The boxes of an MP4 file, or of one box."""
    for _box in range(_MOST):
        if at + 8 > end:
            return
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size == 0:
            size = end - at
        if size < head:
            return
        yield name, at + head, min(at + size, end)
        at += size


def _mp4_is_protected(data: mmap.mmap, at: int, end: int, depth: int = 0) -> bool:
    for name, start, stop in mp4_boxes(data, at, end):
        if name == b"stsd":
            if any(entry in _MP4_NAMES for entry, _at, _end in mp4_boxes(data, start + 8, stop)):
                return True
        elif (
            name in _MP4_PARENTS
            and depth < len(_MP4_PARENTS)
            and _mp4_is_protected(data, start, stop, depth + 1)
        ):
            return True
    return False


def _asf_objects(data: mmap.mmap) -> Boxes:
    at, end = 30, min(len(data), int.from_bytes(data[16:24], "little"))
    for _object in range(_MOST):
        size = int.from_bytes(data[at + 16 : at + 24], "little")
        if at + 24 > end or size < 24:
            return
        yield data[at : at + 16], at + 24, min(at + size, end)
        at += size


def _mkv_is_protected(data: mmap.mmap, at: int, end: int, depth: int = 0) -> bool:
    """A track of sound among whose encodings one is an encryption."""
    for name, start, stop in _mkv_elements(data, at, end):
        if name == _MKV_CLUSTER:
            return False
        if name == _MKV_TRACK:
            inside = list(_mkv_elements(data, start, stop))
            kinds = [int.from_bytes(data[a:b], "big") for n, a, b in inside if n == _MKV_TYPE]
            if kinds == [_MKV_AUDIO] and _mkv_is_protected(data, start, stop, depth + 1):
                return True
        elif name == _MKV_ENCRYPTION or (
            name in _MKV_PARENTS
            and depth <= len(_MKV_PARENTS)
            and _mkv_is_protected(data, start, stop, depth + 1)
        ):
            return True
    return False


def _mkv_elements(data: mmap.mmap, at: int, end: int) -> Boxes:
    for _element in range(_MOST):
        if at >= end or not data[at]:
            return
        width = 9 - data[at].bit_length()
        name, at = data[at : at + width], at + width
        if at >= end or not data[at]:
            return
        width = 9 - data[at].bit_length()
        unknown = (1 << 7 * width) - 1
        size, at = int.from_bytes(data[at : at + width], "big") & unknown, at + width
        stop = end if size == unknown else min(end, at + size)
        yield name, at, stop
        at = stop


def _ts_is_scrambled(data: mmap.mmap, length: int) -> bool:
    """Whether most packets of a transport stream carry what only a receiver's card opens."""
    for step in _TS_LENGTHS:
        first = step - 188
        places = range(first, min(length - 188, step * _TS_LOOKED_AT), step)
        if len(places) < 8 or any(data[at] != _TS_SYNC for at in places[:8]):
            continue
        laden = [at for at in places if data[at] == _TS_SYNC and data[at + 3] & 0x10]
        return sum(bool(data[at + 3] & 0xC0) for at in laden) * 2 > len(laden)
    return False
