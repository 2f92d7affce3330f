"""How lines look: formats given to the layout, never stored in the document.

`contentsChange` comes before the layout's own turn, so dressing a line there lays it out once;
and what is not stored cannot travel with a join, a paste or an undo.
"""

from __future__ import annotations

from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextLayout

from earmark.model import LineKind
from earmark.ui.theme import Theme

from .block_data import facts_of
from .links import links
from .textual import to_units

_SCALE = {LineKind.HEADING1: 1.45, LineKind.HEADING2: 1.2, LineKind.HEADING3: 1.0}


class BlockStyler:
    """The layout formats of headings, links, finished check boxes and private lines."""

    def __init__(self, font: QFont, theme: Theme) -> None:
        self._headings: dict[LineKind, QTextCharFormat] = {}
        size = font.pointSizeF() if font.pixelSize() < 0 else font.pixelSize() * 0.75
        for kind, scale in _SCALE.items():
            form = QTextCharFormat()
            form.setFontPointSize(size * scale)
            form.setFontWeight(QFont.Weight.DemiBold)
            self._headings[kind] = form
        self._link = QTextCharFormat()
        self._link.setForeground(theme.accent)
        self._link.setFontUnderline(True)
        self._done = QTextCharFormat()
        self._done.setForeground(theme.muted)
        self._done.setFontStrikeOut(True)
        self._private = QTextCharFormat()
        self._private.setForeground(theme.muted)

    def dress(self, block: QTextBlock) -> None:
        """Gives the block's layout the formats that fit what its line is."""
        facts = facts_of(block)
        layout = block.layout()
        length = block.length() - 1
        ranges: list[QTextLayout.FormatRange] = []
        whole = self._headings.get(facts.kind)
        if whole is not None:
            ranges.append(_range(0, length, whole))
        if facts.private:
            ranges.append(_range(0, length, self._private))
        if facts.checked and facts.kind is LineKind.CHECK:
            ranges.append(_range(0, length, self._done))
        text = block.text()
        for offset, link in links(text):
            start = to_units(text, offset)
            ranges.append(_range(start, to_units(link, len(link)), self._link))
        if ranges or layout.formats():
            layout.setFormats(ranges)


def _range(start: int, length: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = start
    made.length = length
    made.format = form
    return made
