"""The line being spoken: lit, and kept in view until somebody scrolls by hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSlider

from earmark.model import LineId

from .page import NotesPage
from .painting import Lit, place_of

_SCROLL_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ABOVE = 0.3
"""Where in the view a line is put that was out of it, as a part of the height."""


class PlaybackHighlight:
    """Lights a line of the page and scrolls to it. `told` hears when following ends or begins.

    While somebody types the view stays where they type.
    """

    def __init__(
        self, page: NotesPage, told: Callable[[bool], None], is_typing: Callable[[], bool]
    ) -> None:
        self._page = page
        self._told = told
        self._is_typing = is_typing
        self.is_on = True
        self.lit: Lit | None = None
        page.verticalScrollBar().actionTriggered.connect(self._bar_moved)

    def light(self, line: LineId | None, word: tuple[int, int] | None) -> None:
        """Lights the line (none for None); repaints only what changes."""
        lit = Lit(line, word) if line is not None else None
        if lit == self.lit:
            return
        before, self.lit = self.lit, lit
        self._repaint(before)
        self._repaint(lit)
        if lit is not None and (before is None or before.line != lit.line):
            self._show()

    def turn(self, on: bool) -> None:
        """Follows from now on, or no longer."""
        if on != self.is_on:
            self.is_on = on
            self._told(on)
        if on:
            self._show()

    def scrolled_by_hand(self) -> None:
        """Following is suspended until it is asked for again; idle, there is nothing to suspend."""
        if self.lit is not None and self._page.verticalScrollBar().maximum() > 0:
            self.turn(False)

    def scrolled_by_key(self, event: QKeyEvent) -> None:
        if event.key() in _SCROLL_KEYS:
            self.scrolled_by_hand()

    def _bar_moved(self, action: int) -> None:
        if action != QAbstractSlider.SliderAction.SliderNoAction.value:
            self.scrolled_by_hand()

    def _show(self) -> None:
        if not self.is_on or self.lit is None or self._is_typing():
            return
        shown = place_of(self._page, self._page.block_of(self.lit.line))
        height = self._page.viewport().height()
        if shown is None or (shown.box.top() >= 0 and shown.box.bottom() <= height):
            return
        bar = self._page.verticalScrollBar()
        bar.setValue(round(bar.value() + shown.box.top() - height * _ABOVE))

    def _repaint(self, lit: Lit | None) -> None:
        if lit is None:
            return
        shown = place_of(self._page, self._page.block_of(lit.line))
        if shown is not None:
            top = int(shown.box.top()) - 6
            wide = self._page.viewport().width()
            self._page.viewport().update(QRect(0, top, wide, int(shown.box.height()) + 13))
