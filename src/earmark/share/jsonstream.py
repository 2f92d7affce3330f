"""JSON of a stranger, read from the top down: never more than one element of a list in memory.

A list of a million empty lists takes thirty times its own bytes once parsed; here every element
is checked and dropped, or turned into a value, before the next is looked at.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .refusals import MalformedShare

ELEMENT = 1_000_000
"""Characters one element may have."""
_PIECE = 1 << 18
_BEYOND = re.compile(r"[^\x00-\x7f]+")
_BLANK = re.compile(r"[ \t\r\n]*")
_MAX_DIGITS = 16


def ascii_json(chunks: Iterable[bytes]) -> Iterator[str]:
    """UTF-8 as text in which all that is not ASCII is escaped: a byte a character in memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), _PIECE):
                text = decoder.decode(chunk[start : start + _PIECE])
                if first and text:
                    text, first = text.removeprefix("\ufeff"), False
                yield text if text.isascii() else _escaped(text)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise MalformedShare("not UTF-8") from error


def _escaped(text: str) -> str:
    return _BEYOND.sub(lambda found: json.dumps(found[0])[1:-1], text)


class JsonStream:
    """Goes through one JSON text. Each member's or element's value must be read or skipped."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_number,
        )

    def members(self) -> Iterator[str]:
        """The names of the object that begins here, each before its value; none twice."""
        self._take("{")
        seen: set[str] = set()
        if self._next() == "}":
            self._at += 1
            return
        while True:
            name = self.value()
            if not isinstance(name, str) or name in seen or len(seen) > 100:
                raise MalformedShare("a member twice, or without a name")
            seen.add(name)
            self._take(":")
            yield name
            if self._ends("}"):
                return

    def elements(self) -> Iterator[None]:
        """Stops before each element of the list that begins here."""
        self._take("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield
            if self._ends("]"):
                return

    def value(self) -> Any:
        """The value that begins here, whole."""
        self._next()
        self._fill(ELEMENT)
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError) as error:
            raise MalformedShare("not JSON, or too much of it") from error
        return value

    def null(self) -> bool:
        """Whether the value that begins here is null, which is passed over then."""
        if self._next() != "n":
            return False
        self.value()
        return True

    def end(self) -> None:
        """Raises Unsound where anything follows."""
        if self._next():
            raise MalformedShare("something behind the JSON")

    def _ends(self, bracket: str) -> bool:
        found = self._next()
        self._at += 1
        if found not in (",", bracket):
            raise MalformedShare("not JSON")
        return found == bracket

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise MalformedShare("not JSON of this form")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill(1)

    def _fill(self, count: int) -> None:
        """Has at least so many characters waiting, unless the text ends before."""
        if len(self._text) - self._at >= count or self._ended:
            return
        parts = [self._text[self._at :]]
        waiting = len(parts[0])
        while waiting < count:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            parts.append(piece)
            waiting += len(piece)
        self._text, self._at = "".join(parts), 0


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a member twice")
    return made


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError("a number without end")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number without end")
    return value
