"""The list of sessions at the left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from earmark.model import Event, EventId, SessionId, SessionSummary
from earmark.model.i18n import _

from ..guard import guard
from ..plain import PlainLabel
from ..theme import current_theme, scaled
from .delegate import RowDelegate
from .model import Row, SessionList


class _List(QListView):
    """The view. A click shows, Return shows and goes into the notes, F2 renames, Delete bins."""

    opened = Signal(QModelIndex)
    bin_asked = Signal(QModelIndex)

    @guard(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(index)
        elif event.matches(QKeySequence.StandardKey.Delete) and index.isValid():
            self.bin_asked.emit(index)
        elif event.key() == Qt.Key.Key_F2 and index.isValid():
            self.edit(index)
        else:
            super().keyPressEvent(event)


class Sidebar(QWidget):
    """Shows summaries and events; tells what the person wants done with them."""

    session_chosen = Signal(str)
    """SessionId: show it; the focus stays in the list."""
    session_entered = Signal(str)
    """SessionId: show it, and go on in its notes."""
    session_renamed = Signal(str, str)
    """SessionId, title."""
    session_moved = Signal(str, object)
    """SessionId, EventId or None."""
    session_moved_to_new = Signal(str)
    """SessionId: into an event that is yet to be made and named (see `edit_event`)."""
    session_binned = Signal(str)
    event_renamed = Signal(str, str)
    """EventId, title."""
    event_removed = Signal(str)
    """EventId: its sessions become unfiled."""
    event_share_asked = Signal(str)
    session_share_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._events: tuple[Event, ...] = ()
        self._current: SessionId | None = None
        self._model = SessionList()
        self.list = self._make_list()
        self._empty = self._make_empty()
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addLayout(self._stack)
        self.setMinimumWidth(160)
        self._model.rename_asked.connect(self.session_renamed)
        self._model.event_rename_asked.connect(self.event_renamed)
        self._model.move_asked.connect(self.session_moved)

    def _make_list(self) -> _List:
        view = _List(self)
        view.setViewport(QWidget(view))  # without a ground of its own; see `NotesPage`
        view.setModel(self._model)
        view.setItemDelegate(RowDelegate(view))
        view.setAccessibleName(_("Sessions"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        view.setDefaultDropAction(Qt.DropAction.MoveAction)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setMouseTracking(True)
        view.customContextMenuRequested.connect(self._menu)
        view.clicked.connect(self._open)
        view.opened.connect(self._enter)
        view.doubleClicked.connect(view.edit)
        view.bin_asked.connect(self._bin)
        return view

    def _make_empty(self) -> QWidget:
        page = QWidget(self)
        lines = QVBoxLayout(page)
        title = PlainLabel(_("No sessions yet"), page)
        title.setFont(scaled(self.font(), 1.05))
        words = PlainLabel(_("Record, or just begin to type."), page, role="muted")
        for label in (title, words):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
        lines.addStretch(2)
        lines.addWidget(title)
        lines.addWidget(words)
        lines.addStretch(3)
        return page

    def show_sessions(self, sessions: Iterable[SessionSummary], events: Sequence[Event]) -> None:
        """Shows these sessions (newest first) under their events."""
        self._events = tuple(events)
        self._model.show(sessions, events)
        self._stack.setCurrentWidget(self.list if self._model.rowCount() else self._empty)
        self.show_current(self._current)

    def show_current(self, session: SessionId | None) -> None:
        """Marks the session that the window shows."""
        self._current = session
        with QSignalBlocker(self.list):
            index = self._model.index_of(session)
            if index == self.list.currentIndex():
                return
            self.list.setCurrentIndex(index)
            if index.isValid():
                self.list.scrollTo(index)
            else:
                self.list.clearSelection()

    def show_recording(self, session: SessionId | None) -> None:
        """Marks the session being recorded."""
        self._model.show_recording(session)

    def edit_session(self, session: SessionId) -> None:
        """Renames in place."""
        self._edit(self._model.index_of(session))

    def edit_event(self, event: EventId) -> None:
        """Renames the event in place, e.g. one just made."""
        self._edit(self._model.index_of_event(event))

    def _edit(self, index: QModelIndex) -> None:
        if index.isValid():
            self.list.scrollTo(index)
            self.list.edit(index)

    def _open(self, index: QModelIndex) -> None:
        self._choose(index, self.session_chosen)

    def _enter(self, index: QModelIndex) -> None:
        self._choose(index, self.session_entered)

    def _choose(self, index: QModelIndex, told: SignalInstance) -> None:
        row = self._model.row(index)
        if row is not None and row.session is not None:
            self._current = row.session.id
            told.emit(row.session.id)

    def _bin(self, index: QModelIndex) -> None:
        row = self._model.row(index)
        if row is not None and row.session is not None:
            self.session_binned.emit(row.session.id)

    def _menu(self, where: QPoint) -> None:
        index = self.list.indexAt(where)
        row = self._model.row(index)
        if row is None or (row.session is None and row.event is None):
            return
        menu = self.menu_for(row, index)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(where))

    def menu_for(self, row: Row, index: QModelIndex) -> QMenu:
        """The context menu of a row."""
        menu = QMenu(self)
        menu.addAction(_("Rename")).triggered.connect(lambda: self.list.edit(index))
        if row.session is None:
            if row.event is not None:
                event = row.event.id
                share = menu.addAction(_("Share the event…"))
                share.triggered.connect(lambda: self.event_share_asked.emit(event))
                remove = menu.addAction(_("Remove event, keep its sessions"))
                remove.triggered.connect(lambda: self.event_removed.emit(event))
            return menu
        session = row.session.id
        share = menu.addAction(_("Share…"))
        share.triggered.connect(lambda: self.session_share_asked.emit(session))
        targets = menu.addMenu(_("Move to event"))
        for choice in self._events:
            self._add_target(targets, choice.title, session, choice.id, row)
        targets.addSeparator()
        new = targets.addAction(_("New event…"))
        new.triggered.connect(lambda: self.session_moved_to_new.emit(session))
        self._add_target(targets, _("Unfiled"), session, None, row)
        menu.addSeparator()
        away = menu.addAction(_("Move to bin"))
        away.triggered.connect(lambda: self.session_binned.emit(session))
        return menu

    def _add_target(
        self, menu: QMenu, title: str, session: SessionId, event: EventId | None, row: Row
    ) -> None:
        action = menu.addAction(title.replace("&", "&&")[:80])
        action.setEnabled((row.event.id if row.event else None) != event)
        action.triggered.connect(lambda: self.session_moved.emit(session, event))

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().chrome)
        painter.end()
