"""Where records of a kind are put: bulk upserts, counts, and what is known already.

A shelf is one feed of one owner (a store's orders, an audience's contacts). Rows are upserted by the service's own
id, never over a newer one; the rows that hang on a record (tags, lines) are replaced with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from syncd.mirror.database import Mirror
from syncd.mirror.gate import Gate, Personal
from syncd.mirror.looks import Look, keep, look
from syncd.model import Instant
from syncd.ports import Cursor

T = TypeVar("T")

_AT_ONCE = 500
"""How many ids stand in one statement; SQLite takes 32,766 variables, and a short list plans faster."""

Row = tuple[Any, ...]


class Child(msgspec.Struct, Generic[T], frozen=True):
    """Rows that hang on a record and are replaced with it.

    Attributes:
        table: Where they are kept.
        key: The column that names the record.
        columns: What `rows` gives after the owner and the record's key.
        rows: The rows of one record.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    rows: Callable[[T], Iterable[Row]]


class Watch(msgspec.Struct, Generic[T], frozen=True):
    """Looks at records of an owner before they are written over or deleted, in the same transaction.

    Attributes:
        changing: Given the new rows of records that are known already.
        going: Given the keys of records that are about to be deleted.
    """

    changing: Callable[[Mirror, str, Sequence[T]], None]
    going: Callable[[Mirror, str, Sequence[Any]], None] = lambda *_: None


class Shape(msgspec.Struct, Generic[T], frozen=True):
    """How the records of one kind lie in their tables.

    Attributes:
        table: Where they are kept.
        owner: The column of the store or audience.
        key: The column of the service's own id.
        changed: The column of the time of change.
        columns: What `row` gives after the owner; the key is the first.
        row: The row of one record.
        key_of: The key of one record.
        changed_of: The time of change of one record.
        children: What hangs on it.
        kept: Columns that follow from the row that is there and the one (`excluded`) that takes its place, as SQL.
        watch: Who looks at what changes.
        personal: How a record leads to a person; None for one that leads to nobody.
    """

    table: str
    owner: str
    key: str
    changed: str
    columns: tuple[str, ...]
    row: Callable[[T], Row]
    key_of: Callable[[T], Any]
    changed_of: Callable[[T], Instant]
    children: tuple[Child[T], ...] = ()
    kept: Mapping[str, str] = {}
    watch: Watch[T] | None = None
    personal: Personal[T] | None = None


class Shelf(Generic[T]):
    """One feed of one owner, in the mirror."""

    def __init__(self, mirror: Mirror, owner: str, feed: str, shape: Shape[T]) -> None:
        """Open the shelf; nothing is read yet."""
        self._mirror = mirror
        self._shape = shape
        self.owner = owner
        self.feed = feed
        self._gate = Gate(mirror, (owner, feed), shape.personal, shape.key_of, shape.changed_of)
        names = (shape.owner, *shape.columns)
        places = ", ".join("?" for _ in names)
        taken = {name: f"excluded.{name}" for name in shape.columns[1:]}
        updates = ", ".join(f"{name} = {value}" for name, value in {**taken, **shape.kept}.items())
        self._upsert = (
            f"INSERT INTO {shape.table} ({', '.join(names)}) VALUES ({places}) "
            f"ON CONFLICT ({shape.owner}, {shape.key}) DO UPDATE SET {updates}"
        )

    def put(self, rows: Sequence[T], cursor: Cursor | None, now: Instant | None = None) -> int:
        """Store a page and, in the same transaction, how far the feed is now read.

        A row that is here counts as newer only where its time of change is not after `now`, where that is given: one
        that lies in the future would keep every later change out.

        Returns:
            How many rows were new or at least as new as those known.
        """
        with self._mirror.transaction():
            stored = sum(self._put_some(self._gate.admit(chunk), now) for chunk in _chunks(rows, 5000))
            if cursor is not None:
                self._move(self._gate.place(cursor))
        return stored

    def knows(self, rows: Sequence[T]) -> bool:
        """Say whether every row is here with the same time of change."""
        known = self._known([self._shape.key_of(row) for row in rows]) | self._gate.known(rows)
        return all(known.get(self._shape.key_of(row)) == self._shape.changed_of(row) for row in rows)

    def changed_of(self, row: T) -> Instant:
        """Return a row's time of change."""
        return self._shape.changed_of(row)

    def keys_of(self, rows: Sequence[T]) -> list[Any]:
        """Return the keys of rows."""
        return [self._shape.key_of(row) for row in rows]

    def changed_before(self, keys: Sequence[Any], instant: Instant) -> list[Any]:
        """Return those of some keys, in their order, whose rows are here and last changed before an instant."""
        known = self._known(keys)
        return [key for key in keys if key in known and known[key] < instant]

    def count(self, since: Instant | None = None) -> int:
        """Count the rows, or those changed at or after an instant; those that were left out count."""
        query = f"SELECT count(*) FROM {self._shape.table} WHERE {self._shape.owner} = ?"
        values: list[Any] = [self.owner]
        if since is not None:
            query += f" AND {self._shape.changed} >= ?"
            values.append(since)
        return int(self._mirror.raw.execute(query, values).fetchone()[0]) + self._gate.count(since)

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
            for chunk in _chunks(keys, _AT_ONCE):
                if self._shape.watch is not None:
                    self._shape.watch.going(self._mirror, self.owner, chunk)
                if self._shape.personal is not None and self._shape.personal.departs is not None:
                    self._shape.personal.departs(self._mirror, self.owner, chunk)
                self._remove_children(chunk)
                self._delete(self._shape.table, self._shape.key, chunk)

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

    def _put_some(self, rows: Sequence[T], now: Instant | None) -> int:
        shape = self._shape
        known = self._known([shape.key_of(row) for row in rows])
        if now is not None:
            known = {key: min(changed, now) for key, changed in known.items()}
        fresh = [row for row in rows if known.get(shape.key_of(row), -1) <= shape.changed_of(row)]
        again = [row for row in fresh if shape.key_of(row) in known]
        if shape.watch is not None and again:
            shape.watch.changing(self._mirror, self.owner, again)
        self._remove_children([shape.key_of(row) for row in again])
        owner = (self.owner,)
        self._mirror.raw.executemany(self._upsert, (owner + shape.row(row) for row in fresh))
        for child in shape.children:
            self._put_children(child, fresh)
        return len(fresh)

    def _put_children(self, child: Child[T], rows: Sequence[T]) -> None:
        names = (self._shape.owner, child.key, *child.columns)
        statement = (
            f"INSERT OR REPLACE INTO {child.table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
        )
        key_of = self._shape.key_of
        self._mirror.raw.executemany(
            statement, ((self.owner, key_of(row), *values) for row in rows for values in child.rows(row))
        )

    def _known(self, keys: Sequence[Any]) -> dict[Any, Instant]:
        shape = self._shape
        found: dict[Any, Instant] = {}
        for chunk in _chunks(keys, _AT_ONCE):
            query = (
                f"SELECT {shape.key}, {shape.changed} FROM {shape.table} "
                f"WHERE {shape.owner} = ? AND {shape.key} IN ({', '.join('?' for _ in chunk)})"
            )
            found.update(self._mirror.raw.execute(query, (self.owner, *chunk)))
        return found

    def _remove_children(self, keys: Sequence[Any]) -> None:
        for chunk in _chunks(keys, _AT_ONCE):
            for child in self._shape.children:
                self._delete(child.table, child.key, chunk)

    def _delete(self, table: str, key: str, keys: Sequence[Any]) -> None:
        self._mirror.raw.execute(
            f"DELETE FROM {table} WHERE {self._shape.owner} = ? AND {key} IN ({', '.join('?' for _ in keys)})",
            (self.owner, *keys),
        )


def _chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
