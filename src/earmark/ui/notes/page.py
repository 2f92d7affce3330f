"""The page of notes: lines in, edits out. What keys, mouse and paint do to it is elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPalette, QTextBlock, QTextCursor, QTextFrameFormat
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from earmark.model import (
    Anchor,
    EarlyAnchor,
    LineId,
    NoteLine,
    NotesEdit,
    PictureId,
    Timeline,
    tidy_runs,
)
from earmark.model.i18n import _
from earmark.ui.theme import Theme, current_theme

from .anchor_table import AnchorTable
from .block_data import block_format, facts_of, line_id
from .block_style import BlockStyler
from .dirty_lines import DirtyLines
from .document import fresh_id, read_line, write_lines
from .pictures import PictureShelf

TOP_MARGIN = 8
BOTTOM_MARGIN = 160
_MANY = 8


class NotesPage(QTextEdit):
    """A text edit whose blocks are note lines and whose characters know their moment.

    `now`, set by whoever owns the page, tells the moment to stamp; `exact` the anchor of one that
    was early, or that early one again. Nothing here knows a service.
    """

    edited = Signal(object)
    """`NotesEdit`, once per turn of the event loop in which something changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_viewport()
        self.now: Callable[[], Anchor | None] = lambda: None
        self.exact: Callable[[EarlyAnchor], Anchor | None] = lambda early: early
        self.timeline = Timeline(())
        self.stamps = AnchorTable()
        self.shelf = PictureShelf(self)
        self.theme = current_theme()
        self.wardrobe = BlockStyler(self.font(), self.theme)
        self.shadow = DirtyLines(self.document(), self._touched)
        self._known: dict[LineId, NoteLine] = {}
        self._order: tuple[LineId, ...] = ()
        self._unsaved: set[LineId] = set()
        self._early: set[LineId] = set()
        """Lines reported while moments were not exact yet: those may stand in them."""
        self.placing = 0
        """Counts the changes of anchors, order and timeline."""
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self.flush)
        self.setAcceptRichText(False)
        self.setAutoFormatting(QTextEdit.AutoFormattingFlag.AutoNone)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(False)
        self.setLineWrapMode(QTextEdit.LineWrapMode.WidgetWidth)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Notes"))
        self.document().contentsChange.connect(self.shadow.on_change)
        self.document().contentsChange.connect(self._queue)
        self.load((), self.timeline)

    def _make_viewport(self) -> None:
        """As Qt's own, but made here: for one whose kind it does not know PySide loads every class
        of widgets, which costs the start 8 ms."""
        viewport = QWidget(self)
        viewport.setBackgroundRole(QPalette.ColorRole.Base)
        viewport.setAutoFillBackground(True)
        viewport.setAcceptDrops(True)
        viewport.setCursor(Qt.CursorShape.IBeamCursor)
        self.setViewport(viewport)
        self.document().documentLayout().setPaintDevice(viewport)

    # -- lines in

    def load(self, lines: Sequence[NoteLine], timeline: Timeline, reset: bool = True) -> None:
        """Shows the lines; the steps of undo start anew.

        `reset=False` keeps caret and scroll position: the same session, read again. Lines that
        had to be made safe are reported as edited.
        """
        self.flush()
        caret, scrolled = self.textCursor().position(), self.verticalScrollBar().value()
        document = self.document()
        self.timeline = timeline
        self.stamps = AnchorTable()
        self.shadow.is_paused = True
        if len(lines) * self.fontMetrics().lineSpacing() > self.viewport().height():
            # The bar that is bound to come takes its room now: or all is laid out twice.
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        document.setUndoRedoEnabled(False)
        document.clear()
        self._set_margins()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        mended = write_lines(cursor, lines, self.stamps)
        self._dress_blocks()
        cursor.endEditBlock()
        document.setUndoRedoEnabled(True)
        self.shadow.is_paused = False
        self.shadow.rescan()
        self._known = {line.id: line for line in lines}
        self._order = tuple(self.shadow.ids)
        self._unsaved.clear()
        self._early.clear()
        self.placing += 1
        self.shadow.dirty.update(mended if lines else ())
        self.moveCursor(QTextCursor.MoveOperation.Start)
        if not reset:
            cursor.setPosition(min(caret, document.characterCount() - 1))
            self.setTextCursor(cursor)
            self.verticalScrollBar().setValue(scrolled)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._turn.start() if self.shadow.dirty else self._turn.stop()
        self.viewport().update()

    def set_timeline(self, timeline: Timeline) -> None:
        """The takes changed: times in the margin are shown anew. No line is touched."""
        self.timeline = timeline
        self.placing += 1
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._dress_all()

    def side_margins(self) -> tuple[int, int]:
        """Room at the left for times and at the right for marks, in pixels."""
        wide = self.fontMetrics().horizontalAdvance("0")
        return wide * 9 + 12, wide * 6 + 18

    def set_picture_finder(self, find: Callable[[PictureId], Path | None]) -> None:
        """`find` tells where a picture lies that `insert_picture` was not told of."""
        self.shelf.find = find
        if any(line.picture for line in self._known.values()):
            self.shelf.lay_out_again()

    # -- edits out

    @Slot()
    def flush(self) -> None:
        """Reports now what changed since the last report, if anything did."""
        self._turn.stop()
        if self.shadow.has_twins:
            self._mend_twins()
        if self.stamps.awaits and self.stamps.settle(self.exact):
            self.shadow.dirty.update(name for name in self._early if name in self.shadow.count)
            self.viewport().update()
        dirty, gone = self.shadow.take()
        changed: list[NoteLine] = []
        for block in self._in_order(dirty):
            line = read_line(block, self.stamps)
            before = self._known.get(line.id)
            if before is None or not _is_same(line, before):
                changed.append(line)
                self._known[line.id] = line
                if before is None or before.anchor != line.anchor:
                    self.placing += 1
        if self.stamps.awaits:
            self._early.update(line.id for line in changed)
        else:
            self._early.clear()
        removed = tuple(line for line in gone if self._known.pop(line, None) is not None)
        order = tuple(self.shadow.ids)
        if not changed and not removed and order == self._order:
            return
        if order != self._order:
            self.placing += 1
        self._order = order
        self._unsaved.difference_update(removed)
        self._unsaved.update(line.id for line in changed)
        self._tell_saved()
        self.edited.emit(NotesEdit(order, tuple(changed), removed))

    def settle_moments(self) -> None:
        """Asks for the exact anchors of early moments, and reports the lines they stand in."""
        if self.stamps.awaits:
            self.flush()

    def lines(self) -> tuple[NoteLine, ...]:
        """Every line as it stands, from top to bottom."""
        self.flush()
        return tuple(self.known_lines())

    def line(self, name: LineId) -> NoteLine | None:
        """The line as last reported; None for an id that is not on the page."""
        known = self._known.get(name)
        if known is None and name in self.shadow.count:
            known = read_line(self.block_of(name), self.stamps)
        return known

    def set_saved(self, saved: NotesEdit | Iterable[LineId]) -> None:
        """These lines are durable. An edit's lines that changed again since are not yet."""
        if isinstance(saved, NotesEdit):
            done = {line.id for line in saved.changed if self._known.get(line.id) == line}
        else:
            done = set(saved)
        if done & self._unsaved:
            self._unsaved -= done
            self._tell_saved()
            self.viewport().update()

    def is_saved(self, name: LineId) -> bool:
        return name not in self._unsaved

    # -- finding lines

    def block_of(self, name: LineId) -> QTextBlock:
        """The line's block; an invalid one for an id that is not on the page."""
        if name not in self.shadow.count:
            return QTextBlock()
        return self.document().findBlockByNumber(self.shadow.ids.index(name))

    def current_line(self) -> LineId:
        """The line the caret is in."""
        return line_id(self.textCursor().block())

    # -- inside

    def known_lines(self) -> Iterator[NoteLine]:
        """The lines as last reported, from top to bottom."""
        for name in self._order:
            line = self.line(name)
            if line is not None:
                yield line

    def _tell_saved(self) -> None:
        """What the dots in the margin say, for those who do not see them."""
        told = _("Not saved yet") if self._unsaved else _("Saved")
        if told != self.accessibleDescription():
            self.setAccessibleDescription(told)

    def _in_order(self, names: set[LineId]) -> list[QTextBlock]:
        document = self.document()
        if len(names) <= _MANY:
            numbers = sorted(self.shadow.ids.index(name) for name in names)
        else:
            numbers = [n for n, name in enumerate(self.shadow.ids) if name in names]
        return [document.findBlockByNumber(number) for number in numbers]

    def _touched(self, block: QTextBlock) -> None:
        self.wardrobe.dress(block)

    @Slot()
    def _queue(self) -> None:
        if not self.shadow.is_paused:
            self._turn.start()

    def _mend_twins(self) -> None:
        """Gives a new id to each block whose id another one above it has, as one undo step."""
        seen: set[LineId] = set()
        cursor = QTextCursor(self.document())
        cursor.joinPreviousEditBlock()
        block = self.document().begin()
        while block.isValid():
            facts = facts_of(block)
            if not facts.id or facts.id in seen:
                facts = replace(facts, id=fresh_id())
                QTextCursor(block).setBlockFormat(block_format(facts))
            seen.add(facts.id)
            block = block.next()
        cursor.endEditBlock()
        self.shadow.has_twins = False

    def _set_margins(self) -> None:
        left, right = self.side_margins()
        self.document().setIndentWidth(self.fontMetrics().horizontalAdvance("0") * 2.3)
        frame = QTextFrameFormat(self.document().rootFrame().frameFormat())
        frame.setLeftMargin(left)
        frame.setRightMargin(right)
        frame.setTopMargin(TOP_MARGIN)
        frame.setBottomMargin(BOTTOM_MARGIN)
        self.document().rootFrame().setFrameFormat(frame)

    def refresh_fonts(self) -> None:
        """The page's font changed: margins and headings follow. No step of undo comes of it."""
        document = self.document()
        if document.isUndoAvailable() or document.isRedoAvailable():
            self._dress_all()
            return
        document.setUndoRedoEnabled(False)
        self._set_margins()
        document.setUndoRedoEnabled(True)
        self._dress_all()

    def _dress_all(self) -> None:
        self.wardrobe = BlockStyler(self.font(), self.theme)
        self._dress_blocks()
        self.document().markContentsDirty(0, self.document().characterCount())
        self.viewport().update()

    def _dress_blocks(self) -> None:
        """Dresses every line. Qt counts a new dress as a change: the caller must be in one."""
        block = self.document().begin()
        while block.isValid():
            self.wardrobe.dress(block)
            block = block.next()


def _is_same(line: NoteLine, before: NoteLine) -> bool:
    """Whether the library would learn nothing new: a picture's description has no moments."""
    runs = line.runs if line.picture else tidy_runs(before.text, before.runs)
    return line == replace(before, runs=runs)
