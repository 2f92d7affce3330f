"""Earlier versions of the notes: found after select all, cut and close; back in one undo step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from spoken_talks import put_talk
from waiting import wait_until
from window_desk import Desk

from earmark.ui.controllers.note_versions import NoteVersionsDialog


@pytest.fixture
def desks(qapp, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    open_: list[Desk] = []

    def start() -> Desk:
        while open_:
            open_.pop().close()
        open_.append(Desk(tmp_path / "library", monkeypatch))
        open_[-1].open()
        return open_[-1]

    yield start
    for one in open_:
        one.close()


def page(desk: Desk, name: Any) -> None:
    desk.window.desk.open(name)
    wait_until(lambda: QApplication.processEvents() or desk.window.desk.id == name)
    desk.settle()


def lists(desk: Desk) -> list[NoteVersionsDialog]:
    return desk.window.findChildren(NoteVersionsDialog)


def versions(desk: Desk) -> NoteVersionsDialog:
    desk.window.actions_["note_versions"].trigger()

    def dialog() -> NoteVersionsDialog | None:
        QApplication.processEvents()
        found = lists(desk)
        return found[0] if found and found[0].restore.isEnabled() else None

    return wait_until(dialog, what="the list of versions")


def test_select_all_cut_and_close_are_taken_back_with_every_moment(desks) -> None:
    desk = desks()
    name = desk.earmark.library.run(lambda lib: put_talk(lib)).result(60)
    page(desk, name)
    before = desk.session().lines
    assert any(line.anchor is not None and line.runs for line in before)
    desk.window.actions_["select_all"].trigger()
    desk.window.actions_["cut"].trigger()
    desk = desks()
    page(desk, name)
    assert not any(line.text for line in desk.session().lines)
    dialog = versions(desk)
    assert dialog.list.currentItem().text().endswith(f"{len(before)} lines")
    assert before[1].text in dialog.preview.toPlainText()
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    desk.settle()
    assert desk.session().lines == before
    assert not lists(desk)
    desk.editor.undo()
    desk.settle()
    assert not any(line.text for line in desk.session().lines)
    desk.editor.redo()
    desk.settle()
    assert desk.session().lines == before


def test_without_a_version_it_is_said(desks) -> None:
    desk = desks()
    QTest.keyClicks(desk.editor, "new")
    desk.settle()
    desk.window.actions_["note_versions"].trigger()
    desk.settle()
    assert "no earlier version" in desk.window.parts.strips.said("versions")


def test_the_list_goes_with_the_session_it_is_about(desks) -> None:
    desk = desks()
    name = desk.earmark.library.run(lambda lib: put_talk(lib)).result(60)
    page(desk, name)
    desk.window.actions_["select_all"].trigger()
    desk.window.actions_["cut"].trigger()
    desk.settle()
    versions(desk)
    desk.window.actions_["new_session"].trigger()
    desk.settle()
    wait_until(lambda: QApplication.processEvents() or not lists(desk))
