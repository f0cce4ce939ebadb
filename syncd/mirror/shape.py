"""How the records of one kind lie in their tables: what a shelf has to know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from syncd.mirror.database import Mirror
from syncd.mirror.gate import Personal
from syncd.model import Instant

T = TypeVar("T")

Row = tuple[Any, ...]


class Child(msgspec.Struct, Generic[T], frozen=True):
    """Rows that hang on a record and are replaced with it.

    Attributes:
        table: Where they are kept.
        key: The column that names the record.
        columns: What `rows` gives after the owner and the record's key.
        rows: The rows of one record.
        keys: How many of the columns, the first ones, tell the rows of one record apart.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    rows: Callable[[T], Iterable[Row]]
    keys: int = 1


class Watch(msgspec.Struct, Generic[T], frozen=True):
    """Looks at records of an owner before they are written over or deleted, in the same transaction.

    Attributes:
        columns: What it looks at.
        changing: Given the new rows of records that are known already and differ in one of the columns.
        going: Given the keys of records that are about to be deleted.
    """

    columns: frozenset[str]
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
        since: Columns that take the record's time of change whenever another one of it changes, with that one.
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
    since: Mapping[str, str] = {}
    watch: Watch[T] | None = None
    personal: Personal[T] | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the record and of what hangs on it."""
        return (self.table, *(child.table for child in self.children))
