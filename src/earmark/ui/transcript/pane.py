"""The pane beside the notes: whose words these are, how their making goes, and the words."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from earmark.model.i18n import _

from ..guard import guard
from ..plain import ElidedLabel, PlainLabel
from ..theme import current_theme, scaled
from .state import Offer, Work
from .view import TranscriptView


class TranscriptPane(QWidget):
    """The whole pane. `offered(Offer)`: the button of the empty pane was pressed."""

    offered = Signal(object)
    cancelled = Signal()
    follow_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Transcript pane"))
        self._title = PlainLabel(_("TRANSCRIPT"), self, role="muted")
        font = scaled(self.font(), 0.92)
        font.setBold(True)
        self._title.setFont(font)
        self._title.setAccessibleName(_("Transcript"))
        self.source = ElidedLabel("", self, role="muted")
        self.source.setFont(font)
        self.source.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.follow = QPushButton(_("Follow"), self)
        self.follow.setProperty("look", "quiet")
        self.follow.setAccessibleName(_("Follow the sound in the transcript again"))
        self.follow.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.follow.clicked.connect(self.follow_asked)
        self.follow.hide()
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 12, 6)
        head.addWidget(self._title)
        head.addWidget(self.source, 1)
        head.addWidget(self.follow)
        self._work = _WorkStrip(self)
        self._work.cancel.clicked.connect(self.cancelled)
        self.view = TranscriptView(self)
        self.empty = _Empty(self)
        self.empty.pressed.connect(self.offered)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._work)
        column.addLayout(self._stack, 1)
        self.view.suspended.connect(self.follow.setVisible)
        self.show_offer(Offer(_("There is no transcript yet.")))

    @guard(QSize(330, 200))
    def sizeHint(self) -> QSize:
        return QSize(330, 200)

    @guard(QSize(220, 90))
    def minimumSizeHint(self) -> QSize:
        return QSize(220, 90)

    def show_source(self, words: str) -> None:
        """Which engine and model wrote this, or how live it is."""
        self.source.setText(words)
        self.source.setAccessibleName(words)

    def show_work(self, work: Work | None) -> None:
        """How the transcription goes; None while none does."""
        self._work.show_work(work)

    def show_words(self) -> None:
        """There are words: the empty pane gives way."""
        self._stack.setCurrentWidget(self.view)

    def show_offer(self, offer: Offer) -> None:
        """There are no words: why, and what can be done about it."""
        self.empty.show_offer(offer)
        self._stack.setCurrentWidget(self.empty)

    @property
    def is_empty(self) -> bool:
        return self._stack.currentWidget() is self.empty

    def recolour(self) -> None:
        """After a change of theme."""
        self.view.dress(self.view.font())
        self.view.relight()

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().chrome)
        painter.end()


class _WorkStrip(QWidget):
    """A sentence, a bar and Cancel; takes no room while nothing goes on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = PlainLabel("", self, role="muted")
        self.words.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(_("Transcribed so far"))
        self.cancel = QPushButton(_("Cancel"), self)
        self.cancel.setAccessibleName(_("Cancel the transcription"))
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout()
        column.setSpacing(5)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 8)
        row.setSpacing(12)
        row.addLayout(column, 1)
        row.addWidget(self.cancel)
        self.hide()

    def show_work(self, work: Work | None) -> None:
        self.setVisible(work is not None)
        if work is None:
            return
        self.words.setText(work.words)
        self.words.setAccessibleName(work.words)
        self.words.set_role("recording_text" if work.serious else "muted")
        self.bar.setVisible(work.fraction is not None)
        self.bar.setValue(round(1000 * (work.fraction or 0)))
        self.cancel.setVisible(work.can_cancel)


class _Empty(QWidget):
    """A sentence, perhaps a command to copy, and one or two buttons."""

    pressed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sentence = PlainLabel("", self, role="muted")
        self.sentence.setWordWrap(True)
        self.command = PlainLabel("", self)
        self.command.setWordWrap(True)
        self.command.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.buttons = [QPushButton(self), QPushButton(self)]
        self._does: list[object] = [None, None]
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.sentence)
        column.addWidget(self.command)
        row = QHBoxLayout()
        row.setSpacing(8)
        for number, button in enumerate(self.buttons):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _on=False, n=number: self.pressed.emit(self._does[n]))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def show_offer(self, offer: Offer) -> None:
        self.sentence.setText(offer.sentence)
        self.sentence.setAccessibleName(offer.sentence)
        self.command.setText(offer.command)
        self.command.setAccessibleName(offer.command)
        self.command.setVisible(bool(offer.command))
        for number, button in enumerate(self.buttons):
            there = number < len(offer.deeds)
            button.setVisible(there)
            if there:
                deed, words = offer.deeds[number]
                self._does[number] = deed
                button.setText(words)
                button.setAccessibleName(words)
