"""The chooser of the form: a name and, in the open list, one sentence what each is for."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from earmark.app.sharing import ShareForm
from earmark.model.i18n import _

from ..comboname import name_combos
from ..fields import ComboField
from ..guard import guard
from ..theme import current_theme, scaled

_SENTENCE = Qt.ItemDataRole.UserRole + 1
_PAD = 6


class FormField(ComboField):
    """Emits `chosen()` when the person took another form."""

    chosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        name_combos(FormField)
        self.setAccessibleName(_("Share as"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(34)
        self.setItemDelegate(_Rows(self))
        self.setMaxVisibleItems(7)
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")  # a list below, not over the page
        for form in ShareForm:
            spec = form.spec
            suffix = spec.suffix()
            self.addItem(f"{spec.name} ({suffix})" if suffix else spec.name, form)
            at = self.count() - 1
            self.setItemData(at, spec.sentence, _SENTENCE)
            self.setItemData(at, spec.sentence, Qt.ItemDataRole.AccessibleDescriptionRole)
        self.activated.connect(lambda _index: self.chosen.emit())

    @property
    def form(self) -> ShareForm:
        """The form that shows."""
        return ShareForm(self.currentData())

    def show_form(self, form: ShareForm) -> None:
        """Shows a form without telling."""
        self.setCurrentIndex(max(0, self.findData(form)))

    def allow(self, form: ShareForm, on: bool) -> None:
        """Whether a form can be chosen."""
        model = self.model()
        if isinstance(model, QStandardItemModel):
            item: QStandardItem = model.item(self.findData(form))
            item.setEnabled(on)

    def allowed(self, form: ShareForm) -> bool:
        model = self.model()
        return isinstance(model, QStandardItemModel) and model.item(self.findData(form)).isEnabled()


class _Rows(QStyledItemDelegate):
    """The name, and below it the sentence in the muted ink."""

    @guard()
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        theme = current_theme()
        rect: QRect = option.rect
        state = option.state
        painter.save()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, theme.accent_wash if chosen else theme.page)
        inner = rect.adjusted(12, _PAD, -12, -_PAD)
        line = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        painter.setFont(option.font)
        on = bool(state & QStyle.StateFlag.State_Enabled)
        painter.setPen(theme.ink if on else theme.waveform)
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | line, str(index.data() or ""))
        painter.setFont(scaled(option.font, 0.9))
        painter.setPen(theme.muted if on else theme.waveform)
        said = painter.fontMetrics().elidedText(
            str(index.data(_SENTENCE) or ""), Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | line, said)
        painter.restore()

    @guard(lambda: QSize(100, 44))
    def sizeHint(self, option: QStyleOptionViewItem, _index: Any) -> QSize:
        return QSize(100, round(option.fontMetrics.height() * 2.05) + 2 * _PAD)
