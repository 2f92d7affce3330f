"""What the strips say of news: the newest about one thing, and not what is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from window_desk import Desk

from earmark.app.alarms import device_news
from earmark.app.devices import Device, told_apart
from earmark.app.news import DISK, Heard, JobProgress, ReplayState, Told
from earmark.model import Anchor, Frames, TakeId


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


def said(desk: Desk) -> list[str]:
    strips = desk.window.parts.strips
    return [str(strips.said(key)) for key in strips.keys()]  # noqa: SIM118


def test_a_microphone_that_is_back_takes_the_place_of_the_one_that_went(desk: Desk):
    for cause, label in (("lost", "Other"), ("returned", "First")):
        desk.bridge.news.emit(device_news(cause, label))
    assert said(desk) == ["The microphone is back. Recording goes on with “First”."]


def test_a_warning_about_replay_goes_when_it_plays_again(desk: Desk):
    desk.bridge.news.emit(Told("No output.", kind="warning", about="replay"))
    desk.bridge.news.emit(Told("No microphone.", kind="warning", about="microphone"))
    desk.bridge.news.emit(ReplayState(playing=False))
    assert said(desk) == ["No output.", "No microphone."]
    desk.bridge.news.emit(ReplayState(playing=True))
    assert said(desk) == ["No microphone."]


def test_a_failed_import_names_its_file_once(desk: Desk, qtbot, tmp_path: Path):
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"no sound" * 100)
    desk.window.imports.import_files([bad])
    qtbot.waitUntil(lambda: any("not a sound file" in s for s in said(desk)), timeout=60_000)
    (sentence,) = said(desk)
    assert sentence.count("bad.mp3") == 1


def test_a_full_disk_is_told_once(desk: Desk):
    full = "The disk is full: recording stopped, and everything up to here is kept."
    desk.bridge.news.emit(Told(full, kind="error", about=DISK))
    failed = JobProgress("take", "Keeping the recording", done=True, failed="The disk is full.")
    desk.bridge.news.emit(failed)
    desk.bridge.news.emit(Told("The disk is full.", kind="error", about=DISK))
    assert said(desk) == [full]


def test_evened_loudness_is_told_with_its_figure(desk: Desk):
    transport = desk.window.parts.transport
    assert transport.words()[2] == "loudness evened"
    anchor = Anchor(TakeId("take"), Frames(0))
    for gain, words in ((8.7, "loudness evened +9 dB"), (-2.2, "loudness evened −2 dB")):
        desk.bridge.news.emit(Heard(anchor, 0, gain))
        assert transport.words()[2] == words
    desk.window.desk.start_fresh()
    desk.settle()
    assert transport.words()[2] == "loudness evened"


def test_the_choosers_of_the_transport_know_the_devices(desk: Desk):
    desk.settle()
    transport, output = desk.window.parts.transport, desk.window.parts.transport.options.output
    assert [output.itemText(i) for i in range(output.count())] == [
        "Default · An output",
        "An output",
    ]
    assert transport.microphone.accessibleName() == "Microphone: A microphone"
    transport.output_chosen.emit("spk")
    assert output.currentText() == "An output"


def test_devices_of_one_label_are_told_apart():
    found = told_apart((Device("a", "Null"), Device("b", "Null"), Device("c", "USB")))
    assert [device.label for device in found] == ["Null (a)", "Null (b)", "USB"]


def test_the_caret_comes_back_after_a_number_or_an_output(desk: Desk, qtbot):
    desk.settle()
    options = desk.window.parts.transport.options
    for field in (options.look_back, options.output):
        field.setFocus()
        assert not desk.editor.hasFocus()
        if field is options.look_back:
            qtbot.keyClick(field, Qt.Key.Key_Return)
        else:
            options.output.activated.emit(0)
        assert desk.editor.hasFocus()
