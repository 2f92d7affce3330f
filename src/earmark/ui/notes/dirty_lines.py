"""Which lines changed since one last asked, kept up from the document's change notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from PySide6.QtGui import QTextBlock, QTextDocument

from earmark.model import LineId

from .block_data import line_id


class DirtyLines:
    """The ids of the document's lines from top to bottom, and those touched or gone.

    A notice gives a position and lengths; the lengths are not trusted as characters inside
    lines (a join reports whole lines): only the difference in the number of blocks is.
    """

    def __init__(self, document: QTextDocument, touched: Callable[[QTextBlock], None]) -> None:
        self._document = document
        self._touched = touched
        self.ids: list[LineId] = []
        self.count: Counter[LineId] = Counter()
        self.dirty: set[LineId] = set()
        self.removed: set[LineId] = set()
        self.has_twins = False
        """Two blocks carry one id, or one carries none: made by Qt itself, to be mended."""
        self.is_paused = False

    def rescan(self) -> None:
        """Reads everything again and forgets what changed."""
        self.ids = []
        block = self._document.begin()
        while block.isValid():
            self.ids.append(line_id(block))
            block = block.next()
        self.count = Counter(self.ids)
        self.dirty.clear()
        self.removed.clear()
        self.has_twins = False

    def take(self) -> tuple[set[LineId], set[LineId]]:
        """The ids touched and gone since the last call."""
        taken = self.dirty, self.removed
        self.dirty, self.removed = set(), set()
        return taken

    def on_change(self, position: int, _removed: int, added: int) -> None:
        """The slot for `QTextDocument.contentsChange`, which comes before the layout's turn."""
        if self.is_paused:
            return
        document = self._document
        first = document.findBlock(position)
        if not first.isValid():
            first = document.lastBlock()
        last = document.findBlock(min(position + added, document.characterCount() - 1))
        start, end = first.blockNumber(), last.blockNumber()
        delta = document.blockCount() - len(self.ids)
        now: list[LineId] = []
        block = first
        for _ in range(end - start + 1):
            now.append(line_id(block))
            self._touched(block)
            block = block.next()
        before = self.ids[start : end + 1 - delta]
        self.ids[start : end + 1 - delta] = now
        self._recount(before, now)

    def _recount(self, before: list[LineId], now: list[LineId]) -> None:
        self.count.subtract(before)
        self.count.update(now)
        for old in before:
            if self.count[old] <= 0:
                del self.count[old]
                self.removed.add(old)
        self.has_twins |= any(not new or self.count[new] > 1 for new in now)
        self.dirty.update(now)
        self.removed.difference_update(now)
        self.dirty -= self.removed
