"""The table of actions: whole, without doubles, and every one of it does something."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu
from window_desk import Desk

from earmark.app.settings import Settings
from earmark.ui.actions import Actions, sequences, table

PROMISED = {
    "record": "Ctrl+R",
    "pause_recording": "Ctrl+Shift+R",
    "play": "Ctrl+Space",
    "back": "Ctrl+J",
    "forward": "Ctrl+L",
    "play_line": "Ctrl+Return",
    "previous_line": "Ctrl+Up",
    "next_line": "Ctrl+Down",
    "line_up": "Alt+Up",
    "line_down": "Alt+Down",
    "bookmark": "Ctrl+M",
    "slower": "Ctrl+[",
    "faster": "Ctrl+]",
    "new_session": "Ctrl+N",
    "palette": "Ctrl+Shift+P",
    "keys": "Ctrl+/",
}


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    yield desk
    desk.close()


def test_the_promised_chords_are_the_defaults():
    chords = {spec.id: spec.chord for spec in table()}
    assert {name: chords[name] for name in PROMISED} == PROMISED


def test_no_chord_belongs_to_two_actions():
    taken: dict[str, str] = {}
    for spec in table():
        for sequence in sequences(spec, {}):
            assert not sequence.isEmpty(), spec.id
            name = sequence.toString()
            assert taken.setdefault(name, spec.id) == spec.id
    assert len({spec.id for spec in table()}) == len(table())


def test_every_action_does_something_and_stands_in_a_menu(desk: Desk):
    actions = desk.window.actions_
    dead = [a.objectName() for a in actions.all() if not a.receivers(SIGNAL("triggered(bool)"))]
    assert dead == []
    listed: set[str] = set()
    for menu in desk.window.menuBar().findChildren(QMenu):
        listed |= {action.objectName() for action in menu.actions()}
    assert {spec.id for spec in table()} <= listed


def test_a_persons_own_chord_replaces_the_default(qapp, qtbot):
    from PySide6.QtCore import QObject

    owner = QObject()
    actions = Actions(owner, {"record": "F9"})
    assert actions["record"].shortcut() == QKeySequence("F9")
    actions.use_chords({"record": ""})
    assert actions["record"].shortcut().isEmpty()
    assert actions.chord_owner(QKeySequence("Ctrl+M")) is actions["bookmark"]


def test_a_chord_changed_in_the_key_reference_is_kept(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch, Settings(asked_microphone=True))
    earmark = desk.open()
    desk.window.show_keys()
    keys = desk.window._keys
    assert keys is not None
    keys.chord_chosen.emit("bookmark", "F8")
    desk.settle()
    assert desk.window.actions_["bookmark"].shortcut() == QKeySequence("F8")
    assert earmark.settings.value.chords == {"bookmark": "F8"}
    keys.chord_chosen.emit("bookmark", "Ctrl+M")
    desk.settle()
    assert earmark.settings.value.chords == {}
    desk.close()


def test_the_palette_lists_what_can_be_done_and_runs_it(desk: Desk, qtbot):
    desk.open()
    done: list[str] = []
    desk.window.actions_["zoom_fit"].triggered.connect(lambda: done.append("fit"))
    desk.window.actions_["palette"].trigger()
    sheet = desk.window.parts.sheet
    assert sheet.isVisible()
    assert sheet.list.count() >= len(table()) - 1
    qtbot.keyClicks(sheet.field, "whole wave")
    assert sheet.list.count() == 1
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: done == ["fit"], timeout=60_000)
    assert not sheet.isVisible()
