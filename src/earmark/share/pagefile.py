"""Finding our own parts in a pencast .html: the form, the sound, the pictures.

No document is built: the file is gone through once, tag by tag, with a window of it in memory, and
what is found are places in the file. Text of notes cannot look like a tag: it is escaped.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import BinaryIO

from .layout import ID, MAX_PICTURE, MAX_PICTURES, PICTURE_SUFFIXES
from .refusals import MalformedShare, NoShare

_WINDOW = 1 << 20
_MAX_TAG = 4 << 20
"""Bytes of a tag up to a picture's address: its description may be a long line."""
_MAX_TAGS = 3_000_000
_MAX_PIECES = 40_000
_ATTRIBUTE = re.compile(rb"""([a-zA-Z][a-zA-Z0-9-]*)="([^"]*)(?:"|$)""")
_NAME = re.compile(rb"[a-zA-Z][a-zA-Z0-9]*")
_DATA = re.compile(r"data:([a-z]+/[a-z]+);base64,", re.ASCII)
_ID = re.compile(ID, re.ASCII)
_CHUNK = 3 << 16
"""Base64 characters decoded at once: a multiple of 4."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes `[start, end)` of the file."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture's base64 and what it says it is."""

    mime: str
    where: Stretch


@dataclass(slots=True)
class PageParts:
    """Where things stand in the page."""

    form: Stretch | None = None
    sound: list[Stretch] = field(default_factory=list)
    pictures: dict[str, PagePicture] = field(default_factory=dict)


class _Window:
    """A file gone through from its beginning to its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._start = 0
        self._data = b""

    def find(self, what: bytes, at: int, within: int | None = None) -> int:
        """Where `what` stands next from `at` on; -1 if nowhere (within so many bytes)."""
        end = self._size if within is None else min(self._size, at + within)
        while at < end:
            self._load(at)
            found = self._data.find(what, at - self._start, end - self._start)
            if found >= 0:
                return self._start + found
            loaded = self._start + len(self._data)
            if loaded >= end:
                return -1
            at = max(at + 1, loaded - len(what) + 1)
        return -1

    def read(self, at: int, count: int) -> bytes:
        """At most so many bytes from `at` on; fewer at the end."""
        self._load(at, count)
        return self._data[at - self._start : at - self._start + count]

    def _load(self, at: int, count: int = 64) -> None:
        loaded = self._start + len(self._data)
        if self._start <= at and at + count <= loaded:
            return
        if self._start <= at < loaded and loaded == self._size:
            return
        self._file.seek(at)
        self._start = at
        self._data = self._file.read(max(_WINDOW, count))


def page_parts(file: BinaryIO) -> PageParts:
    """Finds the parts. Raises Unsound for what our pages never hold."""
    window = _Window(file)
    parts = PageParts()
    at = tags = 0
    while (at := window.find(b"<", at)) >= 0:
        at = _tag(window, at, parts)
        tags += 1
        if tags > _MAX_TAGS:
            raise MalformedShare("tags without end")
    if parts.form is None:
        raise NoShare("a page without the form of its notes")
    return parts


def _tag(window: _Window, at: int, parts: PageParts) -> int:
    """Looks at the markup that begins here; returns where to go on."""
    head = window.read(at, 16)
    if head.startswith(b"<!--"):
        end = window.find(b"-->", at)
        if end < 0:
            raise MalformedShare("a comment without end")
        return end + 3
    named = _NAME.match(head, 1)
    name = named.group().lower() if named else b""
    if name == b"img":
        return _image(window, at, parts)
    if name not in (b"script", b"style", b"title"):
        return at + 1
    close = window.find(b">", at, _MAX_TAG)
    if close < 0:
        raise MalformedShare("a tag without end")
    end = window.find(b"</" + name, close)
    if end < 0:
        raise MalformedShare("an element without end")
    if name == b"script":
        _script(_attributes(window.read(at, close - at)), Stretch(close + 1, end), parts)
    return end + 2


def _script(attributes: dict[str, str], inside: Stretch, parts: PageParts) -> None:
    if attributes.get("id") == "earmark" and attributes.get("type") == "application/json":
        if parts.form is not None:
            raise MalformedShare("two forms in one page")
        parts.form = inside
    elif attributes.get("class") == "sound" and attributes.get("type") == "text/plain":
        if len(parts.sound) >= _MAX_PIECES:
            raise MalformedShare("too many pieces of sound")
        parts.sound.append(inside)


def _image(window: _Window, at: int, parts: PageParts) -> int:
    source = window.find(b'src="', at, _MAX_TAG)
    close = window.find(b">", at, _MAX_TAG)
    if source < 0 or 0 <= close < source:
        raise MalformedShare("a picture without its address")
    attributes = _attributes(window.read(at, source - at))
    start = source + len(b'src="')
    end = window.find(b'"', start, MAX_PICTURE * 2)
    if end < 0:
        raise MalformedShare("a picture without end")
    picture = attributes.get("data-picture")
    if picture is None:
        return end
    told = _DATA.match(window.read(start, 64).decode("latin-1"))
    if told is None or told[1] not in PICTURE_SUFFIXES or not _ID.fullmatch(picture):
        raise MalformedShare("a picture of an unknown kind")
    found = PagePicture(told[1], Stretch(start + told.end(), end))
    if picture not in parts.pictures and len(parts.pictures) >= MAX_PICTURES:
        raise MalformedShare("too many pictures")
    parts.pictures.setdefault(picture, found)
    return end


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode("ascii").lower(): unescape(value.decode("utf-8", "replace"))
        for name, value in _ATTRIBUTE.findall(tag)
    }


def raw(file: BinaryIO, where: Stretch) -> Iterator[bytes]:
    """The bytes of a stretch, piece by piece."""
    at = where.start
    while at < where.end:
        file.seek(at)
        data = file.read(min(_CHUNK, where.end - at))
        if not data:
            raise MalformedShare("cut off")
        at += len(data)
        yield data


def decoded(file: BinaryIO, where: Stretch) -> Iterator[bytes]:
    """What the base64 of a stretch says."""
    if (where.end - where.start) % 4:
        raise MalformedShare("base64 that is cut off")
    try:
        for data in raw(file, where):
            yield base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise MalformedShare("not base64") from error
