"""The document's table of moments: small numbers in text formats stand for exact anchors.

A format's number must stay below 2**31, or Qt hashes all of them alike; frames need not.
"""

from __future__ import annotations

from earmark.model import Anchor

NO_STAMP = 0


class StampTable:
    """Anchors by number, from 1 on. It only grows: undo may bring any of them back."""

    def __init__(self) -> None:
        self._anchors: list[Anchor | None] = [None]
        self._stamps: dict[Anchor, int] = {}

    def stamp(self, anchor: Anchor | None) -> int:
        """The number of the anchor, `NO_STAMP` for None."""
        if anchor is None:
            return NO_STAMP
        known = self._stamps.get(anchor)
        if known is None:
            known = len(self._anchors)
            self._anchors.append(anchor)
            self._stamps[anchor] = known
        return known

    def anchor(self, stamp: int) -> Anchor | None:
        return self._anchors[stamp] if 0 <= stamp < len(self._anchors) else None
