"""History that is old enough goes: runs and their changes, and who entered and left."""

from __future__ import annotations

from syncd.mirror import planned
from syncd.mirror.beginnings import prune_moves
from syncd.mirror.database import Mirror
from syncd.model import Instant

_AT_ONCE = 10_000
"""Rows deleted in one transaction, so that nobody waits long for the file."""


def prune_history(mirror: Mirror, before: Instant) -> int:
    """Delete what happened before an instant; return how many rows that were. What is owned is not history.

    Nor is since when somebody is in a segment.
    """
    with mirror.transaction():
        planned.forget_before(mirror, before)
    gone = _prune(mirror, "run_changes", "at", before)
    while some := prune_moves(mirror, before, _AT_ONCE):
        gone += some
    return gone + _prune(mirror, "runs", "started_at", before)


def _prune(mirror: Mirror, table: str, column: str, before: Instant) -> int:
    gone = 0
    while True:
        with mirror.transaction():
            some = mirror.raw.execute(
                f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {column} < ? LIMIT ?)",
                (before, _AT_ONCE),
            ).rowcount
        gone += some
        if some < _AT_ONCE:
            return gone
