"""What membership takes on disk: fifty segments over a million customers, with all that is kept to follow change."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from syncd.mirror import masks, membership
from syncd.mirror.membership import Evaluated
from syncd.mirror.opening import open_mirror
from tests.bench import town
from tests.bench.results import Figure

_SEGMENTS, _CUSTOMERS, _MEMBERSHIPS = 50, 1_000_000, 3_370_000
_STATE = ("masks", "segments", "beginnings", "moves", "ranks", "contenders", "touched_")
"""Names, or their beginnings, of the tables that hold membership and its state; their indexes count with them."""


def figures(_: Path) -> Iterator[Figure]:
    """Put so many customers into so many segments, evaluate once, and add up the pages."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "syncd.db"
        _fill(path)
        with closing(sqlite3.connect(path)) as raw:
            pages = raw.execute("SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY 1")
            sizes = {name: number / 1e6 for name, number in pages if name.startswith(_STATE)}
    yield Figure(
        measure=f"membership and its state on disk, {_SEGMENTS} segments of {_CUSTOMERS:,} customers",
        unit="MB",
        value=sum(sizes.values()),
        goal=40,
        detail=sizes,
    )


def _fill(path: Path) -> None:
    dice = random.Random(5)
    mirror = open_mirror(path)
    names = [f"segment-{number}" for number in range(_SEGMENTS)]
    with mirror.transaction():
        places = membership.places(mirror, town.STORE, names)
        masks.clear_answers(mirror)
        share = _MEMBERSHIPS / _CUSTOMERS / _SEGMENTS
        mirror.raw.executemany(
            "INSERT INTO temp.answers (shelf, customer_id, mask) VALUES (?, ?, ?)",
            (
                (places[names[0]].shelf, town.BASE + 32_768 * number, mask)
                for number in range(_CUSTOMERS)
                if (mask := sum(places[name].mask for name in names if dice.random() < share))
            ),
        )
        evaluated = {name: Evaluated(query="", basis="", seen=1) for name in names}
        membership.settle(mirror, town.STORE, evaluated, 1, town.NOW)
    mirror.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    mirror.close()
