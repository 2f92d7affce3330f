"""The index of words, filled from what is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from earmark.library import search_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_entries"),
    )
    op.create_index(
        "ix_search_entries_session_id_kind_part",
        "search_entries",
        ["session_id", "kind", "part"],
        unique=True,
    )
    op.create_table(
        "search_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Text(), nullable=True),
        sa.Column("added", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_search_changes"),
    )
    search_index.make_words(op.get_bind())
    search_index.fill(op.get_bind())
    search_index.make_triggers(op.get_bind())
