"""Cutting and joining lines so that ids, anchors and moments end up where they belong.

Every function works inside the caller's edit block.
"""

from __future__ import annotations

import re
from dataclasses import replace

from PySide6.QtGui import QTextBlock, QTextCursor

from earmark.model import LineKind, PictureId

from .anchor_table import NO_STAMP
from .block_data import (
    OBJECT,
    PICTURE_ALT,
    PICTURE_ID,
    STAMP,
    BlockData,
    block_format,
    facts_of,
    text_format,
)
from .document import fresh_id
from .textual import is_right_to_left, pieces, to_units

KEEP = QTextCursor.MoveMode.KeepAnchor
_PARTS = re.compile(f"{OBJECT}|[^{OBJECT}]+")
_BULLETED = (LineKind.BULLET, LineKind.CHECK)


def put_facts(block: QTextBlock, facts: BlockData) -> None:
    """Gives the block these facts, if they are not what it has."""
    if facts_of(block) != facts:
        QTextCursor(block).setBlockFormat(block_format(facts))


def first_timed(block: QTextBlock, start: int = 0) -> int:
    """The stamp of the block's first timed character from position `start` (UTF-16) on."""
    place = block.begin()
    while not place.atEnd():
        fragment = place.fragment()
        end = fragment.position() + fragment.length() - block.position()
        stamp = fragment.charFormat().intProperty(STAMP)
        if end > start and stamp != NO_STAMP:
            return stamp
        place += 1
    return NO_STAMP


def remove_selection(cursor: QTextCursor) -> None:
    """Removes the selected text; what is left of the lines it joins keeps the right identity.

    The upper line's facts stay, unless nothing of the upper line is left and something of the
    lower one is: then the upper line is what was deleted.
    """
    if not cursor.hasSelection():
        return
    document = cursor.document()
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    upper, lower = document.findBlock(start), document.findBlock(end)
    one_line = upper == lower
    facts = facts_of(upper)
    nothing_above = start == upper.position() and end < lower.position() + lower.length() - 1
    was_there = upper.length() > 1
    if not one_line and nothing_above and (was_there or facts.anchor == NO_STAMP):
        facts = facts_of(lower)
    cursor.removeSelectedText()
    if not one_line:
        put_facts(cursor.block(), facts)
    mend(cursor.block())


def mend(block: QTextBlock) -> None:
    """Brings direction and picture into line with the block's text."""
    facts = facts_of(block)
    text = block.text()
    if OBJECT in text and len(text) > 1:
        _part_pictures(block, text, facts)
        return
    if text == OBJECT:
        form = pieces(block)[0].format
        facts = replace(
            facts.plain(),
            kind=LineKind.PICTURE,
            picture=PictureId(form.stringProperty(PICTURE_ID)),
            alt=form.stringProperty(PICTURE_ALT),
        )
    elif facts.kind is LineKind.PICTURE:
        facts = facts.plain()
    put_facts(block, replace(facts, right_to_left=is_right_to_left(text)))


def _part_pictures(block: QTextBlock, text: str, facts: BlockData) -> None:
    """Text and pictures came to stand in one line: each gets its own again."""
    parts = [(m.start(), m[0]) for m in _PARTS.finditer(text)]
    objects = [n for n, (_at, part) in enumerate(parts) if part == OBJECT]
    texts = [n for n, (_at, part) in enumerate(parts) if part != OBJECT]
    keeper = (objects if facts.kind is LineKind.PICTURE else texts or objects)[0]
    stamps = [first_timed(block, to_units(text, at)) or facts.anchor for at, _part in parts]
    cursor = QTextCursor(block)
    start = block.position()
    for at, _part in reversed(parts[1:]):
        cursor.setPosition(start + to_units(text, at))
        cursor.insertBlock(block.blockFormat(), text_format(NO_STAMP))
    block = block.document().findBlock(start)
    for number, stamp in enumerate(stamps):
        if number != keeper:
            put_facts(block, replace(facts.plain(), id=fresh_id(), anchor=stamp))
        mend(block)
        block = block.next()


def split(cursor: QTextCursor) -> None:
    """What Enter does at the cursor, without a selection.

    Text below the cut becomes a line of its own: its anchor is its first timed character's, or
    else the upper line's. At the start of a line the identity stays with the text.
    """
    block = cursor.block()
    facts = facts_of(block)
    if facts.kind is LineKind.PICTURE:
        _line_beside_picture(cursor, below=not cursor.atBlockStart())
        return
    if block.length() == 1 and facts.kind in _BULLETED:
        put_facts(block, replace(facts.plain(), indent=0))
        return
    following = BlockData(
        id=fresh_id(),
        kind=LineKind.PLAIN if facts.kind.is_heading else facts.kind,
        indent=facts.indent,
    )
    if cursor.atBlockStart() and block.length() > 1:
        cursor.insertBlock(block_format(facts), text_format(NO_STAMP))
        put_facts(cursor.block().previous(), following)
        return
    if not cursor.atBlockEnd():
        stamp = first_timed(block, cursor.positionInBlock()) or facts.anchor
        following = replace(following, anchor=stamp, private=facts.private, checked=facts.checked)
    cursor.insertBlock(block_format(following), text_format(NO_STAMP))
    mend(cursor.block().previous())
    mend(cursor.block())


def _line_beside_picture(cursor: QTextCursor, *, below: bool) -> None:
    facts = facts_of(cursor.block())
    fresh = BlockData(id=fresh_id(), indent=facts.indent)
    if below:
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        cursor.insertBlock(block_format(fresh), text_format(NO_STAMP))
        return
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
    cursor.insertBlock(block_format(facts), text_format(NO_STAMP))
    put_facts(cursor.block().previous(), fresh)
    cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock)


def join_to_previous(cursor: QTextCursor) -> None:
    """Makes the cursor's line and the one above it one line; a picture stays a line alone."""
    block = cursor.block()
    above = block.previous()
    if not above.isValid():
        return
    pictures = LineKind.PICTURE in (facts_of(block).kind, facts_of(above).kind)
    if pictures and block.length() > 1 and above.length() > 1:
        cursor.setPosition(block.position() - 1)
        return
    cursor.setPosition(block.position() - 1)
    cursor.setPosition(block.position(), KEEP)
    remove_selection(cursor)
