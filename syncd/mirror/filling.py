"""The first load of a kind of record: its tables are filled without indexes and triggers, which are made afterwards.

An index that is made of rows that are there is made in half the time, and of rows that nobody has looked at yet nobody
needs to be told one by one. What was set aside stands in the database as the SQL that makes it, in the transaction that
took it away. So a load that was cut short leaves no mirror without them: the next run makes it whole before anything
else, and fills on with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from syncd.mirror import touched, touching
from syncd.mirror.cache import cache_of
from syncd.mirror.database import Mirror
from syncd.mirror.shape import Shape

_ASIDE = (
    "SELECT name, tbl_name, type, sql FROM sqlite_master "
    "WHERE tbl_name = ? AND (type = 'index' AND sql NOT NULL OR type = 'trigger' AND name GLOB '*_touches')"
)
_CACHE_TO_FILL = 16_384
"""KiB of the file in memory while rows are only added, in the order in which they lie there."""
_CACHE_TO_SORT = 4_096
"""Likewise while an index is made. SQLite sorts in as much memory again, and twice as much where the two meet."""


@contextmanager
def filling(mirror: Mirror, shape: Shape[Any]) -> Iterator[None]:
    """Fill the tables of a kind of record; bare where nothing of any owner is in them yet.

    They stay bare where the process is told to stop: making indexes takes long, and the next run does it.
    """
    if not _set_aside(mirror, shape):
        yield
        return
    try:
        with cache_of(mirror.raw, _CACHE_TO_FILL):
            yield
    except Exception:
        make_whole(mirror, shape.tables)
        raise
    make_whole(mirror, shape.tables)


def make_whole(mirror: Mirror, tables: tuple[str, ...] = ()) -> None:
    """Make what was set aside of some tables, or of all; each index in a transaction of its own.

    Raises:
        FatalError: The file cannot be written.
    """
    query = "SELECT name, parent, sql FROM set_aside ORDER BY sql LIKE 'CREATE TRIGGER%' DESC, name"
    found = [row for row in mirror.raw.execute(query) if not tables or row[1] in tables]
    if found:  # else the next look would find nothing in memory any more
        with cache_of(mirror.raw, _CACHE_TO_SORT):
            _make_whole(mirror, found)


def _make_whole(mirror: Mirror, found: list[tuple[str, str, str]]) -> None:
    triggers = [row for row in found if row[2].startswith("CREATE TRIGGER")]
    if triggers:
        with mirror.transaction():
            for parent in {row[1] for row in triggers} & touching.RECORDS.keys():
                touching.count(mirror.raw, parent)
                touched.note_kinds(mirror, "", [touching.RECORDS[parent][1]])
            for name, _, sql in triggers:
                _make(mirror, name, sql)
    for name, _, sql in found[len(triggers) :]:
        with mirror.transaction():
            _make(mirror, name, sql)


def _set_aside(mirror: Mirror, shape: Shape[Any]) -> bool:
    """Take away indexes and triggers of tables that are all empty; say whether there were any."""
    with mirror.transaction():
        if any(mirror.raw.execute(f"SELECT EXISTS (SELECT 1 FROM {it})").fetchone()[0] for it in shape.tables):
            return False
        found = [row for table in shape.tables for row in mirror.raw.execute(_ASIDE, (table,))]
        for name, parent, kind, sql in found:
            mirror.raw.execute("INSERT INTO set_aside (name, parent, sql) VALUES (?, ?, ?)", (name, parent, sql))
            mirror.raw.execute(f'DROP {kind} "{name}"')
    return bool(found)


def _make(mirror: Mirror, name: str, sql: str) -> None:
    mirror.raw.execute(sql)
    mirror.raw.execute("DELETE FROM set_aside WHERE name = ?", (name,))
