"""Where the share goes: a suggested name, the file dialog, a free name beside what is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from earmark.model.i18n import _

from ..bridge import Bridge
from .sheet import ShareSheet
from .target import Target

if TYPE_CHECKING:
    from earmark.app.executors import Pool


class TargetChooser(QObject):
    """Keeps the chooser's target. `placed()`: the person chose a place; `free_found()`: a name
    that is free stands there now."""

    placed = Signal()
    free_found = Signal()

    def __init__(
        self, sheet: ShareSheet, background: Pool, bridge: Bridge, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self._chooser = sheet.chooser
        self._background = background
        self._bridge = bridge
        self._suggested = ""
        self._dialog: QFileDialog | None = None

    def suggest(self, folder: Path, name: str) -> None:
        """Shows the name, unless the person gave one."""
        target = self._chooser.target
        own = target.name not in ("", self._suggested) and not self._sheet.isHidden()
        if not own:
            self._suggested = name
        self._chooser.show_target(Target(folder, target.name if own else name, target.suffix))

    def browse(self) -> None:
        """The desktop's dialog, beside the window; what is there already is asked about later."""
        target = self._chooser.target
        dialog = QFileDialog(self._sheet.window(), _("Where to share to"))
        dialog.setDirectory(str(target.folder))
        if target.suffix:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
            dialog.selectFile(target.path.name)
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setModal(False)
        dialog.fileSelected.connect(self._selected)
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.show()

    def beside(self) -> None:
        """Looks for a free name beside what is there."""
        target = self._chooser.target

        def came(free: Target) -> None:
            self._suggested = free.name
            self._chooser.show_target(free)
            self.free_found.emit()

        self._bridge.when_done(self._background.submit(target.beside), came)

    def _selected(self, name: str) -> None:
        target = self._chooser.target
        if target.suffix:
            self._chooser.show_target(target.given(Path(name)))
        else:
            self._chooser.show_target(replace(target, folder=Path(name)))
        self.placed.emit()
