"""Words under lines: what was said in a line's time, painted below it. Never part of the notes.

The room for them is the bottom margin of the line's block, which no line of the model has. A
change of margins is no step of undo: it joins the step before, or is made with undo off while
there is none; while something could be redone, it waits (a change would throw that away), and
what has no room yet is not painted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextLayout,
    QTextOption,
)

from earmark.model import LineId
from earmark.ui.theme import scaled

from .block_data import SPACE, BlockData, facts_of, line_id
from .page import NotesPage

_SCALE = 0.78
_ROWS = 2
_GAP = 3.0
_PART = 250
"""Blocks fitted in one turn of the event loop: about 5 ms."""
_AGAIN_MS = 400


class InlineTranscript(QObject):
    """The words under the lines of one page; `show({})` takes them away."""

    def __init__(self, page: NotesPage) -> None:
        super().__init__(page)
        self._page = page
        self._words: dict[LineId, str] = {}
        self._next = 0
        self._font = QFont(page.font())
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._fit)
        self.set_font(page.font())

    def set_font(self, font: QFont) -> None:
        self._font = scaled(font, _SCALE)
        self._row = QFontMetricsF(self._font).lineSpacing()
        self.fit()

    def show(self, words: Mapping[LineId, str]) -> None:
        """What to show, by line."""
        if words != self._words:
            self._words = dict(words)
            self.fit()
            self._page.viewport().update()

    def fit(self, after_ms: int = 0) -> None:
        """Looks through all lines again, a part at a time."""
        self._next = 0
        self._turn.start(after_ms)

    def changed(self) -> None:
        """Lines changed: they are fitted once nobody types."""
        if self._words:
            self.fit(_AGAIN_MS)

    @property
    def is_fitting(self) -> bool:
        """Whether lines wait for their room."""
        return self._turn.isActive()

    def words_of(self, line: LineId) -> str:
        return self._words.get(line, "")

    # -- room

    def _fit(self) -> None:
        self._turn.stop()
        document = self._page.document()
        if document.isRedoAvailable():
            return  # the next edit takes the steps to redo away, and comes back here
        block = document.findBlockByNumber(self._next)
        wanted: list[tuple[QTextBlock, float]] = []
        for _count in range(_PART):
            if not block.isValid():
                break
            margin = SPACE + self._room(block)
            if abs(block.blockFormat().bottomMargin() - margin) > 0.5:
                wanted.append((block, margin))
            block = block.next()
            self._next += 1
        if wanted:
            self._change(wanted)
        if block.isValid():
            self._turn.start(0)

    def _room(self, block: QTextBlock) -> float:
        words = self._words.get(line_id(block))
        if not words:
            return 0.0
        wide = QFontMetricsF(self._font).horizontalAdvance(words[:400])
        rows = 1 if wide <= self._width(facts_of(block)) else _ROWS
        following = block.next()
        above = following.blockFormat().topMargin() - SPACE if following.isValid() else 0.0
        return rows * self._row + _GAP + max(0.0, above)  # Qt takes the greater of two margins

    def _width(self, facts: BlockData) -> float:
        left, right = self._page.side_margins()
        steps = facts.indent + 1
        inner = self._page.viewport().width() - left - right
        return max(80.0, inner - steps * self._page.document().indentWidth())

    def _change(self, wanted: list[tuple[QTextBlock, float]]) -> None:
        page, document = self._page, self._page.document()
        page.flush()  # what is not reported yet is read before the notices are held back
        top = page.cursorForPosition(QPointF(4, 4).toPoint()).block()
        layout = document.documentLayout()
        before = layout.blockBoundingRect(top).top()
        has_steps = document.isUndoAvailable()
        page.shadow.is_paused = True
        if not has_steps:
            document.setUndoRedoEnabled(False)
        cursor = QTextCursor(document)
        cursor.joinPreviousEditBlock() if has_steps else cursor.beginEditBlock()
        for block, margin in wanted:
            form = QTextBlockFormat()
            form.setBottomMargin(margin)
            cursor.setPosition(block.position())
            cursor.mergeBlockFormat(form)
        cursor.endEditBlock()
        if not has_steps:
            document.setUndoRedoEnabled(True)
        page.shadow.is_paused = False
        bar = page.verticalScrollBar()
        if bar.value():
            moved = layout.blockBoundingRect(top).top() - before
            bar.setValue(bar.value() + round(moved))

    # -- paint

    def paint(self, painter: QPainter, block: QTextBlock, left: float, bottom: float) -> None:
        """The words of a block, below its text; as many rows as there is room for."""
        words = self._words.get(line_id(block))
        if not words:
            return
        room = block.blockFormat().bottomMargin() - SPACE - _GAP
        rows = min(_ROWS, int((room + 1) // self._row))
        if rows < 1:
            return
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        painter.setPen(self._page.theme.muted)
        y = bottom + _GAP + metrics.ascent()
        width = self._width(facts_of(block))
        for text in _rows(words, self._font.key(), width, rows):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QPointF(left, y), shown)
            y += self._row


@lru_cache(maxsize=512)
def _rows(words: str, font: str, width: float, rows: int) -> tuple[str, ...]:
    """The words broken to the width; the last row holds all the rest, to be cut short."""
    face = QFont()
    face.fromString(font)
    words = words[:600]
    layout = QTextLayout(words, face)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found: list[str] = []
    raw = words.encode("utf-16-le", "surrogatepass")
    layout.beginLayout()
    while len(found) < rows:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        start = line.textStart()
        end = len(raw) // 2 if len(found) == rows - 1 else start + line.textLength()
        found.append(raw[2 * start : 2 * end].decode("utf-16-le", "replace").strip())
    layout.endLayout()
    return tuple(found)
