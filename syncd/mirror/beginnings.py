"""First evaluations, of which only the size is written, when some of those who were counted go: pruned, or erased.

What `beginnings` and `moves` tell together stays true: who is not counted in the one any more is written in the other,
or nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any

from syncd.mirror.database import Mirror
from syncd.model import Instant

_ADD = """
UPDATE beginnings SET size = size + ? WHERE segment = ? AND store = ? AND run = (
    SELECT max(x.run) FROM beginnings AS x WHERE x.segment = ? AND x.store = ? AND x.run <= ?
)"""

_ENDED = "SELECT id, segment, store, customer_id FROM moves WHERE at < :before AND (NOT entered OR customer_id = 0) "
_PRUNE = f"""
WITH ended AS MATERIALIZED ({_ENDED} ORDER BY id LIMIT :most)
DELETE FROM moves WHERE id IN (
    SELECT id FROM ended
    UNION
    SELECT e.id FROM ended AS g CROSS JOIN moves AS e ON e.store = g.store AND e.customer_id = g.customer_id
    WHERE g.customer_id != 0 AND e.segment = g.segment AND e.id < g.id
) RETURNING segment, store, run, CASE WHEN customer_id = 0 THEN 0 WHEN entered THEN 1 ELSE -1 END
"""
"""Leavings, with all that went before them; of who never left, nothing but what is nobody's any more."""


def prune_moves(mirror: Mirror, before: Instant, most: int) -> int:
    """Delete some of the moves before an instant, in one transaction; return how many, 0 once nothing is to be deleted.

    Since when somebody is in a segment stays known: their last entering stays for as long as they do not leave.
    """
    with mirror.transaction():
        gone = mirror.raw.execute(_PRUNE, {"before": before, "most": most}).fetchall()
        _count_in(mirror.raw, ((segment, store, run, change) for segment, store, run, change in gone))
        mirror.raw.execute(
            "DELETE FROM beginnings AS b WHERE at < ? AND size = 0 AND NOT EXISTS "
            "(SELECT 1 FROM segments AS s WHERE s.segment = b.segment AND s.store = b.store AND s.began_run = b.run)",
            (before,),
        )
    return len(gone)


def uncount(raw: Connection, condition: str, values: Sequence[Any]) -> None:
    """Take people who are about to be erased out of the sizes of segments. Belongs into that transaction.

    How many entered stays true: whose entering only a beginning counts has it written, as everybody's who was erased.

    Args:
        raw: The connection.
        condition: Who they are, in SQL on `store` and `customer_id`.
        values: What it binds.
    """
    unwritten = f"FROM movements WHERE id = 0 AND {condition}"
    gone = raw.execute(f"SELECT segment, store, run, -count(*) {unwritten} GROUP BY 1, 2, 3", values).fetchall()
    raw.execute(
        "INSERT INTO moves (run, at, segment, store, customer_id, entered) "
        f"SELECT run, at, segment, store, 0, 1 {unwritten}",
        values,
    )
    _count_in(raw, gone)
    its = "m.segment = segments.segment AND m.store = segments.store"
    raw.execute(
        f"UPDATE segments SET size = size - (SELECT count(*) FROM members AS m WHERE {its} AND {condition})", values
    )


def _count_in(raw: Connection, changes: Iterable[tuple[str, str, int, int]]) -> None:
    """Add to the sizes of the first evaluations that these runs came after."""
    sums: Counter[tuple[str, str, int]] = Counter()
    for segment, store, run, change in changes:
        sums[segment, store, run] += change
    raw.executemany(_ADD, [(change, *key[:2], *key) for key, change in sums.items() if change])
