"""What comes over the page: its rounded ground, the focus it takes and gives back, its Tab."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from .guard import guard
from .theme import current_theme


class Panel(QWidget):
    """A rounded piece of chrome with an edge; it remembers who had the focus before it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._before: QWidget | None = None

    def _remember_focus(self) -> None:
        """Before it is shown: who gets the focus back."""
        if not self.isVisible():
            self._before = self.window().focusWidget()

    def _give_focus_back(self) -> None:
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.edge)
        painter.setBrush(theme.chrome)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 10, 10)
        painter.end()


class RoundPanel(Panel):
    """A panel in which Tab goes round, and which gives the focus back when it is left."""

    _scroll: QScrollArea
    """Its content; the part that gets the focus is brought into view."""

    def leave(self) -> None:
        """Hides the panel; the focus goes back where it came from, unless it has moved on."""
        held = self.isAncestorOf(self.window().focusWidget() or self.window())
        self.hide()
        if not held:
            self._before = None
        self._give_focus_back()

    @guard(False)
    def focusNextPrevChild(self, forward: bool) -> bool:
        stops = self._stops()
        if not stops:  # Qt moves the focus on while the panel is being hidden
            return False
        focused = self.window().focusWidget()
        at = stops.index(focused) if focused in stops else (-1 if forward else 0)
        wanted = stops[(at + (1 if forward else -1)) % len(stops)]
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        wanted.setFocus(reason)
        content = self._scroll.widget()
        if content is not None and content.isAncestorOf(wanted):
            self._scroll.ensureWidgetVisible(wanted, 20, 20)
        return True

    def _stops(self) -> list[QWidget]:
        """Where Tab stops just now."""
        return [part for part in self._parts() if part.isVisible() and part.isEnabled()]

    def _parts(self) -> list[QWidget]:
        """What may take the focus, from top to bottom; what is hidden or off is passed over."""
        raise NotImplementedError
