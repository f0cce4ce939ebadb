"""Where records of a kind are put: bulk upserts, counts, and what is known already.

A shelf is one feed of one owner (a store's orders, an audience's contacts). Rows are upserted by the service's own
id, never over a newer one; the rows that hang on a record (tags, lines) are replaced with it (`syncd.mirror.writing`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from syncd.mirror.database import Mirror
from syncd.mirror.filling import filling
from syncd.mirror.gate import Gate
from syncd.mirror.looks import Look, keep, look
from syncd.mirror.shape import Shape
from syncd.mirror.writing import Writer, chunks
from syncd.model import Instant
from syncd.ports import Cursor

T = TypeVar("T")

_AT_ONCE = 5000
"""Rows that are held beside the page they are of."""


class Shelf(Generic[T]):
    """One feed of one owner, in the mirror."""

    def __init__(self, mirror: Mirror, owner: str, feed: str, shape: Shape[T]) -> None:
        """Open the shelf; nothing is read yet."""
        self._mirror = mirror
        self._shape = shape
        self.owner = owner
        self.feed = feed
        self._gate = Gate(mirror, (owner, feed), shape.personal, shape.key_of, shape.changed_of)
        self._writer = Writer(mirror, owner, shape)

    def put(self, rows: Sequence[T], cursor: Cursor | None, now: Instant | None = None) -> int:
        """Store a page and, in the same transaction, how far the feed is now read.

        A row that is here counts as newer only where its time of change is not after `now`, where that is given: one
        that lies in the future would keep every later change out.

        Returns:
            How many rows were new or at least as new as those known.
        """
        with self._mirror.transaction():
            stored = sum(self._writer.write(self._gate.admit(some), now) for some in chunks(rows, _AT_ONCE))
            if cursor is not None:
                self._move(self._gate.place(cursor))
        return stored

    def filling(self) -> AbstractContextManager[None]:
        """Read everything for the first time in this context: quicker, where the tables are empty."""
        return filling(self._mirror, self._shape)

    def knows(self, rows: Sequence[T]) -> bool:
        """Say whether every row is here with the same time of change."""
        known = self._writer.times(self.keys_of(rows)) | self._gate.known(rows)
        return all(known.get(self._shape.key_of(row)) == self._shape.changed_of(row) for row in rows)

    def changed_of(self, row: T) -> Instant:
        """Return a row's time of change."""
        return self._shape.changed_of(row)

    def keys_of(self, rows: Sequence[T]) -> list[Any]:
        """Return the keys of rows."""
        return [self._shape.key_of(row) for row in rows]

    def changed_before(self, keys: Sequence[Any], instant: Instant) -> list[Any]:
        """Return those of some keys, in their order, whose rows are here and last changed before an instant."""
        known = self._writer.times(keys)
        return [key for key in keys if key in known and known[key] < instant]

    def count(self, since: Instant | None = None) -> int:
        """Count the rows, or those changed at or after an instant; those that were left out count."""
        query = "SELECT rows FROM record_counts WHERE owner = ? AND feed = ?"
        values: tuple[Any, ...] = (self.owner, self.feed)
        if since is not None:
            where = f"{self._shape.owner} = ? AND {self._shape.changed} >= ?"
            query, values = f"SELECT count(*) FROM {self._shape.table} WHERE {where}", (self.owner, since)
        found = self._mirror.raw.execute(query, values).fetchone()
        return (int(found[0]) if found else 0) + self._gate.count(since)

    def all_keys(self) -> Iterator[Any]:
        """Stream all keys, in order; not those of rows that were left out."""
        query = f"SELECT {self._shape.key} FROM {self._shape.table} WHERE {self._shape.owner} = ? ORDER BY 1"
        for (key,) in self._mirror.raw.execute(query, (self.owner,)):
            yield key

    def keep_only(self, keys: Collection[Any]) -> None:
        """Stop counting rows that were left out and are not among those that the service has."""
        self._gate.keep_only(keys)

    def remove(self, keys: Sequence[Any]) -> None:
        """Delete records that the service no longer has, with all that hangs on them."""
        with self._mirror.transaction():
            for some in chunks(keys, _AT_ONCE):
                if self._shape.watch is not None:
                    self._shape.watch.going(self._mirror, self.owner, some)
                if self._shape.personal is not None and self._shape.personal.departs is not None:
                    self._shape.personal.departs(self._mirror, self.owner, some)
                self._writer.remove(some)

    def cursor(self) -> Cursor | None:
        """Return how far the feed is read; None before its first rows, and after rows were lost."""
        query = "SELECT at, id FROM cursors WHERE owner = ? AND feed = ? AND at IS NOT NULL"
        found = self._mirror.raw.execute(query, (self.owner, self.feed)).fetchone()
        return Cursor(*found) if found else None

    def last_look(self) -> Look:
        """Return what the last look at the feed found."""
        return look(self._mirror, self.owner, self.feed)

    def look(self, found: Look) -> None:
        """Keep what a look at the feed found."""
        keep(self._mirror, found)

    def pulled(self, at: Instant) -> None:
        """Note that the feed was read to its end."""
        self._note("complete = 1, pulled_at = ?, failed_at = NULL, why = ''", at)

    def failed(self, at: Instant, why: str, *, lost: bool = False) -> None:
        """Note that a pull failed, and since when it does; `lost` rows make the next pull read everything."""
        self._note(f"failed_at = coalesce(failed_at, ?), why = ?{', complete = 0, at = NULL' if lost else ''}", at, why)

    def failing_since(self) -> Instant | None:
        """Return since when pulls fail; None where the last one did not."""
        query = "SELECT failed_at FROM cursors WHERE owner = ? AND feed = ?"
        found = self._mirror.raw.execute(query, (self.owner, self.feed)).fetchone()
        return found[0] if found else None

    def _note(self, changes: str, *values: Any) -> None:
        with self._mirror.transaction():
            self._mirror.raw.execute(
                "INSERT OR IGNORE INTO cursors (owner, feed, id, complete, why) VALUES (?, ?, 0, 0, '')",
                (self.owner, self.feed),
            )
            self._mirror.raw.execute(
                f"UPDATE cursors SET {changes} WHERE owner = ? AND feed = ?",
                (*values, self.owner, self.feed),
            )

    def _move(self, cursor: Cursor) -> None:
        """Move the cursor forward; a page that was read again never moves it back."""
        self._mirror.raw.execute(
            "INSERT INTO cursors (owner, feed, at, id, complete, why) VALUES (?, ?, ?, ?, 0, '') "
            "ON CONFLICT (owner, feed) DO UPDATE SET at = excluded.at, id = excluded.id "
            "WHERE cursors.at IS NULL OR (excluded.at, excluded.id) > (cursors.at, cursors.id)",
            (self.owner, self.feed, cursor.at, cursor.id),
        )
