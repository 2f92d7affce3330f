"""Showing a file where it lies: marked in the desktop's file browser, else its folder opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCall, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices

_NAME = "org.freedesktop.FileManager1"
_ANSWER_MS = 3_000


def show_in_folder(path: Path, parent: QObject, failed: Callable[[], object]) -> None:
    """Asks the file browser to show `path`; where none answers, its folder is opened.

    `failed()` where the desktop knows no way to do that either.
    """

    def without() -> None:
        if not open_file(path.parent):
            failed()

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        without()
        return
    call = QDBusMessage.createMethodCall(_NAME, "/org/freedesktop/FileManager1", _NAME, "ShowItems")
    address = bytes(QUrl.fromLocalFile(str(path)).toEncoded().data()).decode("ascii")
    call.setArguments([[address], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(call, _ANSWER_MS), parent)

    def answered(done: QDBusPendingCall) -> None:
        if done.isError():
            without()
        watcher.deleteLater()

    watcher.finished.connect(answered)


def open_file(path: Path) -> bool:
    """Opens a file or folder with what the desktop opens such things with; False: with nothing."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
