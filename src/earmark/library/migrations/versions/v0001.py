"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_us", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("binned_at", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("take_count", sa.Integer(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("file_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_sessions_event_id"),
    )
    op.create_index("ix_sessions_created_us", "sessions", ["created_us"])
    op.create_index("ix_sessions_event_id", "sessions", ["event_id"])
    op.create_table(
        "takes",
        sa.Column("id", sa.Text(), nullable=False),
        _session_id(),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sample_rate", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("codec", sa.Text(), nullable=True),
        sa.Column("journal", sa.Text(), nullable=True),
        sa.Column("peaks", sa.Text(), nullable=True),
        sa.Column("original", sa.Text(), nullable=True),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.Column("off_record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_takes"),
        _of_session("takes"),
    )
    op.create_index("ix_takes_session_id", "takes", ["session_id"])
    op.create_table(
        "lines",
        _session_id(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.REAL(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("indent", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("anchor_take", sa.Text(), nullable=True),
        sa.Column("anchor_frame", sa.Integer(), nullable=True),
        sa.Column("runs", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("session_id", "id", name="pk_lines"),
        _of_session("lines"),
    )
    op.create_index("ix_lines_session_id_position_id", "lines", ["session_id", "position", "id"])
    op.create_table(
        "bookmarks",
        _session_id(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("take", sa.Text(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "id", name="pk_bookmarks"),
        _of_session("bookmarks"),
    )
    op.create_table(
        "pictures",
        _session_id(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "id", name="pk_pictures"),
        _of_session("pictures"),
    )
    state = op.create_table(
        "state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_state"),
    )
    op.bulk_insert(
        state,
        [{"key": "events_revision", "number": 0}, {"key": "events_file_revision", "number": 0}],
    )


def _session_id() -> sa.Column[str]:
    return sa.Column("session_id", sa.Text(), nullable=False)


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_id"], ["sessions.id"], name=f"fk_{table}_session_id", ondelete="CASCADE"
    )
