"""What a click means: edit, play, tick, open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QTextBlock
from PySide6.QtWidgets import QApplication

from earmark.model import Anchor, LineId, LineKind

from .block_data import facts_of, line_id
from .document import read_line
from .links import link_at
from .moments import word_anchor
from .page import NotesPage
from .painting import check_box, place_of
from .textual import to_points, units

if TYPE_CHECKING:
    from .editor import NoteEditor

_LEFT = Qt.MouseButton.LeftButton
_CONTROL = Qt.KeyboardModifier.ControlModifier


class Part(Enum):
    """The parts of a page that a pointer can be over."""

    TEXT = auto()
    TIME = auto()
    BOX = auto()
    REST = auto()


@dataclass(frozen=True, slots=True)
class Target:
    """What is under the pointer. `anchor` and `link` are the word's; `line` is always known."""

    part: Part
    line: LineId
    anchor: Anchor | None = None
    link: str | None = None


def target_at(page: NotesPage, point: QPointF) -> Target:
    """What is at a point of the viewport."""
    block = page.cursorForPosition(point.toPoint()).block()
    shown = place_of(page, block)
    name = line_id(block)
    if shown is None:
        return Target(Part.REST, name)
    within = shown.box.top() - 6 <= point.y() <= shown.box.bottom() + 6
    facts = facts_of(block)
    if not within:
        return Target(Part.REST, name)
    if point.x() < page.side_margins()[0] - 4:
        return Target(Part.TIME, name, page.stamps.anchor(facts.anchor))
    if facts.kind is LineKind.CHECK:
        box = check_box(page, shown, right_to_left=facts.right_to_left)
        if box.adjusted(-5, -6, 5, 6).contains(point):
            return Target(Part.BOX, name)
    return _in_text(page, block, point)


def _in_text(page: NotesPage, block: QTextBlock, point: QPointF) -> Target:
    """The word under the point; right of a line's text or on a blank, the line."""
    line = read_line(block, page.stamps)
    scrolled = QPointF(point.x(), point.y() + page.verticalScrollBar().value())
    layout = page.document().documentLayout()
    position = layout.hitTest(scrolled, Qt.HitTestAccuracy.ExactHit)
    raw = block.text()
    inside = position - block.position()
    if line.picture is not None or not 0 <= inside < units(raw):
        return Target(Part.TEXT, line.id, line.anchor)
    offset = to_points(raw, inside)
    anchor = word_anchor(line, offset, page.timeline)
    return Target(Part.TEXT, line.id, anchor, link_at(line.text, offset))


class Pointer:
    """Decides what presses and releases mean, and emits the editor's signals for it.

    A click is a press and a release without a drag, a selection or a second press. It is
    decided on release and plays at once; a double click takes that back.
    """

    def __init__(self, editor: NoteEditor) -> None:
        self._editor = editor
        self._pressed_at: QPointF | None = None
        self._took_press = False
        self._played = False

    def pressed(self, event: QMouseEvent) -> bool:
        """True when the press is on the margin or a box: the caret stays where it is."""
        self._played = False
        self._took_press = False
        self._pressed_at = None
        if event.button() is not _LEFT:
            return False
        self._pressed_at = event.position()
        part = target_at(self._editor, event.position()).part
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._took_press = plain and part in (Part.TIME, Part.BOX)
        return self._took_press

    def moved(self, event: QMouseEvent) -> None:
        """Shows by its shape what a click would do; a drag is no click."""
        if self._pressed_at is not None:
            way = (event.position() - self._pressed_at).manhattanLength()
            if way >= QApplication.startDragDistance():
                self._pressed_at = None
        if event.buttons() == Qt.MouseButton.NoButton:
            self._show_shape(event)

    def released(self, event: QMouseEvent) -> None:
        """The click is done: plays, ticks or opens what is under it."""
        pressed, self._pressed_at = self._pressed_at, None
        if pressed is None or event.button() is not _LEFT:
            return
        editor = self._editor
        target = target_at(editor, pressed)
        held = bool(event.modifiers() & _CONTROL)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return
        if target.part is Part.BOX:
            editor.actions_on_lines.toggle_check(target.line)
        elif target.part is Part.TIME:
            if target.anchor is not None and (held or not editor.recording):
                editor.line_played.emit(target.line)
        elif target.part is Part.TEXT:
            self._clicked_text(target, held)

    def double_clicked(self, event: QMouseEvent) -> bool:
        """Takes back what the first click played. True when there is no word to select."""
        if self._played:
            self._played = False
            self._editor.play_cancelled.emit()
        self._pressed_at = None
        return target_at(self._editor, event.position()).part in (Part.TIME, Part.BOX)

    def _clicked_text(self, target: Target, held: bool) -> None:
        editor = self._editor
        if held and target.link is not None:
            editor.link_opened.emit(target.link)
            return
        if editor.textCursor().hasSelection() or target.anchor is None:
            return
        if held or (editor.click_plays and not editor.recording):
            self._played = True
            editor.word_clicked.emit(target.anchor)

    def _show_shape(self, event: QMouseEvent) -> None:
        target = target_at(self._editor, event.position())
        held = event.modifiers() & _CONTROL
        hand = (
            target.part is Part.BOX
            or (target.part is Part.TIME and target.anchor is not None)
            or (target.link is not None and held)
        )
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.IBeamCursor
        if target.part is Part.TIME and not hand:
            shape = Qt.CursorShape.ArrowCursor
        if self._editor.viewport().cursor().shape() is not shape:
            self._editor.viewport().setCursor(shape)
