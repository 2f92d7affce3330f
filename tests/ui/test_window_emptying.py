"""What is in the bin goes for good on one more press."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from window_desk import Desk

from earmark.app import sessions as intents


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


def in_the_bin(desk: Desk) -> int:
    assert desk.earmark is not None
    return len(desk.earmark.library.run(lambda lib: lib.binned()).result(60))


def press(desk: Desk, words: str) -> None:
    buttons = desk.window.parts.strips.findChildren(QPushButton)
    next(button for button in buttons if button.text() == words).click()
    desk.settle()


def test_the_bin_is_emptied_after_one_more_press(desk: Desk, qtbot):
    qtbot.keyClicks(desk.editor, "secret")
    desk.settle()
    desk.window.actions_["bin"].trigger()
    desk.settle()
    desk.window.actions_["empty_bin"].trigger()
    desk.settle()
    assert in_the_bin(desk) == 1
    press(desk, "Delete for good")
    assert in_the_bin(desk) == 0
    assert desk.sessions() == ()
    assert desk.window.parts.strips.said("bin") == "The bin was emptied."


def test_what_was_restored_after_the_question_stays(desk: Desk, qtbot):
    qtbot.keyClicks(desk.editor, "keep me")
    desk.settle()
    name = desk.window.desk.id
    desk.window.actions_["bin"].trigger()
    desk.settle()
    desk.window.actions_["empty_bin"].trigger()
    desk.settle()
    assert desk.earmark is not None and name is not None
    intents.restore(desk.earmark.library, name).result(60)
    press(desk, "Delete for good")
    assert [session.id for session in desk.sessions()] == [name]


def test_an_empty_bin_is_said_to_be_empty(desk: Desk):
    desk.window.actions_["empty_bin"].trigger()
    desk.settle()
    assert desk.window.parts.strips.said("bin") == "The bin is empty."
