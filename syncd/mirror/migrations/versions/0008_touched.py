"""Whose rows changed since they were last looked at, and how many there are."""

from __future__ import annotations

from sqlite3 import Connection
from typing import cast

import sqlalchemy as sa
from alembic import op

from syncd.mirror import touching

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the triggers, and count what is there.

    A later step that gives a table below a trigger another column calls `touching.create` at its end.
    """
    op.create_table(
        "generation",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("pruned", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    _notes("touched_customers", "store", sa.Column("customer_id", sa.Integer(), nullable=False))
    _notes("touched_addresses", "store", sa.Column("address", sa.String(), nullable=False))
    _notes("touched_subjects", "target", sa.Column("subject", sa.String(), nullable=False))
    _notes("touched_kinds", "owner", sa.Column("kind", sa.String(), nullable=False))
    op.create_table(
        "record_counts",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "feed"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "set_aside",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("sql", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    raw = cast("Connection", op.get_bind().connection.driver_connection)
    raw.execute("INSERT INTO generation (seq, pruned) VALUES (1, 0)")
    for table in touching.RECORDS:
        touching.count(raw, table)
    touching.create(raw)


def _notes(table: str, owner: str, whom: sa.Column[str] | sa.Column[int]) -> None:
    op.create_table(
        table,
        sa.Column(owner, sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        whom,
        sa.PrimaryKeyConstraint(owner, "seq", whom.name),
        sqlite_with_rowid=False,
    )
