"""Indexes that one pass over a store reads: of an address, only the orders of guests are looked up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep a small index of guests' orders instead of one of all orders by address."""
    op.drop_index("orders_of_email", table_name="orders")
    op.create_index(
        "orders_of_guests",
        "orders",
        ["store", "email_key", "customer_id", "processed_at", "current_total", "currency", "counts"],
        sqlite_where=sa.text("counts = 1 AND customer_id IS NULL"),
    )
