"""Messages across the window: quiet strips above the notes, never a dialog, never the focus.

One strip per key: telling the same key again replaces its words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from earmark.model.i18n import _

from ..guard import guard
from ..theme import current_theme

GOOD_NEWS_MS = 12_000
Press = Callable[[], object]


class Message(QWidget):
    """One message: a sentence, what to do, perhaps a progress bar and things to press."""

    closed = Signal(str)

    def __init__(self, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self._serious = False
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(160, 6)
        self._bar.hide()
        self._press: Callable[[], object] | None = None
        self._button = QPushButton(self)
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self._pressed)
        self._button.hide()
        self._dismiss = QPushButton("✕", self)
        self._dismiss.setProperty("look", "quiet")
        self._dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dismiss.setAccessibleName(_("Dismiss message"))
        self._dismiss.setFixedWidth(34)
        self._dismiss.clicked.connect(self._leave)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._leave)
        self._more: list[QPushButton] = []
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 8, 4)
        row.setSpacing(10)
        row.addWidget(self._words, 1)
        row.addWidget(self._bar)
        row.addWidget(self._button)
        row.addWidget(self._dismiss)

    @property
    def sentence(self) -> str:
        return self._words.text()

    def say(self, sentence: str, *, serious: bool, passing: bool) -> None:
        """Shows the sentence; `passing` ones go by themselves after a while."""
        self._serious = serious
        self._words.setText(sentence)
        self._words.setAccessibleName(sentence)
        self._timer.stop()
        if passing:
            self._timer.start(GOOD_NEWS_MS)
        self.update()

    def offer(self, text: str, press: Callable[[], object] | None) -> None:
        """One button beside the words, or none."""
        self._press = press
        self._button.setText(text)
        self._button.setAccessibleName(text)
        self._button.setVisible(press is not None)

    def offer_more(self, offers: Sequence[tuple[str, Press]]) -> None:
        """Further buttons, for a question with several answers."""
        for button in self._more:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._more = []
        for text, press in offers:
            button = QPushButton(text, self)
            button.setAccessibleName(text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(_plain(press))
            self._row.insertWidget(self._row.indexOf(self._dismiss), button)
            button.show()
            self._more.append(button)

    def take_focus(self) -> None:
        """The first thing to press gets the focus."""
        first = self._button if self._press is not None else self._dismiss
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def progress(self, part: float | None) -> None:
        """A bar at `part` (0–1), or none."""
        self._bar.setVisible(part is not None)
        self._bar.setAccessibleName(_("Progress"))
        self._bar.setValue(round(1000 * (part or 0)))

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        painter.fillRect(self.rect(), theme.page)
        painter.fillRect(0, 0, 4, self.height(), theme.recording if self._serious else theme.accent)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.hairline)
        painter.end()

    def _pressed(self) -> None:
        if self._press is not None:
            self._press()

    def _leave(self) -> None:
        self.closed.emit(self.key)


class MessageBar(QWidget):
    """All strips, newest at the bottom. Takes no room while there is nothing to say.

    `left()`: Esc was pressed in one, or the one with the focus went away.
    """

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._strips: dict[str, Message] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setAccessibleName(_("Messages"))

    def tell(
        self,
        key: str,
        sentence: str,
        *,
        serious: bool = False,
        passing: bool = False,
        button: str = "",
        press: Callable[[], object] | None = None,
        more: Sequence[tuple[str, Press]] = (),
        part: float | None = None,
    ) -> None:
        """Shows or changes the strip `key`; `more` are buttons beside the first."""
        strip = self._strips.get(key)
        if strip is None:
            strip = Message(key, self)
            strip.closed.connect(self.clear)
            self._strips[key] = strip
            self._column.addWidget(strip)
        had_focus = strip.has_focus
        strip.say(sentence, serious=serious, passing=passing)
        strip.offer(button, press)
        strip.offer_more(more)
        strip.progress(part)
        strip.show()
        if had_focus:  # the button pressed may be gone: the next key is not for a stranger
            strip.take_focus()

    def clear(self, key: str) -> None:
        """Takes the strip `key` away, if it is there."""
        strip = self._strips.pop(key, None)
        if strip is not None:
            if strip.has_focus:
                self.left.emit()
            strip.hide()
            self._column.removeWidget(strip)
            strip.deleteLater()

    def take_focus(self) -> None:
        """The newest message gets the focus, for those who use no mouse; Esc leaves it."""
        if self._strips:
            self._strips[next(reversed(self._strips))].take_focus()

    @guard()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def said(self, key: str) -> str | None:
        """What the strip `key` says, or None."""
        strip = self._strips.get(key)
        return None if strip is None else strip.sentence

    def keys(self) -> tuple[str, ...]:
        return tuple(self._strips)


def _plain(press: Press) -> Callable[[], None]:
    """A slot without the `checked` argument that a button brings."""

    def call() -> None:
        press()

    return call
