"""How a row of the list looks: headings in capitals, sessions with their duration, a pill."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from earmark.model.i18n import _

from ..guard import guard
from ..theme import Theme, current_theme, scaled
from .model import Role

_NOTHING: Any = None
ROW_PX = 32
_SIDE = 10
_HEADING_ROOM = 8


class RowDelegate(QStyledItemDelegate):
    """Draws a row from text alone; never asks a document engine, so long lists stay quick."""

    @guard(QSize(100, ROW_PX))
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        tall = max(ROW_PX, option.fontMetrics.height() + 14)
        if index.data(Role.HEADING):
            tall += _HEADING_ROOM if index.row() else 0
        return QSize(80, tall)

    @guard(None)
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        font: QFont = option.font
        if index.data(Role.HEADING):
            _heading(painter, area, font, theme, str(index.data()), first=index.row() == 0)
        else:
            _session(painter, option, theme, index)
        painter.restore()

    @guard(_NOTHING)
    def createEditor(
        self,
        parent: QWidget,
        _option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(500)
        editor.setAccessibleName(_("New title"))
        return editor

    @guard(None)
    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        area: QRect = option.rect
        top = _HEADING_ROOM if index.data(Role.HEADING) and index.row() else 0
        editor.setGeometry(area.adjusted(0, top, 0, 0))


def _heading(
    painter: QPainter, area: QRect, font: QFont, theme: Theme, text: str, *, first: bool
) -> None:
    small = scaled(font, 0.9)
    small.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    painter.setFont(small)
    painter.setPen(theme.muted)
    place = area.adjusted(6, 0 if first else _HEADING_ROOM, -6, 0)
    shown = QFontMetrics(small).elidedText(text.upper(), Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _session(
    painter: QPainter,
    option: QStyleOptionViewItem,
    theme: Theme,
    index: QModelIndex | QPersistentModelIndex,
) -> None:
    area: QRect = option.rect
    font: QFont = option.font
    state: QStyle.StateFlag = option.state
    selected = bool(state & QStyle.StateFlag.State_Selected)
    pill = QRectF(area).adjusted(0, 1, 0, -1)
    painter.setPen(Qt.PenStyle.NoPen)
    if selected:
        painter.setBrush(theme.accent_wash)
        painter.drawRoundedRect(pill, 6, 6)
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(theme.hairline)
        painter.setOpacity(0.55)
        painter.drawRoundedRect(pill, 6, 6)
        painter.setOpacity(1.0)
    focused = state & QStyle.StateFlag.State_HasFocus
    keyboard = state & QStyle.StateFlag.State_KeyboardFocusChange
    if focused and keyboard:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.accent, 1.5))
        painter.drawRoundedRect(pill.adjusted(0.75, 0.75, -0.75, -0.75), 6, 6)
    place = area.adjusted(_SIDE - 2, 0, -_SIDE, 0)
    small = scaled(font, 0.85)
    duration = str(index.data(Role.DURATION) or "")
    painter.setFont(small)
    width = QFontMetrics(small).horizontalAdvance(duration)
    painter.setPen(theme.muted)
    line = Qt.TextFlag.TextSingleLine
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(place, right | line, duration)
    place.setRight(place.right() - width - 8)
    if index.data(Role.RECORDING):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.recording)
        painter.drawEllipse(QRectF(place.left() + 1, place.center().y() - 3.5, 8, 8))
        place.setLeft(place.left() + 15)
    painter.setFont(font)
    painter.setPen(theme.ink)
    text = QFontMetrics(font).elidedText(
        str(index.data()), Qt.TextElideMode.ElideRight, place.width()
    )
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | line, text)
