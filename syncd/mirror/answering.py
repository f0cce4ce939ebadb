"""Answers many rules in one pass over a store: a bit for each rule, a mask for each customer.

The masks go to the temporary table `answers` (`syncd.mirror.masks`), where a missing row is a mask of 0. What is asked
only of some customers goes by the temporary table `asked` (customer_id), which whoever asks has filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from syncd.mirror import masks
from syncd.mirror.database import Mirror
from syncd.segments.wide import Scope, Wanted, passes

__all__ = ["Scope", "Wanted", "clear", "fill"]

_CACHE_KIB = 4_096
_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS wide (place INTEGER NOT NULL, customer_id INTEGER NOT NULL, "
    "bits INTEGER NOT NULL, PRIMARY KEY (place, customer_id)) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS kindred (customer_id INTEGER PRIMARY KEY, person INTEGER NOT NULL)",
)


def clear(mirror: Mirror) -> None:
    """Make the table of answers, or empty it: nobody is in anything."""
    masks.clear_answers(mirror)


def fill(mirror: Mirror, wanted: Sequence[Wanted], scope: Scope) -> None:
    """Add the answers of rules to the table of answers, for all customers of their stores or those that are asked.

    Bits that are set there already stay set. Nobody may write in between: belongs into a transaction or a snapshot.
    """
    for table in _TABLES:
        mirror.raw.execute(table)
    with _small_cache(mirror) if scope == "all" else nullcontext():
        for it in passes(wanted, scope):
            mirror.raw.execute(it.text, it.values)


@contextmanager
def _small_cache(mirror: Mirror) -> Iterator[None]:
    """Read with few pages in memory: large tables pass by once, and SQLite sorts in as much memory as the cache has.

    Sorting some megabytes at a time, in the processor's reach, takes a quarter less than all at once.
    """
    (before,) = mirror.raw.execute("PRAGMA main.cache_size").fetchone()
    mirror.raw.execute(f"PRAGMA main.cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        mirror.raw.execute(f"PRAGMA main.cache_size = {before}")
