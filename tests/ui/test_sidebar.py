"""The list of sessions: order, words, and what the person asks of it."""

import re
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLineEdit

from earmark.model import Event, EventId, Milliseconds, SessionId, SessionSummary
from earmark.ui.sidebar import Sidebar
from earmark.ui.sidebar.model import MIME, Role, SessionList, duration_words
from earmark.ui.window.page import duration_words as page_words

CAMP, COURSE = Event(EventId("camp"), "CloudCamp"), Event(EventId("course"), "Course")
WHEN = datetime(2024, 5, 1, tzinfo=UTC)


def summary(name, title, event=None, minutes=10):
    return SessionSummary(SessionId(name), title, event, WHEN, Milliseconds(minutes * 60_000), 1, 3)


SESSIONS = (
    summary("a", "Unpanel", CAMP, 24),
    summary("b", "Dentist", None, 4),
    summary("c", "Architecture", CAMP, 72),
)


@pytest.fixture
def sidebar(qtbot):
    widget = Sidebar()
    qtbot.addWidget(widget)
    widget.resize(238, 600)
    widget.show()
    widget.show_sessions(SESSIONS, (CAMP, COURSE))
    return widget


def texts(sidebar, role=Qt.ItemDataRole.DisplayRole):
    model = sidebar.list.model()
    return [model.index(i).data(role) for i in range(model.rowCount())]


def index_of(sidebar, text):
    return sidebar.list.model().index(texts(sidebar).index(text))


def click(qtbot, sidebar, text):
    place = sidebar.list.visualRect(index_of(sidebar, text)).center()
    qtbot.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def menu(sidebar, text):
    index = index_of(sidebar, text)
    return sidebar.menu_for(index.data(Role.ROW), index)


def entry(menu, text):
    return next(a for a in menu.actions() if a.text() == text)


def test_sessions_stand_under_their_events_and_the_unfiled_last(sidebar):
    assert texts(sidebar) == [
        "CloudCamp",
        "Unpanel",
        "Architecture",
        "Course",
        "Unfiled",
        "Dentist",
    ]
    assert texts(sidebar, Role.DURATION) == ["", "24 m", "1 h 12", "", "", "4 m"]


def test_without_events_there_are_no_headings(sidebar):
    sidebar.show_sessions((summary("b", "Dentist"),), ())
    assert texts(sidebar) == ["Dentist"]


def test_an_empty_library_says_what_to_do(sidebar):
    assert sidebar.list.isVisible()
    sidebar.show_sessions((), ())
    assert not sidebar.list.isVisible()


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, ""), (400, "1 s"), (59_000, "59 s"), (61_000, "1 m"), (3_599_000, "1 h 00")],
)
def test_durations_are_short(ms, words):
    assert duration_words(Milliseconds(ms)) == words


@pytest.mark.parametrize("ms", [59_000, 89_000, 117_000, 3_599_000, 4_319_000])
def test_the_list_and_the_page_round_alike(ms):
    long = page_words(ms).replace(" min", " m")
    short = duration_words(Milliseconds(ms))
    assert [int(n) for n in re.findall(r"\d+", long)] == [int(n) for n in re.findall(r"\d+", short)]


def test_a_click_chooses_a_session_and_a_heading_chooses_nothing(sidebar, qtbot):
    chosen = []
    sidebar.session_chosen.connect(chosen.append)
    click(qtbot, sidebar, "CloudCamp")
    click(qtbot, sidebar, "Dentist")
    assert chosen == ["b"]


def test_return_opens_what_the_keys_reached(sidebar, qtbot):
    sidebar.show_current(SessionId("a"))
    sidebar.list.setFocus()
    qtbot.keyClick(sidebar.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(sidebar.session_entered, timeout=60_000) as told:
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Return)
    assert told.args == ["c"]


def test_renaming_in_place_tells_a_tidy_title(sidebar, qtbot):
    sidebar.edit_session(SessionId("c"))
    editor = sidebar.list.findChild(QLineEdit)
    assert editor.accessibleName() == "New title"
    assert editor.text() == "Architecture"
    editor.setText("  Cloud \x00architecture  ")
    with qtbot.waitSignal(sidebar.session_renamed, timeout=60_000) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == ["c", "Cloud �architecture"]


def test_an_empty_or_unchanged_title_changes_nothing(sidebar, qtbot):
    told = []
    sidebar.session_renamed.connect(lambda *new: told.append(new))
    for text in ("   ", "Architecture"):
        sidebar.edit_session(SessionId("c"))
        editor = sidebar.list.findChild(QLineEdit)
        editor.setText(text)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: sidebar.list.findChild(QLineEdit) is None, timeout=60_000)
    assert told == []


def test_an_event_is_renamed_in_place_too(sidebar, qtbot):
    sidebar.edit_event(EventId("course"))
    editor = sidebar.list.findChild(QLineEdit)
    editor.setText("Course 2")
    with qtbot.waitSignal(sidebar.event_renamed, timeout=60_000) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == ["course", "Course 2"]


def test_the_menu_moves_bins_and_makes_events(sidebar, qtbot):
    told = []
    sidebar.session_moved.connect(lambda *moved: told.append(moved))
    sidebar.session_binned.connect(told.append)
    sidebar.session_moved_to_new.connect(told.append)
    sidebar.event_removed.connect(told.append)
    of_session = menu(sidebar, "Unpanel")
    targets = entry(of_session, "Move to event").menu()
    assert not entry(targets, "CloudCamp").isEnabled()
    entry(targets, "Course").trigger()
    entry(targets, "Unfiled").trigger()
    entry(targets, "New event…").trigger()
    entry(of_session, "Move to bin").trigger()
    entry(menu(sidebar, "Course"), "Remove event, keep its sessions").trigger()
    assert told == [("a", "course"), ("a", None), "a", "a", "course"]


def test_delete_asks_for_the_bin(sidebar, qtbot):
    sidebar.show_current(SessionId("b"))
    sidebar.list.setFocus()
    with qtbot.waitSignal(sidebar.session_binned, timeout=60_000) as told:
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Delete)
    assert told.args == ["b"]


def test_a_session_dropped_on_an_event_is_moved_there(sidebar):
    model = sidebar.list.model()
    moved = []
    sidebar.session_moved.connect(lambda *told: moved.append(told))
    data = model.mimeData([index_of(sidebar, "Dentist")])
    assert data.hasFormat(MIME)
    assert not data.hasText()
    move = Qt.DropAction.MoveAction
    assert model.canDropMimeData(data, move, -1, -1, index_of(sidebar, "Course"))
    model.dropMimeData(data, move, -1, -1, index_of(sidebar, "Course"))
    model.dropMimeData(data, move, -1, -1, index_of(sidebar, "Architecture"))
    model.dropMimeData(data, move, -1, -1, index_of(sidebar, "Unfiled"))
    model.dropMimeData(data, move, 2, 0, QModelIndex())
    assert moved == [("b", "course"), ("b", "camp"), ("b", "camp")]


def test_what_is_dropped_by_a_stranger_is_let_be(sidebar):
    model = sidebar.list.model()
    moved = []
    sidebar.session_moved.connect(lambda *told: moved.append(told))
    data = model.mimeData([])
    data.setData(MIME, b"\xff\xfe nobody")
    model.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, index_of(sidebar, "Course"))
    assert moved == []


def test_changed_words_keep_the_place_and_the_selection(sidebar):
    sidebar.show_current(SessionId("c"))
    resets = []
    sidebar.list.model().modelReset.connect(lambda: resets.append(1))
    renamed = (SESSIONS[0], SESSIONS[1], summary("c", "Cloud architecture", CAMP, 80))
    sidebar.show_sessions(renamed, (CAMP, COURSE))
    assert resets == []
    assert sidebar.list.currentIndex().data() == "Cloud architecture"
    sidebar.show_sessions((summary("new", "New one"), *renamed), (CAMP, COURSE))
    assert resets == [1]
    assert sidebar.list.currentIndex().data() == "Cloud architecture"


def test_showing_what_is_current_is_not_a_choice(sidebar):
    chosen = []
    sidebar.session_chosen.connect(chosen.append)
    sidebar.show_current(SessionId("a"))
    sidebar.show_current(SessionId("gone"))
    assert chosen == []


def test_the_session_being_recorded_is_marked_in_colour_and_words(sidebar):
    sidebar.show_recording(SessionId("a"))
    index = index_of(sidebar, "Unpanel")
    assert index.data(Role.RECORDING)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Unpanel, 24 m, recording"
    sidebar.show_recording(None)
    assert not index.data(Role.RECORDING)
    assert sidebar.list.accessibleName() == "Sessions"


def test_a_title_is_never_rich_text(sidebar):
    sidebar.show_sessions((summary("x", "<img src='file:///x'>"),), ())
    tip = sidebar.list.model().index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert "&lt;img" in tip


def test_five_thousand_sessions_are_one_model_and_reachable(qtbot):
    many = [summary(f"s{i}", f"Session {i}", CAMP if i % 2 else None) for i in range(5000)]
    model = SessionList()
    model.show(many, (CAMP,))
    assert model.rowCount() == 5002
    widget = Sidebar()
    qtbot.addWidget(widget)
    widget.resize(238, 600)
    widget.show()
    widget.show_sessions(many, (CAMP,))
    widget.show_current(SessionId("s4999"))
    assert widget.list.currentIndex().data() == "Session 4999"
    qtbot.waitUntil(
        lambda: (
            widget.list.viewport()
            .rect()
            .intersects(widget.list.visualRect(widget.list.currentIndex()))
        ),
        timeout=60_000,
    )
