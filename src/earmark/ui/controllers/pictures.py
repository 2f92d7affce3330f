"""Pictures: pasted, dropped or chosen; stored beside the takes, shown as lines of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from earmark.app.pictures import add_picture, add_picture_file, picture_path
from earmark.model.i18n import _
from earmark.model.notes import Anchor, Picture
from earmark.model.session import Session
from earmark.model.units import PictureId

from ..bridge import Bridge
from .imports import PICTURES
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from ..notes import NoteEditor


class PictureController(QObject):
    """Stores a picture off the GUI thread; its line appears when it is durable."""

    def __init__(
        self, desk: SessionController, editor: NoteEditor, bridge: Bridge, window: QWidget
    ) -> None:
        super().__init__(window)
        self._desk = desk
        self._editor = editor
        self._bridge = bridge
        self._window = window
        self._earmark: Earmark | None = None
        self._files: dict[PictureId, Path] = {}
        editor.set_picture_finder(self._find)
        editor.picture_offered.connect(self.add)
        editor.picture_file_offered.connect(self.add_file)
        desk.opened.connect(self._know)
        desk.refreshed.connect(self._know)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        self._know(self._desk.session)

    def detach(self) -> None:
        self._earmark = None

    def ask(self) -> None:
        """Shows the choice of a picture, beside the window."""
        dialog = QFileDialog(self._window, _("Insert picture"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*.{ending} *.{ending.upper()}" for ending in PICTURES)
        dialog.setNameFilter(f"{_('Pictures')} ({patterns})")
        dialog.setModal(False)
        dialog.filesSelected.connect(self._selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def add(self, data: bytes, suffix: str, alt: str = "") -> None:
        """A picture as bytes, e.g. from the clipboard."""
        if self._earmark is None:
            return
        session = self._desk.ensure()
        moment = self._desk.now()
        if session is None:
            return
        stored = add_picture(self._earmark, session, bytes(data), suffix, alt)
        self._bridge.when_done(stored, lambda picture: self._stored(session, picture, moment))

    def add_file(self, path: Path) -> None:
        """A picture file; it is read beside the database."""
        if self._earmark is None:
            return
        session = self._desk.ensure()
        moment = self._desk.now()
        if session is None:
            return
        stored = add_picture_file(self._earmark, session, path)
        self._bridge.when_done(stored, lambda picture: self._stored(session, picture, moment))

    def _stored(self, session: str, picture: Picture, moment: Anchor | None) -> None:
        if session != self._desk.id or self._earmark is None:
            return
        path = self._path(self._desk.session, picture)
        if path is not None:
            self._files[picture.id] = path
        if path is not None:
            self._editor.insert_picture(picture, path, moment)

    def _find(self, picture: PictureId) -> Path | None:
        return self._files.get(picture)

    def _know(self, session: Session) -> None:
        for picture in session.pictures:
            path = self._path(session, picture)
            if path is not None:
                self._files[picture.id] = path

    def _path(self, session: Session, picture: Picture) -> Path | None:
        if self._earmark is None or not session.folder:
            return None
        return picture_path(self._earmark.library, session, picture)

    def _selected(self, names: list[str]) -> None:
        for name in names:
            self.add_file(Path(name))
