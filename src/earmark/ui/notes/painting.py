"""What is painted beside and behind the text: times, bullets, boxes, marks, the lit line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTextBlock

from earmark.model import LineId, LineKind, format_time
from earmark.model.i18n import _
from earmark.ui.theme import fixed_font

from .block_data import BlockData, facts_of, kind_of
from .inline_transcript import InlineTranscript
from .page import NotesPage
from .textual import to_units

_BAR = 3.0
_BELOW = 60
"""So far below a line's text what is painted there may reach."""
_ELSEWHERE = "↗"


@dataclass(frozen=True, slots=True)
class Lit:
    """The line being spoken and the word in it: offset and length in code points."""

    line: LineId
    word: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """Where a block stands in the viewport: its text's box, and its first row's."""

    block: QTextBlock
    box: QRectF
    row: QRectF
    baseline: float


def shown_lines(page: NotesPage, top: float, bottom: float) -> Iterator[ShownLine]:
    """The blocks between two heights of the viewport, from top to bottom."""
    block = _first_below(page, top)
    while block.isValid():
        shown = place_of(page, block)
        if shown is not None:
            if shown.box.top() - 20 > bottom:
                return
            yield shown
        block = block.next()


def _first_below(page: NotesPage, top: float) -> QTextBlock:
    """The first block that reaches below a height: by halving, Qt's own hit test walks all.

    Asking for a block's box also has it laid out, where Qt had put that off.
    """
    document = page.document()
    layout = document.documentLayout()
    height = top + page.verticalScrollBar().value()
    low, high = 0, document.blockCount() - 1
    while low < high:
        middle = (low + high) // 2
        box = layout.blockBoundingRect(document.findBlockByNumber(middle))
        if box.bottom() < height:
            low = middle + 1
        else:
            high = middle
    return document.findBlockByNumber(low)


def place_of(page: NotesPage, block: QTextBlock) -> ShownLine | None:
    """Where the block stands in the viewport; None while it has no layout."""
    if not block.isValid():  # its line has left the page
        return None
    text = block.layout()
    if not text.lineCount():
        return None
    origin = text.position() - QPointF(0, page.verticalScrollBar().value())
    first = text.lineAt(0)
    row = QRectF(origin + first.position(), QPointF(origin.x() + first.x() + first.width(), 0))
    row.setHeight(first.height())
    box = text.boundingRect().translated(origin)
    ascent = first.ascent()
    if kind_of(block) is LineKind.PICTURE:
        ascent = page.fontMetrics().ascent()
    return ShownLine(block, box, row, row.top() + ascent)


def check_box(page: NotesPage, shown: ShownLine, *, right_to_left: bool = False) -> QRectF:
    """The square of a check box, in the viewport."""
    step = page.document().indentWidth()
    side = round(page.fontMetrics().ascent() * 0.86)
    x = shown.row.right() + step * 0.15 if right_to_left else shown.row.left() - step * 0.95
    y = shown.baseline - page.fontMetrics().capHeight() / 2 - side / 2
    return QRectF(round(x) + 0.5, round(y) + 0.5, side, side)


class PagePainter:
    """Paints around the text of one page. The fonts follow the page's font."""

    def __init__(self, page: NotesPage) -> None:
        self._page = page
        self.under = InlineTranscript(page)
        self.related: LineId | None = None
        """The line whose passage is at hand elsewhere: its time is lit."""
        self.late: Mapping[LineId, float] = {}
        """Lines whose replay begins with their sentence, so many seconds earlier."""
        self.set_font(page.font())

    def set_font(self, font: QFont) -> None:
        self._font = font
        self._time_font = fixed_font(font, 0.82)
        self.under.set_font(font)

    def wash_of(self, block: QTextBlock) -> QRectF:
        """The stretch of the viewport that is lit with the block, edge to edge."""
        shown = place_of(self._page, block)
        if shown is None:
            return QRectF()
        room = 4.0
        return QRectF(
            0, shown.box.top() - room, self._page.viewport().width(), shown.box.height() + 2 * room
        )

    def behind(self, painter: QPainter, lit: Lit | None) -> None:
        """The lit line's wash and bar: before the text."""
        if lit is None:
            return
        block = self._page.block_of(lit.line)
        if not block.isValid():
            return
        wash = self.wash_of(block)
        painter.fillRect(wash, self._page.theme.accent_wash)
        painter.fillRect(QRectF(0, wash.top(), _BAR, wash.height()), self._page.theme.accent)

    def around(self, painter: QPainter, area: QRect, lit: Lit | None) -> None:
        """Everything else: after the text."""
        page = self._page
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shown in shown_lines(page, area.top() - _BELOW, area.bottom()):
            facts = facts_of(shown.block)
            is_lit = lit is not None and lit.line == facts.id
            self._time(painter, shown, facts, is_lit)
            self._sign(painter, shown, facts)
            self._marks(painter, shown, facts)
            if lit is not None and is_lit and lit.word is not None:
                self._word(painter, shown, lit.word)
            self.under.paint(painter, shown.block, shown.row.left(), shown.box.bottom())
        if page.document().blockCount() == 1 and page.document().isEmpty():
            self._empty(painter)

    def _time(self, painter: QPainter, shown: ShownLine, facts: BlockData, is_lit: bool) -> None:
        page = self._page
        right = page.side_margins()[0] - 12
        if not page.is_saved(facts.id):
            painter.setBrush(page.theme.muted)
            painter.setPen(Qt.PenStyle.NoPen)
            middle = shown.baseline - page.fontMetrics().capHeight() / 2
            painter.drawEllipse(QPointF(right + 6.5, middle), 1.75, 1.75)
        anchor = page.stamps.anchor(facts.anchor)
        if anchor is None:
            return
        ms = page.timeline.to_ms(anchor)
        font = self._time_font
        if facts.id == self.related:
            is_lit = True
            painter.fillRect(
                QRectF(0, shown.box.top() - 4, _BAR, shown.box.height() + 8), page.theme.accent
            )
        if is_lit:
            font = QFont(font)
            font.setBold(True)
        painter.setFont(font)
        painter.setPen(page.theme.accent if is_lit else page.theme.muted)
        text = _ELSEWHERE if ms is None else format_time(ms)
        wide = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QPointF(right - wide, shown.baseline), text)
        if facts.id in self.late:
            _earlier(painter, QPointF(right - wide - 5, shown.baseline), page.theme.muted)

    def _sign(self, painter: QPainter, shown: ShownLine, facts: BlockData) -> None:
        """The bullet or the check box."""
        theme = self._page.theme
        if facts.kind is LineKind.BULLET:
            step = self._page.document().indentWidth()
            x = shown.row.left() - step * 0.6
            if facts.right_to_left:
                x = shown.row.right() + step * 0.6
            y = shown.baseline - self._page.fontMetrics().xHeight() / 2
            painter.setBrush(theme.muted)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(x, y), 2.4, 2.4)
        elif facts.kind is LineKind.CHECK:
            box = check_box(self._page, shown, right_to_left=facts.right_to_left)
            painter.setPen(QPen(theme.accent if facts.checked else theme.edge, 1.2))
            painter.setBrush(theme.accent if facts.checked else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 3, 3)
            if facts.checked:
                painter.setPen(QPen(theme.on_accent, 1.8))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(_tick(box))

    def _marks(self, painter: QPainter, shown: ShownLine, facts: BlockData) -> None:
        page = self._page
        x = page.viewport().width() - page.side_margins()[1] + 10.0
        painter.setFont(self._font)
        for mark in facts.marks:
            painter.setPen(page.theme.mark)
            painter.drawText(QPointF(x, shown.baseline), mark.spec.sign)
            x += painter.fontMetrics().horizontalAdvance(mark.spec.sign) + 4
        if facts.private:
            _lock(painter, QPointF(x, shown.baseline), page.theme.muted)

    def _word(self, painter: QPainter, shown: ShownLine, word: tuple[int, int]) -> None:
        """Underlines the word, on each of the rows it stands on."""
        text = shown.block.text()
        start = to_units(text, word[0])
        end = to_units(text, word[0] + word[1])
        layout = shown.block.layout()
        origin = layout.position() - QPointF(0, self._page.verticalScrollBar().value())
        for number in range(layout.lineCount()):
            row = layout.lineAt(number)
            first, last = max(start, row.textStart()), min(end, row.textStart() + row.textLength())
            if first >= last:
                continue
            x1, x2 = sorted((_x_of(row.cursorToX(first)), _x_of(row.cursorToX(last))))
            y = origin.y() + row.y() + row.ascent() + 2.5
            painter.fillRect(QRectF(origin.x() + x1, y, x2 - x1, 2), self._page.theme.accent)

    def _empty(self, painter: QPainter) -> None:
        page = self._page
        shown = place_of(page, page.document().begin())
        if shown is None:
            return
        painter.setFont(self._font)
        painter.setPen(page.theme.muted)
        painter.drawText(
            QPointF(shown.row.left() + 3, shown.baseline),
            _("Write here. Every word remembers the moment you typed it."),
        )


def _x_of(found: object) -> float:
    """PySide gives `cursorToX` as (x, position)."""
    return float(found[0]) if isinstance(found, tuple) else float(str(found))


def _tick(box: QRectF) -> QPolygonF:
    side = box.width()
    return QPolygonF(
        [
            box.topLeft() + QPointF(side * x, side * y)
            for x, y in ((0.24, 0.52), (0.43, 0.72), (0.78, 0.3))
        ]
    )


def _earlier(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """A small arrow back, ending on the baseline: replay begins earlier, with the sentence."""
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = at.x() - 6, at.y() - 4
    painter.drawLine(QPointF(x, y), QPointF(x + 6, y))
    painter.drawPolyline([QPointF(x + 3, y - 3), QPointF(x, y), QPointF(x + 3, y + 3)])


def _lock(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """A small padlock standing on the baseline."""
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(at.x() + 2, at.y() - 11, 6, 8), 0, 180 * 16)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(at.x(), at.y() - 6.5, 10, 6.5), 1.2, 1.2)
