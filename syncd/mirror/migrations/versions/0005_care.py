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
    for column in ("by_person", "quiet"):
        op.add_column("released", sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
