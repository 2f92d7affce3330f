"""The list as rows for Qt: a heading for each event, its sessions below, the unfiled ones last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from earmark.model import (
    Event,
    EventId,
    Milliseconds,
    SessionId,
    SessionSummary,
    format_time,
    safe_title,
)
from earmark.model.i18n import _

from ..guard import guard
from ..plain import plain_tip

_NOTHING: Any = None
MIME = "application/x-earmark-session"
Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a delegate asks for besides the text."""

    HEADING = Qt.ItemDataRole.UserRole
    DURATION = Qt.ItemDataRole.UserRole + 1
    ROW = Qt.ItemDataRole.UserRole + 2
    RECORDING = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class Row:
    """A heading (`session` None) or a session. `event` is None for the unfiled."""

    event: Event | None
    session: SessionSummary | None = None


def duration_words(ms: Milliseconds) -> str:
    """A duration as short as the list shows it: "38 m", "1 h 12", "20 s"; empty for none."""
    if ms <= 0:
        return ""
    minutes = round(ms / 60_000)
    if ms < 60_000:
        return _("{seconds} s").format(seconds=max(1, round(ms / 1000)))
    if minutes < 60:
        return _("{minutes} m").format(minutes=minutes)
    return _("{hours} h {minutes}").format(hours=minutes // 60, minutes=f"{minutes % 60:02}")


def rows_of(sessions: Iterable[SessionSummary], events: Sequence[Event]) -> list[Row]:
    """Rows in order: events with the newest session first, those without any, the unfiled.

    `sessions` come newest first and stay in that order within their event.
    """
    groups: dict[EventId | None, list[Row]] = {}
    named: dict[EventId | None, Event | None] = {None: None}
    for summary in sessions:
        key = summary.event.id if summary.event else None
        groups.setdefault(key, []).append(Row(summary.event, summary))
        named[key] = summary.event
    for event in events:
        groups.setdefault(event.id, [])
        named[event.id] = event
    unfiled = groups.pop(None, [])
    rows: list[Row] = []
    for key, members in groups.items():
        rows.append(Row(named[key]))
        rows.extend(Row(named[key], row.session) for row in members)
    if unfiled and rows:
        rows.append(Row(None))
    return rows + unfiled


class SessionList(QAbstractListModel):
    """The rows. Editing a text, or dropping a session on an event, only tells what is wanted."""

    rename_asked = Signal(str, str)
    """SessionId, new title."""
    event_rename_asked = Signal(str, str)
    """EventId, new title."""
    move_asked = Signal(str, object)
    """SessionId, EventId or None for unfiled."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._at: dict[SessionId, int] = {}
        self._recording: SessionId | None = None

    def show(self, sessions: Iterable[SessionSummary], events: Sequence[Event]) -> None:
        """Shows these. Where only words changed, rows are kept and views keep their place."""
        rows = rows_of(sessions, events)
        if _shape(rows) == _shape(self._rows):
            changed = [i for i, row in enumerate(rows) if row != self._rows[i]]
            self._rows = rows
            for i in changed:
                self.dataChanged.emit(self.index(i), self.index(i))
            return
        self.beginResetModel()
        self._rows = rows
        self._at = {row.session.id: i for i, row in enumerate(rows) if row.session}
        self.endResetModel()

    def show_recording(self, session: SessionId | None) -> None:
        """The session being recorded: it carries a red dot."""
        before, self._recording = self._recording, session
        for which in {before, session} - {None}:
            index = self.index_of(which)
            if index.isValid():
                self.dataChanged.emit(index, index)

    def row(self, index: Index) -> Row | None:
        """The row at an index of this model."""
        at = index.row()
        return self._rows[at] if index.isValid() and at < len(self._rows) else None

    def index_of(self, session: SessionId | None) -> QModelIndex:
        """Where the session is; an invalid index where it is not listed."""
        at = None if session is None else self._at.get(session)
        return QModelIndex() if at is None else self.index(at)

    def index_of_event(self, event: EventId) -> QModelIndex:
        """Where the event's heading is; an invalid index where there is none."""
        for i, row in enumerate(self._rows):
            if row.session is None and row.event is not None and row.event.id == event:
                return self.index(i)
        return QModelIndex()

    @guard(0)
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    @guard(_NOTHING)
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        roles = Qt.ItemDataRole
        if role == Role.HEADING:
            return row.session is None
        if role == Role.ROW:
            return row
        if role in (roles.DisplayRole, roles.EditRole):
            return _title(row)
        if role == roles.AccessibleTextRole:
            return _spoken(row, self._recording)
        if role == roles.ToolTipRole:
            return plain_tip(_told(row))
        if role == Role.DURATION:
            return duration_words(row.session.duration_ms) if row.session else ""
        if role == Role.RECORDING:
            return row.session is not None and row.session.id == self._recording
        return None

    @guard(Qt.ItemFlag.NoItemFlags)
    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index)
        flag = Qt.ItemFlag
        if row is None:
            return flag.NoItemFlags
        if row.session is None:
            editable = flag.ItemIsEditable if row.event else flag.NoItemFlags
            return flag.ItemIsEnabled | flag.ItemIsDropEnabled | editable
        both = flag.ItemIsDragEnabled | flag.ItemIsDropEnabled
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable | both

    @guard(False)
    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row(index)
        title = safe_title(str(value))
        if row is None or role != Qt.ItemDataRole.EditRole or not title or title == _title(row):
            return False
        if row.session is not None:
            self.rename_asked.emit(row.session.id, title)
        elif row.event is not None:
            self.event_rename_asked.emit(row.event.id, title)
        return True

    @guard(Qt.DropAction.MoveAction)
    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    @guard([MIME])
    def mimeTypes(self) -> list[str]:
        return [MIME]

    @guard(QMimeData())
    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        found = [row.session.id for i in indexes if (row := self.row(i)) and row.session]
        data.setData(MIME, "\n".join(found).encode())
        return data

    @guard(False)
    def canDropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index
    ) -> bool:
        return data.hasFormat(MIME) and self._target(row, parent) is not None

    @guard(False)
    def dropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index
    ) -> bool:
        target = self._target(row, parent)
        if target is None or not data.hasFormat(MIME):
            return False
        for session in bytes(data.data(MIME).data()).decode(errors="replace").split("\n"):
            moved = self.row(self.index_of(SessionId(session)))
            if moved is not None and moved.event != target.event:
                event = target.event.id if target.event else None
                self.move_asked.emit(session, event)
        return False

    def _target(self, row: int, parent: Index) -> Row | None:
        """The row a drop falls on: an item itself, or the one above the place between two."""
        if parent.isValid():
            return self.row(parent)
        if row < 0:
            return None
        return self._rows[min(row, len(self._rows)) - 1] if row and self._rows else None


def _shape(rows: Sequence[Row]) -> list[tuple[str | None, str | None]]:
    return [
        (row.event.id if row.event else None, row.session.id if row.session else None)
        for row in rows
    ]


def _title(row: Row) -> str:
    if row.session is not None:
        return row.session.title or _("Untitled")
    return row.event.title if row.event else _("Unfiled")


def _told(row: Row) -> str:
    if row.session is None:
        return _title(row)
    when = row.session.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{_title(row)}\n{when} · {format_time(row.session.duration_ms)}"


def _spoken(row: Row, recording: SessionId | None) -> str:
    if row.session is None:
        return _("Event {title}").format(title=_title(row)) if row.event else _title(row)
    parts = [_title(row), duration_words(row.session.duration_ms)]
    if row.session.id == recording:
        parts.append(_("recording"))
    return ", ".join(part for part in parts if part)
