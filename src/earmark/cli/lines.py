"""Lines typed on standard input, each with the moment its first byte arrived."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LINE = 1 << 20
"""Bytes; a longer line is ended there."""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """`mono_ns` is the `time.monotonic_ns()` at which the line's first byte was read."""

    text: str
    mono_ns: int


class LineReader:
    """Bytes in, as they come; whole lines out. Blank lines are left out."""

    def __init__(self) -> None:
        self._rest = b""
        self._since = 0

    def feed(self, data: bytes, mono_ns: int) -> list[TypedLine]:
        """What arrived at `mono_ns`; returns the lines it completed."""
        found = []
        for piece in _pieces(data):
            if not self._rest:
                self._since = mono_ns
            self._rest += piece
            if piece.endswith(b"\n") or len(self._rest) > MAX_LINE:
                found += self.end()
        return found

    def end(self) -> list[TypedLine]:
        """The input ended: a last line without a line break counts too."""
        text = self._rest.decode("utf-8", "replace").rstrip("\r\n")
        self._rest = b""
        return [TypedLine(text, self._since)] if text.strip() else []


def _pieces(data: bytes) -> list[bytes]:
    """Split after each newline only: a carriage return is no end of a line here."""
    *whole, rest = data.split(b"\n")
    return [piece + b"\n" for piece in whole] + ([rest] if rest else [])
