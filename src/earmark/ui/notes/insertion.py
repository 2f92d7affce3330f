"""Putting excerpts (pasted, dropped, a picture) into the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtGui import QTextCursor

from earmark.model import LineId, LineKind

from .anchor_table import NO_STAMP
from .block_data import STAMP, BlockData, block_format, facts_of, text_format
from .block_edits import first_timed, mend, put_facts, remove_selection, split
from .clipboard import Excerpt
from .document import fresh_id, insert_content, line_facts
from .page import NotesPage


def insert(
    page: NotesPage,
    cursor: QTextCursor,
    found: Sequence[Excerpt],
    is_free: Callable[[LineId], bool],
) -> None:
    """Puts the excerpts in at the cursor, in place of what it selects, as one undo step.

    A whole line keeps its id where `is_free` says that no line on the page has it: cut and
    paste is a move.
    """
    if not found:
        return
    cursor.beginEditBlock()
    remove_selection(cursor)
    if facts_of(cursor.block()).kind is LineKind.PICTURE:
        split(cursor)
    start = cursor.block().position()
    if len(found) > 1:
        _insert_lines(page, cursor, found, is_free)
    else:
        _insert_inline(page, cursor, found[0])
    block = cursor.document().findBlock(start)
    while block.isValid() and block.position() <= cursor.position():
        following = block.next()
        mend(block)
        block = following
    cursor.endEditBlock()


def _insert_inline(page: NotesPage, cursor: QTextCursor, found: Excerpt) -> None:
    """Into the line that is there; an empty one takes over what the excerpt's line was."""
    block = cursor.block()
    facts = facts_of(block)
    line = found.line
    if block.length() == 1 and (line.text or line.picture):
        anchor = facts.anchor or page.stamps.stamp(line.anchor)
        if found.is_whole and facts.kind is LineKind.PLAIN:
            source = line_facts(line, page.stamps)
            facts = replace(source, id=facts.id, indent=facts.indent or source.indent)
        put_facts(block, replace(facts, anchor=anchor))
    _put_text(page, cursor, found)


def _insert_lines(
    page: NotesPage,
    cursor: QTextCursor,
    found: Sequence[Excerpt],
    is_free: Callable[[LineId], bool],
) -> None:
    """Cuts the line at the cursor: the first excerpt ends its head, the last begins its tail."""
    block = cursor.block()
    here = facts_of(block)
    head_is_empty, tail_is_empty = cursor.atBlockStart(), cursor.atBlockEnd()
    tail_stamp = first_timed(block, cursor.positionInBlock()) or here.anchor
    taken: set[LineId] = set()
    for number, excerpt in enumerate(found):
        name = excerpt.line.id
        is_own = excerpt.is_whole and bool(name) and name not in taken and is_free(name)
        facts = replace(_facts_for(page, excerpt, here), id=name if is_own else fresh_id())
        taken.add(facts.id)
        if number:
            cursor.insertBlock(block_format(facts), text_format(NO_STAMP))
        elif head_is_empty and tail_is_empty and here.anchor != NO_STAMP:
            put_facts(block, replace(facts, id=here.id, anchor=here.anchor))
        elif head_is_empty:
            put_facts(block, facts)
        if number == len(found) - 1 and not tail_is_empty and not excerpt.line.text:
            tail = here if head_is_empty else replace(here, id=fresh_id(), anchor=tail_stamp)
            put_facts(cursor.block(), tail)
        _put_text(page, cursor, excerpt)


def _facts_for(page: NotesPage, excerpt: Excerpt, here: BlockData) -> BlockData:
    """What a pasted line becomes; text from outside goes on as the line it is pasted into."""
    facts = line_facts(excerpt.line, page.stamps)
    if excerpt.line.id:
        return facts
    kind = LineKind.PLAIN if here.kind.is_heading else here.kind
    return replace(facts, kind=kind, indent=here.indent, private=here.private)


def _put_text(page: NotesPage, cursor: QTextCursor, excerpt: Excerpt) -> None:
    """Text from outside without a moment takes the run on its left."""
    line = excerpt.line
    if line.id or line.anchor is not None or cursor.atBlockStart():
        insert_content(cursor, line, page.stamps)
        return
    cursor.insertText(line.text, text_format(cursor.charFormat().intProperty(STAMP)))
