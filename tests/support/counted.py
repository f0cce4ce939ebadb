"""After whatever was done, the counts that triggers keep are those that counting gives."""

from __future__ import annotations

from syncd.mirror.database import Mirror
from syncd.mirror.touching import RECORDS


def hold_counts(mirror: Mirror) -> None:
    """Hold the count of every feed of every owner against its rows."""
    kept = {(owner, feed): rows for owner, feed, rows in mirror.raw.execute("SELECT * FROM record_counts") if rows}
    counted = {
        (owner, feed): rows
        for table, (column, feed) in RECORDS.items()
        for owner, rows in mirror.raw.execute(f"SELECT {column}, count(*) FROM {table} GROUP BY 1")  # noqa: S608
    }
    assert kept == counted
