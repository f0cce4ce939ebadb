"""Two customer records of a store that became one.

No feed tells of a merge: one record is gone, and its orders and tags are the other's. An order that was seen to change
hands, from somebody who is gone in the same run or the next, is the evidence. The labels that syncd gave to the former
are then its own on the later one, so that they can be taken off again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Order


def orders_changing(mirror: Mirror, store: str, rows: Sequence[Order]) -> None:
    """Note which orders, known already, change hands. Belongs into the transaction that stores them."""
    query = (
        "SELECT id, customer_id FROM orders WHERE store = ? AND customer_id NOT NULL "
        "AND id IN (SELECT value FROM json_each(?))"
    )
    former = dict(mirror.raw.execute(query, (store, msgspec.json.encode([row.id for row in rows]).decode())))
    mirror.raw.executemany(
        "INSERT OR REPLACE INTO orders_moved (store, former, later, run) "
        "VALUES (?, ?, ?, coalesce((SELECT max(run) FROM runs), 0))",
        (
            (store, former[row.id], row.customer_id)
            for row in rows
            if row.customer_id is not None and former.get(row.id, row.customer_id) != row.customer_id
        ),
    )


def carry_over(mirror: Mirror, run: int) -> int:
    """Let syncd own, on the customers who are left, the labels that it gave to those merged into them.

    Only where the label is there now. Evidence older than the run before is dropped: whoever goes later goes for some
    other reason, and the same label set by hand on the other customer must not become ours.

    Returns:
        How many labels were carried over.
    """
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM orders_moved WHERE run < ?", (run - 1,))
        return mirror.raw.execute(_CARRY).rowcount


_CARRY = """
    INSERT OR IGNORE INTO ledger (target, label_key, subject, state, segment, run, at)
    SELECT l.target, l.label_key, CAST(m.later AS TEXT), 'owned', l.segment, l.run, l.at
    FROM orders_moved m
    JOIN customer_tags t ON t.store = m.store AND t.customer_id = m.later
    JOIN ledger l ON l.target = m.store AND l.label_key = t.tag_key AND l.subject = CAST(m.former AS TEXT)
    WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.store = m.store AND c.id = m.former)
"""
