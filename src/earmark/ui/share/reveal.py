"""Showing a file where it lies: marked in the desktop's file browser, else its folder opened."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCall, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices

_NAME = "org.freedesktop.FileManager1"
_ANSWER_MS = 3_000


def show_in_folder(path: Path, parent: QObject) -> None:
    """Asks the file browser to show `path`; where none answers, its folder is opened."""
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        open_folder(path)
        return
    call = QDBusMessage.createMethodCall(_NAME, "/org/freedesktop/FileManager1", _NAME, "ShowItems")
    call.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(call, _ANSWER_MS), parent)

    def answered(done: QDBusPendingCall) -> None:
        if done.isError():
            open_folder(path)
        watcher.deleteLater()

    watcher.finished.connect(answered)


def open_folder(path: Path) -> None:
    """Opens the folder that holds `path`."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def open_file(path: Path) -> None:
    """Opens the shared file with what the desktop opens such files with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
