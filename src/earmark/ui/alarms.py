"""Alarms of the recording at the top of the page: seen and spoken, no dialog, never the focus.

An alarm stays until what caused it ends, or the person dismisses it; the same alarm that begins
again later is shown again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from earmark.app.news import Alarm
from earmark.model.i18n import _

from .guard import guard
from .icons import draw_icon
from .plain import PlainLabel
from .theme import current_theme
from .transport.buttons import TintedButton

MOST_SHOWN = 4
_ICON_PX = 20


def announce(widget: QWidget, sentence: str, *, urgent: bool = False) -> None:
    """Lets a screen reader say the sentence, now if `urgent`, else when it is free."""
    event = QAccessibleAnnouncementEvent(widget, sentence)
    manners = QAccessible.AnnouncementPoliteness
    event.setPoliteness(manners.Assertive if urgent else manners.Polite)
    QAccessible.updateAccessibility(event)


class AlarmStrip(QWidget):
    """One sentence, what to do, and a cross to dismiss it."""

    dismissed = Signal(str)
    """Its kind."""

    def __init__(self, kind: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.kind = kind
        self._words = PlainLabel("", self)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._cross = TintedButton("close", self, role="muted")
        self._cross.setProperty("look", "quiet")
        self._cross.setAccessibleName(_("Dismiss"))
        self._cross.clicked.connect(lambda: self.dismissed.emit(self.kind))
        row = QHBoxLayout(self)
        row.setContentsMargins(16 + _ICON_PX + 10, 5, 10, 5)
        row.addWidget(self._words, 1)
        row.addWidget(self._cross, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def sentence(self) -> str:
        """What it says just now."""
        return self._words.text()

    def say(self, sentence: str, remedy: str) -> None:
        """Shows the sentence and what to do."""
        words = f"{sentence} {remedy}".strip()
        self._words.setText(words)
        self.setAccessibleName(words)

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        colour = theme.recording_text
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.page)
        painter.fillRect(0, 0, 3, self.height(), colour)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.hairline)
        icon = QRectF(16, (self.height() - _ICON_PX) / 2, _ICON_PX, _ICON_PX)
        draw_icon(painter, "warning", icon, colour)
        painter.end()


class AlarmStrips(QWidget):
    """The strips under each other. Takes no room while there is nothing to say."""

    dismissed = Signal(str)
    """Kind of the alarm that the person dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Alarms"))
        self._strips: dict[str, AlarmStrip] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    def show_alarm(self, alarm: Alarm) -> None:
        """Shows an alarm that began, or takes it away when it ended."""
        if alarm.on:
            self._say(alarm.kind, alarm.sentence, alarm.remedy)
        else:
            self._remove(alarm.kind)

    def sentences(self) -> tuple[str, ...]:
        """What is shown, from top to bottom."""
        return tuple(strip.sentence for strip in self._strips.values())

    def clear(self) -> None:
        """Takes everything away, e.g. when the recording ended."""
        for kind in list(self._strips):
            self._remove(kind)

    def _say(self, kind: str, sentence: str, remedy: str) -> None:
        strip = self._strips.get(kind)
        fresh = strip is None or strip.sentence != f"{sentence} {remedy}".strip()
        if strip is None:
            if len(self._strips) >= MOST_SHOWN:
                self._remove(next(iter(self._strips)))
            strip = AlarmStrip(kind, self)
            strip.dismissed.connect(self._dismiss)
            self._strips[kind] = strip
            self._column.addWidget(strip)
        strip.say(sentence, remedy)
        self.show()
        if fresh:
            announce(self, strip.sentence, urgent=True)

    def _dismiss(self, kind: str) -> None:
        self._remove(kind)
        self.dismissed.emit(kind)

    def _remove(self, kind: str) -> None:
        strip = self._strips.pop(kind, None)
        if strip is not None:
            self._column.removeWidget(strip)
            strip.hide()
            strip.deleteLater()
        self.setVisible(bool(self._strips))
