"""The sheet: narrowing, choosing, new words, and giving the focus back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from earmark.ui.window.quick_picker import PickerEntry, QuickPicker, matches

ENTRIES = [
    PickerEntry("CloudCamp Paris", 1),
    PickerEntry("OpenStack Bexar", 2, "2010"),
    PickerEntry("No event", None),
]


@pytest.fixture
def home(qapp, qtbot):
    home = QWidget()
    home.resize(800, 600)
    home.notes = QLineEdit(home)
    QVBoxLayout(home).addWidget(home.notes)
    home.sheet = QuickPicker(home)
    qtbot.addWidget(home)
    home.show()
    home.activateWindow()
    home.notes.setFocus()
    return home


def test_each_word_typed_must_occur_in_any_order():
    assert matches("paris cloud", "CloudCamp Paris")
    assert matches("", "anything")
    assert not matches("cloud london", "CloudCamp Paris")


def test_return_chooses_the_marked_row(home, qtbot):
    chosen: list[object] = []
    home.sheet.open("Which?", ENTRIES, chosen.append)
    qtbot.keyClick(home.sheet.field, Qt.Key.Key_Down)
    qtbot.keyClick(home.sheet.field, Qt.Key.Key_Return)
    assert chosen == [2]
    assert not home.sheet.isVisible()


def test_esc_leaves_and_chooses_nothing(home, qtbot):
    chosen: list[object] = []
    home.sheet.open("Which?", ENTRIES, chosen.append)
    qtbot.keyClick(home.sheet.field, Qt.Key.Key_Escape)
    assert chosen == []
    assert not home.sheet.isVisible()
    assert home.focusWidget() is home.notes


def test_a_new_name_is_taken_and_a_known_one_is_chosen(home, qtbot):
    chosen: list[object] = []
    new: list[str] = []
    home.sheet.open("Which?", ENTRIES, chosen.append, new=new.append)
    qtbot.keyClicks(home.sheet.field, "Cloud")
    qtbot.keyClick(home.sheet.field, Qt.Key.Key_Return)
    home.sheet.open("Which?", ENTRIES, chosen.append, new=new.append)
    qtbot.keyClicks(home.sheet.field, "CloudCamp Paris")
    qtbot.keyClick(home.sheet.field, Qt.Key.Key_Return)
    assert (new, chosen) == (["Cloud"], [1])


def test_markup_in_a_title_is_shown_as_it_is(home):
    home.sheet.open("Which?", [PickerEntry("<img src=x>", 1)], lambda _value: None)
    assert home.sheet.list.item(0).text() == "<img src=x>"
