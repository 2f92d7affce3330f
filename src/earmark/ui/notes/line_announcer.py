"""What a screen reader is told about a line beyond its text: its kind, marks and time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from earmark.model import LineId, LineKind, NoteLine, Timeline, format_time, mark_names
from earmark.model.i18n import _

from .document import read_line
from .page import NotesPage


def describe(line: NoteLine, timeline: Timeline, *, is_saved: bool = True) -> str:
    """The line in words, e.g. “check box, ticked, level 2, 12:30”; empty for a bare plain line."""
    words = [_kind_words(line)]
    if line.kind is LineKind.CHECK:
        words.append(_("ticked") if line.checked else _("not ticked"))
    if line.indent:
        words.append(_("level {level}").format(level=line.indent + 1))
    words.append(mark_names(line.marks))
    if line.private:
        words.append(_("private"))
    if line.anchor is not None:
        ms = timeline.to_ms(line.anchor)
        words.append(_("from another session") if ms is None else format_time(ms))
    if not is_saved:
        words.append(_("not saved yet"))
    return ", ".join(word for word in words if word)


def _kind_words(line: NoteLine) -> str:
    names = {
        LineKind.PLAIN: "",
        LineKind.HEADING1: _("heading 1"),
        LineKind.HEADING2: _("heading 2"),
        LineKind.HEADING3: _("heading 3"),
        LineKind.BULLET: _("bullet"),
        LineKind.CHECK: _("check box"),
        LineKind.PICTURE: _("picture"),
    }
    if line.kind is LineKind.PICTURE and line.text:
        return _("picture: {description}").format(description=line.text)
    return names[line.kind]


class LineAnnouncer:
    """Announces a line when the caret enters it or its nature changes, if anybody listens."""

    def __init__(self, page: NotesPage, late: Callable[[LineId], str]) -> None:
        self._page = page
        self._late = late
        self._last: tuple[LineId, str] | None = None

    def look(self) -> None:
        """Announces the caret's line where it is another, or is described otherwise, now."""
        if not QAccessible.isActive():
            return
        line = read_line(self._page.textCursor().block(), self._page.stamps)
        parts = (describe(line, self._page.timeline), self._late(line.id))
        words = ", ".join(part for part in parts if part)
        if (line.id, words) == self._last:
            return
        self._last = (line.id, words)
        if words:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._page, words))
