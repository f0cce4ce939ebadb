"""One person, out of all the tables: their customer records, and everything that a rule looks at, as plain values.

A person is named by an address, whose identity finds every record of it in every store, or by a customer's id. What
hangs on their records is read with a fixed number of statements a store, however many records and orders they have.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from syncd.mirror.consents import CONSENT
from syncd.mirror.database import Mirror
from syncd.model import Address, Checkout, CreditAccount, Customer, LineItem, Metafield, Order, Product, identity
from syncd.model import Collection as ProductCollection
from syncd.segments import Person

T = TypeVar("T")

_ID = re.compile(r"(?:gid://\S+/)?(\d{1,18})")
_CUSTOMER = tuple(name for name in Customer.__struct_fields__ if name not in {"tags", "addresses"})
_ORDER = tuple(name for name in Order.__struct_fields__ if name not in {"tags", "discount_codes", "lines"})
_PRODUCT = tuple(name for name in Product.__struct_fields__ if name not in {"tags", "collections"})
_THESE = "(SELECT value FROM json_each(:ids))"
"""Any number of ids in one statement, bound as one text."""


class Sought(msgspec.Struct, frozen=True):
    """Whom a command is about: an address's identity, or a customer's id."""

    address: str | None = None
    customer_id: int | None = None

    def __str__(self) -> str:
        """Return the address or the id."""
        return self.address or str(self.customer_id)


class Record(msgspec.Struct, frozen=True, order=True):
    """A customer record of a person.

    Attributes:
        customer_id: The store's own id.
        consent: What the store says of e-mail marketing; None where it says nothing.
        counts: What counts of that, where it is something else: `INHERITED` where it was given for another address;
            what it said before (`nothing` for nothing), where its change is doubted.
    """

    store: str
    customer_id: int
    email: str | None = None
    consent: str | None = None
    counts: str | None = None

    @property
    def address(self) -> str | None:
        """The identity of its address."""
        return identity(self.email)


def sought(text: str) -> Sought:
    """Read what somebody typed for a person: an address, a customer's id, or its global id (`gid://…/7001`).

    Raises:
        ValueError: It is none of them.
    """
    found = _ID.fullmatch(text.strip())
    if found:
        return Sought(customer_id=int(found[1]))
    address = identity(text) or ""
    if "@" not in address.strip("@") or len(address.split()) != 1:
        raise ValueError("a person is named by an e-mail address or by a customer's id")
    return Sought(address=address)


def records(mirror: Mirror, who: Sought, stores: Collection[str]) -> list[Record]:
    """Return the person's customer records in these stores, by store and id; none where the mirror has none."""
    # the index is named, for without statistics SQLite prefers the key that begins with the store, and reads all of it
    table = "customers AS r" if who.address is None else "customers AS r INDEXED BY customers_email"
    which = "id = :customer_id" if who.address is None else "email_key = :address"
    query = (
        "SELECT store, id, email, email_consent, "
        f"CASE WHEN {CONSENT} IS NOT email_consent THEN coalesce(nullif({CONSENT}, ''), 'nothing') END "
        f"FROM {table} WHERE {which} "
        "AND store IN (SELECT value FROM json_each(:stores)) ORDER BY store, id"
    )
    values = {**msgspec.structs.asdict(who), "stores": json.dumps(sorted(stores))}
    return [Record(*row) for row in mirror.raw.execute(query, values)]


def people(mirror: Mirror, store: str, ids: Collection[int]) -> dict[int, Person]:
    """Return customers of a store with everything that rules look at, by id; who is not there is left out."""
    shelf = _Shelf(mirror, store)
    orders = defaultdict(list)
    for order in shelf.orders("customer_id IN " + _THESE, {"ids": _listed(ids)}):
        orders[order.customer_id].append(order)
    checkouts = shelf.grouped("checkouts", "customer_id", Checkout.__struct_fields__, ids)
    products = shelf.products({line.product_id for its in orders.values() for order in its for line in order.lines})
    metafields = shelf.grouped("customer_metafields", "customer_id", Metafield.__struct_fields__, ids)
    companies = shelf.grouped("customer_companies", "customer_id", ("company_id",), ids)
    credit = shelf.grouped("customer_credit", "customer_id", CreditAccount.__struct_fields__, ids)
    segments = shelf.grouped("members", "customer_id", ("segment",), ids)
    return {
        customer.id: Person(
            customer=customer,
            orders=orders[customer.id],
            checkouts=[_made(Checkout, Checkout.__struct_fields__, row) for row in checkouts[customer.id]],
            products=products,
            metafields=[_made(Metafield, Metafield.__struct_fields__, row) for row in metafields[customer.id]],
            companies=[company for (company,) in companies[customer.id]],
            credit=[_made(CreditAccount, CreditAccount.__struct_fields__, row) for row in credit[customer.id]],
            segments=frozenset(name for (name,) in segments[customer.id]),
        )
        for customer in shelf.customers(ids)
    }


def guest_orders(mirror: Mirror, store: str, address: str) -> list[Order]:
    """Return the counted orders of an address that belong to no customer, with all that hangs on them."""
    which = "email_key = :address AND counts = 1 AND customer_id IS NULL"
    return list(_Shelf(mirror, store).orders(which, {"address": address}, "orders INDEXED BY orders_of_guests"))


class _Shelf:
    """Reads records of one store back into the values that they were written from."""

    def __init__(self, mirror: Mirror, store: str) -> None:
        self._mirror = mirror
        self._store = store

    def customers(self, ids: Collection[int]) -> list[Customer]:
        tags = self.grouped("customer_tags", "customer_id", ("tag",), ids)
        addresses = self.grouped("customer_addresses", "customer_id", Address.__struct_fields__, ids)
        return [
            _made(
                Customer,
                _CUSTOMER,
                row,
                tags=tuple(tag for (tag,) in tags[row[0]]),
                addresses=tuple(Address(*address) for address in addresses[row[0]]),
            )
            for row in self._rows("customers", _CUSTOMER, "id IN " + _THESE, {"ids": _listed(ids)})
        ]

    def orders(self, which: str, values: Mapping[str, Any], table: str = "orders") -> list[Order]:
        rows = list(self._rows(table, _ORDER, which, values))
        ids = [row[0] for row in rows]
        lines = self.grouped("lines", "order_id", LineItem.__struct_fields__, ids)
        tags = self.grouped("order_tags", "order_id", ("tag",), ids)
        codes = self.grouped("order_discounts", "order_id", ("code",), ids)
        return [
            _made(
                Order,
                _ORDER,
                row,
                tags=tuple(tag for (tag,) in tags[row[0]]),
                discount_codes=tuple(code for (code,) in codes[row[0]]),
                lines=tuple(_made(LineItem, LineItem.__struct_fields__, line) for line in lines[row[0]]),
            )
            for row in rows
        ]

    def products(self, ids: Collection[int | None]) -> dict[int, Product]:
        wanted = {id_ for id_ in ids if id_ is not None}
        tags = self.grouped("product_tags", "product_id", ("tag",), wanted)
        collections = self.grouped("product_collections", "product_id", ("collection_id", "title", "handle"), wanted)
        return {
            row[0]: _made(
                Product,
                _PRODUCT,
                row,
                tags=tuple(tag for (tag,) in tags[row[0]]),
                collections=tuple(ProductCollection(*found) for found in collections[row[0]]),
            )
            for row in self._rows("products", _PRODUCT, "id IN " + _THESE, {"ids": _listed(wanted)})
        }

    def grouped(self, table: str, key: str, columns: Sequence[str], ids: Collection[int]) -> Mapping[int, list[Any]]:
        """Return the rows that hang on some records, by the record's key, in the order of their own."""
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self._rows(table, (key, *columns), f"{key} IN {_THESE}", {"ids": _listed(ids)}):
            found[row[0]].append(row[1:])
        return found

    def _rows(self, table: str, columns: Sequence[str], which: str, values: Mapping[str, Any]) -> Iterable[Any]:
        query = f"SELECT {', '.join(columns)} FROM {table} WHERE store = :store AND {which} ORDER BY 1, 2"
        return self._mirror.raw.execute(query, {"store": self._store, **values})


def _made(type_: type[T], names: Sequence[str], row: Sequence[Any], **more: Any) -> T:
    """Make a value of a row; SQLite keeps truth as 1 and 0."""
    return msgspec.convert({**dict(zip(names, row, strict=True)), **more}, type_, strict=False)


def _listed(ids: Collection[int]) -> str:
    return json.dumps(sorted(ids))
