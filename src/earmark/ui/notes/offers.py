"""Pictures that come in by paste or drop, to be stored by the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")


def picture_files(data: QMimeData) -> list[Path]:
    """The local picture files that are dropped or pasted."""
    if not data.hasUrls():
        return []
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [file for file in files if file.suffix.lower() in _SUFFIXES]


def has_other_files(data: QMimeData) -> bool:
    """Whether files come that are no pictures: those are the window's to import."""
    return any(url.isLocalFile() for url in data.urls()) and not picture_files(data)


def pasted_image(data: QMimeData) -> bytes:
    """An image that comes without a file, as PNG; empty if there is none."""
    return image_bytes(QImage(data.imageData())) if data.hasImage() else b""


def image_bytes(image: QImage) -> bytes:
    """The image as PNG; empty if there is none."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    written = QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data()) if written else b""
