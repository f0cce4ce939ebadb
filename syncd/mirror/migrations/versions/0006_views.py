"""Views for spreadsheets and reports, the offsets by which they tell days of the shop, and figures in an index."""

from __future__ import annotations

from sqlite3 import Connection
from typing import cast

import sqlalchemy as sa
from alembic import op

from syncd.mirror.zones import keep_offsets

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and fill it for the stores that are known.

    The views are made by the newest step that changes one, or a table below one: it calls `views.drop` before and
    `views.create` after.
    """
    op.create_table(
        "zone_offsets",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "starts_at"),
        sqlite_with_rowid=False,
    )
    op.drop_index("orders_of_customer", "orders")
    op.create_index(
        "orders_of_customer",
        "orders",
        ["store", "customer_id", "processed_at", "current_total", "currency", "counts"],
        sqlite_where=sa.text("counts = 1"),
    )
    raw = cast("Connection", op.get_bind().connection.driver_connection)
    for store, timezone in raw.execute("SELECT store, timezone FROM stores").fetchall():
        keep_offsets(raw, store, timezone)
