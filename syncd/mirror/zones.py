"""The offsets of the stores' zones, kept beside their records: SQLite knows no zones, and views tell days of the shop.

A zone's changes are found by looking at it week by week, for Python has no other way to ask; a change and its return
within the same week there has never been.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from sqlite3 import Connection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syncd.model import Instant

ALWAYS = -(2**40)
"""Before every order: from here on the first offset holds."""
_FROM = 631_152_000
_UNTIL = 2_524_608_000
_WEEK = 7 * 86_400


@cache
def offsets(timezone: str) -> tuple[tuple[Instant, int], ...]:
    """Return from when on a zone is how many seconds ahead of UTC, from 1990 until 2050, oldest first.

    Of a zone that this machine does not know, there are none: days of the shop are then missing in the views.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ()
    return tuple(_changes(zone))


def keep_offsets(raw: Connection, store: str, timezone: str) -> None:
    """Make a zone's offsets those of a store. Belongs into a transaction of the caller's."""
    wanted = offsets(timezone)
    query = "SELECT starts_at, ahead FROM zone_offsets WHERE store = ? ORDER BY starts_at"
    if tuple(raw.execute(query, (store,))) != wanted:
        raw.execute("DELETE FROM zone_offsets WHERE store = ?", (store,))
        raw.executemany("INSERT INTO zone_offsets VALUES (?, ?, ?)", ((store, *row) for row in wanted))


def _changes(zone: ZoneInfo) -> Iterator[tuple[Instant, int]]:
    last = _ahead(zone, _FROM)
    yield ALWAYS, last
    for week in range(_FROM, _UNTIL, _WEEK):
        if _ahead(zone, week + _WEEK) != last:
            at = _moment(zone, week, week + _WEEK)
            last = _ahead(zone, at)
            yield at, last


def _moment(zone: ZoneInfo, low: Instant, high: Instant) -> Instant:
    """Return the first second of the offset that holds at `high`, by halving."""
    wanted = _ahead(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _ahead(zone, middle) == wanted else (middle, high)
    return high


def _ahead(zone: ZoneInfo, instant: Instant) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
