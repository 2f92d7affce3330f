"""The tables of `library.db`. Model values never hold these; `rows` turns one into the other.

`revision` of a session grows with every change of anything in it; `file_revision` is the one its
`session.json` holds. Where they differ the file is behind, and a crash cannot hide that.
A take named by a line or a bookmark is no foreign key: the link outlives the take's session.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from sqlalchemy import REAL, Dialect, ForeignKey, Index, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .glance import SCHEMA

__all__ = ["KNOWN_SCHEMAS", "SCHEMA"]
KNOWN_SCHEMAS = ("0001", "0002", "0003", SCHEMA)
"""Every version this program can open (the older ones by migrating)."""


class Json(TypeDecorator[Any]):
    """Lists and objects as compact JSON text, so that any tool can read them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text(), float: REAL(), list[Any]: Json()}


class EventRow(Base):
    __tablename__ = "events"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]


class SessionRow(Base):
    """`created_at` is ISO 8601 with zone; `created_us` the same as microseconds since 1970 (UTC).

    `duration_ms`, `take_count` and `line_count` are kept so that the list needs one table.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "created_us"), Index(None, "event_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    created_at: Mapped[str]
    created_us: Mapped[int]
    folder: Mapped[str]
    event_id: Mapped[str | None] = mapped_column(ForeignKey("events.id"))
    place: Mapped[str]
    summary: Mapped[str]
    binned_at: Mapped[str | None]
    duration_ms: Mapped[int]
    take_count: Mapped[int]
    line_count: Mapped[int]
    revision: Mapped[int]
    file_revision: Mapped[int]


class TakeRow(Base):
    """`gaps` is `[[frame, frames, cause]…]`, `off_record` `[[frame, frames]…]`."""

    __tablename__ = "takes"
    __table_args__ = (Index(None, "session_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    sample_rate: Mapped[int]
    channels: Mapped[int]
    frames: Mapped[int]
    started_at: Mapped[str]
    state: Mapped[str]
    file: Mapped[str | None]
    codec: Mapped[str | None]
    journal: Mapped[str | None]
    peaks: Mapped[str | None]
    original: Mapped[str | None]
    gaps: Mapped[list[Any]]
    off_record: Mapped[list[Any]]


class LineRow(Base):
    """`position` orders a session's lines, with room between neighbours for lines to come.

    `runs` is `[[take ids], [offset, index into the take ids or -1, frame, offset, …]]`.
    """

    __tablename__ = "lines"
    __table_args__ = (Index(None, "session_id", "position", "id"),)

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[float]
    text: Mapped[str]
    kind: Mapped[str]
    indent: Mapped[int]
    checked: Mapped[bool]
    marks: Mapped[list[Any]]
    private: Mapped[bool]
    anchor_take: Mapped[str | None]
    anchor_frame: Mapped[int | None]
    runs: Mapped[list[Any]]
    picture: Mapped[str | None]


class BookmarkRow(Base):
    __tablename__ = "bookmarks"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    take: Mapped[str]
    frame: Mapped[int]
    label: Mapped[str]


class PictureRow(Base):
    __tablename__ = "pictures"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str]
    alt: Mapped[str]


class SegmentRow(Base):
    """`words` is `[text, first frame, end frame, probability, text, …]`; frames are the take's.

    `run` names the transcription that wrote it (`TranscriptionRow.run` of its time).
    """

    __tablename__ = "segments"
    __table_args__ = (Index(None, "session_id", "take", "start_frame"),)

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    take: Mapped[str]
    run: Mapped[int]
    start_frame: Mapped[int]
    end_frame: Mapped[int]
    text: Mapped[str]
    words: Mapped[list[Any]]
    speaker: Mapped[str]
    edited: Mapped[bool]


class TranscriptionRow(Base):
    """How far a take (`id`) is transcribed. `run` grows with each transcription of the session:
    a take's segments of an earlier run go as the new one passes them."""

    __tablename__ = "transcriptions"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[int]
    engine: Mapped[str]
    model: Mapped[str]
    language: Mapped[str]
    done_frame: Mapped[int]
    finished: Mapped[bool]
    queued: Mapped[bool]


class LateRefusalRow(Base):
    """A line (`id`) that is replayed from its own moment, because a person wants it so."""

    __tablename__ = "late_refusals"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)


class NoteVersionRow(Base):
    """The notes as they were at `saved_at`; `lines` is packed by `versions`."""

    __tablename__ = "note_versions"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    saved_at: Mapped[str]
    line_count: Mapped[int]
    characters: Mapped[int]
    lines: Mapped[str]


class SearchEntryRow(Base):
    """What the index of words has of a row: its number there (`search_index`).

    `kind` is a `HitKind`. `part` is the row's id in its session, or the speaker's name; an event
    belongs to no session (`session_id` is empty then).
    """

    __tablename__ = "search_entries"
    __table_args__ = (Index(None, "session_id", "kind", "part", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    kind: Mapped[str]
    part: Mapped[str]


class SearchChangeRow(Base):
    """A text that the index (`search_index`) is yet to take in or to let go. Empty between two
    transactions."""

    __tablename__ = "search_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[int]
    removed: Mapped[str | None]
    added: Mapped[str | None]


class StateRow(Base):
    """Numbers of the library as a whole, e.g. which revision `events.json` holds."""

    __tablename__ = "state"

    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


PARTS: tuple[type[Base], ...] = (
    TakeRow,
    LineRow,
    BookmarkRow,
    PictureRow,
    SegmentRow,
    TranscriptionRow,
    LateRefusalRow,
    NoteVersionRow,
)
"""The tables whose rows belong to one session."""
