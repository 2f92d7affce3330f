"""Lines into text blocks and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtGui import QTextBlock, QTextCursor

from earmark.model import (
    MAX_INDENT,
    LineId,
    LineKind,
    NoteLine,
    TimeRun,
    anchor_at,
    new_id,
    safe_text,
    tidy_runs,
)

from .anchor_table import AnchorTable
from .block_data import OBJECT, BlockData, block_format, facts_of, picture_format, text_format
from .textual import LONGEST_LINE, is_right_to_left, one_line, pieces, portions


def fresh_id() -> LineId:
    return LineId(new_id())


def read_line(block: QTextBlock, stamps: AnchorTable) -> NoteLine:
    """The block as a line of the model."""
    facts = facts_of(block)
    found = pieces(block)
    if facts.picture is not None:
        text = facts.alt
        runs = [TimeRun(0, stamps.anchor(found[0].stamp if found else 0))]
    else:
        text = safe_text("".join(piece.text for piece in found))
        runs = [TimeRun(piece.offset, stamps.anchor(piece.stamp)) for piece in found]
    return NoteLine(
        id=facts.id,
        text=text,
        kind=facts.kind,
        indent=facts.indent,
        checked=facts.checked,
        marks=facts.marks,
        private=facts.private,
        anchor=stamps.anchor(facts.anchor),
        runs=tidy_runs(text, tuple(runs)),
        picture=facts.picture,
    )


def line_facts(line: NoteLine, stamps: AnchorTable) -> BlockData:
    """The facts of a line of the model; out-of-range values are brought into range."""
    is_picture = line.kind is LineKind.PICTURE and line.picture is not None
    kind = LineKind.PLAIN if line.kind is LineKind.PICTURE and not is_picture else line.kind
    return BlockData(
        id=line.id,
        kind=kind,
        indent=min(MAX_INDENT, max(0, line.indent)),
        checked=line.checked,
        marks=line.marks,
        private=line.private,
        anchor=stamps.stamp(line.anchor),
        picture=line.picture if is_picture else None,
        alt=one_line(line.text) if is_picture else "",
        right_to_left=not is_picture and is_right_to_left(line.text),
    )


def insert_content(cursor: QTextCursor, line: NoteLine, stamps: AnchorTable) -> None:
    """Inserts the line's text with its moments (or its picture) at the cursor."""
    if line.kind is LineKind.PICTURE and line.picture is not None:
        stamp = stamps.stamp(line.runs[0].anchor if line.runs else line.anchor)
        cursor.insertText(OBJECT, picture_format(line.picture, one_line(line.text), stamp))
        return
    runs = line.runs or (TimeRun(0, None),)
    for run, following in zip(runs, (*runs[1:], None), strict=True):
        text = line.text[run.offset : following.offset if following else None]
        if text:
            cursor.insertText(one_line(text), text_format(stamps.stamp(run.anchor)))


def _shown(line: NoteLine) -> list[NoteLine]:
    """The line as it can be shown: safe, and in several parts where it is over-long."""
    text = one_line(line.text)
    if text == line.text and len(text) <= LONGEST_LINE:
        return [line]
    if len(text) != len(line.text):
        line = replace(line, runs=line.runs[:1])
    parts: list[NoteLine] = []
    offset = 0
    for part in portions(text):
        end = offset + len(part)
        runs = [TimeRun(0, anchor_at(line, offset))]
        runs += [TimeRun(r.offset - offset, r.anchor) for r in line.runs if offset < r.offset < end]
        name = line.id if offset == 0 else fresh_id()
        parts.append(replace(line, id=name, text=part, runs=tidy_runs(part, tuple(runs))))
        offset = end
    return parts


def write_lines(cursor: QTextCursor, lines: Sequence[NoteLine], stamps: AnchorTable) -> set[LineId]:
    """Fills an empty document; returns the lines that had to be made fit to be shown.

    Those are over-long ones (now several), unsafe text, and ids that came twice. No lines make
    one empty line. Call it with undo off, inside one edit block: outside of one, many inserts
    into one line take quadratic time.
    """
    mended: set[LineId] = set()
    seen: set[LineId] = set()
    for given in lines or (NoteLine(fresh_id()),):
        shown = _shown(given)
        for line in shown:
            facts = line_facts(line, stamps)
            if not facts.id or facts.id in seen:
                facts = replace(facts, id=fresh_id())
            if facts.id != given.id or line is not given:
                mended.add(facts.id)
            if seen:
                cursor.insertBlock(block_format(facts), text_format(0))
            else:
                cursor.setBlockFormat(block_format(facts))
            seen.add(facts.id)
            insert_content(cursor, line, stamps)
    return mended
