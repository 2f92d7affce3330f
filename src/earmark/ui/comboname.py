"""A name of its own for a combo box: on Linux Qt calls one by its chosen entry alone."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QComboBox
from shiboken6 import isValid

from earmark.model.i18n import _

from .guard import guard

_kept: list[QAccessibleInterface] = []
"""Qt keeps bare pointers to interfaces in its cache: they may not go before the program does."""
_NOTHING: Any = None
_named: set[str] = set()


def name_combos(kind: type[QComboBox]) -> None:
    """Combo boxes of this very class are called “accessible name: entry” from now on."""
    if not _named:
        QAccessible.installFactory(_make)
    _named.add(kind.__name__)


def _make(name: str, widget: QObject | None) -> QAccessibleInterface | None:
    if name not in _named or widget is None:
        return None
    made = _NamedCombo(cast("QComboBox", widget))
    _kept.append(made)
    return made


class _NamedCombo(QAccessibleWidget):
    """Its one child is the list of entries, as with Qt's own."""

    def __init__(self, combo: QComboBox) -> None:
        super().__init__(combo, QAccessible.Role.ComboBox, combo.accessibleName())
        self._combo = combo

    @guard("")
    def text(self, kind: QAccessible.Text) -> str:
        if not isValid(self._combo):
            return ""
        entry = self._combo.currentText()
        if kind is QAccessible.Text.Name:
            return _("{name}: {entry}").format(name=self._combo.accessibleName(), entry=entry)
        return entry if kind is QAccessible.Text.Value else ""

    @guard(0)
    def childCount(self) -> int:
        return 1 if isValid(self._combo) else 0

    @guard(_NOTHING)
    def child(self, index: int) -> QAccessibleInterface:
        if index or not isValid(self._combo):
            return cast("QAccessibleInterface", _NOTHING)
        return QAccessible.queryAccessibleInterface(self._combo.view())

    @guard(-1)
    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return 0 if isValid(self._combo) and child.object() is self._combo.view() else -1
