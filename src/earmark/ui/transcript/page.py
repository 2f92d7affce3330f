"""The passages as a read-only document: two blocks each, the time above the words.

Nothing in the document is coloured: what is lit is painted as extra selections, so lighting a
word changes no text. Long transcripts are put in by parts, so that the window never waits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QFont,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from earmark.model import Anchor, Segment, Timeline, format_time
from earmark.model.i18n import _

from ..notes.textual import is_right_to_left, one_line, to_points, to_units
from ..theme import current_theme, fixed_font
from .passages import Shown

_PART = 250
"""Passages put in at once: about 10 ms."""
_GAP = 10.0
_NEAR_PX = 40
_KEEP = QTextCursor.MoveMode.KeepAnchor


class TranscriptPage(QTextEdit):
    """Shows passages, and finds the passage and word at a place or a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: list[Shown] = []
        """The passages that are in the document, in order."""
        self._waiting: list[Shown] = []
        self.tails = False
        """Words come live: whoever looks at the end goes on looking at it."""
        self._partial: tuple[str, str] | None = None
        self._has_partial = False
        self._timeline = Timeline(())
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._put_more)
        self._places: list[tuple[float, int]] = []
        self._numbers: dict[str, int] = {}
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(16, 0, 12, 0)
        self.setAccessibleName(_("Transcript"))
        self.dress(self.font())

    # -- passages in

    def show_passages(self, segments: Sequence[Segment], timeline: Timeline) -> None:
        """Shows these passages; only what is not there already is put in anew."""
        self._timeline = timeline
        at_end = self._is_at_end()
        new = [Shown(segment, timeline) for segment in segments]
        self._more.stop()
        self._waiting = []
        old = self.shown
        same = 0
        while same < min(len(old), len(new)) and old[same].is_like(new[same]):
            same += 1
        tail = 0
        most = min(len(old), len(new)) - same
        while tail < most and old[-1 - tail].is_like(new[-1 - tail]):
            tail += 1
        self._take_partial()
        caret, scrolled = self.textCursor(), self.verticalScrollBar().value()
        at = caret.position()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._remove(cursor, same, len(old) - tail)
        middle = new[same : len(new) - tail]
        self.shown = new[:same] + old[len(old) - tail :] if tail else new[:same]
        if tail:
            self._insert(cursor, same, middle)
        else:
            self._insert(cursor, same, middle[:_PART])
            self._waiting = middle[_PART:]
        cursor.endEditBlock()
        if not self._waiting:
            self._put_partial()
        if same or tail:
            caret = self.textCursor()
            caret.setPosition(min(at, self.document().characterCount() - 1))
            self.setTextCursor(caret)
            self.verticalScrollBar().setValue(scrolled)
        else:
            self.moveCursor(QTextCursor.MoveOperation.Start)
        self._index()
        if self._waiting:
            self._more.start()
        elif at_end:
            self._go_to_end()

    def show_partial(self, anchor: Anchor | None, text: str = "") -> None:
        """What is being said just now, as first guessed; None takes it away."""
        ms = None if anchor is None else self._timeline.to_ms(anchor)
        time = "" if ms is None else format_time(ms)
        partial = None if anchor is None or not text.strip() else (time, one_line(text)[:2_000])
        if partial == self._partial:
            return
        at_end = self._is_at_end()
        self._take_partial()
        self._partial = partial
        if not self._waiting:
            self._put_partial()
        if at_end:
            self._go_to_end()

    def finish(self) -> None:
        """Puts in at once what still waits."""
        while self._waiting:
            self._put_more()

    # -- finding

    def number_of_block(self, block: QTextBlock) -> int | None:
        """The passage that a block belongs to; None for the text being said just now."""
        number = block.blockNumber() // 2
        return number if 0 <= number < len(self.shown) else None

    def current(self) -> int | None:
        """The passage with the caret."""
        return self.number_of_block(self.textCursor().block()) if self.shown else None

    def selected(self) -> list[int]:
        """The passages that the selection touches: at least the caret's."""
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber() // 2
        last = document.findBlock(cursor.selectionEnd()).blockNumber() // 2
        return list(range(first, min(last + 1, len(self.shown))))

    def number_of(self, segment: str) -> int | None:
        """The passage of that id."""
        return self._numbers.get(segment)

    def number_at(self, anchor: Anchor) -> int | None:
        """The passage being spoken at a moment, or the last one before it."""
        ms = self._timeline.to_ms(anchor)
        if ms is None:
            return None
        found = bisect_right(self._places, (float(ms), len(self.shown))) - 1
        return self._places[found][1] if found >= 0 else None

    def head(self, number: int) -> QTextBlock:
        """The block with the passage's time."""
        return self.document().findBlockByNumber(2 * number)

    def body(self, number: int) -> QTextBlock:
        """The block with the passage's words."""
        return self.document().findBlockByNumber(2 * number + 1)

    def anchor_of(self, cursor: QTextCursor) -> Anchor | None:
        """The moment of the word at a cursor."""
        number = self.number_of_block(cursor.block())
        if number is None:
            return None
        shown = self.shown[number]
        if cursor.block().blockNumber() % 2 == 0:
            return shown.start
        return shown.anchor_at(to_points(shown.text, cursor.positionInBlock()))

    def stretch(self, number: int, span: tuple[int, int] | None = None) -> QTextCursor:
        """A cursor that selects the passage, or `span` (code points) of its words."""
        body = self.body(number)
        cursor = QTextCursor(self.head(number))
        if span is None:
            cursor.setPosition(body.position() + body.length() - 1, _KEEP)
            return cursor
        text = self.shown[number].text
        cursor.setPosition(body.position() + to_units(text, span[0]))
        cursor.setPosition(body.position() + to_units(text, span[1]), _KEEP)
        return cursor

    # -- looks

    def dress(self, font: QFont) -> None:
        """Takes fonts and colours as they are now."""
        self._head_form = QTextCharFormat()
        self._head_form.setFont(fixed_font(font, 0.85))
        self._body_form = QTextCharFormat()
        self._partial_form = QTextCharFormat()
        self._partial_form.setFontItalic(True)
        self._partial_form.setForeground(current_theme().muted)
        self.recolour(quiet=False)

    def recolour(self, *, quiet: bool) -> None:
        """`quiet`: what is not lit steps back."""
        theme = current_theme()
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Base, theme.chrome)
        ink = theme.muted if quiet else theme.ink
        if palette.color(QPalette.ColorRole.Text) != ink or self.palette() != palette:
            palette.setColor(QPalette.ColorRole.Text, ink)
            self.setPalette(palette)
            self.viewport().update()  # Qt repaints the words that are lit, not the others

    # -- inside

    def _is_at_end(self) -> bool:
        """Whether what is said now is watched: then it stays in view as it grows."""
        bar = self.verticalScrollBar()
        return self.tails and bar.value() >= bar.maximum() - _NEAR_PX

    def _go_to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _put_more(self) -> None:
        part, self._waiting = self._waiting[:_PART], self._waiting[_PART:]
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._insert(cursor, len(self.shown), part)
        cursor.endEditBlock()
        if self._waiting:
            self._more.start()
        else:
            self._put_partial()
        self._index()

    def _index(self) -> None:
        self._places = sorted(
            (float(shown.ms), number)
            for number, shown in enumerate(self.shown)
            if shown.ms is not None
        )
        self._numbers = {shown.segment.id: number for number, shown in enumerate(self.shown)}

    def _remove(self, cursor: QTextCursor, first: int, last: int) -> None:
        if last <= first:
            return
        if first == 0 and last == len(self.shown):
            self.document().clear()
            return
        document = self.document()
        start = document.findBlockByNumber(2 * first).position()
        following = document.findBlockByNumber(2 * last)
        if following.isValid():
            cursor.setPosition(start)
            cursor.setPosition(following.position(), _KEEP)
            form = following.blockFormat()
            cursor.removeSelectedText()
            cursor.setBlockFormat(form)
        else:
            cursor.setPosition(start - 1)
            cursor.movePosition(QTextCursor.MoveOperation.End, _KEEP)
            cursor.removeSelectedText()

    def _insert(self, cursor: QTextCursor, number: int, new: Sequence[Shown]) -> None:
        """Puts passages in before the one that is `number` now (or at the end)."""
        before = number < len(self.shown)
        if before:
            cursor.setPosition(self.document().findBlockByNumber(2 * number).position())
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End)
        first = not self.shown
        for one in new:
            right = is_right_to_left(one.text)
            time = f"{one.time}  {one.speaker}" if one.speaker else one.time
            self._put(cursor, time, one.text, right, self._body_form, before=before, first=first)
            first = False
        self.shown[number:number] = new

    def _put(
        self,
        cursor: QTextCursor,
        head: str,
        body: str,
        right: bool,
        form: QTextCharFormat,
        *,
        before: bool,
        first: bool,
    ) -> None:
        top, under = _block_format(right, _GAP), _block_format(right, 0)
        if first:
            cursor.setBlockFormat(top)
        elif not before:
            cursor.insertBlock(top, self._head_form)
        else:
            cursor.setBlockFormat(top)
        cursor.insertText(head, self._head_form)
        cursor.insertBlock(under, form)
        cursor.insertText(body, form)
        if before:
            cursor.insertBlock(_block_format(False, _GAP), self._head_form)

    def _put_partial(self) -> None:
        if self._partial is None or self._has_partial:
            return
        time, text = self._partial
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        right = is_right_to_left(text)
        self._put(cursor, time, text, right, self._partial_form, before=False, first=not self.shown)
        cursor.endEditBlock()
        self._has_partial = True

    def _take_partial(self) -> None:
        if not self._has_partial:
            return
        self._has_partial = False
        cursor = QTextCursor(self.document())
        count = len(self.shown)
        if count:
            body = self.body(count - 1)
            cursor.setPosition(body.position() + body.length() - 1)
        cursor.movePosition(QTextCursor.MoveOperation.End, _KEEP)
        cursor.removeSelectedText()


def _block_format(right: bool, above: float) -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setTopMargin(above)
    made.setLineHeight(3.0, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
    made.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if right else Qt.LayoutDirection.LeftToRight
    )
    return made
