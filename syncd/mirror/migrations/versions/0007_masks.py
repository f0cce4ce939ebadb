"""Membership as one integer a customer."""

from __future__ import annotations

from collections import defaultdict
from sqlite3 import Connection
from typing import cast

import sqlalchemy as sa
from alembic import op

from syncd.mirror import views

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BITS = 62


def upgrade() -> None:
    """Make the masks of who is a member, and keep since when.

    All moves that are there stay; of nobody's first entering is a row missing, so there are no `beginnings`.
    """
    raw = cast("Connection", op.get_bind().connection.driver_connection)
    views.drop(raw)
    op.create_table(
        "masks",
        sa.Column("shelf", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("mask", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shelf", "customer_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "beginnings",
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("segment", "store", "run"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "segments_with_places",
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("shelf", sa.Integer(), nullable=False),
        sa.Column("bit", sa.Integer(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=True),
        sa.Column("failed_at", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("began", sa.Integer(), nullable=True),
        sa.Column("began_run", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("segment", "store"),
    )
    op.create_index("moves_of_segment", "moves", ["segment", "store", "run"])
    _take_over(raw)
    op.drop_table("members")
    op.drop_table("segments")
    op.rename_table("segments_with_places", "segments")
    op.create_index("segments_by_place", "segments", ["shelf", "bit"], unique=True)
    views.create(raw)


def _take_over(raw: Connection) -> None:
    """Give every segment its place, and its members their bit; write down since when, where no move tells."""
    of_store: dict[str, list[str]] = defaultdict(list)
    for segment, store in raw.execute("SELECT segment, store FROM segments ORDER BY store, segment"):
        of_store[store].append(segment)
    shelf = 0
    for store, names in of_store.items():
        for number, name in enumerate(names):
            if number and number % _BITS == 0:
                shelf += 1
            raw.execute(_SEGMENT, {"segment": name, "store": store, "shelf": shelf, "bit": number % _BITS})
        shelf += 1
    raw.execute(
        "INSERT INTO masks SELECT s.shelf, m.customer_id, sum(1 << s.bit) FROM members AS m "
        "JOIN segments_with_places AS s USING (segment, store) GROUP BY 1, 2"
    )
    raw.execute(_UNTOLD)


_SEGMENT = """
INSERT INTO segments_with_places
SELECT segment, store, :shelf, :bit, query, as_of, failed_at, why,
    (SELECT count(*) FROM members AS m WHERE m.segment = s.segment AND m.store = s.store),
    as_of, 0, '', NULL
FROM segments AS s WHERE segment = :segment AND store = :store
"""
_UNTOLD = """
INSERT INTO moves (run, at, segment, store, customer_id, entered)
SELECT coalesce((SELECT max(run) FROM runs WHERE started_at <= m.since), 0), m.since, m.segment, m.store,
    m.customer_id, 1
FROM members AS m WHERE m.since IS NOT (
    SELECT e.at FROM moves AS e WHERE e.store = m.store AND e.customer_id = m.customer_id AND e.segment = m.segment
    AND e.entered ORDER BY e.id DESC LIMIT 1
)
"""
