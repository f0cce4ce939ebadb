"""A small store for tests of rules: plain values on one side, the mirror's own tables on the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import func, select

from syncd.mirror import membership
from syncd.mirror.database import Mirror
from syncd.mirror.shapes import OF_KIND
from syncd.mirror.shelves import Shelf
from syncd.model import Checkout, Companies, Credit, Customer, Kind, Metafields, Order, Product
from syncd.segments import Frame, Person, Rule, condition, members
from syncd.segments.schema import customers


class World(msgspec.Struct, frozen=True):
    """What a store holds. `segments`: the other segments that each customer is in."""

    customers: Sequence[Customer] = ()
    orders: Sequence[Order] = ()
    products: Sequence[Product] = ()
    checkouts: Sequence[Checkout] = ()
    segments: Mapping[int, frozenset[str]] = {}
    metafields: Sequence[Metafields] = ()
    companies: Sequence[Companies] = ()
    credit: Sequence[Credit] = ()

    def people(self) -> dict[int, Person]:
        """Return the customers as plain values, by id."""
        return {
            customer.id: Person(
                customer=customer,
                orders=[order for order in self.orders if order.customer_id == customer.id],
                checkouts=[checkout for checkout in self.checkouts if checkout.customer_id == customer.id],
                products={product.id: product for product in self.products},
                metafields=[value for it in self.metafields if it.id == customer.id for value in it.values],
                companies=[company for it in self.companies if it.id == customer.id for company in it.companies],
                credit=[account for it in self.credit if it.id == customer.id for account in it.accounts],
                segments=self.segments.get(customer.id, frozenset()),
            )
            for customer in self.customers
        }

    def save(self, mirror: Mirror, store: str) -> None:
        """Write everything to the mirror, the way a pull does."""
        kinds = {
            Kind.CUSTOMERS: self.customers,
            Kind.ORDERS: self.orders,
            Kind.PRODUCTS: self.products,
            Kind.CHECKOUTS: self.checkouts,
            Kind.METAFIELDS: self.metafields,
            Kind.COMPANIES: self.companies,
            Kind.CREDIT: self.credit,
        }
        for kind, rows in kinds.items():
            Shelf(mirror, store, kind.value, OF_KIND[kind]).put(rows, None)
        for name in sorted(frozenset[str]().union(*self.segments.values())):
            found = [customer for customer, names in self.segments.items() if name in names]
            membership.renew(mirror, name, store, "", found, run=0, at=0)


def by_sql(mirror: Mirror, rule: Rule, frame: Frame) -> set[int]:
    """Return the ids that the mirror gives."""
    return set(mirror.connection.execute(members(rule, frame)).scalars())


def undecided(mirror: Mirror, rule: Rule, frame: Frame) -> int:
    """Return for how many customers SQL says neither yes nor no."""
    neither = condition(rule, frame).is_(None)
    query = select(func.count()).select_from(customers).where(customers.c.store == frame.store, neither)
    return mirror.connection.execute(query).scalar_one()
