"""The speech models' sheet: over the page, never modal. Esc closes it, Tab goes round in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from earmark.model.i18n import _

from ..guard import guard
from ..panel import RoundPanel
from ..plain import ElidedLabel, PlainLabel
from ..theme import scaled
from ..transport.buttons import TintedButton
from ..window.message_bar import MessageBar
from .options import ModelOptions
from .row import ModelRow

if TYPE_CHECKING:
    from earmark.transcribe.models import ModelInfo

_WIDTH = 720
_HEIGHT = 640
_EDGE = 12


class ModelsSheet(RoundPanel):
    """Shows and tells; what happens is decided by the desk."""

    download_asked = Signal(str)
    cancel_asked = Signal(str)
    remove_asked = Signal(str)
    add_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Speech models"))
        self.rows: dict[str, ModelRow] = {}
        self._ordered = False
        """The rows stand as they shall while the sheet is open: none slips under the pointer."""
        title = ElidedLabel(_("Speech models"), self)
        bold = scaled(self.font(), 1.25)
        bold.setBold(True)
        title.setFont(bold)
        self.cross = TintedButton("close", self, role="muted")
        self.cross.setProperty("look", "quiet")
        self.cross.setAccessibleName(_("Close the speech models"))
        self.cross.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cross.clicked.connect(lambda _checked=False: self.leave())
        self.intro = PlainLabel("", self, role="muted")
        self.intro.setWordWrap(True)
        self.options = ModelOptions(self)
        self.strips = MessageBar(self)
        self.add = QPushButton(_("Add a file…"), self)
        self.add.setAccessibleName(_("Add a model from a file"))
        self.add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.add.clicked.connect(lambda _checked=False: self.add_asked.emit())
        self._list = QWidget(self)
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._list)
        for part in (self._scroll.viewport(), self._list):
            part.setAutoFillBackground(False)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self.add)
        top.addWidget(self.cross)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(22, 14, 16, 14)
        whole.setSpacing(10)
        whole.addLayout(top)
        whole.addWidget(self.intro)
        whole.addWidget(self.options)
        whole.addWidget(self.strips)
        whole.addWidget(self._scroll, 1)
        self.hide()
        parent.installEventFilter(self)

    def open(self) -> None:
        """Comes over the page and takes the focus."""
        self._remember_focus()
        if not self.isVisible():
            self._ordered = False
        self.show()
        self.raise_()
        self._place()
        self.options.after.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_models(self, listing: Iterable[ModelInfo]) -> None:
        """All models: what is there of them first, then the recommended, then the rest. While the
        sheet is open rows keep their places; a new one comes first."""
        if self._ordered:
            places = {name: at for at, name in enumerate(self._names())}
            found = sorted(listing, key=lambda info: places.get(info.name, -1))
        else:
            found = sorted(listing, key=_rank)
        self._ordered = True
        names = {one.name for one in found}
        for name in [name for name in self.rows if name not in names]:
            gone = self.rows.pop(name)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for at, info in enumerate(found):
            row = self.rows.get(info.name)
            if row is None:
                row = self.rows[info.name] = self._row(info.name)
            elif self._column.indexOf(row) != at:
                self._column.removeWidget(row)
            if self._column.indexOf(row) != at:
                self._column.insertWidget(at, row)
            row.show_info(info)
            row.show()
        self.options.show_models([one.name for one in found if one.installed])

    def _names(self) -> list[str]:
        """The models as they stand, from the top."""
        return sorted(self.rows, key=lambda name: self._column.indexOf(self.rows[name]))

    def _row(self, name: str) -> ModelRow:
        row = ModelRow(name, self._list)
        row.download_asked.connect(self.download_asked)
        row.cancel_asked.connect(self.cancel_asked)
        row.remove_asked.connect(self.remove_asked)
        return row

    def _place(self) -> None:
        home = self.parentWidget()
        if home is None:
            return
        width = min(_WIDTH, home.width() - 2 * _EDGE)
        height = min(_HEIGHT, home.height() - 2 * _EDGE)
        top = max(_EDGE, min(60, (home.height() - height) // 2))
        self.setGeometry((home.width() - width) // 2, top, width, height)

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        focused = self.window().focusWidget()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(focused, QPushButton | TintedButton):
                focused.click()
        else:
            super().keyPressEvent(event)

    def _parts(self) -> list[QWidget]:
        parts: list[QWidget] = self.options.parts()
        parts += self.strips.findChildren(QPushButton)
        for at in range(self._column.count()):
            item = self._column.itemAt(at)
            row = item.widget() if item is not None else None
            if isinstance(row, ModelRow):
                parts += row.buttons()
        return [*parts, self.add, self.cross]

    @guard(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize:
            self._place()
        return False


def _rank(info: ModelInfo) -> int:
    if info.installed or info.part or info.broken:
        return 0
    return 1 if info.use else 2
