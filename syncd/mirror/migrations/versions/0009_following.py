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
