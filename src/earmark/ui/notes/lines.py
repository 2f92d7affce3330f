"""What a person does to whole lines, each one undo step: kind, marks, place, anchor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtGui import QTextBlock, QTextCursor

from earmark.model import MAX_INDENT, Anchor, LineId, LineKind, Mark

from .anchor_table import NO_STAMP
from .block_data import BlockData, block_format, facts_of, text_format
from .block_edits import KEEP, put_facts
from .page import NotesPage
from .textual import Piece, pieces

Change = Callable[[BlockData], BlockData]


class LineActions:
    """Actions on the lines that the selection touches, or on the caret's line.

    `done` is called after each: a burst of typing ends there.
    """

    def __init__(self, page: NotesPage, done: Callable[[], None]) -> None:
        self._page = page
        self._done = done

    def _selected(self) -> list[QTextBlock]:
        """The blocks that the selection touches: at least the caret's."""
        cursor = self._page.textCursor()
        document = self._page.document()
        block = document.findBlock(cursor.selectionStart())
        last = document.findBlock(cursor.selectionEnd())
        if last != block and cursor.selectionEnd() == last.position():
            last = last.previous()
        found = [block]
        while block != last:
            block = block.next()
            found.append(block)
        return found

    def ids(self) -> tuple[LineId, ...]:
        """The lines that the selection touches, or the caret's."""
        return tuple(facts_of(block).id for block in self._selected())

    def set_kind(self, kind: LineKind) -> None:
        """The same kind again makes plain lines of them."""
        blocks = self._selected()
        if all(facts_of(block).kind is kind for block in blocks):
            kind = LineKind.PLAIN
        self._change(
            lambda facts: replace(facts, kind=kind, checked=facts.checked and kind is _CHECK),
            [b for b in blocks if facts_of(b).kind is not LineKind.PICTURE],
        )

    def toggle_check(self, line: LineId | None = None) -> None:
        """Ticks or unticks check boxes; a line that has none gets one."""
        blocks = self._blocks(line)
        ticked = all(_is_ticked(facts_of(block)) for block in blocks)
        self._change(
            lambda facts: replace(facts, kind=_CHECK, checked=not ticked and facts.kind is _CHECK),
            [b for b in blocks if facts_of(b).kind is not LineKind.PICTURE],
        )

    def toggle_mark(self, mark: Mark, line: LineId | None = None) -> None:
        blocks = self._blocks(line)
        off = all(mark in facts_of(block).marks for block in blocks)
        self._change(
            lambda facts: replace(
                facts,
                marks=tuple(m for m in Mark if (m in facts.marks if m is not mark else not off)),
            ),
            blocks,
        )

    def toggle_private(self) -> None:
        blocks = self._selected()
        private = not all(facts_of(block).private for block in blocks)
        self._change(lambda facts: replace(facts, private=private), blocks)

    def indent(self, steps: int = 1) -> None:
        """Further in; out where `steps` is negative."""
        self._change(
            lambda facts: replace(facts, indent=min(MAX_INDENT, max(0, facts.indent + steps)))
        )

    def outdent(self) -> None:
        self.indent(-1)

    def shift_anchor(self, ms: int) -> None:
        """Moves the anchors along the timeline; lines without one stay without."""
        stamps, timeline = self._page.stamps, self._page.timeline

        def shifted(facts: BlockData) -> BlockData:
            anchor = stamps.anchor(facts.anchor)
            if anchor is None:
                return facts
            return replace(facts, anchor=stamps.stamp(timeline.shifted(anchor, ms)))

        self._change(shifted)

    def anchor_selected(self, anchor: Anchor) -> None:
        """Anchors every selected line to the moment."""
        stamp = self._page.stamps.stamp(anchor)
        self._change(lambda facts: replace(facts, anchor=stamp))

    def set_anchor(self, line: LineId, anchor: Anchor | None) -> None:
        """Anchors one line, wherever the caret is; None takes its anchor away."""
        block = self._page.block_of(line)
        if block.isValid():
            stamp = self._page.stamps.stamp(anchor)
            self._change(lambda facts: replace(facts, anchor=stamp), [block])

    def move(self, step: int) -> None:
        """Moves the selected lines up (−1) or down (1): their neighbour goes past them."""
        blocks = self._selected()
        first, last = blocks[0], blocks[-1]
        other = first.previous() if step < 0 else last.next()
        if not other.isValid():
            return
        caret = self._page.textCursor()
        anchor_in = caret.anchor() - first.position()
        position_in = caret.position() - first.position()
        length = last.position() + last.length() - first.position()
        facts, content = facts_of(other), pieces(other)
        cursor = self._page.textCursor()
        cursor.beginEditBlock()
        if step < 0:
            start = other.position()
            _take_out(cursor, other.position(), first.position(), facts_of(first))
            cursor.setPosition(start + length - 1)
            cursor.insertBlock(block_format(facts), text_format(NO_STAMP))
        else:
            start = first.position() + other.length()
            end = other.position() - 1
            _take_out(cursor, end, end + other.length(), facts_of(last))
            upper = facts_of(first)
            cursor.setPosition(first.position())
            cursor.insertBlock(block_format(upper), text_format(NO_STAMP))
            cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock)
            put_facts(cursor.block(), facts)
        _put_in(cursor, content)
        cursor.endEditBlock()
        caret = self._page.textCursor()
        end = self._page.document().characterCount() - 1
        caret.setPosition(min(end, start + anchor_in))
        caret.setPosition(min(end, start + position_in), KEEP)
        self._page.setTextCursor(caret)
        self._page.ensureCursorVisible()
        self._done()

    def _blocks(self, line: LineId | None) -> list[QTextBlock]:
        if line is None:
            return self._selected()
        block = self._page.block_of(line)
        return [block] if block.isValid() else []

    def _change(self, change: Change, blocks: list[QTextBlock] | None = None) -> None:
        cursor = self._page.textCursor()
        cursor.beginEditBlock()
        for block in self._selected() if blocks is None else blocks:
            put_facts(block, change(facts_of(block)))
        cursor.endEditBlock()
        self._done()


_CHECK = LineKind.CHECK


def _is_ticked(facts: BlockData) -> bool:
    return facts.kind is _CHECK and facts.checked


def _take_out(cursor: QTextCursor, start: int, end: int, keep: BlockData) -> None:
    """Removes `[start, end)`, which holds one line break; the joined line gets `keep`."""
    cursor.setPosition(start)
    cursor.setPosition(end, KEEP)
    cursor.removeSelectedText()
    put_facts(cursor.block(), keep)


def _put_in(cursor: QTextCursor, content: list[Piece]) -> None:
    for piece in content:
        cursor.insertText(piece.text, piece.format)
