"""The waveform: what is asked of the peaks, where moments lie, and what a hand can do with it."""

import logging
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from earmark.model import (
    RECORDING_RATE,
    Anchor,
    Bookmark,
    BookmarkId,
    Frames,
    Gap,
    LineId,
    Mark,
    NoteLine,
    SampleRate,
    SessionId,
    Span,
    Take,
    TakeId,
    TakeState,
    Timeline,
)
from earmark.ui.theme import LIGHT, use_theme
from earmark.ui.waveform import Waveform
from earmark.ui.waveform.columns import Columns
from earmark.ui.waveform.painting import FLAGS_PX, SIDE_PX
from earmark.ui.waveform.view import View, ruler_step

A, B = TakeId("a"), TakeId("b")


def take(name, ordinal, seconds, rate=RECORDING_RATE, **more):
    return Take(
        TakeId(name),
        ordinal,
        SampleRate(rate),
        1,
        Frames(seconds * rate),
        datetime(2024, 5, 1, tzinfo=UTC),
        TakeState.COMPLETE,
        **more,
    )


class Peaks:
    """Answers with a figure that tells which frames were asked; remembers the questions."""

    def __init__(self):
        self.asked = []

    def columns(self, take, start, end, n):
        assert 0 <= start < end
        self.asked.append((take, start, end, n))
        tops = [start + (end - start) * (i + 1) / n for i in range(n)]
        return [-t / 1000 for t in tops], [t / 2000 for t in tops], [t / 4000 for t in tops]


@pytest.fixture
def waveform(qtbot):
    use_theme(QApplication.instance(), LIGHT)
    widget = Waveform()
    qtbot.addWidget(widget)
    widget.resize(round(600 + 2 * SIDE_PX), 100)
    widget.set_peaks(Peaks())
    widget.set_takes([take("a", 1, 400), take("b", 2, 200, rate=44_100)])
    widget.set_lines(
        [
            NoteLine(LineId("one"), "First", anchor=Anchor(A, Frames(48_000 * 100))),
            NoteLine(
                LineId("two"), "Second", anchor=Anchor(B, Frames(44_100 * 50)), marks=(Mark.STAR,)
            ),
            NoteLine(LineId("away"), "Elsewhere", anchor=Anchor(TakeId("other"), Frames(0))),
            NoteLine(LineId("untimed"), "No time"),
        ]
    )
    widget.set_bookmarks([Bookmark(BookmarkId("mark"), Anchor(A, Frames(48_000 * 300)))])
    widget.show()
    return widget


def place(waveform, seconds, y=50):
    return QPoint(round(waveform.view.x(seconds * 1000) + SIDE_PX), y)


def drag(waveform, start, end, modifiers=Qt.KeyboardModifier.NoModifier):
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds = QEvent.Type
    for kind, at, button, held in (
        (kinds.MouseButtonPress, start, left, left),
        (kinds.MouseMove, end, none, left),
        (kinds.MouseButtonRelease, end, left, none),
    ):
        where = QPointF(at)
        spot = QPointF(waveform.mapToGlobal(at))
        QApplication.sendEvent(waveform, QMouseEvent(kind, where, spot, button, held, modifiers))


def seconds_of(anchor):
    return anchor.frame / (48_000 if anchor.take == A else 44_100)


# --- columns ---------------------------------------------------------------------------------


def test_columns_ask_each_take_for_its_own_part():
    peaks, columns = Peaks(), Columns()
    columns.set_provider(peaks)
    columns.set_timeline(Timeline((take("a", 1, 10), take("b", 2, 10, rate=44_100))))
    shown = columns.view(3000.0, 0, 7)
    assert len(shown) == 7
    assert sorted(peaks.asked) == [
        ("a", 0, 432_000, 3),
        ("a", 432_000, 480_000, 1),
        ("b", 0, 88_200, 1),
        ("b", 88_200, 352_800, 2),
        ("b", 352_800, 441_000, 1),
    ]
    assert all(column.peak > 0 for column in shown)


def test_columns_cover_every_frame_exactly_once():
    peaks, columns = Peaks(), Columns()
    columns.set_provider(peaks)
    columns.set_timeline(Timeline((take("a", 1, 11), take("b", 2, 7, rate=44_100))))
    columns.view(770.0, 0, 24)
    for name, frames in (("a", 11 * 48_000), ("b", 7 * 44_100)):
        parts = sorted((s, e) for t, s, e, _n in peaks.asked if t == name)
        assert parts[0][0] == 0
        assert parts[-1][1] == frames
        assert all(one[1] == other[0] for one, other in pairwise(parts))


def test_scrolling_asks_only_for_what_comes_into_view():
    peaks, columns = Peaks(), Columns()
    columns.set_provider(peaks)
    columns.set_timeline(Timeline((take("a", 1, 100),)))
    columns.view(1000.0, 0, 20)
    peaks.asked.clear()
    columns.view(1000.0, 5, 25)
    assert peaks.asked == [("a", 20 * 48_000, 25 * 48_000, 5)]


def test_a_growing_take_is_asked_only_at_its_end():
    peaks, columns = Peaks(), Columns()
    columns.set_provider(peaks)
    columns.set_timeline(Timeline((take("a", 1, 100),)))
    before = columns.view(1000.0, 0, 100)
    peaks.asked.clear()
    columns.set_timeline(Timeline((take("a", 1, 103),)))
    after = columns.view(1000.0, 0, 103)
    assert min(start for _t, start, _e, _n in peaks.asked) >= 98 * 48_000
    assert after[:98] == before[:98]


def test_peaks_that_lag_are_asked_for_again_as_far_back_as_they_were_missing():
    class Lagging(Peaks):
        reach = 40 * 48_000

        def columns(self, take, start, end, n):
            rows = super().columns(take, start, end, n)
            known = [start + (end - start) * i / n < self.reach for i in range(n)]
            return [[v * k for v, k in zip(row, known, strict=True)] for row in rows]

    peaks, columns = Lagging(), Columns()
    columns.set_provider(peaks)
    columns.set_timeline(Timeline((take("a", 1, 100),)))
    assert columns.view(1000.0, 0, 100)[60].peak == 0
    peaks.reach = 100 * 48_000
    columns.forget_end(97_000)
    assert all(column.peak > 0 for column in columns.view(1000.0, 0, 100))


def test_the_library_does_not_shorten_a_running_take(waveform):
    waveform.set_recording(B)
    waveform.grow(B, Frames(44_100 * 260))
    waveform.set_takes([take("a", 1, 400), take("b", 2, 0, rate=44_100)])
    assert waveform.timeline.duration_ms == 660_000
    waveform.set_recording(None)
    waveform.set_takes([take("a", 1, 400), take("b", 2, 250, rate=44_100)])
    assert waveform.timeline.duration_ms == 650_000


def test_a_take_without_peaks_is_silence_not_an_error():
    class Nothing:
        def columns(self, take, start, end, n):
            return [], [], []

    columns = Columns()
    columns.set_provider(Nothing())
    columns.set_timeline(Timeline((take("a", 1, 5),)))
    assert [c.peak for c in columns.view(1000.0, 0, 5)] == [0.0] * 5


# --- view ------------------------------------------------------------------------------------


def test_zooming_keeps_the_moment_under_the_pointer():
    view = View().laid_out(600, 3_600_000, live=False)
    closer = view.zoomed(4, 150)
    assert closer.ms(150) == pytest.approx(view.ms(150))
    assert not closer.fit
    assert closer.zoomed(0.01, 300).fit


def test_zoom_ends_at_the_detail_there_is():
    view = View().laid_out(600, 3_600_000, live=False)
    for _turn in range(60):
        view = view.zoomed(2, 300)
    assert view.column_ms == pytest.approx(10.0)


def test_scrolling_stops_at_both_ends():
    view = View().laid_out(600, 600_000, live=False).zoomed(4, 300)
    assert view.scrolled(-1e9).start_ms == 0
    assert view.scrolled(1e9).end_ms == pytest.approx(600_000)


def test_a_live_view_stays_still_while_the_recording_grows_in_it():
    view = View().laid_out(600, 10_000, live=True)
    later = view.laid_out(600, 55_000, live=True)
    assert later.ms_per_px == view.ms_per_px
    much_later = view.laid_out(600, 7_200_000, live=True)
    assert much_later.x(7_200_000) <= 600


def test_ruler_times_are_round_and_far_enough_apart():
    for scale in (3.4, 50, 400, 6000, 60_000):
        step = ruler_step(scale)
        assert step % 1000 == 0
        assert step / scale >= 70 or step == 14_400_000


# --- hands -----------------------------------------------------------------------------------


def test_a_click_seeks_over_take_borders(waveform, qtbot):
    for seconds, took, inside in ((100, A, 100), (500, B, 100)):
        with qtbot.waitSignal(waveform.sought, timeout=60_000) as told:
            qtbot.mouseClick(
                waveform, Qt.MouseButton.LeftButton, pos=place(waveform, seconds, y=60)
            )
        assert told.args[0].take == took
        assert seconds_of(told.args[0]) == pytest.approx(inside, abs=1.1)


def test_clicking_a_flag_tells_its_line_and_does_not_seek(waveform, qtbot):
    sought = []
    waveform.sought.connect(sought.append)
    with qtbot.waitSignal(waveform.flag_clicked, timeout=60_000) as told:
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=place(waveform, 100, y=8))
    assert told.args == ["one"]
    assert sought == []


def test_a_dragged_flag_tells_where_it_was_put(waveform, qtbot):
    with qtbot.waitSignal(waveform.flag_dragged, timeout=60_000) as told:
        drag(waveform, place(waveform, 450, y=8), place(waveform, 350, y=8))
    line, anchor = told.args
    assert line == "two"
    assert anchor.take == A
    assert seconds_of(anchor) == pytest.approx(350, abs=1.1)


def test_escape_lets_a_flag_go(waveform, qtbot):
    dragged = []
    waveform.flag_dragged.connect(lambda *told: dragged.append(told))
    qtbot.mousePress(waveform, Qt.MouseButton.LeftButton, pos=place(waveform, 450, y=8))
    qtbot.keyClick(waveform, Qt.Key.Key_Escape)
    qtbot.mouseRelease(waveform, Qt.MouseButton.LeftButton, pos=place(waveform, 350, y=8))
    assert dragged == []


def test_clicking_a_bookmark_plays_from_it(waveform, qtbot):
    with qtbot.waitSignal(waveform.sought, timeout=60_000) as told:
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=place(waveform, 300, y=8))
    assert told.args[0] == Anchor(A, Frames(48_000 * 300))


def test_shift_drag_picks_a_range_in_ascending_order(waveform, qtbot):
    shift = Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(waveform.range_selected, timeout=60_000) as told:
        drag(waveform, place(waveform, 480), place(waveform, 120), shift)
    start, end = told.args
    assert (start.take, end.take) == (A, B)
    assert seconds_of(start) == pytest.approx(120, abs=1.1)
    assert seconds_of(end) == pytest.approx(80, abs=1.1)
    with qtbot.waitSignal(waveform.range_cleared, timeout=60_000):
        qtbot.keyClick(waveform, Qt.Key.Key_Escape)
    assert waveform.selection is None


def test_keys_move_by_five_seconds_over_the_border(waveform, qtbot):
    waveform.set_playhead(Anchor(A, Frames(48_000 * 398)))
    heard = []
    waveform.sought.connect(heard.append)
    qtbot.keyClick(waveform, Qt.Key.Key_Right)
    qtbot.keyClick(waveform, Qt.Key.Key_Left)
    qtbot.keyClick(waveform, Qt.Key.Key_Home)
    assert heard == [
        Anchor(B, Frames(3 * 44_100)),
        Anchor(A, Frames(393 * 48_000)),
        Anchor(A, Frames(0)),
    ]


def test_keys_zoom_and_chords_are_left_to_the_window(waveform, qtbot):
    qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    assert not waveform.view.fit
    qtbot.keyClick(waveform, Qt.Key.Key_0)
    assert waveform.view.fit
    heard = []
    waveform.sought.connect(heard.append)
    qtbot.keyClick(waveform, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert heard == []


def test_the_wheel_zooms_at_the_pointer_and_shift_wheel_scrolls(waveform):
    def wheel(turn, modifiers):
        at = QPointF(place(waveform, 200))
        event = QWheelEvent(
            at,
            QPointF(waveform.mapToGlobal(at.toPoint())),
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(waveform, event)

    before = waveform.view.ms(200)
    wheel(480, Qt.KeyboardModifier.ControlModifier)
    assert waveform.view.ms(200) == pytest.approx(before)
    start = waveform.view.start_ms
    wheel(-120, Qt.KeyboardModifier.ShiftModifier)
    assert waveform.view.start_ms > start


def test_the_view_turns_the_page_when_the_playhead_leaves_it(waveform):
    waveform.zoom(8, 0)
    waveform.set_playhead(Anchor(A, Frames(48_000 * 74)))
    assert waveform.view.start_ms == 0
    waveform.set_playhead(Anchor(A, Frames(48_000 * 76)))
    assert waveform.view.start_ms > 0


def test_a_person_who_scrolled_away_is_left_there(waveform):
    waveform.zoom(8, 0)
    waveform.set_playhead(Anchor(A, Frames(48_000 * 10)))
    waveform.show_view(waveform.view.scrolled(3000))
    away = waveform.view
    waveform.set_playhead(Anchor(A, Frames(48_000 * 11)))
    assert waveform.view == away


def test_a_running_take_grows(waveform):
    waveform.set_recording(B)
    waveform.grow(B, Frames(44_100 * 260))
    assert waveform.timeline.duration_ms == 660_000
    waveform.grow(B, Frames(44_100 * 10))
    assert waveform.timeline.duration_ms == 660_000


def context_menu(waveform, where):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, waveform.mapToGlobal(where))
    QApplication.sendEvent(waveform, event)
    return waveform.findChildren(QMenu)[-1]


def test_a_bookmark_is_removed_from_its_menu(waveform, qtbot):
    menu = context_menu(waveform, place(waveform, 300, y=8))
    with qtbot.waitSignal(waveform.bookmark_removal_asked, timeout=60_000) as told:
        next(a for a in menu.actions() if a.text() == "Remove bookmark").trigger()
    assert told.args == ["mark"]
    menu.close()


def test_elsewhere_the_menu_only_zooms(waveform):
    menu = context_menu(waveform, place(waveform, 200, y=60))
    assert [a.text() for a in menu.actions()] == ["Zoom in", "Zoom out", "Show everything"]
    menu.close()


def test_a_flag_under_the_pointer_grows_and_in_the_hand_follows_it(waveform, qtbot):
    plain = waveform.grab().toImage()
    qtbot.mouseMove(waveform, place(waveform, 100, y=8))
    hovered = waveform.grab().toImage()
    assert hovered != plain
    assert waveform.cursor().shape() == Qt.CursorShape.PointingHandCursor
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(waveform, left, pos=place(waveform, 100, y=8))
    where = QPointF(place(waveform, 180, y=8))
    moved = QMouseEvent(
        QEvent.Type.MouseMove,
        where,
        QPointF(waveform.mapToGlobal(where.toPoint())),
        Qt.MouseButton.NoButton,
        left,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(waveform, moved)
    assert LIGHT.accent.name() in colours_at(waveform, waveform.view.x(180_000))
    qtbot.mouseRelease(waveform, left, pos=place(waveform, 180, y=8))


# --- drawing ---------------------------------------------------------------------------------


def colours_at(waveform, x):
    image = waveform.grab().toImage()
    ratio = image.devicePixelRatio()
    column = round((x + SIDE_PX) * ratio)
    return {image.pixelColor(column, y).name() for y in range(image.height())}


def test_the_recordings_edge_is_red_and_the_played_part_has_the_accent(waveform):
    waveform.set_recording(B)
    edge = waveform.view.x(600_000)
    assert LIGHT.recording.name() in colours_at(waveform, edge - 0.5)
    waveform.set_recording(None)
    assert LIGHT.recording.name() not in colours_at(waveform, edge - 0.5)
    waveform.set_playhead(Anchor(A, Frames(48_000 * 200)))
    assert LIGHT.accent.name() in colours_at(waveform, waveform.view.x(200_000) - 0.5)


def test_everything_there_is_can_be_drawn(waveform, caplog):
    gap = Gap(Frames(48_000 * 40), Frames(48_000 * 20), "overrun")
    span = Span(Frames(48_000 * 80), Frames(48_000 * 30))
    plain = waveform.grab().toImage()
    waveform.set_takes([take("a", 1, 400, gaps=(gap,), off_record=(span,)), take("b", 2, 200)])
    waveform.set_selection((50_000, 20_000))
    waveform.set_loop(Anchor(A, Frames(0)), Anchor(A, Frames(48_000)))
    waveform.set_lit(LineId("one"))
    with caplog.at_level(logging.WARNING):
        assert waveform.grab().toImage() != plain
        waveform.set_takes([])
        waveform.set_peaks(None)
        waveform.grab()
    assert caplog.records == []


def test_five_thousand_flags_are_drawn_and_found(waveform, qtbot):
    lines = [
        NoteLine(LineId(f"l{i}"), f"line {i}", anchor=Anchor(A, Frames(i * 3000)))
        for i in range(5000)
    ]
    waveform.set_lines(lines)
    waveform.grab()
    with qtbot.waitSignal(waveform.flag_clicked, timeout=60_000) as told:
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=place(waveform, 100, y=8))
    assert abs(int(told.args[0][1:]) * 3000 / 48_000 - 100) < 1


# --- assistive technology --------------------------------------------------------------------


def test_flags_and_playhead_are_objects_with_names_and_places(waveform):
    whole = QAccessible.queryAccessibleInterface(waveform)
    name, described = QAccessible.Text.Name, QAccessible.Text.Description
    assert whole.text(name) == "Waveform"
    assert whole.text(described)
    assert whole.childCount() == 4
    parts = [whole.child(i) for i in range(4)]
    assert [part.text(name) for part in parts] == [
        "Playhead: nothing played yet",
        "01:40 First",
        "05:00 Bookmark",
        "07:30 Second (star)",
    ]
    waveform.set_playhead(Anchor(A, Frames(48_000 * 100)))
    assert parts[0].text(name) == "Playhead 01:40 of 10:00"
    flag = parts[1].rect()
    assert flag.contains(waveform.mapToGlobal(place(waveform, 100, y=8)))
    assert parts[1].role() == QAccessible.Role.Button
    assert whole.childAt(flag.center().x(), flag.center().y()) is parts[1]
    assert whole.indexOfChild(parts[2]) == 2
    assert parts[2].parent() is whole


def test_objects_of_flags_that_are_gone_say_so(waveform):
    whole = QAccessible.queryAccessibleInterface(waveform)
    last = whole.child(3)
    assert last.isValid()
    waveform.set_lines([])
    assert not last.isValid()
    assert last.text(QAccessible.Text.Name) == ""
    assert last.rect().isNull()
    assert whole.child(3) is None


def test_a_range_across_the_flag_row_does_not_lift_a_flag(waveform, qtbot):
    shift = Qt.KeyboardModifier.ShiftModifier
    dragged = []
    waveform.flag_dragged.connect(lambda *told: dragged.append(told))
    with qtbot.waitSignal(waveform.range_selected, timeout=60_000):
        drag(waveform, place(waveform, 100, y=8), place(waveform, 200, y=8), shift)
    assert dragged == []
    assert FLAGS_PX > 8


def test_foreign_takes_have_no_place(qtbot):
    widget = Waveform()
    qtbot.addWidget(widget)
    widget.set_takes([take("x", 1, 10, session=SessionId("other"))])
    assert widget.timeline.duration_ms == 0
    assert widget.anchor_at_x(20) is None
