"""What may stand in a `.earmark` bundle, by name, and how much of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARKER = "mimetype"
MARKER_TEXT = b"application/vnd.earmark.bundle+zip"
FORM = "session.json"
PAGE = "index.html"
FOLDERS = ("audio/", "peaks/", "pictures/")
ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
PICTURE_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}

_MIB, _GIB = 1 << 20, 1 << 30
MAX_FORM = 64 * _MIB
MAX_PICTURE = 24 * _MIB
MAX_PICTURES = 2_000
MAX_MEMBERS = 5_000
MAX_NAMES = 512 << 10
"""Bytes of the zip's table of contents."""
MAX_RATIO = 200
"""How far a compressed member may grow, beyond its first megabyte."""


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of member: its names (a regular expression) and the bytes each may hold."""

    name: re.Pattern[str]
    most: int


def _place(name: str, most: int) -> Place:
    return Place(re.compile(name, re.ASCII), most)


PLACES = (
    _place(re.escape(MARKER), len(MARKER_TEXT)),
    _place(re.escape(FORM), MAX_FORM),
    _place(re.escape(PAGE), 4 * _GIB),
    _place(r"audio/(?:take|original)-[1-9][0-9]{0,4}\.[a-z0-9]{1,8}", 64 * _GIB),
    _place(r"peaks/take-[1-9][0-9]{0,4}\.peaks", 512 * _MIB),
    _place(rf"pictures/{ID}\.(?:png|jpg|gif|webp)", MAX_PICTURE),
)


def most_bytes(name: str) -> int | None:
    """How many bytes a member of that name may hold; None outside the layout."""
    return next((place.most for place in PLACES if place.name.fullmatch(name)), None)
