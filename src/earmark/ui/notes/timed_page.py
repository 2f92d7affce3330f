"""The page as a timeline: which line and which word belong to a moment."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from earmark.model import Anchor, LineId

from .moments import LineIndex, word_at_moment
from .page import NotesPage


class TimedPage(NotesPage):
    """Finds lines by time. The index is made anew only after an anchor or the order changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index: LineIndex | None = None
        self._indexed = -1

    def line_at_anchor(self, anchor: Anchor) -> LineId | None:
        """The line being spoken at a moment: the last whose anchor is at or before it."""
        ms = self.timeline.to_ms(anchor)
        return None if ms is None else self.line_index().at(ms)

    def word_at_anchor(self, name: LineId, anchor: Anchor) -> tuple[int, int] | None:
        """Offset and length of the line's last word typed at or before a moment."""
        ms = self.timeline.to_ms(anchor)
        known = self.line(name)
        if ms is None or known is None:
            return None
        return word_at_moment(known, ms, self.timeline)

    def next_line(self, name: LineId | None, at: Anchor | None, step: int = 1) -> LineId | None:
        """The line before (−1) or after (1) `name` in time, or else around the moment `at`."""
        ms = self.timeline.to_ms(at) if at else None
        return self.line_index().neighbour(name, ms or 0, step)

    def line_index(self) -> LineIndex:
        """The lines by time, as last reported."""
        if self._index is None or self._indexed != self.placing:
            self._index = LineIndex(self.known_lines(), self.timeline)
            self._indexed = self.placing
        return self._index
