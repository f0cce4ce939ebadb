"""Attempts, counts and looks at what is really there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "looks",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("here", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=True),
        sa.Column("reconciled_at", sa.Integer(), nullable=True),
        sa.Column("window_from", sa.Integer(), nullable=True),
        sa.Column("surplus", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "feed"),
    )
    op.create_table(
        "drift",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key"),
    )
    op.create_table(
        "care",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("what"),
    )
    op.create_table(
        "pushes",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("adds", sa.Integer(), nullable=False),
        sa.Column("removes", sa.Integer(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key", "run"),
        sqlite_with_rowid=False,
    )
    op.add_column("refusals", sa.Column("next_at", sa.Integer(), nullable=True))
    for column in ("by_person", "quiet"):
        op.add_column("released", sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
