"""Text as Qt counts it (UTF-16 units) and as the model does (code points); words; direction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from PySide6.QtGui import QTextBlock, QTextCharFormat

from earmark.model import safe_text

from .block_data import OBJECT, STAMP

_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_OWN = re.compile(f"[{OBJECT}\ufdd0\ufdd1]")
"""What Qt would take for a picture or a frame's border."""
_STRONG = {"L": False, "R": True, "AL": True}
_DIRECTION_SCAN = 200
LONGEST_LINE = 20_000
"""Beyond it a line becomes several: 1,000,000 characters without a blank take Qt 30 s to lay out
and 10 s a key (measured), 20,000 take 8 ms."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line with one format, at `offset` code points from the line's start."""

    offset: int
    text: str
    stamp: int
    format: QTextCharFormat


def lines_of(text: str) -> list[str]:
    """Text from anywhere as lines that are safe to show, none over-long: at least one."""
    safe = [_OWN.sub("\ufffd", line) for line in _BREAKS.split(safe_text(text))]
    return [part for line in safe for part in portions(line)]


def portions(line: str) -> list[str]:
    """The line cut after a blank, or anywhere, into parts of at most `LONGEST_LINE`."""
    parts: list[str] = []
    while len(line) > LONGEST_LINE:
        cut = line.rfind(" ", LONGEST_LINE // 2, LONGEST_LINE) + 1 or LONGEST_LINE
        parts.append(line[:cut])
        line = line[cut:]
    return [*parts, line]


def one_line(text: str) -> str:
    """Text from anywhere as one line that is safe to show."""
    return _OWN.sub("\ufffd", _BREAKS.sub(" ", safe_text(text)))


def units(text: str) -> int:
    """How many UTF-16 units Qt counts for the text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_units(text: str, offset: int) -> int:
    """An offset in code points as Qt counts it."""
    return units(text[:offset])


def to_points(text: str, position: int) -> int:
    """A position as Qt counts it as an offset in code points."""
    if text.isascii():
        return position
    head = text.encode("utf-16-le", "surrogatepass")[: 2 * position]
    return len(head.decode("utf-16-le", "replace"))


def pieces(block: QTextBlock) -> list[Piece]:
    """The block's stretches of equal format, in order."""
    found: list[Piece] = []
    offset = 0
    place = block.begin()
    while not place.atEnd():
        fragment = place.fragment()
        form = fragment.charFormat()
        text = fragment.text()
        found.append(Piece(offset, text, form.intProperty(STAMP), form))
        offset += len(text)
        place += 1
    return found


def word_around(text: str, offset: int) -> tuple[int, int] | None:
    """The word, blank to blank, that holds the character at `offset`; None on a blank."""
    if not 0 <= offset < len(text) or text[offset].isspace():
        return None
    start = end = offset
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def is_right_to_left(text: str) -> bool:
    """The direction of the first strong character; left to right where there is none."""
    if text.isascii():
        return False
    for character in text[:_DIRECTION_SCAN]:
        strong = _STRONG.get(unicodedata.bidirectional(character))
        if strong is not None:
            return strong
    return False
