"""What the last look at each feed found: rows here, rows there by the service's own count, when all were compared."""

from __future__ import annotations

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Instant


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The last look at a feed.

    Attributes:
        here: Rows of ours after it.
        counted: Rows by the service's own count; None where it did not tell.
        reconciled_at: When every row was last compared with the service's own listing.
        window_from: Where the window begins that was looked at.
        surplus: How many rows of that window are here that the service's look at it does not count.
    """

    owner: str
    feed: str
    here: int = 0
    counted: int | None = None
    looked_at: Instant | None = None
    reconciled_at: Instant | None = None
    window_from: Instant | None = None
    surplus: int = 0


_COLUMNS = "owner, feed, here, counted, looked_at, reconciled_at, window_from, surplus"


def look(mirror: Mirror, owner: str, feed: str) -> Look:
    """Return the last look at a feed; an empty one before the first."""
    query = f"SELECT {_COLUMNS} FROM looks WHERE owner = ? AND feed = ?"
    row = mirror.raw.execute(query, (owner, feed)).fetchone()
    return _look(row) if row else Look(owner=owner, feed=feed)


def looks(mirror: Mirror) -> dict[tuple[str, str], Look]:
    """Return the last look at each feed, by owner and feed."""
    return {(row[0], row[1]): _look(row) for row in mirror.raw.execute(f"SELECT {_COLUMNS} FROM looks")}


def reconciled_at(mirror: Mirror) -> Instant | None:
    """Return when the feed that was compared longest ago was; None where one never was."""
    found = mirror.raw.execute("SELECT min(coalesce(reconciled_at, 0)) FROM looks").fetchone()[0]
    return found or None


def keep(mirror: Mirror, look: Look) -> None:
    """Keep a look in the place of the one before."""
    with mirror.transaction():
        mirror.raw.execute(
            f"INSERT OR REPLACE INTO looks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(look)
        )


def _look(row: tuple[object, ...]) -> Look:
    names = _COLUMNS.split(", ")
    return msgspec.convert(dict(zip(names, row, strict=True)), Look)
