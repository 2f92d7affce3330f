"""Find among the words of the passages, as in the notes: from the caret on, around the end."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument

from ..notes.textual import one_line
from .page import TranscriptPage


def find_next(page: TranscriptPage, find: str, *, match_case: bool, backwards: bool) -> bool:
    """Selects the next occurrence in the words, not in times and names; False if there is none."""
    flags = QTextDocument.FindFlag(0)
    if match_case:
        flags |= QTextDocument.FindFlag.FindCaseSensitively
    if backwards:
        flags |= QTextDocument.FindFlag.FindBackward
    page.finish()
    document = page.document()
    edge = QTextCursor(document)
    if backwards:
        edge.movePosition(QTextCursor.MoveOperation.End)
    for start in (page.textCursor(), edge):
        found = document.find(one_line(find), start, flags)
        while not found.isNull() and not _in_words(page, found):
            found = document.find(one_line(find), found, flags)
        if not found.isNull():
            page.setTextCursor(found)
            page.ensureCursorVisible()
            return True
    return False


def _in_words(page: TranscriptPage, cursor: QTextCursor) -> bool:
    block = cursor.block()
    return block.blockNumber() % 2 == 1 and page.number_of_block(block) is not None
