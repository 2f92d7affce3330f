"""The window in two stages: what the first paint waits for, and what comes early is not lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from waiting import wait_until

from earmark.app.settings import Settings
from earmark.ui.bridge import Bridge
from earmark.ui.window.main import MainWindow

FIRST = """
import json, os, sys
from pathlib import Path
from earmark import bootstrap
from earmark.ui import start

def painted():
    print(json.dumps(sorted(sys.modules)), flush=True)
    os._exit(0)

class Window(start.MainWindow):
    def __init__(self, *given):
        super().__init__(*given)
        self.painted.connect(painted)

start.MainWindow = Window
bootstrap.run_window(Path(sys.argv[1]), None)
"""
NOT_YET = (
    *("numpy", "sqlalchemy", "alembic", "av", "sounddevice", "pydub", "soxr"),
    *("earmark.share", "earmark.transcribe", "earmark.worker", "earmark.audio"),
    *("earmark.app.earmark", "earmark.app.news", "earmark.app.sharing", "earmark.app.recording"),
    *("earmark.app.transcribing", "earmark.app.processes", "earmark.library.library"),
    *("earmark.ui.share", "earmark.ui.models", "earmark.ui.transcript", "earmark.ui.transport"),
    *("earmark.ui.waveform", "earmark.ui.window.connections", "earmark.ui.window.quick_picker"),
    *("earmark.ui.window.message_bar", "earmark.ui.window.findbar", "earmark.ui.window.keys"),
)
"""Modules and packages that nobody waits for at the start."""


def test_the_first_paint_waits_for_nothing_it_does_not_show(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", FIRST, str(tmp_path / "library")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    loaded = json.loads(done.stdout)
    assert "earmark.ui.notes.editor" in loaded
    early = [
        module
        for module in loaded
        if any(module == name or module.startswith(f"{name}.") for name in NOT_YET)
    ]
    assert not early


@pytest.fixture
def begun(qtbot):
    """A window in its first stage, shown; nothing of the second is made yet."""
    window = MainWindow(Bridge(), Settings(asked_microphone=True))
    window.resize(QSize(1200, 800))
    window.show()
    qtbot.addWidget(window, before_close_func=lambda w: w.bridge.close())
    assert not hasattr(window, "recording")
    return window


def complete(window: MainWindow) -> bool:
    QApplication.processEvents()
    return hasattr(window, "dispatcher") and window._rest is None


def test_the_rest_follows_the_first_paint_by_itself(begun):
    told = []
    begun.completed.connect(lambda: told.append(True))
    wait_until(lambda: complete(begun), what="the second stage")
    assert told == [True]
    assert begun.parts.transport.isVisible()


def test_what_is_shown_first_stays_where_it_is(begun):
    QApplication.processEvents()
    places = [
        (part, part.mapTo(begun, QPoint(0, 0)), part.size())
        for part in (begun.parts.header, begun.parts.sidebar, begun.parts.editor)
    ]
    begun.complete()
    QApplication.processEvents()
    for part, place, size in places:
        assert part.mapTo(begun, QPoint(0, 0)) == place
        assert (part.width(), abs(part.height() - size.height()) <= 6) == (size.width(), True)


def test_text_typed_first_is_there_and_the_window_is_not_yet_whole(begun):
    QTest.keyClicks(begun.parts.editor, "Ask")
    assert begun.parts.editor.toPlainText() == "Ask"
    assert not hasattr(begun, "dispatcher")
    begun.complete()
    assert begun.parts.editor.toPlainText() == "Ask"


def test_a_chord_pressed_first_acts(begun):
    begun.activateWindow()
    begun.parts.editor.setFocus()
    QTest.keyClick(begun.parts.editor, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert begun.parts.sheet.isVisible()


def test_record_pressed_first_is_awaited(begun):
    begun.activateWindow()
    begun.parts.editor.setFocus()
    asked = []
    begun.completed.connect(lambda: begun.recording.awaited.connect(lambda: asked.append(True)))
    QTest.keyClick(begun.parts.editor, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert asked == [True]
    assert begun.parts.header.record.text() == "Starting…"


def test_a_button_clicked_first_acts(begun):
    button = begun.parts.header.record
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.text() == "Starting…"


def test_a_transcript_left_open_has_its_room_from_the_first_paint(qtbot):
    window = MainWindow(Bridge(), Settings(asked_microphone=True, transcript_shown=True))
    window.show()
    qtbot.addWidget(window, before_close_func=lambda w: w.bridge.close())
    QApplication.processEvents()
    before = window.parts.editor.width()
    window.complete()
    QApplication.processEvents()
    assert window.parts.transcript.isVisible()
    assert window.parts.editor.width() == before
