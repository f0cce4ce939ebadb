"""A store as it truly is: what merchants, customers and apps do to it, and what a test may look at.

Everything here happens at the service. What syncd does comes through `connectors.memory.store`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

import msgspec

from connectors.memory.faults import Faults
from connectors.memory.shelf import Event, Now, Shelf, Spelling
from syncd.model import (
    Checkout,
    Companies,
    Credit,
    Customer,
    Instant,
    Kind,
    Metafields,
    Order,
    Product,
    fold,
)
from syncd.ports import Missing

_RECORDS: Mapping[Kind, type[Any]] = {
    Kind.CUSTOMERS: Customer,
    Kind.ORDERS: Order,
    Kind.PRODUCTS: Product,
    Kind.CHECKOUTS: Checkout,
    Kind.METAFIELDS: Metafields,
    Kind.COMPANIES: Companies,
    Kind.CREDIT: Credit,
}


class World:
    """A store's records. Each write moves the record's `updated_at` to the present, unless told another moment.

    The `put_…` methods make a record, or change the named fields of one that is there. They do no bookkeeping beyond
    tags: an order does not touch the figures of its customer.

    Attributes:
        faults: What is wrong with the store at present.
        missing: What the account does not give.
        history: Every tag that came or went, and by whom.
        segments: Whom the store itself finds by a query; None for a store that has no segments.
    """

    def __init__(self, now: Now, *, timezone: str = "UTC", currency: str = "EUR", lag: int = 0) -> None:
        """Start without a record.

        Args:
            now: The store's own clock.
            timezone: IANA name of the shop's zone.
            currency: ISO 4217 code of the shop's currency.
            lag: Seconds that listings are behind the truth, as a search index is.
        """
        self.now = now
        self.timezone = timezone
        self.currency = currency
        self.faults = Faults()
        self.missing: tuple[Missing, ...] = ()
        self.history: list[Event] = []
        self.segments: dict[str, Collection[int]] | None = None
        self._spelling = Spelling()
        self._shelves: dict[Kind, Shelf[Any]] = {kind: Shelf(now) for kind in Kind}
        self.lag = lag

    @property
    def lag(self) -> int:
        """Seconds that listings are behind the truth."""
        return self._shelves[Kind.CUSTOMERS].lag

    @lag.setter
    def lag(self, seconds: int) -> None:
        for shelf in self._shelves.values():
            shelf.lag = seconds

    def put_customer(self, number: int, **fields: Any) -> Customer:
        """Make or change a customer; tags are split at commas and take the spelling that the store knows."""
        before = self.tags_of(number)
        if "tags" in fields:
            fields["tags"] = self._spelling.of(tuple(fields["tags"]))
        customer: Customer = self._put(Kind.CUSTOMERS, number, fields, created_at=self.now())
        self._note(number, before, customer.tags, "hand")
        return customer

    def put_order(self, number: int, **fields: Any) -> Order:
        """Make or change an order; its lines, where given, replace all lines."""
        created_at = fields.get("created_at", self.now())
        order: Order = self._put(
            Kind.ORDERS, number, fields, created_at=created_at, processed_at=created_at, currency=self.currency
        )
        return order

    def put_product(self, number: int, **fields: Any) -> Product:
        """Make or change a product."""
        product: Product = self._put(Kind.PRODUCTS, number, fields)
        return product

    def put_checkout(self, number: int, **fields: Any) -> Checkout:
        """Make or change a checkout."""
        checkout: Checkout = self._put(Kind.CHECKOUTS, number, fields, created_at=self.now())
        return checkout

    def put_metafields(self, number: int, **fields: Any) -> Metafields:
        """Give a customer metafields; those given replace all."""
        metafields: Metafields = self._put(Kind.METAFIELDS, number, fields)
        return metafields

    def put_companies(self, number: int, **fields: Any) -> Companies:
        """Make a customer a contact of companies."""
        companies: Companies = self._put(Kind.COMPANIES, number, fields)
        return companies

    def put_credit(self, number: int, **fields: Any) -> Credit:
        """Give a customer store credit accounts; those given replace all."""
        credit: Credit = self._put(Kind.CREDIT, number, fields)
        return credit

    def delete(self, kind: Kind, number: int) -> None:
        """Delete a record: no feed tells of it, it is merely gone."""
        self._shelves[kind].drop(number)

    def tag_by_hand(self, number: int, *tags: str) -> None:
        """Let the merchant, or another app, tag a customer."""
        self.put_customer(number, tags=(*self.tags_of(number), *tags))

    def untag_by_hand(self, number: int, *tags: str) -> None:
        """Let the merchant, or another app, take tags off a customer."""
        gone = {fold(tag) for tag in tags}
        self.put_customer(number, tags=tuple(tag for tag in self.tags_of(number) if fold(tag) not in gone))

    def customer(self, number: int) -> Customer | None:
        """Return a customer as they truly are."""
        found: Customer | None = self._shelves[Kind.CUSTOMERS].get(number)
        return found

    def tags_of(self, number: int) -> tuple[str, ...]:
        """Return all tags of a customer; none where there is no such customer."""
        found = self.customer(number)
        return () if found is None else found.tags

    def holders(self, tag: str) -> set[int]:
        """Return the customers who truly carry a tag, in whatever letter case."""
        wanted = fold(tag)
        everybody = self._shelves[Kind.CUSTOMERS].true().items()
        return {number for number, customer in everybody if wanted in map(fold, customer.tags)}

    def records(self, kind: Kind) -> dict[int, Any]:
        """Return all records of a kind as they truly are, by number."""
        return self._shelves[kind].true()

    def listed(self, kind: Kind) -> dict[int, Any]:
        """Return the records of a kind that the account may list, as listings show them now."""
        rows = self._shelves[kind].listed()
        starts = [missing.visible_from for missing in self.missing if missing.visible_from is not None]
        if kind is not Kind.ORDERS or not starts:
            return rows
        return {number: row for number, row in rows.items() if row.created_at >= max(starts)}

    def write_tags(self, customer: Customer, tags: tuple[str, ...]) -> Customer:
        """Give a customer exactly these tags on syncd's behalf; nothing moves where nothing changes."""
        after = self._spelling.of(tags)
        if after == customer.tags:
            return customer
        changed: Customer = self._put(Kind.CUSTOMERS, customer.id, {"tags": after})
        self._note(customer.id, customer.tags, after, "syncd")
        return changed

    def opt_out(self, customer: Customer, at: Instant | None) -> Customer:
        """Note on syncd's behalf that a customer no longer consents to marketing mail."""
        fields = {"email_consent": "UNSUBSCRIBED", "email_consent_at": self.now() if at is None else at}
        changed: Customer = self._put(Kind.CUSTOMERS, customer.id, fields)
        self.history.append(
            Event(at=self.now(), by="syncd", subject=str(customer.id), what="status", value="UNSUBSCRIBED")
        )
        return changed

    def _put(self, kind: Kind, number: int, fields: Mapping[str, Any], **born: Instant | str) -> Any:
        shelf = self._shelves[kind]
        old = shelf.get(number)
        changed = {"updated_at": self.now()} | dict(fields)
        if old is None:
            row = _RECORDS[kind](**{"id": number, **born, **changed})
        else:
            row = msgspec.structs.replace(old, **changed)
        shelf.put(number, row, row.updated_at)
        return row

    def _note(self, number: int, before: Iterable[str], after: Iterable[str], by: Literal["syncd", "hand"]) -> None:
        for tag in sorted(set(after) - set(before)):
            self.history.append(Event(at=self.now(), by=by, subject=str(number), what="added", value=tag))
        for tag in sorted(set(before) - set(after)):
            self.history.append(Event(at=self.now(), by=by, subject=str(number), what="removed", value=tag))
