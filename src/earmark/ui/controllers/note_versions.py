"""Earlier versions of the notes on the page: a list with times, a preview, and one that returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from earmark.app.noteversions import note_version, note_versions
from earmark.model.i18n import _, ngettext
from earmark.model.notes import NoteLine, NoteVersion

from ..bridge import Bridge
from ..notes.editor import NoteEditor
from ..window.message_bar import MessageBar
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

_STRIP = "versions"


class NoteVersionsDialog(QDialog):
    """Up and down choose a version, which is shown beside the list; Return restores it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Earlier versions of these notes"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget(self)
        self.list.setAccessibleName(_("Versions, newest first"))
        self.preview = QPlainTextEdit(self)
        self.preview.setReadOnly(True)
        self.preview.setTabChangesFocus(True)
        self.preview.setAccessibleName(_("The notes as they were"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.restore = buttons.addButton(
            _("Restore this version"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.restore.setDefault(True)
        self.restore.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.list.itemActivated.connect(self.restore.click)
        panes = QHBoxLayout()
        panes.addWidget(self.list, 1)
        panes.addWidget(self.preview, 2)
        whole = QVBoxLayout(self)
        whole.addLayout(panes)
        whole.addWidget(buttons)
        self.resize(820, 460)


class NoteVersionsController(QObject):
    """Opens the dialog on the session of the page; what it restores is one step of undo."""

    def __init__(
        self,
        desk: SessionController,
        editor: NoteEditor,
        strips: MessageBar,
        bridge: Bridge,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._desk = desk
        self._editor = editor
        self._strips = strips
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._versions: tuple[NoteVersion, ...] = ()
        self._lines: tuple[NoteLine, ...] = ()
        self._dialog: NoteVersionsDialog | None = None
        desk.opened.connect(lambda _session: self.close())

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self.close()
        self._earmark = None

    def close(self) -> None:
        """The dialog is about the session that was on the page, and goes with it."""
        if self._dialog is not None:
            self._dialog.close()

    def ask(self) -> None:
        """Lists what is kept of the session on the page."""
        earmark, session = self._earmark, self._desk.id
        if earmark is None:
            return
        if session is None:
            self._show(())
            return
        self._editor.flush()

        def saved(_nothing: None) -> None:
            if session == self._desk.id:
                self._bridge.when_done(note_versions(earmark.library, session), self._show)

        self._bridge.when_done(earmark.notes.flush(), saved)

    def _show(self, versions: tuple[NoteVersion, ...]) -> None:
        if not versions:
            self._strips.tell(
                _STRIP, _("There is no earlier version of these notes yet."), passing=True
            )
            return
        self.close()
        self._versions = versions
        dialog = self._dialog = NoteVersionsDialog(self._window)
        dialog.list.addItems([_words(version) for version in versions])
        dialog.list.currentRowChanged.connect(self._preview)
        dialog.accepted.connect(self._restore)
        dialog.finished.connect(self._closed)
        dialog.list.setCurrentRow(0)
        dialog.show()
        dialog.list.setFocus()

    def _preview(self, row: int) -> None:
        earmark, session, dialog = self._earmark, self._desk.id, self._dialog
        if earmark is None or session is None or dialog is None:
            return
        dialog.restore.setEnabled(False)
        version = self._versions[row]

        def came(lines: tuple[NoteLine, ...]) -> None:
            if dialog is self._dialog and dialog.list.currentRow() == row:
                self._lines = lines
                dialog.preview.setPlainText("\n".join(_shown(line) for line in lines))
                dialog.restore.setEnabled(True)

        self._bridge.when_done(note_version(earmark.library, session, version), came)

    def _restore(self) -> None:
        self._editor.restore_lines(self._lines)
        self._editor.setFocus()
        self._strips.tell(
            _STRIP, _("The earlier version is back. Undo takes it away again."), passing=True
        )

    def _closed(self, _result: int) -> None:
        self._dialog = None


def _words(version: NoteVersion) -> str:
    """When the notes were so, and how much they were."""
    moment = QDateTime.fromSecsSinceEpoch(round(version.saved_at.timestamp()))
    when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
    lines = ngettext("{n} line", "{n} lines", version.lines).format(n=version.lines)
    return f"{when} · {lines}"


def _shown(line: NoteLine) -> str:
    return "    " * line.indent + line.text
