"""Indexes on the dates that rules look at, and the candidates of ranks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them; they are filled by the next evaluation."""
    _index_dates()
    _keep_ranks()


def _index_dates() -> None:
    op.create_index("customers_added", "customers", ["store", "created_at"])
    op.create_index("orders_by_day", "orders", ["store", "processed_at"], sqlite_where=sa.text("counts = 1"))
    op.create_index(
        "checkouts_begun", "checkouts", ["store", "created_at"], sqlite_where=sa.text("completed_at IS NULL")
    )
    op.create_index(
        "customer_metafields_days",
        "customer_metafields",
        ["store", "namespace", "key", "type", "value", "at"],
        sqlite_where=sa.text("type IN ('date', 'date_time')"),
    )


def _keep_ranks() -> None:
    op.create_table(
        "ranks",
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("contenders", sa.Integer(), nullable=False),
        sa.Column("best", sa.Integer(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("higher", sa.Boolean(), nullable=False),
        sa.Column("lower", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["segment", "store"], ["segments.segment", "segments.store"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rank"),
    )
    op.create_index("ranks_of_segment", "ranks", ["segment", "store"], unique=True)
    op.create_table(
        "contenders",
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["rank"], ["ranks.rank"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rank", "customer_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("contenders_by_place", "contenders", ["rank", "place"], sqlite_where=sa.text("length(place) > 1"))
