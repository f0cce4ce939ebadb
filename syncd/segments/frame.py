"""What a reading of a rule needs beside the rule: the moment, the shop's zone and money, and the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from syncd.model import Checkout, CreditAccount, Customer, Instant, Metafield, Order, Product

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
By: TypeAlias = Literal["customer", "email"]
"""What a member is: a customer record, or everybody in the store who shares its address, guests included."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The circumstances of a reading. *Now* is read once per cycle, by whoever makes the frame.

    Attributes:
        store: The store's name in the settings.
        now: The moment that `today` and all windows go by.
        zone: The shop's zone: a date means that day there.
        currency: The shop's currency: an amount in a rule is in it.
        week_starts: The first day of a week in `last_week` and `week_to_date`.
        orders_visible_from: Orders older than this are invisible to us; None where all are visible.
        by: What a member is.
        cuts: Cut points of the store's own customers by scale, for rules that rank people (`Rule.scales`).
    """

    store: str
    now: Instant
    zone: ZoneInfo
    currency: str
    week_starts: Weekday = "monday"
    orders_visible_from: Instant | None = None
    by: By = "customer"
    cuts: Mapping[str, Sequence[int]] = {}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with everything that rules look at, as plain values.

    Attributes:
        others: The other customer records of the address, in a frame whose members are people by address.
        orders: All orders of the person's records, counted or not; by address, also those of guests.
        checkouts: All checkouts of the records, completed or not.
        products: The products of the orders' lines, by id; deleted ones are absent.
        metafields: All values of the records' metafields; likewise `companies` and `credit`.
        segments: The names of the other segments that a record of the person is in.
    """

    customer: Customer
    others: Sequence[Customer] = ()
    orders: Sequence[Order] = ()
    checkouts: Sequence[Checkout] = ()
    products: Mapping[int, Product] = {}
    metafields: Sequence[Metafield] = ()
    companies: Sequence[int] = ()
    credit: Sequence[CreditAccount] = ()
    segments: frozenset[str] = frozenset()

    @property
    def records(self) -> Sequence[Customer]:
        """All customer records of the person."""
        return (self.customer, *self.others)

    def singly(self) -> Iterator[Person]:
        """Yield each record as if it stood alone, with all else of the person."""
        for record in self.records:
            yield msgspec.structs.replace(self, customer=record, others=())

    @property
    def guest_orders(self) -> Sequence[Order]:
        """The counted orders of the address that belong to no customer."""
        return [order for order in self.orders if order.counts and order.customer_id is None]
