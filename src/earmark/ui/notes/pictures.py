"""Pictures on the page: one character each, drawn as wide as the text at most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, QSizeF, Qt, QTimer
from PySide6.QtGui import (
    QImageIOHandler,
    QImageReader,
    QPainter,
    QPixmap,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QTextEdit

from earmark.model import PictureId
from earmark.ui.guard import guard

from .block_data import PICTURE_ID, PICTURE_OBJECT

if TYPE_CHECKING:
    from collections.abc import Callable

_MISSING = QSize(220, 60)
_TALLEST = 520
_ROTATED = QImageIOHandler.Transformation.TransformationRotate90


class PictureShelf(QPyTextObject):
    """Knows where the pictures lie and draws them inside the text.

    Sizes come from `intrinsicSize`, not from the document, so a change of width touches no line.
    """

    def __init__(self, page: QTextEdit) -> None:
        super().__init__(page)
        self._page = page
        self._paths: dict[PictureId, Path] = {}
        self._sizes: dict[PictureId, QSize] = {}
        self._scaled: dict[PictureId, QPixmap] = {}
        self.find: Callable[[PictureId], Path | None] = self._paths.get
        page.document().documentLayout().registerHandler(PICTURE_OBJECT, self)

    def put(self, picture: PictureId, path: Path) -> None:
        self._paths[picture] = path
        self._sizes.pop(picture, None)
        self._scaled.pop(picture, None)

    def path(self, picture: PictureId) -> Path | None:
        return self._paths.get(picture) or self.find(picture)

    @guard(QSizeF(220, 60))
    def intrinsicSize(self, _doc: QTextDocument, _at: int, form: QTextFormat) -> QSizeF:
        return QSizeF(self._fitting(PictureId(form.stringProperty(PICTURE_ID))))

    @guard(None)
    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _doc: QTextDocument,
        _at: int,
        form: QTextFormat,
    ) -> None:
        rect = QRectF(rect)
        picture = PictureId(form.stringProperty(PICTURE_ID))
        ratio = painter.device().devicePixelRatio()
        wanted = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
        pixmap = self._pixmap(picture, wanted)
        if not pixmap.isNull() and picture not in self._sizes:
            QTimer.singleShot(0, self._page, self.lay_out_again)
        if pixmap.isNull():
            painter.setPen(self._page.palette().placeholderText().color())
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))

    def lay_out_again(self) -> None:
        """Pictures came to be known, or changed, after the page was laid out."""
        self._page.document().markContentsDirty(0, self._page.document().characterCount())

    def _fitting(self, picture: PictureId) -> QSize:
        size = self._sizes.get(picture)
        if size is None:
            path = self.path(picture)
            size = _upright_size(path) if path else QSize()
            if not size.isValid() or size.isEmpty():
                return _MISSING
            self._sizes[picture] = size
        frame = self._page.document().rootFrame().frameFormat()
        room = self._page.viewport().width() - frame.leftMargin() - frame.rightMargin()
        bound = QSize(max(80, int(room) - 8), _TALLEST)
        if size.width() <= bound.width() and size.height() <= bound.height():
            return size
        return size.scaled(bound, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))

    def _pixmap(self, picture: PictureId, wanted: QSize) -> QPixmap:
        made = self._scaled.get(picture)
        path = self.path(picture)
        if (made is None or made.size() != wanted) and path is not None:
            reader = _reader(path)
            lies = bool(reader.transformation() & _ROTATED)
            reader.setScaledSize(wanted.transposed() if lies else wanted)
            made = QPixmap.fromImage(reader.read())
            self._scaled[picture] = made
        return made or QPixmap()


def _upright_size(path: Path) -> QSize:
    """The picture's size as it is shown: photographs may lie on their side in the file."""
    reader = _reader(path)
    size = reader.size()
    return size.transposed() if reader.transformation() & _ROTATED else size


def _reader(path: Path) -> QImageReader:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    return reader
