"""The first run's panel asks one thing, shows the level, and takes no focus; icons and labels."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from earmark.ui.firstrun import FirstRun
from earmark.ui.icons import NAMES, icon
from earmark.ui.plain import ElidedLabel, PlainLabel, chord_tip, plain_tip
from earmark.ui.theme import DARK, LIGHT, use_theme


@dataclass(frozen=True)
class Listed:
    name: str
    label: str
    default: bool = False


@pytest.fixture
def page(qtbot):
    host = QWidget()
    row = QHBoxLayout(host)
    notes = QLineEdit(host)
    panel = FirstRun(host)
    row.addWidget(notes)
    row.addWidget(panel)
    qtbot.addWidget(host)
    notes.setFocus()
    host.show()
    yield host
    host.hide()


def test_the_caret_stays_in_the_notes(page):
    panel = page.findChild(FirstRun)
    panel.show_microphones((Listed("m", "Built-in", True),), None)
    panel.set_level(-30, -20, speech=True)
    assert page.focusWidget() is page.findChild(QLineEdit)
    assert panel.microphone.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_it_tells_what_was_pressed(page, qtbot):
    panel = page.findChild(FirstRun)
    for button, signal in (
        (panel.record, panel.record_asked),
        (panel.demo, panel.demo_asked),
        (panel.close_button, panel.dismissed),
    ):
        with qtbot.waitSignal(signal, timeout=60_000):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert button.accessibleName() == button.text()
        assert button.height() >= 32


def test_the_microphone_is_named_by_its_label(page, qtbot):
    panel = page.findChild(FirstRun)
    panel.show_microphones((Listed("m", "Built-in", True), Listed("u", "USB")), None)
    assert any(label.buddy() is panel.microphone for label in panel.findChildren(QLabel))
    with qtbot.waitSignal(panel.microphone_chosen, timeout=60_000) as told:
        qtbot.keyClick(panel.microphone, Qt.Key.Key_End)
    assert told.args == ["u"]


def said(panel):
    return " ".join(label.text() for label in panel.findChildren(QLabel))


def test_it_says_when_it_hears_speech_and_when_there_is_no_microphone(page):
    panel = page.findChild(FirstRun)
    panel.set_level(-30, -20, speech=False)
    assert "Say something" in said(panel)
    panel.set_level(-30, -20, speech=True)
    assert "It hears you" in said(panel)
    panel.show_microphones((), None)
    assert "No microphone was found" in said(panel)


def test_it_follows_the_theme(page, qapp):
    panel = page.findChild(FirstRun)
    use_theme(qapp, LIGHT)
    light = panel.grab().toImage()
    use_theme(qapp, DARK)
    assert panel.grab().toImage() != light
    use_theme(qapp, LIGHT)


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_drawn_crisp_and_in_its_colour(name, qapp):
    made = icon(name, QColor("#ff0000"))
    image = made.pixmap(QSize(18, 18), 2.0).toImage()
    assert image.width() == 36
    reds = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert reds
    assert all(c.red() > 200 and c.green() < 60 for c in reds)


def test_labels_show_strangers_text_as_it_is(qtbot):
    label = PlainLabel("<b>bold</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert plain_tip("plain & simple") == "plain & simple"
    assert "<b>" not in plain_tip("<b>bold</b>")
    assert chord_tip("Play", "Ctrl+Space") == "Play  (Ctrl+Space)"


def test_a_long_label_is_cut_and_told_whole_in_its_tooltip(qtbot):
    label = ElidedLabel("A very long title " * 20)
    qtbot.addWidget(label)
    label.resize(120, 24)
    label.grab()
    assert label.shown_text().endswith("…")
    assert label.toolTip() == label.text()
    label.setText("Short")
    label.grab()
    assert label.toolTip() == ""


def test_a_label_takes_the_colour_of_its_role_in_every_theme(qtbot, qapp):
    use_theme(qapp, LIGHT)
    label = PlainLabel("words", role="muted")
    qtbot.addWidget(label)
    role = label.foregroundRole()
    assert label.palette().color(role) == LIGHT.muted
    use_theme(qapp, DARK)
    assert label.palette().color(role) == DARK.muted
    label.set_role("ok")
    assert label.palette().color(role) == DARK.ok
    use_theme(qapp, LIGHT)
