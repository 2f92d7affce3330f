"""Pictures on their way out: known kinds only, without what a camera or a program wrote into them.

The pixels stay byte for byte; place, device, author, comments and anything behind the end go.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from .content import ShareContent

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"),
    *(b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_SOS, _EOI, _APP1, _COMMENT = 0xDA, 0xD9, 0xE1, 0xFE
_JPEG_APPS_KEPT = {0xE0, 0xE2, 0xEE}
"""JFIF, colour profile, Adobe's colour transform."""
_ORIENTATION = 0x0112


_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def shown_pictures(content: ShareContent, library: Path) -> Iterator[tuple[str, int, str, bytes]]:
    """Each picture that a line shows: its id, the line's ordinal, the ending of its kind without
    a dot, its cleaned bytes. Missing files and unknown kinds are left out."""
    files = {picture.id: library / picture.file for picture in content.pictures}
    done = set()
    for line in content.lines:
        picture = line.line.picture
        file = files.get(picture) if picture else None
        if picture is None or file is None or picture in done or not file.is_file():
            continue
        done.add(picture)
        if cleaned := clean_picture(file.read_bytes()):
            yield picture, line.ordinal, _ENDINGS[cleaned[0]], cleaned[1]


def clean_picture(data: bytes) -> tuple[str, bytes] | None:
    """MIME type and cleaned bytes of a PNG, JPEG, GIF or WebP; None for anything else or broken.

    The turn a camera noted (EXIF orientation) is kept, as a picture would lie on its side.
    """
    try:
        if data.startswith(_PNG):
            return "image/png", b"".join(_png(data))
        if data.startswith(b"\xff\xd8\xff"):
            return "image/jpeg", b"".join(_jpeg(data))
        if data.startswith((b"GIF87a", b"GIF89a")):
            return "image/gif", data
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return "image/webp", _webp(data)
    except (struct.error, IndexError, ValueError):
        return None
    return None


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG
    at = len(_PNG)
    while True:
        size, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            raise ValueError("torn")
        if kind in _PNG_KEPT:
            yield data[at:end]
        if kind == b"IEND":
            return
        at = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (size,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + size]
        at += 2 + size
        if marker == _APP1:
            yield _turn(segment)
        elif marker == _SOS:
            end = data.rfind(b"\xff\xd9", at)
            yield segment + (data[at : end + 2] if end >= 0 else data[at:])
            return
        elif marker != _COMMENT and (not 0xE0 <= marker <= 0xEF or marker in _JPEG_APPS_KEPT):
            yield segment


def _turn(segment: bytes) -> bytes:
    """An EXIF segment that holds the orientation alone; nothing where there is none to keep."""
    if segment[4:10] != b"Exif\x00\x00":
        return b""
    tiff = segment[10:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, first)
    for index in range(count):
        tag, _kind, _number, value = struct.unpack_from(
            order + "HHIH", tiff, first + 2 + 12 * index
        )
        if tag == _ORIENTATION and 2 <= value <= 8:
            small = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, value, 0, 0)
            body = b"Exif\x00\x00" + small
            return struct.pack(">HH", 0xFF00 | _APP1, len(body) + 2) + body
    return b""


def _webp(data: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", data, 4)
    end, at = min(len(data), 8 + size), 12
    kept = []
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        chunk = data[at : at + 8 + length + (length & 1)]
        at += len(chunk)
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~(_WEBP_EXIF | _WEBP_XMP)]) + chunk[9:]
        if kind in _WEBP_KEPT:
            kept.append(chunk)
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
