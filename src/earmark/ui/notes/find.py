"""Find and replace: what is put in carries the moment of what it replaces."""

from __future__ import annotations

import re

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from .block_data import STAMP, facts_of, text_format
from .block_edits import KEEP, mend
from .page import NotesPage
from .textual import one_line, to_units


def _pattern(find: str, *, match_case: bool) -> re.Pattern[str]:
    return re.compile(re.escape(find), 0 if match_case else re.IGNORECASE)


def replace_all(page: NotesPage, find: str, replacement: str, *, match_case: bool) -> int:
    """Replaces every occurrence, as one undo step; returns how many there were."""
    if not find:
        return 0
    pattern = _pattern(one_line(find), match_case=match_case)
    replacement = one_line(replacement)
    group = QTextCursor(page.document())
    group.beginEditBlock()
    count = 0
    block = page.document().begin()
    while block.isValid():
        if facts_of(block).picture is None:
            count += _replace_in(block, pattern, replacement)
        block = block.next()
    group.endEditBlock()
    return count


def _replace_in(block: QTextBlock, pattern: re.Pattern[str], replacement: str) -> int:
    text = block.text()
    found = list(pattern.finditer(text))
    cursor = QTextCursor(block)
    for match in reversed(found):
        start, end = to_units(text, match.start()), to_units(text, match.end())
        cursor.setPosition(block.position() + to_units(text, match.start() + 1))
        stamp = cursor.charFormat().intProperty(STAMP)
        cursor.setPosition(block.position() + start)
        cursor.setPosition(block.position() + end, KEEP)
        cursor.insertText(replacement, text_format(stamp))
    if found:
        mend(block)
    return len(found)


def find_next(page: NotesPage, find: str, *, match_case: bool, backwards: bool) -> bool:
    """Selects the next occurrence from the caret on, around the end; False if there is none."""
    flags = QTextDocument.FindFlag(0)
    if match_case:
        flags |= QTextDocument.FindFlag.FindCaseSensitively
    if backwards:
        flags |= QTextDocument.FindFlag.FindBackward
    document = page.document()
    found = document.find(one_line(find), page.textCursor(), flags)
    if found.isNull():
        edge = QTextCursor(document)
        if backwards:
            edge.movePosition(QTextCursor.MoveOperation.End)
        found = document.find(one_line(find), edge, flags)
    if found.isNull():
        return False
    page.setTextCursor(found)
    page.ensureCursorVisible()
    return True
