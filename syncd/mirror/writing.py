"""How records get into their tables: only what differs from what is there is written.

What was read again and says the same is left alone, so that nobody is looked at again for it. Ids grow, so most of what
comes for the first time lies behind everything that is there: it is put there without a look at what is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Generic, TypeVar

from syncd.mirror.database import Mirror
from syncd.mirror.shape import Child, Row, Shape
from syncd.model import Instant

T = TypeVar("T")

ANY_AGE: Instant = 0
"""Given as the present moment, it lets a row take the place of the one that is here whatever their times of change."""
_AT_ONCE = 500
"""How many ids stand in one statement; SQLite takes 32,766 variables, and a short list plans faster."""

_ROWS = 20
"""How many rows one statement inserts."""


class Writer(Generic[T]):
    """Writes the records of one owner. Everything but reading belongs into a transaction of the caller's."""

    def __init__(self, mirror: Mirror, owner: str, shape: Shape[T]) -> None:
        """Put the statements together."""
        self._mirror = mirror
        self._raw = mirror.raw
        self._owner = owner
        self._shape = shape
        self._changed = shape.columns.index(shape.changed)
        self._watched = [shape.columns.index(name) for name in (shape.watch.columns if shape.watch else ())]
        self._newest = " UNION ALL ".join(
            f"SELECT max({key}) FROM {table} WHERE {shape.owner} = ?1" for table, key in self._keyed()
        )

    def write(self, rows: Sequence[T], now: Instant | None) -> int:
        """Write rows that are not older than those known; return how many are not.

        A row that is here counts as changed at `now` at the latest, where that is given.
        """
        key_of = self._shape.key_of
        rows = self._once(rows)
        keys = list(map(key_of, rows))
        if self._lie_behind(keys):
            self._put(rows)
            for child in self._shape.children:
                self._hang(child, rows)
            return len(rows)
        known = {row[0]: row for row in self._there(self._shape.table, self._shape.key, self._shape.columns, keys)}
        recent = [row for row in rows if not self._is_older(row, known.get(key_of(row)), now)]
        self._write_beside(recent, known)
        return len(recent)

    def remove(self, keys: Sequence[Any]) -> None:
        """Delete records with all that hangs on them."""
        for table, key in reversed(self._keyed()):
            self._delete(table, key, keys)

    def times(self, keys: Sequence[Any]) -> dict[Any, Instant]:
        """Return when those of some records that are here changed last."""
        shape = self._shape
        return dict(self._there(shape.table, shape.key, (shape.key, shape.changed), keys))

    def _keyed(self) -> list[tuple[str, str]]:
        """Return the record's table and those of what hangs on it, each with the column that names the record."""
        shape = self._shape
        return [(shape.table, shape.key), *((child.table, child.key) for child in shape.children)]

    def _once(self, rows: Sequence[T]) -> Sequence[T]:
        """Return each record once: of two the one that changed later, and of such that changed together the last."""
        shape = self._shape
        found = dict(zip(map(shape.key_of, rows), rows, strict=True))
        if len(found) == len(rows):
            return rows
        for row in rows:
            key = shape.key_of(row)
            if shape.changed_of(found[key]) <= shape.changed_of(row):
                found[key] = row
        return list(found.values())

    def _lie_behind(self, keys: Sequence[Any]) -> bool:
        """Whether nothing of these records can be here, for every key is greater than all that are."""
        there = [key for (key,) in self._raw.execute(self._newest, (self._owner,)) if key is not None]
        return not keys or not there or min(keys) > max(there)

    def _is_older(self, row: T, known: Row | None, now: Instant | None) -> bool:
        if known is None:
            return False
        changed = known[self._changed]
        return bool((changed if now is None else min(changed, now)) > self._shape.changed_of(row))

    def _write_beside(self, rows: Sequence[T], known: dict[Any, Row]) -> None:
        """Write the rows that are new or differ from those known, and with each the children that do.

        A record is written with its children even where it is the same itself: triggers look at the record alone.
        """
        shape = self._shape
        keys = [shape.key_of(row) for row in rows]
        moved = [(child, self._differing(child, rows, keys)) for child in shape.children]
        touched = {shape.key_of(row) for _, these in moved for row in these}
        watched: list[T] = []
        differing: list[tuple[Row, Row]] = []
        for key, row in zip(keys, rows, strict=True):
            before = known.get(key)
            if before is not None and (before != (after := shape.row(row)) or key in touched):
                differing.append((before, after))
                if any(before[at] != after[at] for at in self._watched):
                    watched.append(row)
        if shape.watch is not None and watched:
            shape.watch.changing(self._mirror, self._owner, watched)
        self._put([row for key, row in zip(keys, rows, strict=True) if key not in known])
        self._write_over(differing)
        for child, these in moved:
            self._delete(child.table, child.key, [shape.key_of(row) for row in these])
            self._hang(child, these)

    def _write_over(self, rows: Sequence[tuple[Row, Row]]) -> None:
        """Write what differs between rows that are here and those that take their places, and nothing else of them.

        What an index holds and stays the same is so not taken out of it and put back.
        """
        shape = self._shape
        alike: defaultdict[tuple[int, ...], list[Row]] = defaultdict(list)
        for before, after in rows:
            differing = (at for at, (was, its) in enumerate(zip(before, after, strict=True)) if was != its)
            alike[tuple(differing) or (self._changed,)].append(after)
        for places, its in alike.items():
            taken = {shape.columns[at]: at for at in places}
            taken |= {since: self._changed for since, of in shape.since.items() if of in taken}
            values = itemgetter(*taken.values(), 0)
            self._raw.executemany(self._update(taken), ((*values(row), self._owner) for row in its))

    def _update(self, names: Iterable[str]) -> str:
        """Return the statement that writes some columns of a row.

        An error in it undoes the transaction, as it would anyway: for one that undid the statement alone, SQLite would
        set each page aside before it changes it.
        """
        sets = ", ".join(f"{name} = ?" for name in names)
        shape = self._shape
        return f"UPDATE OR ROLLBACK {shape.table} SET {sets} WHERE {shape.key} = ? AND {shape.owner} = ?"

    def _differing(self, child: Child[T], rows: Sequence[T], keys: Sequence[Any]) -> list[T]:
        """Return the records on which something else hangs than is here."""
        there: dict[Any, set[Row]] = {key: set() for key in keys}
        for key, *row in self._there(child.table, child.key, (child.key, *child.columns), keys):
            there[key].add(tuple(row))
        return [
            row
            for key, row in zip(keys, rows, strict=True)
            if there[key] != set(child.rows(row))  # mostly they are the same, and none of them shares a key
            and there[key] != _hanging(child, row)
        ]

    def _put(self, rows: Sequence[T]) -> None:
        flat = list(chain.from_iterable(map(self._shape.row, rows)))
        self._insert(f"INSERT INTO {self._shape.table}", self._shape.columns, flat)

    def _hang(self, child: Child[T], rows: Sequence[T]) -> None:
        key_of, rows_of = self._shape.key_of, child.rows
        flat: list[Any] = []
        for row in rows:
            key = (key_of(row),)
            for it in rows_of(row):
                flat += key
                flat += it
        self._insert(f"INSERT OR REPLACE INTO {child.table}", (child.key, *child.columns), flat)

    def _insert(self, into: str, names: Sequence[str], flat: Sequence[Any]) -> None:
        """Insert rows of the owner, whose values stand one after the other, many rows a statement.

        Beginning and ending a statement takes a third of the time of a row by itself, and a value that all rows share
        is handed over once a statement.
        """
        owner, width = self._owner, len(names)
        columns, places = ", ".join((self._shape.owner, *names)), f"(?1{', ?' * width})"
        whole = len(flat) - len(flat) % (width * _ROWS)
        for begin, end, rows in ((0, whole, _ROWS), (whole, len(flat), 1)):
            step = rows * width
            self._raw.executemany(
                f"{into} ({columns}) VALUES {', '.join([places] * rows)}",
                ([owner, *flat[at : at + step]] for at in range(begin, end, step)),
            )

    def _there(self, table: str, key: str, columns: Sequence[str], keys: Sequence[Any]) -> Iterator[Row]:
        for chunk in chunks(keys, _AT_ONCE):
            query = f"SELECT {', '.join(columns)} FROM {table} WHERE {self._among(key, chunk)}"
            yield from self._raw.execute(query, (self._owner, *chunk)).fetchall()

    def _delete(self, table: str, key: str, keys: Sequence[Any]) -> None:
        for chunk in chunks(keys, _AT_ONCE):
            self._raw.execute(f"DELETE FROM {table} WHERE {self._among(key, chunk)}", (self._owner, *chunk))

    def _among(self, key: str, keys: Sequence[Any]) -> str:
        return f"{self._shape.owner} = ? AND {key} IN ({', '.join('?' * len(keys))})"


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Cut a sequence into pieces of at most so many."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _hanging(child: Child[T], row: T) -> set[Row]:
    """Return what hangs on a record as its table would hold it: the last of rows with the same key."""
    return set({it[: child.keys]: it for it in child.rows(row)}.values())
