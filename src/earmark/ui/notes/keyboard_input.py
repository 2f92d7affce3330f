"""Typing: each word takes the moment of its first keystroke, a burst of keys is one undo step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtGui import QTextBlock, QTextCursor

from earmark.model import Anchor, LineKind, Mark, mark_with_prefix

from .anchor_table import NO_STAMP
from .block_data import STAMP, BlockData, facts_of, text_format
from .block_edits import KEEP, join_to_previous, mend, put_facts, remove_selection, split
from .page import NotesPage
from .textual import to_points

_BURST_SECONDS = 2.5
_TYPING_SECONDS = 4.0
_KINDS = {
    "#": LineKind.HEADING1,
    "##": LineKind.HEADING2,
    "###": LineKind.HEADING3,
    "-": LineKind.BULLET,
    "*": LineKind.BULLET,
    "[]": LineKind.CHECK,
    "[ ]": LineKind.CHECK,
    "[x]": LineKind.CHECK,
    "[X]": LineKind.CHECK,
}


class KeyboardInput:
    """Puts typed text into the page. `clock` gives seconds; it only ends bursts for undo."""

    def __init__(self, page: NotesPage) -> None:
        self._page = page
        self.clock: Callable[[], float] = time.monotonic
        self._burst_at = -1
        self._burst_time = 0.0
        self._burst_is_deleting = False

    def end_burst(self) -> None:
        """The next key starts a new step of undo."""
        self._burst_at = -1

    def is_typing(self) -> bool:
        """Whether something was typed just now."""
        return self._burst_time > 0 and self.clock() - self._burst_time < _TYPING_SECONDS

    def typed(self, text: str, moment: Anchor | None, insert: Callable[[], None]) -> None:
        """Lets `insert` put the text in at the caret, with the moment it is due."""
        page = self._page
        group = self._group(deleting=False)
        if page.textCursor().hasSelection():
            cursor = page.textCursor()
            remove_selection(cursor)
            page.setTextCursor(cursor)
        cursor = page.textCursor()
        block = cursor.block()
        if facts_of(block).kind is LineKind.PICTURE:
            split(cursor)
            page.setTextCursor(cursor)
            block = cursor.block()
        stamp = self._stamp_for(text, moment, block, cursor.positionInBlock())
        facts = facts_of(block)
        if block.length() == 1 and facts.anchor == NO_STAMP and moment is not None:
            put_facts(block, replace(facts, anchor=page.stamps.stamp(moment)))
        page.setCurrentCharFormat(text_format(stamp))
        insert()
        mend(page.textCursor().block())
        group.endEditBlock()
        self._note_burst(deleting=False)
        if text == " ":
            self._take_shortcut()

    def enter(self) -> None:
        cursor = self._page.textCursor()
        cursor.beginEditBlock()
        remove_selection(cursor)
        split(cursor)
        cursor.endEditBlock()
        self._settle(cursor)

    def backspace(self, move: QTextCursor.MoveOperation) -> None:
        """Deletes back to where `move` leads; at a line's start takes off what the line is."""
        cursor = self._page.textCursor()
        facts = facts_of(cursor.block())
        at_start = cursor.atBlockStart() and not cursor.hasSelection()
        if at_start and facts.kind not in (LineKind.PLAIN, LineKind.PICTURE):
            self._change_line(facts.plain())
        elif at_start and facts.indent:
            self._change_line(replace(facts, indent=facts.indent - 1))
        else:
            self.delete(move)

    def delete(self, move: QTextCursor.MoveOperation) -> None:
        """Deletes the selection, or else from the caret to where `move` leads."""
        page = self._page
        cursor = page.textCursor()
        had_selection = cursor.hasSelection()
        if had_selection:
            self.end_burst()
        target = page.textCursor()
        if not had_selection and not target.movePosition(move, KEEP):
            return
        group = self._group(deleting=True)
        crosses = target.anchor() != target.position() and (
            page.document().findBlock(target.anchor())
            != page.document().findBlock(target.position())
        )
        if crosses and not had_selection:
            lower = page.textCursor()
            lower.setPosition(max(target.anchor(), target.position()))
            lower.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            join_to_previous(lower)
            target = lower
        else:
            remove_selection(target)
        group.endEditBlock()
        target.clearSelection()
        page.setTextCursor(target)
        page.ensureCursorVisible()
        if not had_selection and not crosses:
            self._note_burst(deleting=True)
        else:
            self.end_burst()

    def _stamp_for(self, text: str, moment: Anchor | None, block: QTextBlock, position: int) -> int:
        """The rules of the time link for characters that go in at `position` of the block."""
        left, left_stamp = self._left_of(block, position)
        continues = bool(left) and (text[:1].isspace() or not left.isspace())
        if moment is None or continues:
            return left_stamp
        return self._page.stamps.stamp(moment)

    @staticmethod
    def _left_of(block: QTextBlock, position: int) -> tuple[str, int]:
        """The character left of the position and its stamp."""
        if position <= 0:
            return "", NO_STAMP
        place = block.begin()
        while not place.atEnd():
            fragment = place.fragment()
            start = fragment.position() - block.position()
            if start < position <= start + fragment.length():
                text = fragment.text()
                left = text[max(0, to_points(text, position - start) - 1)]
                return left, fragment.charFormat().intProperty(STAMP)
            place += 1
        return "", NO_STAMP

    def _take_shortcut(self) -> None:
        """Turns `# `, `- `, `[] `, `! `… at a line's start into what they stand for."""
        cursor = self._page.textCursor()
        block = cursor.block()
        position = cursor.positionInBlock()
        if not 2 <= position <= 4:
            return
        facts = _after_shortcut(block.text()[: position - 1], facts_of(block))
        if facts is None:
            return
        cursor.beginEditBlock()
        cursor.setPosition(block.position(), KEEP)
        cursor.removeSelectedText()
        put_facts(cursor.block(), facts)
        mend(cursor.block())
        cursor.endEditBlock()
        self._settle(cursor)

    def _change_line(self, facts: BlockData) -> None:
        cursor = self._page.textCursor()
        cursor.beginEditBlock()
        put_facts(cursor.block(), facts)
        cursor.endEditBlock()
        self.end_burst()

    def _group(self, *, deleting: bool) -> QTextCursor:
        """An open edit block: the burst's own where it goes on, a new one otherwise."""
        page = self._page
        caret = page.textCursor()
        goes_on = (
            self._burst_at == caret.position()
            and self._burst_is_deleting == deleting
            and not caret.hasSelection()
            and self.clock() - self._burst_time < _BURST_SECONDS
            and page.document().isUndoAvailable()
        )
        group = page.textCursor()
        if goes_on:
            group.joinPreviousEditBlock()
        else:
            group.beginEditBlock()
        return group

    def _note_burst(self, *, deleting: bool) -> None:
        self._burst_at = self._page.textCursor().position()
        self._burst_time = self.clock()
        self._burst_is_deleting = deleting

    def _settle(self, cursor: QTextCursor) -> None:
        cursor.clearSelection()
        self._page.setTextCursor(cursor)
        self._page.ensureCursorVisible()
        self.end_burst()


def _after_shortcut(prefix: str, facts: BlockData) -> BlockData | None:
    kind = _KINDS.get(prefix)
    if kind is not None:
        return replace(facts, kind=kind, checked=prefix in ("[x]", "[X]"))
    mark = mark_with_prefix(prefix)
    if mark is not None:
        return replace(facts, marks=tuple(m for m in Mark if m is mark or m in facts.marks))
    return replace(facts, private=True) if prefix == "%" else None
