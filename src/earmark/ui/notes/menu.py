"""The menu of the right mouse button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from earmark.model import LineKind, Mark, NoteLine
from earmark.model.i18n import _

if TYPE_CHECKING:
    from .editor import NoteEditor
    from .pointer import Target


def context_menu(editor: NoteEditor, target: Target) -> QMenu:
    """A menu for what is under the pointer and for the selected lines."""
    menu = QMenu(editor)
    lines = editor.actions_on_lines

    def add(text: str, do: Callable[[], object], on: bool = True, into: QMenu = menu) -> None:
        action = into.addAction(text)
        action.setEnabled(on)
        action.triggered.connect(lambda _checked=False: do())

    link, anchor = target.link, target.anchor
    if link is not None:
        add(_("Open the link"), lambda: editor.link_opened.emit(link))
    add(_("Play from here"), lambda: editor.word_clicked.emit(anchor), anchor is not None)
    line = editor.line(target.line)
    timed = line is not None and line.anchor is not None
    add(_("Play this line"), lambda: editor.line_played.emit(target.line), timed)
    chosen = lines.ids()
    several = target.line in chosen and len(chosen) > 1
    add(
        _("Share the selected lines…") if several else _("Share this line…"),
        lambda: editor.line_share_asked.emit(target.line),
        any(_may_leave(editor.line(each)) for each in (chosen if several else (target.line,))),
    )
    late = target.line in editor.painter.late
    if late or target.line in editor.refuses_late:
        words = _("Start this line at its own time") if late else _("Start at its sentence")
        add(words, lambda: editor.late_refused.emit(target.line, late))
    menu.addSeparator()
    selects = editor.textCursor().hasSelection()
    add(_("Undo"), editor.undo, editor.document().isUndoAvailable())
    add(_("Redo"), editor.redo, editor.document().isRedoAvailable())
    add(_("Cut"), editor.cut, selects)
    add(_("Copy"), editor.copy, selects)
    add(_("Paste"), editor.paste, editor.canPaste())
    add(_("Select all"), editor.selectAll)
    menu.addSeparator()
    kinds = menu.addMenu(_("Kind of line"))
    for text, kind in (
        (_("Plain line"), LineKind.PLAIN),
        (_("Heading 1"), LineKind.HEADING1),
        (_("Heading 2"), LineKind.HEADING2),
        (_("Heading 3"), LineKind.HEADING3),
        (_("Bullet"), LineKind.BULLET),
        (_("Check box"), LineKind.CHECK),
    ):
        add(text, partial(lines.set_kind, kind), into=kinds)
    for mark in Mark:
        add(mark.spec.title, partial(lines.toggle_mark, mark))
    add(_("Private line"), lines.toggle_private)
    menu.addSeparator()
    times = menu.addMenu(_("Moment of the line"))
    for text, ms in (
        (_("5 s earlier"), -5_000),
        (_("1 s earlier"), -1_000),
        (_("1 s later"), 1_000),
        (_("5 s later"), 5_000),
    ):
        add(text, partial(lines.shift_anchor, ms), into=times)
    moment = editor.now()
    if moment is not None:
        add(_("To this moment"), lambda: lines.anchor_selected(moment), into=times)
    return menu


def _may_leave(line: NoteLine | None) -> bool:
    """Whether there is something in the line that others may get."""
    return line is not None and bool(line.text or line.picture) and not line.private
