"""Answers many rules in one pass over a store: a bit for each rule, a mask for each customer.

The masks go to the temporary table `answers` (`syncd.mirror.masks`), where a missing row is a mask of 0. What is asked
only of some customers goes by the temporary table `asked` (customer_id), which whoever asks has filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from syncd.mirror import masks
from syncd.mirror.database import Mirror
from syncd.segments.wide import Scope, Wanted, passes

__all__ = ["Scope", "Wanted", "clear", "everybody", "fill"]

_CACHES_KIB = {"main": 4_096, "temp": 8_192}
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
    for it in passes(wanted, scope):
        mirror.raw.execute(it.text, it.values)


@contextmanager
def everybody(mirror: Mirror) -> Iterator[None]:
    """Look at everybody within: with few pages of the file in memory, and more of what is put together.

    Large tables pass by once, and SQLite sorts in as much memory as the file's cache has: some megabytes at a time, in
    the processor's reach, take a quarter less than all at once.
    """
    before = {name: mirror.raw.execute(f"PRAGMA {name}.cache_size").fetchone()[0] for name in _CACHES_KIB}
    for name, size in _CACHES_KIB.items():
        mirror.raw.execute(f"PRAGMA {name}.cache_size = -{size}")
    try:
        yield
    finally:
        for name, pages in before.items():
            mirror.raw.execute(f"PRAGMA {name}.cache_size = {pages}")
