"""The page's head and what is pasted into it: long titles, names of controls, picture files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from window_desk import Desk

from earmark.app.news import RecordingPhase
from earmark.model import LineKind

TITLE = "The invention of the printing press and what became of those who copied books by hand"


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


def test_a_title_without_room_ends_in_dots_until_it_is_edited(desk: Desk):
    window, title = desk.window, desk.window.parts.page.title
    window.resize(900, 560)
    title.show_text(TITLE)
    desk.editor.setFocus()
    desk.settle()
    assert title.shown.endswith("…") and TITLE.startswith(title.shown[:-1])
    whole = title.grab().toImage()
    right = [whole.pixelColor(whole.width() - 1, y) for y in range(whole.height())]
    assert len({colour.name() for colour in right}) == 1, "no letter is cut at the edge"
    title.setFocus()
    desk.settle()
    assert title.shown == TITLE
    desk.editor.setFocus()
    title.show_text("Short")
    assert title.shown == "Short"


def test_the_two_pauses_are_told_apart(desk: Desk):
    desk.window.actions_["record"].trigger()
    desk.settle()
    header, play = desk.window.parts.header, desk.window.parts.transport.play
    play.show_state(playing=True, recording=True)
    assert header.pause.accessibleName() == "Pause recording"
    assert play.accessibleName() == "Pause replay"
    desk.window.actions_["pause_recording"].trigger()
    desk.settle()
    assert desk.window.recording.state.phase is RecordingPhase.PAUSED
    assert header.pause.accessibleName() == "Resume recording"


def picture_at(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_pasted_picture_file_is_stored_and_shown(desk: Desk, tmp_path: Path):
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    path = tmp_path / "a slide.png"
    assert image.save(str(path))
    desk.editor.insertFromMimeData(picture_at(path))
    desk.settle()
    session = desk.session()
    (picture,) = session.pictures
    stored = desk.folder / session.folder / picture.file
    assert stored.read_bytes() == path.read_bytes()
    assert [line.text for line in session.lines if line.kind is LineKind.PICTURE] == ["a slide"]


def test_a_picture_file_that_went_away_is_told(desk: Desk, tmp_path: Path, qtbot):
    with qtbot.waitSignal(desk.bridge.trouble, timeout=60_000) as told:
        desk.editor.insertFromMimeData(picture_at(tmp_path / "gone.png"))
    assert "gone.png" in told.args[0].what
    desk.settle()
    assert desk.session().lines == ()
