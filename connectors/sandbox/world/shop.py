"""One shop: all its records, and the indexes and figures that follow from them."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from connectors.sandbox.world.making import Maker
from connectors.sandbox.world.records import (
    Checkout,
    Collection,
    Customer,
    Location,
    Order,
    Product,
    Segment,
)
from connectors.sandbox.world.tags import Spellings

Record = Customer | Order | Product | Checkout

KINDS = ("customers", "orders", "products", "checkouts")


class Profile(msgspec.Struct, kw_only=True):
    """What a shop is, beside its records.

    Attributes:
        domain: The shop's `.myshopify.com` name.
        plan: The public name of its plan.
        bump_customers: Whether an order's change moves its customer's `updatedAt` (the real one need not).
        index_lag: Seconds by which lists and counts may be behind what was written; reading by id never is.
    """

    name: str
    number: int
    domain: str
    timezone: str
    currency: str
    plan: str = "Basic"
    bump_customers: bool = True
    index_lag: int = 0


class Shop:
    """A shop's records, by id. Whoever changes a record says so with `changed`; whoever does either holds `lock`."""

    def __init__(self, profile: Profile, maker: Maker) -> None:
        """Start empty. `maker` gives the ids of what comes later."""
        self.profile = profile
        self.maker = maker
        self.lock = threading.RLock()
        self.customers: dict[int, Customer] = {}
        self.orders: dict[int, Order] = {}
        self.products: dict[int, Product] = {}
        self.checkouts: dict[int, Checkout] = {}
        self.collections: dict[int, Collection] = {}
        self.locations: dict[int, Location] = {}
        self.segments: dict[int, Segment] = {}
        self.orders_of: dict[int, list[int]] = defaultdict(list)
        self.merged: dict[int, int] = {}
        self.spellings = Spellings()
        self.revisions: Counter[str] = Counter()

    def fill(  # a world has these parts
        self,
        customers: Iterable[Customer],
        orders: Iterable[Order],
        products: Iterable[Product],
        checkouts: Iterable[Checkout],
    ) -> None:
        """Take over made records and work out the customers' figures."""
        self.customers = {record.id: record for record in customers}
        self.orders = {record.id: record for record in orders}
        self.products = {record.id: record for record in products}
        self.checkouts = {record.id: record for record in checkouts}
        for order in self.orders.values():
            if order.customer_id is not None:
                self.orders_of[order.customer_id].append(order.id)
        for customer in self.customers.values():
            self.spellings.learn(customer.tags)
            self.count_again(customer)
            for order in self.orders_of_customer(customer.id):
                customer.updated_at = max(customer.updated_at, order.updated_at)

    def records(self, kind: str) -> dict[int, Record]:
        """Return the records of a kind (`customers`, …), by id."""
        found: dict[int, Record] = getattr(self, kind)
        return found

    def changed(self, kind: str) -> None:
        """Note that records of a kind are no longer what an index was made of."""
        self.revisions[kind] += 1

    def orders_of_customer(self, customer_id: int) -> Iterator[Order]:
        """Yield a customer's orders, tests included, in the order of their ids."""
        return (self.orders[order_id] for order_id in self.orders_of.get(customer_id, ()))

    def count_again(self, customer: Customer) -> None:
        """Work out a customer's own figures from the orders."""
        real = [order for order in self.orders_of_customer(customer.id) if not order.test]
        customer.number_of_orders = len(real)
        customer.amount_spent = sum(order.kept for order in real)
        last = max(real, key=lambda order: (order.processed_at, order.id), default=None)
        customer.last_order_id = last.id if last else None
