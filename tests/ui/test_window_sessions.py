"""The window on a real library: what is typed, recorded, clicked and filed arrives."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window_desk import SECOND, Desk

from earmark.model.notes import Anchor
from earmark.model.units import LineId
from earmark.ui.window.header import Offer


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    yield desk
    desk.close()


def texts(desk: Desk) -> list[str]:
    return [line.text for line in desk.session().lines]


def test_an_empty_page_makes_no_session(desk: Desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.editor, Qt.Key.Key_Return)
    desk.settle()
    assert desk.sessions() == ()
    desk.window.desk.start_fresh()
    desk.settle()
    assert desk.sessions() == ()


def test_typing_makes_the_session_with_every_line_of_the_page(desk: Desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.editor, Qt.Key.Key_Return)
    qtbot.keyClicks(desk.editor, "hello")
    desk.settle()
    assert texts(desk) == ["", "hello"]
    qtbot.keyClicks(desk.editor, " world")
    desk.settle()
    assert texts(desk) == ["", "hello world"]
    assert all(desk.editor.is_saved(line.id) for line in desk.session().lines)


def test_what_is_typed_before_the_library_is_open_is_kept(desk: Desk, qtbot):
    qtbot.keyClicks(desk.editor, "early bird")
    qtbot.keyClick(desk.editor, Qt.Key.Key_Return)
    qtbot.keyClicks(desk.editor, "second")
    desk.settle()
    desk.open()
    assert texts(desk) == ["early bird", "second"]
    assert len(desk.sessions()) == 1


def test_what_is_typed_in_the_last_moment_is_kept_and_nothing_hangs(
    qapp, tmp_path: Path, monkeypatch, qtbot
):
    desk = Desk(tmp_path / "last", monkeypatch)
    desk.open()
    qtbot.keyClicks(desk.editor, "last words")
    desk.window.detach()
    desk.earmark.close()
    desk.bridge.close()
    from earmark.library import Library

    library = Library.open(tmp_path / "last")
    (summary,) = library.summaries()
    assert [line.text for line in library.session(summary.id).lines] == ["last words"]
    library.close()


def test_a_click_in_the_list_keeps_the_keys_there_and_return_goes_into_the_notes(desk: Desk, qtbot):
    desk.open()
    for text in ("first", "second"):
        desk.window.desk.start_fresh()
        qtbot.keyClicks(desk.editor, text)
        desk.settle()
    listed = desk.window.parts.sidebar.list
    qtbot.mouseClick(
        listed.viewport(),
        Qt.MouseButton.LeftButton,
        pos=listed.visualRect(listed.model().index(1, 0)).center(),
    )
    desk.settle()
    assert texts(desk) == ["first"]
    assert listed.hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    desk.settle()
    assert [one.lines for one in desk.sessions()] == [1]
    assert desk.window.parts.strips.said("bin") == "The session is in the bin."
    desk.window.library.undelete()
    desk.settle()
    assert texts(desk) == ["first"]
    listed.setFocus()
    qtbot.keyClick(listed, Qt.Key.Key_Return)
    assert desk.editor.hasFocus()


def test_record_pressed_before_the_services_are_there_counts(desk: Desk):
    desk.window.actions_["record"].trigger()
    assert desk.window.parts.header.offer is Offer.STARTING
    desk.open()
    assert [cmd for cmd, _ in desk.capture.sent] == ["start"]
    assert desk.window.parts.header.offer is Offer.RECORDING
    desk.settle()
    # nothing looked for the session before it was in the library
    assert desk.window.parts.strips.keys() == ()


def test_words_typed_while_recording_point_to_the_frame_now(desk: Desk, qtbot):
    earmark = desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    before = time.monotonic_ns()
    qtbot.keyClicks(desk.editor, "word")
    after = time.monotonic_ns()
    desk.settle()
    (line,) = desk.session().lines
    zero = desk.capture.zero_ns
    first, last = ((t - zero) * 48_000 // SECOND for t in (before, after))
    assert line.anchor is not None and line.anchor.take == earmark.recording.state.take
    assert first <= line.anchor.frame <= last
    assert first <= line.runs[0].anchor.frame <= last


def test_stop_then_continue_is_a_second_take_of_the_same_session(desk: Desk):
    desk.open()
    record = desk.window.actions_["record"]
    record.trigger()
    desk.settle()
    record.trigger()
    desk.settle()
    assert desk.window.parts.header.offer is Offer.CONTINUE
    record.trigger()
    desk.settle()
    assert len(desk.sessions()) == 1
    assert [take.ordinal for take in desk.session().takes] == [1, 2]


def test_pause_anchors_at_the_pause_point(desk: Desk, qtbot):
    earmark = desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    desk.window.actions_["pause_recording"].trigger()
    desk.settle()
    assert desk.window.parts.header.offer is Offer.PAUSED
    qtbot.keyClicks(desk.editor, "paused")
    desk.settle()
    (line,) = desk.session().lines
    assert line.anchor == earmark.recording.state.pause_point


def test_a_click_on_a_word_plays_it_from_its_time_minus_look_back(desk: Desk, qtbot):
    earmark = desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    qtbot.keyClicks(desk.editor, "word")
    desk.settle()
    desk.window.actions_["record"].trigger()
    desk.settle()
    (line,) = desk.session().lines
    take = replace(desk.session().takes[0], frames=20 * 48_000)
    earmark.library.run(lambda lib: lib.put_take(desk.window.desk.id, take)).result(60)
    earmark.replay.load(desk.window.desk.id).result(60)
    desk.editor.word_clicked.emit(line.runs[0].anchor)
    desk.settle()
    (played,) = desk.replay.told("play")
    assert played["take"] == take.id
    assert played["frame"] == line.runs[0].anchor.frame - 3 * 48_000


def test_typing_while_replaying_points_to_the_moment_heard(desk: Desk, qtbot):
    earmark = desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    take = earmark.recording.state.take
    assert take is not None
    desk.window.actions_["record"].trigger()
    desk.settle()
    earmark.replay.load(desk.window.desk.id).result(60)
    earmark.replay.play(Anchor(take, 4_800))
    earmark.replay.pause()
    desk.settle()
    qtbot.keyClicks(desk.editor, "review")
    desk.settle()
    (line,) = desk.session().lines
    assert line.anchor is not None
    assert (line.anchor.take, line.anchor.frame >= 4_800) == (take, True)


def test_the_date_is_edited_in_place(desk: Desk, qtbot):
    desk.open()
    qtbot.keyClicks(desk.editor, "a note")
    desk.settle()
    desk.window.actions_["details"].trigger()
    field = desk.window.parts.page.date
    assert field.isVisible()
    was = desk.session().created_at
    field.setDateTime(field.dateTime().addYears(-3))
    qtbot.keyClick(field, Qt.Key.Key_Return)
    desk.settle()
    assert not field.isVisible()
    assert desk.session().created_at.year == was.year - 3
    assert str(was.year - 3) in desk.window.parts.page.details.text()
    desk.window.actions_["details"].trigger()
    field.setDateTime(field.dateTime().addYears(-3))
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    desk.settle()
    assert desk.session().created_at.year == was.year - 3


def test_title_place_and_summary_are_kept_and_shown(desk: Desk):
    desk.open()
    page = desk.window.parts.page
    page.renamed.emit("A/B\ntalk")
    desk.settle()
    assert desk.session().title == "A/B talk"
    page.place_kept.emit("Room 5")
    page.summary_kept.emit("All of it")
    desk.settle()
    found = desk.session()
    assert (found.place, found.summary) == ("Room 5", "All of it")
    assert "Room 5" in page.details.text()
    assert page.summary.text() == "All of it"


def test_delete_and_undo(desk: Desk, qtbot):
    desk.open()
    qtbot.keyClicks(desk.editor, "keep me")
    desk.settle()
    name = desk.window.desk.id
    desk.window.actions_["bin"].trigger()
    desk.settle()
    assert desk.sessions() == ()
    assert desk.window.desk.id is None
    desk.window.actions_["undelete"].trigger()
    desk.settle()
    assert [s.id for s in desk.sessions()] == [name]
    assert desk.window.desk.id == name
    assert [line.text for line in desk.editor.lines()] == ["keep me"]


def test_a_new_event_takes_the_session_in(desk: Desk, qtbot):
    desk.open()
    qtbot.keyClicks(desk.editor, "x")
    desk.settle()
    desk.window.actions_["move"].trigger()
    sheet = desk.window.parts.sheet
    qtbot.keyClicks(sheet.field, "CloudCamp")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    desk.settle()
    assert desk.sessions()[0].event.title == "CloudCamp"
    assert desk.window.parts.page.details.text().startswith("CloudCamp · ")


def test_opening_another_session_saves_the_one_left(desk: Desk, qtbot):
    desk.open()
    qtbot.keyClicks(desk.editor, "first")
    desk.settle()
    first = desk.window.desk.id
    desk.window.actions_["new_session"].trigger()
    qtbot.keyClicks(desk.editor, "second")
    desk.window.desk.open(first)
    desk.settle()
    assert [line.text for line in desk.editor.lines()] == ["first"]
    assert len(desk.sessions()) == 2
    desk.window.actions_["new_session"].trigger()
    desk.settle()
    assert len(desk.sessions()) == 2


def test_re_anchoring_moves_the_line_and_undo_brings_it_back(desk: Desk, qtbot):
    desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    qtbot.keyClicks(desk.editor, "word")
    desk.settle()
    before = desk.session().lines[0].anchor
    desk.window.recording._tick()
    desk.window.actions_["earlier_1"].trigger()
    desk.settle()
    moved = desk.session().lines[0].anchor
    assert before.frame - moved.frame == 48_000
    desk.window.actions_["undo"].trigger()
    desk.settle()
    assert desk.session().lines[0].anchor == before


def test_a_dragged_flag_anchors_its_line(desk: Desk, qtbot):
    desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    qtbot.keyClicks(desk.editor, "word")
    desk.settle()
    (line,) = desk.session().lines
    goal = Anchor(line.anchor.take, 960)
    desk.window.parts.waveform.flag_dragged.emit(LineId(line.id), goal)
    desk.settle()
    assert desk.session().lines[0].anchor == goal


def test_off_the_record_and_its_undo(desk: Desk):
    desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    desk.window.actions_["off_record"].trigger()
    desk.settle()
    (span,) = desk.session().takes[0].off_record
    assert span.frame == 0 and span.frames >= 10 * 48_000
    desk.window.actions_["off_record_undo"].trigger()
    desk.settle()
    assert desk.session().takes[0].off_record == ()


def test_a_bookmark_needs_a_moment_and_marks_it(desk: Desk):
    desk.open()
    desk.window.actions_["bookmark"].trigger()
    assert desk.window.parts.strips.said("bookmark")
    desk.window.actions_["record"].trigger()
    desk.settle()
    desk.window.actions_["bookmark"].trigger()
    desk.settle()
    (mark,) = desk.session().bookmarks
    assert mark.anchor.frame >= 10 * 48_000


def test_closing_while_recording_asks_once_then_stops(desk: Desk):
    desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    desk.window.close()
    assert desk.window.isVisible()
    assert desk.window.parts.strips.said("still-recording")
    desk.window.close()
    assert desk.capture.sent[-1][0] == "stop"


def test_settings_chosen_in_the_window_are_on_disk(desk: Desk):
    earmark = desk.open()
    desk.window.parts.transport.options.look_back_changed.emit(6.0)
    desk.window.actions_["click_plays"].trigger()
    desk.settle()
    assert (earmark.settings.value.look_back_s, earmark.settings.value.click_plays) == (6.0, False)
    assert desk.editor.click_plays is False


def test_next_and_previous_line_count_in_time(desk: Desk, qtbot):
    earmark = desk.open()
    desk.window.actions_["record"].trigger()
    desk.settle()
    take = earmark.recording.state.take
    for text, seconds in (("one", 10), ("two", 20), ("three", 30)):
        qtbot.keyClicks(desk.editor, text)
        desk.editor.actions_on_lines.anchor_selected(Anchor(take, seconds * 48_000))
        qtbot.keyClick(desk.editor, Qt.Key.Key_Return)
    desk.window.actions_["record"].trigger()
    desk.settle()
    whole = replace(desk.session().takes[0], frames=60 * 48_000)
    earmark.library.run(lambda lib: lib.put_take(desk.window.desk.id, whole)).result(60)
    desk.editor.set_timeline(desk.session().timeline)
    earmark.replay.load(desk.window.desk.id).result(60)
    first = desk.editor.lines()[0]
    desk.window.playback.play_line(first.id)
    for action in ("next_line", "next_line", "previous_line"):
        desk.window.actions_[action].trigger()
    desk.settle()
    played = [fields["frame"] // 48_000 for fields in desk.replay.told("play")]
    assert played == [7, 17, 27, 17]


def test_a_session_chosen_before_the_services_are_there_opens(desk: Desk, qtbot):
    from earmark.library import Library

    library = Library.open(desk.folder)
    made = library.create_session("Chosen early")
    library.close()
    desk.window.desk.open(made.id)
    desk.window.playback.faster()
    desk.open()
    desk.settle()
    assert desk.window.desk.session.title == "Chosen early"
    assert desk.window.playback.state.speed > 1
