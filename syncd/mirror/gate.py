"""Who is let into the mirror: records of somebody forgotten are not, and are counted all the same.

A record that is the person's alone (a customer, a contact) is left out; one that the shop's totals need (an order, a
checkout) is stripped of what leads to the person. A customer whom the store has redacted is taken for forgotten there
and then. Where nobody is forgotten, nothing here costs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from syncd.mirror import forgotten
from syncd.mirror.database import Mirror
from syncd.mirror.forgotten import Guard, Whom
from syncd.model import Instant, identity
from syncd.ports import Cursor

T = TypeVar("T")


class Personal(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """How the records of a kind lead to a person.

    Attributes:
        customer: The customer's id, where the record names one.
        email: The address, where it names one.
        stripped: The record without both; None for a record that is the person's alone.
        redacted: Whether the service has erased the person from the record.
        departs: Notes records, by owner and key, that the service no longer has, for what is left of them to be erased.
    """

    customer: Callable[[T], int | None] = lambda _: None
    email: Callable[[T], str | None] = lambda _: None
    stripped: Callable[[T], T] | None = None
    redacted: Callable[[T], bool] | None = None
    departs: Callable[[Mirror, str, Collection[Any]], None] | None = None


class Gate(Generic[T]):
    """The way into one feed's table."""

    def __init__(
        self,
        mirror: Mirror,
        place: tuple[str, str],
        personal: Personal[T] | None,
        key_of: Callable[[T], Any],
        changed_of: Callable[[T], Instant],
    ) -> None:
        """Look at nothing yet. `place` is the owner and its feed."""
        self._mirror = mirror
        self._owner, self._feed = place
        self._personal = personal
        self._key_of = key_of
        self._changed_of = changed_of

    @cached_property
    def _guard(self) -> Guard | None:
        """Who is forgotten, as of the first row: a customer may become so while another feed is read."""
        return forgotten.guard(self._mirror) if self._personal else None

    def admit(self, rows: Sequence[T]) -> Sequence[T]:
        """Return the rows that may be kept, stripped where they must be. Belongs into a transaction of the caller's.

        Raises:
            FatalError: The key that tells who is forgotten cannot be written or read.
        """
        if self._personal is None:
            return rows
        rows = self._without_redacted(rows, self._personal.redacted)
        return rows if self._guard is None else list(self._admitted(rows, self._guard, self._personal))

    def place(self, cursor: Cursor) -> Cursor:
        """Return how far the feed is read, without the id of the last record where that may be somebody forgotten."""
        return cursor if self._guard is None else Cursor(cursor.at)

    def known(self, rows: Sequence[T]) -> dict[Any, Instant]:
        """Return the time of change, by key, of those rows that were left out before."""
        if self._guard is None:
            return {}
        by_hash = {self._guard.of_record(self._owner, self._key_of(row)): self._key_of(row) for row in rows}
        return {by_hash[found]: changed for found, changed in self._skipped() if found in by_hash}

    def count(self, since: Instant | None) -> int:
        """Count the rows that are left out, or those changed at or after an instant."""
        if self._guard is None:
            return 0
        return sum(since is None or changed >= since for _, changed in self._skipped())

    def keep_only(self, keys: Collection[Any]) -> None:
        """Stop counting the rows that the service no longer has."""
        if self._guard is None or not any(self._skipped()):
            return
        there = {self._guard.of_record(self._owner, key) for key in keys}
        gone = [found for found, _ in self._skipped() if found not in there]
        with self._mirror.transaction():
            self._mirror.raw.executemany(
                "DELETE FROM skipped WHERE owner = ? AND feed = ? AND hash = ?",
                ((self._owner, self._feed, found) for found in gone),
            )

    def _admitted(self, rows: Iterable[T], guard: Guard, personal: Personal[T]) -> Iterable[T]:
        for row in rows:
            person = self._person(row, guard, personal)
            if person is None:
                yield row
            elif personal.stripped is not None:
                yield personal.stripped(row)
            else:
                place, known = (self._owner, self._feed), (self._key_of(row), self._changed_of(row))
                forgotten.leave_out(self._mirror, guard, place, person, known)
                self._know_by_id(personal.customer(row), guard, person)

    def _person(self, row: T, guard: Guard, personal: Personal[T]) -> str | None:
        customer = personal.customer(row)
        found = guard.customer(self._owner, customer) if customer is not None else None
        return found or guard.address(personal.email(row))

    def _know_by_id(self, customer: int | None, guard: Guard, person: str) -> None:
        """Take a customer who came to a forgotten person's address for that person, whatever hangs on the record too.

        One who was here under another address goes, but for the tags, until ours among them are taken off.
        """
        if customer is None or guard.customer(self._owner, customer) is not None:
            return
        depart_customers(self._mirror, self._owner, [customer])
        forgotten.add_customer(self._mirror, guard, person, self._owner, customer)

    def _skipped(self) -> list[tuple[str, Instant]]:
        query = "SELECT hash, changed FROM skipped WHERE owner = ? AND feed = ?"
        return list(self._mirror.raw.execute(query, (self._owner, self._feed)))

    def _without_redacted(self, rows: Sequence[T], redacted: Callable[[T], bool] | None) -> Sequence[T]:
        """Take out what the service has redacted, note what is to be erased of it, and know it from now on.

        The tags of a customer stay until ours among them are taken off.
        """
        if redacted is None or self._personal is None:
            return rows
        gone = [row for row in rows if redacted(row)]
        fresh = [row for row in gone if self._guard is None or self._person(row, self._guard, self._personal) is None]
        if fresh:
            ids = [int(self._key_of(row)) for row in fresh]
            customers = frozenset((self._owner, id_) for id_ in ids)
            depart_customers(self._mirror, self._owner, ids, redacted=True)
            self._mirror.raw.executemany(
                "INSERT OR IGNORE INTO departed (owner, subject, address, mark, redacted) VALUES (?, ?, ?, '', 1)",
                (
                    (self._owner, str(self._key_of(row)), identity(self._personal.email(row)))
                    for row in fresh
                    if self._personal.email(row)
                ),
            )
            forgotten.remember_hashes(self._mirror, [Whom(frozenset({it})) for it in customers])
            self._guard = forgotten.guard(self._mirror)
        return rows


def depart_customers(mirror: Mirror, store: str, ids: Collection[int], *, redacted: bool = False) -> None:
    """Note customers as gone, and take them out of the mirror save for their tags. Belongs into a transaction.

    What a store deleted takes its tags along; of what it redacted, ours are still to be taken off.
    """
    mirror.raw.executemany(
        "INSERT OR REPLACE INTO departed (owner, subject, address, mark, redacted) "
        "SELECT store, CAST(id AS TEXT), email_key, coalesce(phone, '') || coalesce(first_name, '') "
        "|| coalesce(last_name, ''), ? FROM customers WHERE store = ? AND id = ?",
        ((redacted, store, id_) for id_ in ids),
    )
    for table, key in (("customer_addresses", "customer_id"), ("customers", "id")):
        mirror.raw.executemany(f"DELETE FROM {table} WHERE store = ? AND {key} = ?", ((store, id_) for id_ in ids))


def depart_contacts(mirror: Mirror, target: str, subjects: Collection[str]) -> None:
    """Note contacts as gone from an audience. Belongs into the transaction that deletes them."""
    mirror.raw.executemany(
        "INSERT OR REPLACE INTO departed (owner, subject, address, mark, redacted) VALUES (?, ?, ?, '', 0)",
        ((target, subject, subject) for subject in subjects),
    )
