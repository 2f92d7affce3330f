"""The Share sheet: over the page, never modal. Esc closes it, Tab goes round in it, Return shares.

It shows and tells; what happens is decided by the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from earmark.model.i18n import _

from ..guard import guard
from ..panel import RoundPanel
from ..plain import ElidedLabel, PlainLabel
from ..theme import scaled
from ..transport.buttons import TintedButton
from .chooser import Chooser
from .notice import Notice
from .result_pages import DonePage, ProgressPage

_WIDTH = 620
_EDGE = 12
_MOVING = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class Stage(Enum):
    """What the sheet shows."""

    CHOOSE = auto()
    MAKING = auto()
    DONE = auto()


class ShareSheet(RoundPanel):
    """One sheet; the focus goes back where it came from."""

    share_asked = Signal()
    cancel_asked = Signal()
    reveal_asked = Signal()
    open_asked = Signal()
    copy_asked = Signal()
    again_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget, clear_of: Sequence[QWidget] = ()) -> None:
        super().__init__(parent)
        self._clear_of = tuple(clear_of)
        self.setAccessibleName(_("Share"))
        self._title = ElidedLabel("", self)
        bold = scaled(self.font(), 1.25)
        bold.setBold(True)
        self._title.setFont(bold)
        self.cross = TintedButton("close", self, role="muted")
        self.cross.setProperty("look", "quiet")
        self.cross.setAccessibleName(_("Close Share"))
        self.cross.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._inside = PlainLabel("", self, role="muted")
        self._inside.setWordWrap(True)
        self.chooser = Chooser(self)
        self.making = ProgressPage(self)
        self.done = DonePage(self)
        self.notice = Notice(self)
        self._size = PlainLabel("", self)
        self.copy = self._button(_("Copy text"), _("Copy the notes as text"))
        self.cancel = self._button(_("Cancel"), _("Cancel sharing"))
        self.again = self._button(_("Share another"), "")
        self.open_it = self._button(_("Open"), _("Open the shared file"))
        self.reveal = self._button(_("Show in folder"), "")
        self.share = self._button(_("Share"), "", "primary")
        self.stage = Stage.CHOOSE
        self._lay_out()
        self._join()
        self.hide()
        for watched in (parent, *self._clear_of):
            watched.installEventFilter(self)

    def _button(self, text: str, name: str, look: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(name or text)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if look:
            button.setProperty("look", look)
        return button

    def _lay_out(self) -> None:
        self._top = top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self.cross)
        body = QWidget(self)
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.setSpacing(10)
        inner.addWidget(self._inside)
        for page in (self.chooser, self.making, self.done):
            inner.addWidget(page)
        inner.addWidget(self.notice)
        inner.addStretch(1)
        self._body = body
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(body)
        for part in (self._scroll.viewport(), body):
            part.setAutoFillBackground(False)
        body.installEventFilter(self)
        self._foot = foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._size)
        foot.addStretch(1)
        for button in self._buttons():
            foot.addWidget(button)
        self._whole = whole = QVBoxLayout(self)
        whole.setContentsMargins(22, 14, 16, 14)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(self._scroll, 1)
        whole.addLayout(foot)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.copy, self.again, self.open_it, self.reveal, self.cancel, self.share)

    def _join(self) -> None:
        for button, signal in (
            (self.share, self.share_asked),
            (self.cancel, self.cancel_asked),
            (self.reveal, self.reveal_asked),
            (self.open_it, self.open_asked),
            (self.copy, self.copy_asked),
            (self.again, self.again_asked),
        ):
            button.clicked.connect(_relay(signal))
        self.cross.clicked.connect(lambda _checked=False: self.leave())

    # --- what it shows ---------------------------------------------------------------------

    def open(self, title: str) -> None:
        """Comes over the page at the stage it is at, and takes the focus."""
        self._remember_focus()
        self._title.setText(title)
        self._title.setAccessibleName(title)
        self.show()
        self.raise_()
        self.place()

    @property
    def title(self) -> str:
        """What it says at its top."""
        return self._title.text()

    def take_focus(self) -> None:
        """The first control of the stage gets the focus."""
        wanted: QWidget = self.cross
        if self.stage is Stage.CHOOSE:
            chosen = [b for b in self.chooser.findChildren(QRadioButton) if b.isChecked()]
            wanted = chosen[0] if chosen and chosen[0].isVisible() else self.chooser.name
        elif self.stage is Stage.DONE:
            wanted = self.reveal
        elif self.stage is Stage.MAKING:
            wanted = self.cancel
        wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_stage(self, stage: Stage) -> None:
        """Another page, with its buttons."""
        had_focus = self.isAncestorOf(self.window().focusWidget() or self)
        self.stage = stage
        page = {Stage.CHOOSE: self.chooser, Stage.MAKING: self.making, Stage.DONE: self.done}
        for which, widget in page.items():
            widget.setVisible(which is stage)
        shown = {
            Stage.CHOOSE: (self.copy, self.share),
            Stage.MAKING: (self.cancel,),
            Stage.DONE: (self.copy, self.again, self.open_it, self.reveal),
        }[stage]
        for button in self._buttons():
            button.setVisible(button in shown)
        self._inside.setVisible(bool(self._inside.text()) and stage is Stage.CHOOSE)
        self._size.setVisible(stage is Stage.CHOOSE)
        if had_focus and self.isVisible():
            self.take_focus()
        self.place()

    def show_inside(self, words: str) -> None:
        """What will be inside, in words."""
        self._inside.setText(words)
        self._inside.setVisible(bool(words) and self.stage is Stage.CHOOSE)
        self._inside.setAccessibleName(words)

    def show_size(self, words: str) -> None:
        """The estimated size, in words."""
        self._size.setText(words)
        self._size.setAccessibleName(words)

    def show_done(self, path: Path, size: int, inside: str, *, can_open: bool) -> None:
        """The finished file."""
        self.done.show_file(path, size, inside)
        self.show_stage(Stage.DONE)
        self.open_it.setVisible(can_open)

    def leave(self) -> None:
        """Hides the sheet and gives the focus back."""
        super().leave()
        self.left.emit()

    def place(self) -> None:
        """In the middle of the window, below what must be seen, as tall as its content needs and
        the window allows."""
        home = self.parentWidget()
        if home is None or not self.isVisible():
            return
        width = min(_WIDTH, home.width() - 2 * _EDGE)
        margins = self._whole.contentsMargins()
        inner = width - margins.left() - margins.right()
        needed = self._body.heightForWidth(inner)
        if needed < 0:
            needed = self._body.sizeHint().height()
        rest = margins.top() + margins.bottom() + 2 * self._whole.spacing()
        rest += self._top.sizeHint().height() + self._foot.sizeHint().height()
        least = _EDGE
        for part in self._clear_of:
            if part.isVisible() and part.height():
                least = max(least, part.mapTo(home, part.rect().bottomLeft()).y() + _EDGE)
        height = min(needed + rest, home.height() - least - _EDGE)
        top = max(least, min(72, (home.height() - height) // 2))
        self.setGeometry((home.width() - width) // 2, top, width, height)

    # --- keys ------------------------------------------------------------------------------

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.window().focusWidget()
            if isinstance(focused, QPushButton | TintedButton):
                focused.click()
            elif self.stage is Stage.CHOOSE and self.share.isEnabled():
                self.share_asked.emit()
        else:
            super().keyPressEvent(event)

    def _parts(self) -> list[QWidget]:
        """Where Tab stops, from top to bottom; of a group of choices only the chosen one."""
        parts: list[QWidget] = []
        if self.stage is Stage.CHOOSE:
            parts += self.chooser.parts()
        parts += self.notice.buttons
        parts += [*self._buttons(), self.cross]
        return [p for p in parts if not (isinstance(p, QRadioButton) and not p.isChecked())]

    # --- its place -------------------------------------------------------------------------

    @guard(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        resized = watched is not self._body and event.type() in _MOVING
        if resized or (watched is self._body and event.type() == QEvent.Type.LayoutRequest):
            self.place()
        return False


def _relay(signal: SignalInstance) -> Callable[[], None]:
    """A slot without the `checked` argument that a button brings."""

    def call() -> None:
        signal.emit()

    return call
