"""The transcript in the window: made on request, mended, related to the notes, replayed."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu
from spoken_talks import NOTED, SAID, TAKE, frames, line, put_talk, segment, segments
from waiting import wait_until
from window_desk import Desk

from earmark.app import news as n
from earmark.app.readiness import Readiness, missing_engine
from earmark.app.settings import Settings
from earmark.library import Library
from earmark.model import Anchor, Changes, EarmarkError
from earmark.ui.transcript.state import PaneAction

LEAVE = 5
"""The note "Leave relational? …", typed 17 s after its sentence began."""


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    desk = Desk(tmp_path / "library", monkeypatch, Settings(asked_microphone=True))
    yield desk
    desk.close()


def opened(desk: Desk, *, spoken: bool = True) -> Desk:
    earmark = desk.open()
    name = earmark.library.run(lambda lib: put_talk(lib, spoken=spoken)).result(60)
    desk.window.choices.set(transcript_shown=True)
    desk.window.desk.open(name)
    desk.settle()
    settle_looks(desk)
    return desk


def settle_looks(desk: Desk) -> None:
    """What follows on timers is done too."""
    window = desk.window

    def idle() -> bool:
        QApplication.processEvents()
        timers = (window.late_notes._turn, window.transcript._show, window.transcript._relate)
        return not any(timer.isActive() for timer in (*timers, window.transcript._read))

    desk.settle()
    wait_until(idle, 60)
    desk.settle()
    wait_until(idle, 60)


def caret_to(desk: Desk, number: int) -> None:
    cursor = desk.editor.textCursor()
    cursor.setPosition(desk.editor.document().findBlockByNumber(number).position() + 1)
    desk.editor.setTextCursor(cursor)
    settle_looks(desk)


def lit(desk: Desk) -> str:
    marks = desk.window.parts.transcript.view.extraSelections()
    return " ".join(mark.cursor.selectedText() for mark in marks)


def test_the_transcript_of_the_session_is_shown(desk: Desk):
    opened(desk)
    pane = desk.window.parts.transcript
    assert pane.isVisible() and not pane.is_empty
    assert [one.segment.text for one in pane.view.shown] == [one.text for one in segments()]
    assert pane.source.text() == "base.en · this computer"
    desk.window.actions_["transcript"].trigger()
    assert not pane.isVisible()
    assert desk.window.choices.value.transcript_shown is False


def test_a_click_on_a_word_said_plays_just_there(desk: Desk):
    opened(desk)
    desk.window.parts.transcript.view.word_clicked.emit(Anchor(TAKE, frames(665)))
    desk.settle()
    assert desk.replay.told("play")[-1]["frame"] == frames(665)


def test_the_note_lights_its_passages_and_a_passage_its_note(desk: Desk):
    opened(desk)
    caret_to(desk, LEAVE)
    assert "The question I would ask" in lit(desk)
    assert "what you get back" in lit(desk)
    assert "shaking his head" not in lit(desk)
    view = desk.window.parts.transcript.view
    desk.window.activateWindow()
    view.setFocus()
    view.setTextCursor(QTextCursor(view.body(5)))
    QApplication.processEvents()
    assert view.hasFocus()
    assert desk.editor.painter.related == line(6)
    desk.editor.setFocus()
    QApplication.processEvents()
    assert desk.editor.painter.related is None


def test_a_late_note_starts_at_its_sentence_and_says_so(desk: Desk):
    opened(desk)
    assert round(desk.editor.painter.late[line(LEAVE)]) == 17
    desk.editor.line_played.emit(line(LEAVE))
    desk.settle()
    assert desk.replay.told("play")[-1]["frame"] == frames(661)
    assert desk.window.playback.lit_line(Anchor(TAKE, frames(662))) == line(LEAVE)
    words = [label for (label,) in [(w,) for _role, w in desk.window.parts.transport._replay]]
    assert "its sentence, 17 s earlier" in words[0]


def test_a_click_on_a_word_of_the_note_starts_there_too(desk: Desk):
    opened(desk)
    caret_to(desk, LEAVE)
    desk.editor.word_clicked.emit(Anchor(TAKE, frames(NOTED[LEAVE][0])))
    desk.settle()
    assert desk.replay.told("play")[-1]["frame"] == frames(661)


def test_a_late_start_is_refused_and_remembered(desk: Desk):
    opened(desk)
    caret_to(desk, LEAVE)
    desk.window.actions_["late_refuse"].trigger()
    settle_looks(desk)
    assert line(LEAVE) not in desk.editor.painter.late
    assert line(LEAVE) in desk.editor.refuses_late
    assert desk.session().late_refused == frozenset({line(LEAVE)})
    assert desk.window.actions_["late_refuse"].isChecked()
    desk.editor.line_played.emit(line(LEAVE))
    desk.settle()
    assert desk.replay.told("play")[-1]["frame"] == frames(NOTED[LEAVE][0] - 3)
    desk.editor.late_refused.emit(line(LEAVE), False)
    settle_looks(desk)
    assert line(LEAVE) in desk.editor.painter.late
    assert desk.session().late_refused == frozenset()


def test_late_notes_can_be_switched_off(desk: Desk):
    opened(desk)
    desk.window.actions_["late_notes"].trigger()
    settle_looks(desk)
    assert desk.editor.painter.late == {}
    desk.editor.line_played.emit(line(LEAVE))
    desk.settle()
    assert desk.replay.told("play")[-1]["frame"] == frames(NOTED[LEAVE][0] - 3)
    assert desk.session().lines[LEAVE].anchor == Anchor(TAKE, frames(NOTED[LEAVE][0]))


def test_words_are_mended_and_the_mending_is_taken_back(desk: Desk):
    opened(desk)
    view = desk.window.parts.transcript.view
    before = segments()[3].text
    view.edited.emit("seg00003", "Somebody shakes his head.")
    settle_looks(desk)
    stored = desk.session().transcript.segments[3]
    assert (stored.text, stored.edited) == ("Somebody shakes his head.", True)
    assert view.shown[3].segment.text == "Somebody shakes his head."
    desk.window.actions_["passage_undo"].trigger()
    settle_looks(desk)
    assert desk.session().transcript.segments[3].text == before


def test_speakers_are_named_and_renamed_everywhere(desk: Desk, qtbot):
    opened(desk)
    view = desk.window.parts.transcript.view
    cursor = QTextCursor(view.body(1))
    cursor.setPosition(view.body(2).position() + 2, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    sheet = desk.window.parts.sheet
    desk.window.actions_["passage_speaker"].trigger()
    qtbot.keyClicks(sheet.field, "Ada")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    settle_looks(desk)
    assert [one.speaker for one in desk.session().transcript.segments[:4]] == ["", "Ada", "Ada", ""]
    assert view.head(1).text() == "11:01  Ada"
    view.setTextCursor(QTextCursor(view.body(2)))
    desk.window.actions_["passage_rename"].trigger()
    sheet.field.setText("Grace")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    settle_looks(desk)
    stored = desk.session().transcript.segments
    assert [one.speaker for one in stored[:4]] == ["", "Grace", "Grace", ""]
    for _step in range(2):
        desk.window.actions_["passage_undo"].trigger()
        settle_looks(desk)
    assert {one.speaker for one in desk.session().transcript.segments} == {""}


def test_a_note_is_made_from_a_passage_where_its_time_is(desk: Desk):
    opened(desk)
    view = desk.window.parts.transcript.view
    view.setTextCursor(QTextCursor(view.body(3)))
    desk.window.actions_["passage_note"].trigger()
    settle_looks(desk)
    lines = desk.session().lines
    assert [one.text for one in lines[5:8]] == [NOTED[5][1], segments()[3].text, NOTED[6][1]]
    assert lines[6].anchor == Anchor(TAKE, segments()[3].start)
    assert {run.anchor.frame for run in lines[6].runs} == {w.start for w in segments()[3].words}
    desk.editor.undo()
    settle_looks(desk)
    assert [one.text for one in desk.session().lines] == [one[1] for one in NOTED]


def test_a_note_made_on_an_empty_page_is_its_first_line(desk: Desk):
    earmark = desk.open()

    def put(lib):
        name = put_talk(lib)
        from earmark.model import NotesEdit

        lib.save_notes(name, NotesEdit((), (), tuple(line(n) for n in range(len(NOTED)))))
        return name

    name = earmark.library.run(put).result(60)
    desk.window.choices.set(transcript_shown=True)
    desk.window.desk.open(name)
    settle_looks(desk)
    desk.window.parts.transcript.view.selectAll()
    desk.window.actions_["passage_note"].trigger()
    settle_looks(desk)
    texts = [one.text for one in desk.session().lines if one.text]
    assert texts == [one.text for one in segments()]


def test_what_grows_is_shown_at_once_and_guesses_stay_apart(desk: Desk):
    opened(desk, spoken=False)
    window = desk.window
    state = n.TranscriptionState(window.desk.id, TAKE, n.TranscriptionPhase.RUNNING, 0.2, 200.0)
    window.bridge.receive(state)
    window.bridge.receive(n.TranscriptGrew(window.desk.id, TAKE, segments()[1:3]))
    window.bridge.receive(n.TranscriptGrew(window.desk.id, TAKE, segments()[:1]))
    window.bridge.receive(n.LivePartial(window.desk.id, TAKE, Anchor(TAKE, frames(690)), "so then"))
    settle_looks(desk)
    view = window.parts.transcript.view
    assert [one.segment.text for one in view.shown] == [one.text for one in segments()[:3]]
    assert view.toPlainText().endswith("so then")
    strip = window.parts.transcript._work
    assert strip.isVisible()
    assert strip.words.text() == "Transcribing: 20 % · 3 min left"
    window.bridge.receive(n.TranscriptGrew("another", TAKE, segments()[3:]))
    settle_looks(desk)
    assert len(view.shown) == 3


def test_how_far_behind_live_words_are_is_told(desk: Desk):
    opened(desk)
    window = desk.window
    live = n.TranscriptionState(
        window.desk.id, TAKE, n.TranscriptionPhase.RUNNING, behind_s=12.2, live=True
    )
    window.bridge.receive(live)
    settle_looks(desk)
    assert window.parts.transcript.source.text() == "live · base.en · 12 s behind"


class FakeTranscribing:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def transcribe(self, session):
        self.asked.append(("transcribe", session))
        return SimpleNamespace(id="one", future=Future())

    def transcribe_all(self):
        self.asked.append(("all",))
        future: Future = Future()
        future.set_exception(EarmarkError("It cannot be.", "Do that."))
        return SimpleNamespace(id="all", future=future, cancel=lambda: self.asked.append("all"))

    def cancel(self, session):
        self.asked.append(("cancel", session))

    def set_live(self, on):
        self.asked.append(("live", on))

    def close(self):
        pass


def test_transcribing_is_asked_for_cancelled_and_its_refusal_told(desk: Desk):
    opened(desk, spoken=False)
    window = desk.window
    real, fake = desk.earmark.transcribing, FakeTranscribing()
    desk.earmark.transcribing = fake
    try:
        window.transcript._ready = Readiness(has_engine=True, has_model=True)
        window.transcript._show_state()
        empty = window.parts.transcript.empty
        assert empty.buttons[0].text() == "Transcribe"
        empty.buttons[0].click()
        window.actions_["transcribe_all"].trigger()
        window.actions_["cancel_transcription"].trigger()
        window.actions_["live_transcript"].trigger()
        settle_looks(desk)
        here = window.desk.id
        assert fake.asked == [("transcribe", here), ("all",), ("cancel", here), ("live", True)]
        assert window.parts.strips.said("transcript") == "It cannot be. Do that."
        keys = window.parts.strips.keys()
        window.bridge.receive(n.JobProgress("one", "Transcribing", 0.3))
        desk.settle()
        assert window.parts.strips.keys() == keys, "the pane tells of it"
        window.bridge.receive(n.JobProgress("all", "Transcribing", 0.3))
        desk.settle()
        assert "all sessions" in (window.parts.strips.said("transcribe-all") or "")
        window.bridge.receive(n.JobProgress("all", "Transcribing", 1.0, done=True))
        desk.settle()
        assert window.parts.strips.keys() == keys
    finally:
        desk.earmark.transcribing = real


def test_while_recording_the_live_transcript_is_offered(desk: Desk):
    opened(desk, spoken=False)
    window = desk.window
    window.transcript._ready = Readiness(has_engine=True, has_model=True)
    window.transcript._show_state()
    empty = window.parts.transcript.empty
    assert empty.buttons[0].text() == "Transcribe"
    desk.window.desk.start_fresh()
    desk.settle()
    window.actions_["record"].trigger()
    settle_looks(desk)
    assert empty.buttons[0].text() == "Transcribe while recording"
    empty.buttons[0].click()
    settle_looks(desk)
    assert desk.earmark.settings.value.live_transcript
    assert window.actions_["live_transcript"].isChecked()
    assert "while it is recorded" not in empty.sentence.text()


def test_undo_among_the_passages_takes_back_what_was_done_to_them(desk: Desk, qtbot):
    opened(desk)
    view = desk.window.parts.transcript.view
    desk.window.activateWindow()
    view.setFocus()
    view.edited.emit("seg00003", "Somebody shakes his head.")
    settle_looks(desk)
    lines = desk.editor.lines()
    qtbot.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle_looks(desk)
    assert desk.session().transcript.segments[3].text == segments()[3].text
    assert desk.editor.lines() == lines


def test_among_the_passages_the_one_at_hand_is_lit_also_while_it_is_mended(desk: Desk):
    opened(desk)
    caret_to(desk, LEAVE)
    view = desk.window.parts.transcript.view
    desk.window.activateWindow()
    view.setFocus()
    view.setTextCursor(QTextCursor(view.body(5)))
    settle_looks(desk)
    assert lit(desk).endswith(view.shown[5].text)
    assert "The question I would ask" not in lit(desk)
    view.edit()
    settle_looks(desk)
    assert view.field.isVisible()
    assert lit(desk).endswith(view.shown[5].text)
    assert desk.editor.painter.related == line(6)
    desk.editor.setFocus()
    settle_looks(desk)
    assert "The question I would ask" in lit(desk)
    assert desk.editor.painter.related is None


def test_what_another_program_transcribes_is_shown(desk: Desk):
    opened(desk, spoken=False)
    pane = desk.window.parts.transcript
    assert pane.is_empty
    other = Library.open(desk.earmark.library.folder)
    try:
        other.begin_transcription(TAKE, "pywhispercpp", "small", "en")
        other.add_segments(TAKE, segments(), segments()[-1].end, finished=True)
    finally:
        other.close()
    desk.window.bridge.receive(n.Changed(Changes(titles=True, events=True, transcript=True)))
    settle_looks(desk)
    wait_until(lambda: desk.settle() or not pane.is_empty)
    assert [one.segment.text for one in pane.view.shown] == [one.text for one in segments()]
    assert pane.source.text() == "small · this computer"


def test_find_looks_among_the_passages_too(desk: Desk, qtbot):
    opened(desk)
    view, find = desk.window.parts.transcript.view, desk.window.parts.find
    desk.window.activateWindow()
    desk.editor.setFocus()
    desk.window.actions_["find"].trigger()
    find.wanted.setText("consistent")
    find.next()
    assert view.textCursor().selectedText().lower() == "consistent"
    assert view.current() == 4
    first = view.textCursor().position()
    find.next()
    assert view.current() == 4 and view.textCursor().position() > first
    find.next()
    assert view.textCursor().position() == first, "around the end"
    assert find._told.text() == "In the transcript."
    find.wanted.setText("11:01")
    find.next()
    assert find._told.text() == "Not found.", "times are no words"
    find.wanted.setText("relational")
    find.next()
    assert desk.editor.textCursor().selectedText() == "relational", "the notes come first"
    find.leave()
    assert desk.editor.hasFocus()
    view.setFocus()
    desk.window.actions_["find"].trigger()
    find.wanted.setText("relational")
    qtbot.keyClick(find.wanted, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.current() == 1
    assert view.textCursor().selectedText() == "relational"
    qtbot.keyClick(find.wanted, Qt.Key.Key_Escape)
    assert view.hasFocus()


def test_growing_words_are_told_with_their_model(desk: Desk):
    opened(desk, spoken=False)
    window = desk.window

    def begin(lib):
        lib.begin_transcription(TAKE, "pywhispercpp", "base.en", "en")
        lib.add_segments(TAKE, segments()[:1], segments()[0].end)

    desk.earmark.library.run(begin).result(60)
    state = n.TranscriptionState(window.desk.id, TAKE, n.TranscriptionPhase.RUNNING, live=True)
    window.bridge.receive(state)
    window.bridge.receive(n.TranscriptGrew(window.desk.id, TAKE, segments()[:2]))
    settle_looks(desk)
    wait_until(lambda: desk.settle() or window.parts.transcript.source.text() == "live · base.en")
    assert len(window.parts.transcript.view.shown) == 2


def test_without_engine_the_one_command_is_offered_and_copied(desk: Desk):
    opened(desk, spoken=False)
    window = desk.window
    window.transcript._ready = Readiness(has_engine=False, has_model=False, command="pip install x")
    window.transcript._show_state()
    empty = window.parts.transcript.empty
    assert empty.sentence.text() == missing_engine()
    assert empty.command.text() == "pip install x"
    empty.buttons[0].click()
    assert QGuiApplication.clipboard().text() == "pip install x"


def test_without_model_the_page_of_models_is_offered(desk: Desk):
    opened(desk, spoken=False)
    window = desk.window
    window.transcript._ready = Readiness(has_engine=True, has_model=False)
    window.transcript._show_state()
    assert window.parts.transcript.empty._does[0] is PaneAction.MODELS
    pressed: list[bool] = []
    window.actions_["speech_models"].triggered.connect(lambda: pressed.append(True))
    window.parts.transcript.empty.buttons[0].click()
    assert pressed == [True]


def test_another_session_brings_its_own_transcript(desk: Desk):
    opened(desk)
    desk.window.desk.start_fresh()
    settle_looks(desk)
    pane = desk.window.parts.transcript
    assert pane.is_empty
    assert pane.view.shown == []
    assert desk.editor.painter.late == {}


def test_a_narrow_window_has_the_transcript_below(desk: Desk):
    opened(desk)
    window = desk.window
    window.resize(900, 560)
    QApplication.processEvents()
    assert window.parts.reading.orientation() is Qt.Orientation.Vertical
    window.resize(1400, 800)
    QApplication.processEvents()
    assert window.parts.reading.orientation() is Qt.Orientation.Horizontal


def test_the_transcript_growing_while_words_are_edited_keeps_the_edit(desk: Desk, qtbot):
    opened(desk)
    view = desk.window.parts.transcript.view
    view.setTextCursor(QTextCursor(view.body(3)))
    view.edit()
    qtbot.keyClicks(view.field, "X")
    grown = segment(800.0, "And one more thing.", 77)
    desk.window.bridge.receive(n.TranscriptGrew(desk.window.desk.id, TAKE, (grown,)))
    settle_looks(desk)
    assert view.field.isVisible()
    qtbot.keyClick(view.field, Qt.Key.Key_Return)
    settle_looks(desk)
    assert "X" in desk.session().transcript.segments[3].text
    assert len(SAID) == 6


def test_the_late_start_is_told_over_the_time_in_the_margin(desk: Desk):
    opened(desk)
    assert desk.editor.late_words(line(LEAVE)) == "starts at its sentence, 17 s earlier"
    assert desk.editor.late_words(line(0)) == ""


def test_words_under_lines_follow_the_notes_and_the_transcript(desk: Desk, qtbot):
    opened(desk)
    desk.window.actions_["words_under_lines"].trigger()

    def under() -> dict[str, str]:
        settle_looks(desk)
        timers = (desk.window.inline_transcript._turn, desk.editor.painter.under._turn)

        def done() -> bool:
            QApplication.processEvents()
            return not any(timer.isActive() for timer in timers)

        wait_until(done, 60)
        desk.settle()
        wait_until(done, 60)
        return dict(desk.editor.painter.under._words)

    assert under()[line(LEAVE)].startswith("and what you get back")
    assert line(0) not in under()
    shown = [one.text for one in desk.session().lines]
    assert shown == [one[1] for one in NOTED]
    desk.window.parts.transcript.view.edited.emit("seg00002", "It stays up.")
    assert under()[line(LEAVE)].startswith("It stays up. Somebody")
    desk.window.actions_["words_under_lines"].trigger()
    assert under() == {}


def test_a_note_is_made_from_what_is_being_heard_while_one_types(desk: Desk):
    opened(desk)
    desk.window.playback.heard.emit(Anchor(TAKE, frames(685)))
    desk.editor.setFocus()
    desk.window.actions_["passage_note"].trigger()
    settle_looks(desk)
    assert segments()[3].text in [one.text for one in desk.session().lines]


def test_the_menu_offers_what_can_be_done(desk: Desk):
    opened(desk)
    view = desk.window.parts.transcript.view
    view.setTextCursor(QTextCursor(view.body(1)))
    view.menu_asked.emit(view.mapToGlobal(view.rect().center()))
    menu = next(m for m in view.findChildren(QMenu) if m.isVisible())
    able = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
    assert able["Make a note from this passage"]
    assert able["Mend the words…"]
    assert not able["Rename the speaker everywhere…"]
    assert not able["Undo the last change of the transcript"]
    menu.close()


def test_a_line_at_the_very_beginning_of_its_sentence_has_no_mark(desk: Desk):
    opened(desk)
    view = desk.window.parts.transcript.view
    view.setTextCursor(QTextCursor(view.body(3)))
    desk.window.actions_["passage_note"].trigger()
    settle_looks(desk)
    made = desk.session().lines[6]
    assert made.text == segments()[3].text
    assert made.id not in desk.editor.painter.late
