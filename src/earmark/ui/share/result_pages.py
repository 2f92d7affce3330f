"""The other two pages of the sheet: while it is being made, and when it is there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from earmark.model.i18n import _

from ..plain import ElidedLabel, PlainLabel
from ..theme import scaled
from .target import short_path
from .words import size_words

_UNKNOWN = 0


class ProgressPage(QWidget):
    """A bar, how long it takes, and that one may go on working."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._what = ElidedLabel("", self, mode=Qt.TextElideMode.ElideMiddle)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(_("Progress"))
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._wait = PlainLabel("", self, role="muted")
        words = PlainLabel(_("Esc hides this; it goes on meanwhile."), self, role="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(10)
        for part in (self._what, self._bar, self._wait, words):
            column.addWidget(part)
        column.addStretch(1)

    def begin(self, name: str) -> None:
        """A file of this name is being made."""
        self._what.setText(_("Making “{name}”…").format(name=name))
        self._what.setAccessibleName(self._what.text())
        self.show_progress(None, "")

    def show_progress(self, fraction: float | None, wait: str) -> None:
        """How far it is (0–1, None: nobody knows), and how long it still takes, in words."""
        self._bar.setRange(0, 1000 if fraction is not None else _UNKNOWN)
        if fraction is not None:
            self._bar.setValue(round(1000 * fraction))
        self._wait.setText(wait or _("Looking how long it takes…"))
        self._wait.setAccessibleName(self._wait.text())


class DonePage(QWidget):
    """The file's name, its true size and where it lies."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = ElidedLabel("", self, mode=Qt.TextElideMode.ElideMiddle)
        bold = scaled(self.font(), 1.1)
        bold.setBold(True)
        self._name.setFont(bold)
        self._size = PlainLabel("", self)
        self._where = ElidedLabel("", self, role="muted", mode=Qt.TextElideMode.ElideMiddle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(8)
        for part in (self._name, self._size, self._where):
            column.addWidget(part)
        column.addStretch(1)

    def show_file(self, path: Path, size: int, inside: str) -> None:
        """The finished file and what is in it."""
        self._name.setText(_("“{name}” is ready.").format(name=path.name))
        self._size.setText(f"{size_words(size)} · {inside}" if inside else size_words(size))
        self._where.setText(_("in {folder}").format(folder=short_path(path.parent)))
        for label in (self._name, self._size, self._where):
            label.setAccessibleName(label.text())

    @property
    def size_text(self) -> str:
        return self._size.text()
