"""The menu bar, made from the table of actions; and the chords that win over text fields."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from PySide6.QtCore import QEvent, QKeyCombination, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from ..actions import Actions, Menu, menu_title, table
from ..guard import guard

EDITORS_OWN = frozenset({"undo", "redo", "cut", "copy", "paste", "select_all"})
"""Each text field knows these itself, for its own text."""


def make_menus(bar: QMenuBar) -> dict[Menu, QMenu]:
    """The menus by name, empty: the bar is as high as it will be."""
    return {which: bar.addMenu(menu_title(which)) for which in Menu}


def fill_menus(menus: Mapping[Menu, QMenu], actions: Actions) -> None:
    """Puts every action of the table into its menu."""
    for which, specs in groupby(table(), key=lambda spec: spec.menu):
        group = 0
        for spec in specs:
            if spec.group != group:
                menus[which].addSeparator()
                group = spec.group
            menus[which].addAction(actions[spec.id])


class ChordsFirst(QObject):
    """Keeps text fields from swallowing the window's chords (Ctrl+K, Alt+Left, Ctrl+Up, …).

    A field answers `ShortcutOverride` for keys it would edit with; where the key is a chord of
    ours, the field is not asked, so the shortcut fires while typing goes on.
    """

    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._chords: frozenset[int] = frozenset()
        self.look_again()

    def look_again(self) -> None:
        """After the person changed a chord."""
        self._chords = frozenset(
            _combined(sequence)
            for spec in table()
            if spec.id not in EDITORS_OWN
            for sequence in self._actions[spec.id].shortcuts()
            if not sequence.isEmpty()
        )

    def protect(self, *fields: QWidget) -> None:
        for field in fields:
            field.installEventFilter(self)

    @guard(False)
    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        pressed = event.keyCombination().toCombined()
        if pressed in self._chords:
            event.ignore()
            return True
        return False


def _combined(sequence: QKeySequence) -> int:
    first: QKeyCombination = sequence[0]  # type: ignore[index]  # the stubs know no item access
    return first.toCombined()


def chord_text(sequence: QKeySequence) -> str:
    """The chord as people on this system write it."""
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)
