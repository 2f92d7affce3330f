"""The transcript alone: passages shown exactly, words found, lit, edited and copied."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from spoken_talks import RATE, TAKE, frames, segment, segments

from earmark.app.news import TranscriptionPhase, TranscriptionState
from earmark.model import (
    Anchor,
    Frames,
    SampleRate,
    SegmentId,
    Take,
    TakeId,
    TakeState,
    Timeline,
    Transcript,
)
from earmark.ui.theme import current_theme
from earmark.ui.transcript.state import behind_words, source_words, work_of
from earmark.ui.transcript.view import TranscriptView


def timeline() -> Timeline:
    from datetime import UTC, datetime

    day = datetime(2026, 1, 1, tzinfo=UTC)
    return Timeline(
        (Take(TAKE, 1, SampleRate(RATE), 1, frames(4_000_000), day, TakeState.COMPLETE),)
    )


@pytest.fixture
def view(qapp, qtbot):
    view = TranscriptView()
    qtbot.addWidget(view)
    view.resize(320, 400)
    view.show()
    view.show_passages(segments(), timeline())
    return view


def texts(view: TranscriptView) -> list[str]:
    view.finish()
    return [view.body(n).text() for n in range(len(view.shown))]


def place(view: TranscriptView, number: int, word: str) -> QPoint:
    """The middle of a word of a passage, in the viewport."""
    body = view.body(number)
    at = body.text().index(word)
    cursor = QTextCursor(body)
    cursor.setPosition(body.position() + at + 1)
    return view.cursorRect(cursor).center()


def test_passages_stand_with_their_times(view: TranscriptView):
    assert texts(view) == [one.text for one in segments()]
    assert [view.head(n).text() for n in range(3)] == ["10:52", "11:01", "11:16"]
    assert view.document().blockCount() == 2 * len(view.shown)


def test_a_click_on_a_word_plays_it(view: TranscriptView):
    heard: list[Anchor] = []
    view.word_clicked.connect(heard.append)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, 1, "relational"))
    word = next(w for w in segments()[1].words if w.text == "relational")
    assert heard == [Anchor(TAKE, word.start)]


def test_a_drag_selects_and_plays_nothing(view: TranscriptView):
    heard: list[Anchor] = []
    view.word_clicked.connect(heard.append)
    start, end = place(view, 0, "replicas"), place(view, 0, "writes")
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert heard == []


def test_the_word_being_spoken_is_lit(view: TranscriptView):
    word = segments()[1].words[5]
    view.show_heard(Anchor(TAKE, Frames(word.start + 10)))
    lit = [mark.cursor.selectedText() for mark in view.extraSelections()]
    assert lit[-1] == word.text
    assert segments()[1].text in lit[0]
    view.show_heard(None)
    assert view.extraSelections() == []


def test_between_passages_the_last_one_stays_lit(view: TranscriptView):
    view.show_heard(Anchor(TAKE, frames(740)))
    assert segments()[4].text in view.extraSelections()[0].cursor.selectedText()


def test_following_is_suspended_by_hand_and_taken_up_again(view: TranscriptView):
    many = [segment(n * 10.0, f"Passage number {n} of the talk.", n) for n in range(200)]
    view.show_passages(many, timeline())
    view.finish()
    QApplication.processEvents()
    told: list[bool] = []
    view.suspended.connect(told.append)
    view.show_heard(Anchor(TAKE, frames(1500)))
    bar = view.verticalScrollBar()
    assert bar.value() > 0
    bar.triggerAction(bar.SliderAction.SliderToMinimum)
    assert told == [True]
    view.show_heard(Anchor(TAKE, frames(1510)))
    assert bar.value() == 0
    view.suspend(False)
    assert told == [True, False]
    assert bar.value() > 0


def test_words_are_edited_where_they_stand(view: TranscriptView, qtbot):
    kept: list[tuple[str, str]] = []
    view.edited.connect(lambda name, text: kept.append((name, text)))
    view.setFocus()
    view.setTextCursor(QTextCursor(view.body(2)))
    QTest.keyClick(view, Qt.Key.Key_F2)
    field = view.field
    assert field.isVisible()
    assert field.toPlainText() == segments()[2].text
    field.selectAll()
    QTest.keyClicks(field, "and it stays up")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not field.isVisible()
    assert kept == [("seg00002", "and it stays up")]


def test_escape_leaves_the_words_as_they_were(view: TranscriptView):
    kept: list[str] = []
    view.edited.connect(lambda name, _text: kept.append(name))
    view.setTextCursor(QTextCursor(view.body(2)))
    view.edit()
    QTest.keyClicks(view.field, "nonsense")
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    view.edit()
    QTest.keyClick(view.field, Qt.Key.Key_Return)  # nothing changed
    assert kept == []


def test_a_double_click_edits_and_takes_its_first_click_back(view: TranscriptView):
    back: list[bool] = []
    view.play_cancelled.connect(lambda: back.append(True))
    where = place(view, 3, "shaking")
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert back == [True]
    assert view.field.segment == "seg00003"


def test_what_is_pasted_while_editing_stays_one_plain_line(view: TranscriptView):
    view.setTextCursor(QTextCursor(view.body(0)))
    view.edit()
    data = QMimeData()
    data.setHtml("<b>two</b><img src='http://127.0.0.1:9/x.png'>")
    data.setText("two\nlines")
    view.field.selectAll()
    view.field.insertFromMimeData(data)
    assert view.field.toPlainText() == "two lines"


def test_copying_several_passages_brings_times_and_speakers(view: TranscriptView):
    named = [replace(one, speaker="Ada") if n == 1 else one for n, one in enumerate(segments())]
    view.show_passages(named, timeline())
    cursor = QTextCursor(view.body(0))
    cursor.setPosition(view.body(1).position() + 3, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    view.copy()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied == [f"[10:52] {segments()[0].text}", f"[11:01] Ada: {segments()[1].text}"]
    cursor = QTextCursor(view.body(1))
    cursor.setPosition(view.body(1).position() + 12, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.copied_text() == "The question"


HOSTILE = (
    "<img src=http://127.0.0.1:9/a.png> <b>bold</b>",
    "line\nbreak\u2028and\u2029more \ufdd0\ufffc",
    "nul \x00 and \ud800 alone",
    "שלום עולם " * 3,
    "🦔 hedgehogs 🦔🦔 " * 4,
    "",
    "x" * 50_000,
)


def test_hostile_text_is_shown_as_plain_text(view: TranscriptView):
    hostile = [
        replace(segment(n * 10.0 + 1, "word", n), text=text, speaker="<i>Eve</i>", words=())
        for n, text in enumerate(HOSTILE)
    ]
    view.show_passages(hostile, timeline())
    shown = texts(view)
    assert len(shown) == len(HOSTILE)
    assert shown[0] == HOSTILE[0]
    assert shown[4] == HOSTILE[4]
    assert "\n" not in "".join(shown)
    assert view.head(0).text() == "00:01  <i>Eve</i>"
    assert view.document().blockCount() == 2 * len(HOSTILE)
    for n in range(len(HOSTILE)):
        view.show_heard(Anchor(TAKE, frames(n * 10 + 2)))
        view.anchor_of(QTextCursor(view.body(n)))


def test_words_beyond_the_basic_plane_keep_their_places(view: TranscriptView):
    view.show_passages([segment(5.0, "🦔🦔 two 🦔 four", 1)], timeline())
    word = view.shown[0].segment.words[3]
    view.show_heard(Anchor(TAKE, word.start))
    assert view.extraSelections()[-1].cursor.selectedText() == "four"


@pytest.mark.parametrize("seed", range(12))
def test_any_change_of_the_passages_shows_just_those(view: TranscriptView, seed: int):
    dice = random.Random(seed)
    passages = list(segments())
    number = 100
    for _step in range(25):
        what = dice.choice(["add", "remove", "change", "many", "none", "partial"])
        if what == "add":
            number += 1
            at = dice.uniform(0, 3000)
            passages.append(segment(at, f"New words {number} here.", number))
            passages.sort(key=lambda one: one.start)
        elif what == "remove" and passages:
            first = dice.randrange(len(passages))
            del passages[first : first + dice.randint(1, 3)]
        elif what == "change" and passages:
            at = dice.randrange(len(passages))
            passages[at] = replace(passages[at], text=f"changed {number}", edited=True)
        elif what == "many":
            start = dice.uniform(3000, 4000)
            for _n in range(dice.choice((3, 400))):
                number += 1
                start += 1
                passages.append(segment(start, f"More {number}.", number))
            passages.sort(key=lambda one: one.start)
        elif what == "partial":
            view.show_partial(Anchor(TAKE, frames(5000)), f"being said {number}")
            if dice.random() < 0.5:
                view.show_partial(None)
        view.show_passages(passages, timeline())
        if dice.random() < 0.3:
            QApplication.processEvents()
    view.show_partial(None)
    assert texts(view) == [one.text for one in passages]
    assert [one.segment for one in view.shown] == passages
    heads = [view.head(n).text() for n in range(len(passages))]
    assert heads == [one.time for one in view.shown]
    if passages:
        assert view.document().blockCount() == 2 * len(passages)


def test_what_is_being_said_is_at_the_end_and_is_no_passage(view: TranscriptView):
    view.show_partial(Anchor(TAKE, frames(900)), "and now I\nam saying")
    assert view.toPlainText().endswith("15:00\nand now I am saying")
    cursor = QTextCursor(view.document().lastBlock())
    assert view.anchor_of(cursor) is None
    assert cursor.charFormat().foreground().color() == current_theme().muted
    view.setTextCursor(cursor)
    view.edit()
    assert not view.field.isVisible()
    view.show_passages((*segments(), segment(900.0, "And now I am saying it.", 9)), timeline())
    view.show_partial(None)
    assert texts(view)[-1] == "And now I am saying it."


def test_passages_of_a_take_elsewhere_have_no_time(view: TranscriptView):
    elsewhere = replace(segments()[0], take=TakeId("b" * 16), id=SegmentId("other"))
    view.show_passages((elsewhere,), timeline())
    assert view.head(0).text() == ""
    view.show_heard(Anchor(TAKE, frames(100)))
    assert view.extraSelections() == []


def test_what_goes_on_is_told_in_words():
    def state(phase: TranscriptionPhase, **more):
        return TranscriptionState("s", None, phase, **more)  # type: ignore[arg-type]

    assert work_of(None) is None
    assert work_of(state(TranscriptionPhase.DONE)) is None
    running = work_of(state(TranscriptionPhase.RUNNING, fraction=0.345, seconds_left=190))
    assert running is not None
    assert (running.words, running.can_cancel) == ("Transcribing: 34 % · 3 min left", True)
    failed = work_of(state(TranscriptionPhase.FAILED, sentence="It broke.", remedy="Try again."))
    assert failed is not None
    assert (failed.words, failed.serious) == ("It broke. Try again.", True)
    assert work_of(state(TranscriptionPhase.RUNNING, live=True)) is None
    assert behind_words(12.4) == "12 s behind"
    assert behind_words(1.0) == ""
    live = state(TranscriptionPhase.RUNNING, live=True, behind_s=12)
    assert source_words(None, live) == "live · 12 s behind"
    made = Transcript("pywhispercpp", "small", "en")
    assert source_words(made, None) == "small · this computer"
    assert source_words(replace(made, engine="espeak-ng", model="its words"), None) == "its words"


def test_live_words_stay_in_view_for_whoever_looks_at_the_end(view: TranscriptView):
    view.tails = True
    bar = view.verticalScrollBar()
    passages = list(segments())
    for n in range(60):
        at = 1000.0 + 10 * n
        view.show_partial(Anchor(TAKE, frames(at)), f"being said {n}")
        passages.append(segment(at, f"Said in passage {n} of the talk.", 100 + n))
        view.show_passages(passages, timeline())
        view.show_partial(None)
        QApplication.processEvents()
        assert bar.value() == bar.maximum()
    bar.setValue(0)
    passages.append(segment(3000.0, "One more.", 999))
    view.show_passages(passages, timeline())
    QApplication.processEvents()
    assert bar.value() == 0
