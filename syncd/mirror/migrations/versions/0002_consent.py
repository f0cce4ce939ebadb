"""Consent as it was seen to change, and mass changes that wait for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.add_column("customers", sa.Column("email_since", sa.Integer(), nullable=True))
    op.create_table(
        "consent_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("at", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_changes_of_address", "consent_changes", ["address"], unique=False)
    op.create_table(
        "consent_flips",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("doubted_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "record"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turned_away",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "orders_moved",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("former", sa.Integer(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "former", "later"),
        sqlite_with_rowid=False,
    )
