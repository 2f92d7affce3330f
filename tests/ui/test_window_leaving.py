"""Ways out: a recording is always stopped and kept, and the person is asked once."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtWidgets import QWidget

from earmark.ui.window.exit import STRIP, ExitController, Signals
from earmark.ui.window.message_bar import MessageBar


@pytest.fixture
def leaving(qapp):
    home = QWidget()
    strips = MessageBar(home)
    leaving = ExitController(strips, home)
    leaving.told = []
    leaving.stop_wanted.connect(lambda: leaving.told.append("stop"))
    leaving.ready.connect(lambda: leaving.told.append("ready"))
    leaving.strips, leaving.home = strips, home
    return leaving


def test_idle_the_window_closes_at_once(leaving):
    leaving.close_asked()
    assert leaving.told == ["ready"]


def test_while_recording_one_strip_asks_and_the_second_close_stops_and_keeps(leaving):
    leaving.recording(True)
    leaving.close_asked()
    assert leaving.told == []
    assert leaving.strips.said(STRIP) == "Still recording: close again to stop and keep"
    leaving.close_asked()
    assert leaving.told == ["stop"]
    leaving.close_asked()
    leaving.recording(False)
    assert leaving.told == ["stop", "ready"]


def test_the_question_goes_when_the_recording_ends_by_itself(leaving):
    leaving.recording(True)
    leaving.close_asked()
    leaving.recording(False)
    assert leaving.strips.said(STRIP) is None
    assert leaving.told == []


def test_a_share_being_made_is_asked_about_too_and_alone_when_the_recording_ends(leaving):
    leaving.recording(True)
    leaving.sharing("Talk\n.html")
    leaving.close_asked()
    assert leaving.strips.said(STRIP).startswith("Still recording, and sharing “Talk .html”")
    leaving.recording(False)
    assert leaving.strips.said(STRIP) == "Still sharing “Talk .html”: close again to cancel it"
    leaving.sharing("")
    assert leaving.strips.said(STRIP) is None
    leaving.close_asked()
    assert leaving.told == ["ready"]


def test_the_system_is_not_asked_back(leaving):
    leaving.recording(True)
    leaving.leave()
    assert leaving.told == ["stop"]


def test_a_signal_is_told_on_the_gui_thread_and_handlers_are_given_back(qapp, qtbot):
    before = signal.getsignal(signal.SIGTERM)
    signals = Signals()
    try:
        with qtbot.waitSignal(signals.asked, timeout=60_000):
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signals.close()
    assert signal.getsignal(signal.SIGTERM) is before
