"""Transcripts: what was said, how far each take is transcribed, and late notes refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segments",
        *_of_session(),
        sa.Column("take", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("start_frame", sa.Integer(), nullable=False),
        sa.Column("end_frame", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        *_keys("segments"),
    )
    op.create_index(
        "ix_segments_session_id_take_start_frame",
        "segments",
        ["session_id", "take", "start_frame"],
    )
    op.create_table(
        "transcriptions",
        *_of_session(),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("done_frame", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        *_keys("transcriptions"),
    )
    op.create_table("late_refusals", *_of_session(), *_keys("late_refusals"))


def _of_session() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
    )


def _keys(table: str) -> tuple[sa.PrimaryKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.PrimaryKeyConstraint("session_id", "id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=f"fk_{table}_session_id", ondelete="CASCADE"
        ),
    )
