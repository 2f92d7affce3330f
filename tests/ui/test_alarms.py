"""Alarms: shown as plain text while they last, dismissible, never taking the focus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from earmark.app.news import Alarm
from earmark.ui.alarms import MOST_SHOWN, AlarmStrip, AlarmStrips
from earmark.ui.transport import TintedButton

QUIET = Alarm("quiet", True, "The microphone is very quiet.", "Move closer.")


@pytest.fixture
def strips(qtbot):
    host = QWidget()
    column = QVBoxLayout(host)
    made = AlarmStrips(host)
    column.addWidget(made)
    column.addWidget(QLineEdit(host))
    qtbot.addWidget(host)
    host.show()
    host.findChild(QLineEdit).setFocus()
    yield made
    host.hide()


def test_an_alarm_lasts_as_long_as_its_cause(strips):
    assert not strips.isVisible()
    strips.show_alarm(QUIET)
    assert strips.isVisible()
    assert strips.sentences() == ("The microphone is very quiet. Move closer.",)
    strips.show_alarm(Alarm("quiet", False, ""))
    assert strips.sentences() == ()
    assert not strips.isVisible()


def test_a_dismissed_alarm_is_gone_until_it_begins_again(strips, qtbot):
    strips.show_alarm(QUIET)
    cross = strips.findChild(AlarmStrip).findChild(TintedButton)
    assert cross.accessibleName() == "Dismiss"
    with qtbot.waitSignal(strips.dismissed, timeout=60_000) as told:
        qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert told.args == ["quiet"]
    assert strips.sentences() == ()
    strips.show_alarm(QUIET)
    assert len(strips.sentences()) == 1


def test_the_same_kind_replaces_its_words_and_there_are_never_many(strips):
    for n in range(MOST_SHOWN + 3):
        strips.show_alarm(Alarm(f"kind {n}", True, f"Sentence {n}."))
    strips.show_alarm(Alarm("quiet", True, "First."))
    strips.show_alarm(Alarm("quiet", True, "Second.", "Do this."))
    assert strips.sentences()[-1] == "Second. Do this."
    assert len(strips.sentences()) == MOST_SHOWN
    strips.clear()
    assert strips.sentences() == ()


def test_strangers_words_stay_plain_and_the_focus_stays_where_it_was(strips):
    field = strips.window().findChild(QLineEdit)
    before = strips.window().focusWidget()
    strips.show_alarm(Alarm("device", True, "<img src='file:///x'><b>bold</b>"))
    assert strips.findChild(AlarmStrip)._words.textFormat() == Qt.TextFormat.PlainText
    assert strips.window().focusWidget() is before is field
