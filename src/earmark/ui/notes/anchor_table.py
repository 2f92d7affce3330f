"""The document's table of moments: small numbers in text formats stand for exact anchors.

A format's number must stay below 2**31, or Qt hashes all of them alike; frames need not.
"""

from __future__ import annotations

from collections.abc import Callable

from earmark.model import Anchor, EarlyAnchor

NO_STAMP = 0


class AnchorTable:
    """Anchors by number, from 1 on. It only grows: undo may bring any of them back."""

    def __init__(self) -> None:
        self._anchors: list[Anchor | None] = [None]
        self._stamps: dict[Anchor, int] = {}
        self._early: dict[int, EarlyAnchor] = {}

    def stamp(self, anchor: Anchor | None) -> int:
        """The number of the anchor, `NO_STAMP` for None."""
        if anchor is None:
            return NO_STAMP
        known = self._stamps.get(anchor)
        if known is None:
            known = len(self._anchors)
            if isinstance(anchor, EarlyAnchor):
                self._early[known] = anchor
                self._anchors.append(Anchor(anchor.take, anchor.frame))
            else:
                self._anchors.append(anchor)
            self._stamps[anchor] = known
        return known

    @property
    def awaits(self) -> bool:
        """Whether it holds moments that are not exact yet."""
        return bool(self._early)

    def settle(self, exact: Callable[[EarlyAnchor], Anchor | None]) -> bool:
        """Puts in the exact anchors as far as `exact` knows them; whether it knew any.

        The numbers stay: texts, and undo's memory of texts, need not change.
        """
        found = {stamp: exact(early) for stamp, early in self._early.items()}
        known = {stamp: a for stamp, a in found.items() if not isinstance(a, EarlyAnchor)}
        for stamp, anchor in known.items():
            self._anchors[stamp] = anchor
            del self._early[stamp]
        return bool(known)

    def anchor(self, stamp: int) -> Anchor | None:
        return self._anchors[stamp] if 0 <= stamp < len(self._anchors) else None
