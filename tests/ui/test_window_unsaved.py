"""Closing while the library does not take what was typed: asked once, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from disk import WAYS, Disk
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication, QWidget
from waiting import wait_until
from window_desk import Desk

from earmark.library import Library
from earmark.ui.window.exit import STRIP, ExitController
from earmark.ui.window.message_bar import MessageBar


class Waits:
    """An outbox as the way out sees it."""

    def __init__(self) -> None:
        self.unsaved = self.failing = False
        self.kept_in: Path | None = None


@pytest.fixture
def leaving(qapp):
    home = QWidget()
    leaving = ExitController(MessageBar(home), home)
    leaving.home = home
    leaving.unsaved = Waits()
    leaving.told = []
    leaving.ready.connect(lambda: leaving.told.append("ready"))
    return leaving


def said(leaving: Any) -> str | None:
    return leaving.home.findChild(MessageBar).said(STRIP)


def test_what_is_on_its_way_is_waited_for_and_not_asked_about(leaving):
    after: list[Callable[[], None]] = []
    leaving.settle = after.append
    leaving.unsaved.unsaved = True
    leaving.close_asked()
    leaving.close_asked()
    assert (leaving.told, said(leaving), len(after)) == ([], None, 1)
    leaving.unsaved.unsaved = False
    after[0]()
    after[0]()
    assert leaving.told == ["ready"]


def test_what_proves_not_to_be_saved_is_asked_about_once(leaving):
    leaving.settle = lambda then: then()
    leaving.unsaved.unsaved, leaving.unsaved.kept_in = True, Path("/state/kept.json")
    leaving.close_asked()
    assert leaving.told == []
    assert said(leaving) == (
        "Your last changes cannot be saved in the library. Close again: they are kept in "
        "“/state/kept.json” and come back by themselves at the next start."
    )
    leaving.close_asked()
    assert leaving.told == ["ready"]


def test_where_they_are_kept_nowhere_the_question_says_so(leaving):
    leaving.unsaved.unsaved = leaving.unsaved.failing = True
    leaving.close_asked()
    assert "can be saved nowhere" in (said(leaving) or "")


def test_the_question_goes_when_the_library_takes_them_after_all(leaving):
    leaving.unsaved.unsaved = leaving.unsaved.failing = True
    leaving.close_asked()
    leaving.unsaved.unsaved = leaving.unsaved.failing = False
    leaving.saving()
    assert said(leaving) is None
    leaving.close_asked()
    assert leaving.told == ["ready"]


def test_a_recording_is_asked_about_together_with_them(leaving):
    leaving.recording(True)
    leaving.unsaved.unsaved = leaving.unsaved.failing = True
    leaving.close_asked()
    question = said(leaving) or ""
    assert question.startswith("Still recording: close again to stop and keep. Your last changes")


def test_the_system_is_not_asked_back(leaving):
    leaving.unsaved.unsaved = leaving.unsaved.failing = True
    leaving.leave()
    assert leaving.told == ["ready"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("leave", ["close", "SIGTERM"])
def test_on_a_real_disk_that_fails(
    qapp, disk: Disk, monkeypatch: pytest.MonkeyPatch, qtbot, way: str, leave: str
) -> None:
    desk = Desk(disk.library, monkeypatch)
    ended: list[str] = []
    desk.window.exit.ready.connect(lambda: ended.append("ready"))
    earmark = desk.open()
    qtbot.keyClicks(desk.editor, "saved")
    desk.settle()
    session = desk.window.desk.id
    assert session is not None
    disk.fail(way)
    qtbot.keyClicks(desk.editor, " and typed too late")
    much = QMimeData()
    much.setText(" for the disk" * 2000)
    desk.editor.insertFromMimeData(much)
    desk.window.parts.page.renamed.emit("Named too late")
    if leave == "close":
        desk.window.close()
        strips = desk.window.parts.strips
        wait_until(lambda: QApplication.processEvents() or strips.said(STRIP), what="the question")
        assert (strips.said(STRIP) or "").startswith("Your last changes cannot be saved")
        assert ended == []
        desk.window.close()
    else:
        desk.window.exit.leave()
    wait_until(lambda: QApplication.processEvents() or ended, what="the end")
    desk.window.detach()
    earmark.close()
    desk.bridge.close()
    assert disk.left_at_its_place() == []
    disk.mend()
    desk = Desk(disk.library, monkeypatch)
    desk.open()
    with Library.open(disk.library) as library:
        found = library.session(session)
    assert found.title == "Named too late"
    text = " ".join(line.text for line in found.lines)
    assert text.startswith("saved and typed too late")
    assert text.count("the disk") == 2000
    desk.close()
