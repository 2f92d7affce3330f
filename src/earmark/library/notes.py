"""Notes: saving what one burst of editing changed, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from earmark.model import (
    Anchor,
    Bookmark,
    BookmarkId,
    Changes,
    LineId,
    NoteLine,
    NotesEdit,
    NotFound,
    Picture,
    PictureId,
    SessionId,
    make_folder,
    new_id,
    safe_line,
    write_atomically,
)
from earmark.model.i18n import _
from earmark.model.notes import NoteVersion
from earmark.model.places import PICTURES

from . import rows, versions
from .faults import told
from .positions import moved
from .sessions import load_session
from .store import Store, count_lines, known_session, touch
from .tables import BookmarkRow, LineRow, NoteVersionRow, PictureRow, SessionRow

Positions = dict[str, float]

_UPSERT = insert(LineRow)
_UPSERT = _UPSERT.on_conflict_do_update(
    index_elements=["session_id", "id"],
    set_={
        name: _UPSERT.excluded[name]
        for name in LineRow.__table__.columns.keys()  # noqa: SIM118
        if name not in ("session_id", "id")
    },
)
_MOVE = (
    update(LineRow)
    .where(LineRow.session_id == bindparam("of"), LineRow.id == bindparam("line"))
    .values(position=bindparam("place"))
)
_REMOVE = delete(LineRow).where(
    LineRow.session_id == bindparam("of"), LineRow.id == bindparam("line")
)


class Notes(Store):
    def save_notes(self, session: SessionId, edit: NotesEdit) -> Changes:
        """Saves the edit in one transaction; it is durable when this returns.

        Lines the edit does not speak of (another program's) stay where they are among the others.
        """
        with self.changing() as connection:
            known_session(connection, session)
            _save(connection, session, edit)
        return Changes(frozenset({session}), notes=True)

    def note_versions(self, session: SessionId) -> tuple[NoteVersion, ...]:
        """What is kept of earlier states of the notes, newest first."""
        columns = NoteVersionRow.__table__.columns
        with self.reading() as connection:
            return tuple(
                NoteVersion(row.id, datetime.fromisoformat(row.saved_at), row.line_count)
                for row in connection.execute(
                    select(columns.id, columns.saved_at, columns.line_count)
                    .where(NoteVersionRow.session_id == session)
                    .order_by(columns.saved_at.desc())
                )
            )

    def note_version(self, session: SessionId, version: str) -> tuple[NoteLine, ...]:
        """The lines of an earlier state. Raises NotFound where it is not kept any more."""
        with self.reading() as connection:
            packed = connection.scalar(
                select(NoteVersionRow.lines).where(
                    NoteVersionRow.session_id == session, NoteVersionRow.id == version
                )
            )
            if packed is None:
                raise NotFound(
                    _("This version of the notes is not kept any more."),
                    _("Choose another one from the list."),
                )
            return versions.unpacked(packed)

    def lines(self, session: SessionId, ids: Sequence[LineId]) -> tuple[NoteLine, ...]:
        """These lines of the session, as far as they are there, from top to bottom."""
        with self.reading() as connection:
            return tuple(
                rows.line_from(line)
                for line in connection.execute(
                    select(LineRow.__table__)
                    .where(LineRow.session_id == session, LineRow.id.in_(ids[:500]))
                    .order_by(LineRow.position, LineRow.id)
                )
            )

    def add_line(self, session: SessionId, line: NoteLine) -> Changes:
        """Adds a line in order of time: above the first line of a later moment, else at the end."""
        with self.changing() as connection:
            whole = load_session(connection, session, transcript=False)
            order = [other.id for other in whole.lines if other.id != line.id]
            order.insert(_place_in_time(whole.timeline.to_ms, whole.lines, line), line.id)
            _save(connection, session, NotesEdit(tuple(order), (line,)))
        return Changes(frozenset({session}), notes=True)

    def add_bookmark(self, session: SessionId, bookmark: Bookmark) -> Changes:
        """Adds the bookmark, or replaces the one with its id."""
        values = rows.bookmark_values(session, bookmark)
        with self.changing() as connection:
            known_session(connection, session)
            connection.execute(
                insert(BookmarkRow)
                .values(**values)
                .on_conflict_do_update(index_elements=["session_id", "id"], set_=values)
            )
            touch(connection, session)
        return Changes(frozenset({session}), bookmarks=True)

    def remove_bookmark(self, session: SessionId, bookmark: BookmarkId) -> Changes:
        """Removes it; one that is not there (any more) is no error."""
        with self.changing() as connection:
            connection.execute(
                delete(BookmarkRow).where(
                    BookmarkRow.session_id == session, BookmarkRow.id == bookmark
                )
            )
            touch(connection, session)
        return Changes(frozenset({session}), bookmarks=True)

    def add_picture(self, session: SessionId, data: bytes, suffix: str, alt: str = "") -> Picture:
        """Stores the picture in the session's folder, then tells the database of it."""
        picture, target = self.place_picture(session, suffix, alt)
        with told(self.folder):
            make_folder(target.parent)
            write_atomically(target, data)
        self.enter_picture(session, picture)
        return picture

    def place_picture(self, session: SessionId, suffix: str, alt: str = "") -> tuple[Picture, Path]:
        """A new picture, and where its file belongs; `enter_picture` follows once that is there.

        `suffix` is the ending of its kind, e.g. `png`.
        """
        ending = "".join(c for c in suffix.lower() if c.isascii() and c.isalnum())[:5] or "png"
        id_ = PictureId(new_id())
        picture = Picture(id_, f"{PICTURES}/{id_}.{ending}", safe_line(alt))
        with self.reading() as connection:
            known_session(connection, session)
            folder = connection.scalar(select(SessionRow.folder).where(SessionRow.id == session))
        return picture, self.folder / str(folder) / picture.file

    def enter_picture(self, session: SessionId, picture: Picture) -> None:
        """Tells the database of a picture whose file is there."""
        with self.changing() as connection:
            known_session(connection, session)
            connection.execute(
                insert(PictureRow).values(
                    session_id=session, id=picture.id, file=picture.file, alt=picture.alt
                )
            )
            touch(connection, session)


def _save(connection: Connection, session: SessionId, edit: NotesEdit) -> None:
    positions = _positions(connection, session)
    removed = [line for line in dict.fromkeys(edit.removed) if line in positions]
    changed = {line.id: line for line in edit.changed}
    for line in removed:
        del positions[line]
        changed.pop(line, None)
    _keep_version(connection, session, removed, changed)
    order = _whole_order(edit.order, changed, positions)
    new = moved(order, positions)
    if removed:
        connection.execute(_REMOVE, [{"of": session, "line": line} for line in removed])
    if changed:
        connection.execute(
            _UPSERT,
            [
                {
                    **rows.line_values(session, line),
                    "position": new[id_] if id_ in new else positions[id_],
                }
                for id_, line in changed.items()
            ],
        )
    shifted = [
        {"of": session, "line": line, "place": place}
        for line, place in new.items()
        if line not in changed
    ]
    if shifted:
        connection.execute(_MOVE, shifted)
    if removed or any(line not in positions for line in changed):
        count_lines(connection, session)
    if removed or changed or shifted:
        touch(connection, session)


def _keep_version(
    connection: Connection,
    session: SessionId,
    removed: Sequence[str],
    changed: Mapping[LineId, NoteLine],
) -> None:
    """Before an edit: keeps the notes as they are, where a version is due."""
    touched = [*removed, *changed]
    if not touched:
        return
    before: dict[str, str] = {}
    for first in range(0, len(touched), 500):
        found = select(LineRow.id, LineRow.text).where(
            LineRow.session_id == session, LineRow.id.in_(touched[first : first + 500])
        )
        before |= {row.id: row.text for row in connection.execute(found)}
    after = {str(line.id): line.text for line in changed.values()}
    gone = versions.lost(before, after)
    since_last: dict[str, int] = connection.info.setdefault("removed_since_version", {})
    since_last[session] = since_last.get(session, 0) + gone
    due = gone >= versions.LOSS or since_last[session] >= versions.LITTLE_BY_LITTLE
    if versions.keep(connection, session, datetime.now(UTC), due=due):
        del since_last[session]


def _positions(connection: Connection, session: SessionId) -> Positions:
    """The lines' positions, from top to bottom. Read past SQLAlchemy: 5,000 of them in 2 ms."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(
            "SELECT id, position FROM lines WHERE session_id = ? ORDER BY position, id", (session,)
        )
        return dict(cursor.fetchall())
    finally:
        cursor.close()


def _whole_order(
    order: Sequence[LineId], changed: Mapping[LineId, NoteLine], positions: Mapping[str, float]
) -> list[str]:
    """Every line's id from top to bottom: the edit's order, completed.

    Ids that are no line's are left out; changed lines it forgot go to the end; lines it does not
    know of follow the line they stood below.
    """
    whole: list[str] = [
        line for line in dict.fromkeys(order) if line in positions or line in changed
    ]
    named = set(whole)
    whole += [line for line in changed if line not in named and line not in positions]
    named.update(whole)
    if len(named) == len(positions) and named == positions.keys():
        return whole
    following: dict[str | None, list[str]] = {}
    above: str | None = None
    for line in positions:
        if line in named:
            above = line
        else:
            following.setdefault(above, []).append(line)
    if not following:
        return whole
    result = following.pop(None, [])
    for line in whole:
        result.append(line)
        result += following.get(line, ())
    return result


def _place_in_time(to_ms: Any, lines: Sequence[NoteLine], line: NoteLine) -> int:
    """The index in front of which a line of its moment belongs."""

    def time_of(anchor: Anchor | None) -> int | None:
        moment: int | None = to_ms(anchor) if anchor else None
        return moment

    moment = time_of(line.anchor)
    others = [other for other in lines if other.id != line.id]
    if moment is not None:
        for index, other in enumerate(others):
            at = time_of(other.anchor)
            if at is not None and at > moment:
                return index
    return len(others)
