"""What a person does before the window is whole: nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ..guard import guard

_PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_ASKS = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.DragEnter})


class EarlyInput(QObject):
    """Watches `widgets` until `end()`. Text and the keys of editing need nothing more than what is
    there; for a chord, a function key, a click, a touch or a drop the window is made whole first,
    so that it finds what it is meant for.
    """

    def __init__(
        self, complete: Callable[[], None], widgets: tuple[QWidget, ...], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._complete = complete
        self._widgets = widgets
        for widget in widgets:
            widget.installEventFilter(self)

    def end(self) -> None:
        """The window is whole."""
        for widget in self._widgets:
            widget.removeEventFilter(self)

    @guard(False)
    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _ASKS or (
            kind == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.modifiers() & ~_PLAIN or _is_function_key(event.key()))
        ):
            self._complete()
        return False


def _is_function_key(key: int) -> bool:
    return Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
