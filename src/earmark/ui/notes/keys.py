"""Which keys the page answers itself; all others are left to the window's actions."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor

_Key = QKeySequence.StandardKey
_Move = QTextCursor.MoveOperation
_EDIT_KEYS = (_Key.Copy, _Key.Cut, _Key.Paste, _Key.SelectAll)
_MOVES = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
_DELETES = {
    (Qt.Key.Key_Backspace, False): _Move.PreviousCharacter,
    (Qt.Key.Key_Backspace, True): _Move.PreviousWord,
    (Qt.Key.Key_Delete, False): _Move.NextCharacter,
    (Qt.Key.Key_Delete, True): _Move.NextWord,
}
_MODIFIERS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


def typed_text(event: QKeyEvent) -> str:
    """The text that the key types; empty for keys that type none."""
    text = event.text()
    held = event.modifiers() & (_CONTROL | _ALT)
    is_alt_gr = held == (_CONTROL | _ALT)
    if not text or (held and not is_alt_gr):
        return ""
    return "" if any(unicodedata.category(c) == "Cc" for c in text) else text


def is_modifier(event: QKeyEvent) -> bool:
    """Whether the key does nothing by itself, as the Shift before a capital letter."""
    return event.key() in _MODIFIERS


def is_command(event: QKeyEvent) -> bool:
    """Whether the page must leave the key to the window: a chord that edits nothing here.

    Qt's text edit would take many more, Ctrl+K and Ctrl+E among them.
    """
    held = event.modifiers() & (_CONTROL | _ALT | Qt.KeyboardModifier.MetaModifier)
    if not held or typed_text(event):
        return False
    if any(event.matches(key) for key in (*_EDIT_KEYS, _Key.Undo, _Key.Redo)):
        return False
    if held != _CONTROL:
        return True
    return event.key() not in (
        *_MOVES,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Insert,
    )


def deletion(event: QKeyEvent) -> QTextCursor.MoveOperation | None:
    """What a deleting key deletes, as the move that spans it."""
    held = event.modifiers() & (_CONTROL | _ALT)
    if held not in (Qt.KeyboardModifier.NoModifier, _CONTROL):
        return None
    if event.key() == Qt.Key.Key_Delete and event.modifiers() & _SHIFT:
        return None
    return _DELETES.get((Qt.Key(event.key()), held == _CONTROL))
