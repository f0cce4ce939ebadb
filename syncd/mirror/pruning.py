"""History that is old enough goes: runs and their changes, and who entered and left."""

from __future__ import annotations

from syncd.mirror.database import Mirror
from syncd.model import Instant

_AT_ONCE = 10_000
"""Rows deleted in one transaction, so that nobody waits long for the file."""


def prune_history(mirror: Mirror, before: Instant) -> int:
    """Delete what happened before an instant; return how many rows that were. What is owned is not history."""
    return sum(
        _prune(mirror, table, column, before)
        for table, column in (("run_changes", "at"), ("moves", "at"), ("runs", "started_at"))
    )


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
