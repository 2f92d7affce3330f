"""Messages above the notes: the keys stay with them while they change, and go back when they go."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from earmark.ui.window.message_bar import MessageBar


@pytest.fixture
def place(qtbot):
    place = QWidget()
    column = QVBoxLayout(place)
    stranger = QPushButton("New session", place)
    bar = MessageBar(place)
    notes = QLineEdit(place)
    for widget in (stranger, bar, notes):
        column.addWidget(widget)
    bar.left.connect(notes.setFocus)
    qtbot.addWidget(place)
    place.show()
    qtbot.waitExposed(place)
    place.activateWindow()
    notes.setFocus()
    return place, bar, notes


def focus_name() -> str:
    focus = QApplication.focusWidget()
    return "" if focus is None else focus.accessibleName() or type(focus).__name__


def test_a_pressed_button_that_goes_leaves_the_keys_in_its_message(place):
    _window, bar, _notes = place

    def cut() -> None:
        bar.tell("cut", "Cutting…", part=0.1)

    bar.tell("cut", "Cut for good?", button="Leave it", press=cut, more=[("Cut for good", cut)])
    bar.findChildren(QPushButton)[-1].setFocus()
    assert focus_name() == "Cut for good"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert bar.said("cut") == "Cutting…"
    assert focus_name() == "Dismiss message"


def test_the_keys_go_back_to_the_notes_with_the_message(place):
    _window, bar, notes = place
    bar.tell("done", "Done.")
    bar.take_focus()
    bar.clear("done")
    assert QApplication.focusWidget() is notes


def test_a_message_without_the_keys_takes_none(place):
    _window, bar, notes = place
    bar.tell("a", "One.", button="Do", press=lambda: None)
    bar.tell("a", "Two.")
    bar.clear("a")
    assert QApplication.focusWidget() is notes
