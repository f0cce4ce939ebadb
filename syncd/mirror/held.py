"""What is held about one person: by which names they are known, the labels we gave them, every row of every table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from syncd.clock import iso
from syncd.mirror.database import Mirror
from syncd.mirror.erasing import rows_of
from syncd.mirror.forgotten import Whom
from syncd.mirror.people import Sought
from syncd.mirror.tables.persons import PERSONS, About, Hanging

_MOMENTS = frozenset({"at", "since", "email_since"})
_BARE = frozenset({"email_key", "email_domain", "tag_key", "code_key", "city_key", "region", "shelf"})
"""Columns that repeat others in another form, or tell nothing of anybody."""


class Ours(msgspec.Struct, frozen=True):
    """A label that we gave somebody, or may have given (`sending`)."""

    target: str
    label_key: str
    subject: str
    segment: str
    sending: bool


class AmbiguousError(ValueError):
    """Two stores know different people by the same customer's id."""


def names_of(mirror: Mirror, who: Sought, store: str | None = None) -> Whom:
    """Return a person by every name that the mirror knows: all records of an address, and addresses they had before.

    An address that they had once and that another customer has now is not theirs any more.

    Raises:
        AmbiguousError: The id is known in several stores, and not of one person.
    """
    if who.customer_id is not None:
        return _by_id(mirror, who.customer_id, store)
    return _with_records(mirror, frozenset({who.address or ""}), frozenset())


def _by_id(mirror: Mirror, customer_id: int, store: str | None) -> Whom:
    query = "SELECT store, email_key FROM customers WHERE id = ?1 AND (?2 IS NULL OR store = ?2)"
    found = mirror.raw.execute(query, (customer_id, store)).fetchall()
    if len(found) > 1 and (len({address for _, address in found}) > 1 or found[0][1] is None):
        raise AmbiguousError(", ".join(sorted(name for name, _ in found)))
    places = {name for name, _ in found} or ({store} if store else set(_places(mirror)))
    customers = frozenset((name, customer_id) for name in places)
    return _with_records(mirror, frozenset(address for _, address in found if address), customers)


def _with_records(mirror: Mirror, addresses: frozenset[str], customers: frozenset[tuple[str, int]]) -> Whom:
    query = "SELECT store, id FROM customers INDEXED BY customers_email WHERE email_key = ?"
    for address in addresses:
        customers |= {(name, id_) for name, id_ in mirror.raw.execute(query, (address,))}
    return Whom(customers, addresses | set(_former_addresses(mirror, customers)))


def _former_addresses(mirror: Mirror, customers: frozenset[tuple[str, int]]) -> Iterator[str]:
    query = (
        "SELECT DISTINCT address FROM consent_changes AS h WHERE side = 'store' AND owner = ? AND record = ? "
        "AND NOT EXISTS (SELECT 1 FROM customers AS c WHERE c.email_key = h.address)"
    )
    for store, customer_id in customers:
        yield from (address for (address,) in mirror.raw.execute(query, (store, str(customer_id))))


def _places(mirror: Mirror) -> list[str]:
    return [name for (name,) in mirror.raw.execute("SELECT store FROM stores ORDER BY store")]


def labels_of(mirror: Mirror, whom: Whom) -> list[Ours]:
    """Return every label that we gave a person."""
    found: set[tuple[Any, ...]] = set()
    for condition, values in rows_of("ledger", whom):
        query = f"SELECT target, label_key, subject, segment, state = 'sending' FROM ledger WHERE {condition}"
        found |= set(mirror.raw.execute(query, values))
    return [Ours(row[0], row[1], row[2], row[3], bool(row[4])) for row in sorted(found)]


def anything(mirror: Mirror, whom: Whom) -> bool:
    """Whether any table has a row about a person."""
    return any(
        mirror.raw.execute(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1", values).fetchone()
        for table in PERSONS
        for condition, values in rows_of(table, whom)
    )


def rows(mirror: Mirror, whom: Whom) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by what its table is called in an export; instants as ISO 8601, in UTC."""
    told: dict[str, list[dict[str, Any]]] = {}
    for table, about in PERSONS.items():
        if isinstance(about, About) and about.held:
            found = [_hung(mirror, table, row) for row in _found(mirror, table, whom)]
            told.setdefault(about.title, []).extend(found)
    return told


def _found(mirror: Mirror, table: str, whom: Whom) -> list[dict[str, Any]]:
    """Return a table's rows about a person, each once, in the order in which they were written or are keyed."""
    found: dict[str, dict[str, Any]] = {}
    for condition, values in rows_of(table, whom):
        for row in _rows(mirror, f"SELECT * FROM {table} WHERE {condition}", values):
            found.setdefault(repr(row), row)
    return list(found.values())


def _hung(mirror: Mirror, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as it is told, with what hangs on it."""
    hanging = {
        about.title: [
            _told(found, {here for here, _ in about.keys})
            for found in _rows(
                mirror,
                f"SELECT * FROM {name} WHERE {' AND '.join(f'{here} = ?' for here, _ in about.keys)}",
                [row[there] for _, there in about.keys],
            )
        ]
        for name, about in PERSONS.items()
        if isinstance(about, Hanging) and about.parent == table and about.title
    }
    return {**_told(row, set()), **hanging}


def _told(row: dict[str, Any], but: set[str]) -> dict[str, Any]:
    return {
        name: iso(value) if name in _MOMENTS or name.endswith("_at") else value
        for name, value in row.items()
        if name not in but | _BARE
    }


def _rows(mirror: Mirror, query: str, values: list[Any]) -> list[dict[str, Any]]:
    found = mirror.raw.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]
