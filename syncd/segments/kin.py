"""Whose rows a member's are: a customer's own, or those of everybody in the store who shares their address.

A rule is always put over the table `customers`; what a member is (`Frame.by`) only decides which rows hang on each of
its rows. By address the records of one person so have one answer, and all of them are members. A customer without
address stands for themselves. An order of a guest is one whose address is theirs and whose customer is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal_column, select, union_all
from sqlalchemy.sql.expression import FromClause, TableClause

from syncd.model import Order
from syncd.segments.days import Stretch
from syncd.segments.frame import Frame, Person
from syncd.segments.schema import customers, guests, mates, orders, own_orders, records
from syncd.segments.steering import then

_ONE: ColumnElement[Any] = literal_column("1")
"""Written out, so that SQLite takes the partial indexes of the orders that count."""
KNOWN = ("id", "processed_at", "current_total", "currency", "source_name", "financial_status")
"""What the indexes know of an order by which those of a customer, and those of guests, are found."""
ALL = -1
"""As a limit it takes all rows, and keeps SQLite from merging a query with what is asked of its rows: where it sees
that nothing can pass (`IS NULL` of what is never NULL), it drops what the named index is found by, and then fails."""


def united(people: Sequence[Person], guest_orders: Iterable[Order]) -> Person:
    """Return one person of the records of an address (at least one), and of what they ordered as a guest."""
    first, *others = people
    return Person(
        customer=first.customer,
        others=[each.customer for each in others],
        orders=[*(order for each in people for order in each.orders), *guest_orders],
        checkouts=[checkout for each in people for checkout in each.checkouts],
        products=dict(found for each in people for found in each.products.items()),
        metafields=[value for each in people for value in each.metafields],
        companies=[company for each in people for company in each.companies],
        credit=[account for each in people for account in each.credit],
        segments=frozenset[str]().union(*(each.segments for each in people)),
    )


def rows_of(table: TableClause, frame: Frame) -> Select[Any]:
    """Return the rows of a table with `store` and `customer_id` that are the member's, to be narrowed."""
    if frame.by == "email":
        return select(_ONE).select_from(_on_kin(table, table.c.customer_id, frame))
    mine = (table.c.store == frame.store, table.c.customer_id == customers.c.id)
    return select(_ONE).select_from(table).where(*mine).correlate(customers)


def records_of(frame: Frame) -> Select[Any]:
    """Return the member's own customer records, one or several, as rows of `records`."""
    return select(_ONE).select_from(_on_kin(records, records.c.id, frame))


def of_records(
    frame: Frame, figure: Callable[[FromClause], ColumnElement[Any]], pick: Callable[[Any], ColumnElement[Any]]
) -> ColumnElement[Any]:
    """Return a figure of the customer, or what is picked (`func.max`) from those of a person's records."""
    if frame.by != "email":
        return figure(customers)
    return records_of(frame).with_only_columns(pick(figure(records))).scalar_subquery()


def counted(
    frame: Frame,
    more: TableClause | None = None,
    on: ColumnElement[bool] | None = None,
    *,
    during: Stretch | None = None,
) -> Select[Any]:
    """Return the member's orders that count (those of a stretch of time), or rows of a table joined to them."""
    if frame.by == "email":
        found = _orders_of_kin(frame, during)
        its = and_(orders.c.store == frame.store, orders.c.id == found.c.id)
        return select(_ONE).select_from(_joined(then(found, orders, its, keyed=True), more, on))
    mine = (orders.c.store == frame.store, orders.c.customer_id == customers.c.id, orders.c.counts == _ONE)
    return select(_ONE).select_from(_joined(orders, more, on)).where(*mine, *_in(orders, during)).correlate(customers)


class Summed(msgspec.Struct, frozen=True):
    """A figure that the store itself keeps of customers.

    Attributes:
        own: The figure in a row of customers.
        of_guest: What an order in `guests` adds to it.
    """

    own: Callable[[FromClause], ColumnElement[Any]]
    of_guest: ColumnElement[Any]


def summed(frame: Frame, figures: Mapping[str, Summed], name: str) -> ColumnElement[Any]:
    """Return one of some figures of a customer, or the sum over a person's records and orders as a guest.

    Of a person all of them are read, so that one reading is enough for whatever asks for several.
    """
    if frame.by != "email":
        return figures[name].own(customers)
    own = records_of(frame).with_only_columns(*(each.own(records).label(its) for its, each in figures.items()))
    as_guest = _as_guest(frame).with_only_columns(*(each.of_guest.label(its) for its, each in figures.items()))
    parts = union_all(own, as_guest).subquery("parts")
    return select(func.sum(parts.c[name])).scalar_subquery()


def counted_once(frame: Frame) -> list[ColumnElement[bool]]:
    """Return what narrows `customers` to one row for each member of the store, for counting and comparing them."""
    of_store = [customers.c.store == frame.store]
    return [*of_store, customers.c.id == first_id(frame)] if frame.by == "email" else of_store


def first_id(frame: Frame) -> ColumnElement[int]:
    """Return the lowest id among the member's records."""
    kin = _kin(frame)
    return select(func.min(kin.c.id)).scalar_subquery()


def _kin(frame: Frame) -> Subquery:
    """Return the ids of the person's records, from one row of `customers`: its own, and the others of its address."""
    same = (mates.c.email_key == customers.c.email_key, mates.c.store == frame.store, mates.c.id != customers.c.id)
    others = select(mates.c.id).where(*same).correlate(customers)
    return union_all(select(customers.c.id).correlate(customers), others).limit(ALL).subquery("kin")


def _on_kin(table: FromClause, customer_id: ColumnElement[Any], frame: Frame) -> FromClause:
    kin = _kin(frame)
    return then(kin, table, and_(table.c.store == frame.store, customer_id == kin.c.id))


def _as_guest(frame: Frame) -> Select[Any]:
    its = (guests.c.store == frame.store, guests.c.email_key == customers.c.email_key, guests.c.counts == _ONE)
    return select(_ONE).select_from(guests).where(*its, guests.c.customer_id.is_(None)).correlate(customers)


def _orders_of_kin(frame: Frame, during: Stretch | None) -> Subquery:
    own = _on_kin(own_orders, own_orders.c.customer_id, frame)
    of_records = select(own_orders.c.id).select_from(own).where(own_orders.c.counts == _ONE, *_in(own_orders, during))
    as_guest = _as_guest(frame).with_only_columns(guests.c.id).where(*_in(guests, during))
    return union_all(of_records, as_guest).limit(ALL).subquery("found")


def known_orders(frame: Frame) -> Subquery:
    """Return of the orders of a person by address that count what their indexes know."""
    own = _on_kin(own_orders, own_orders.c.customer_id, frame)
    of_records = select(*(own_orders.c[name] for name in KNOWN)).select_from(own).where(own_orders.c.counts == _ONE)
    as_guest = _as_guest(frame).with_only_columns(*(guests.c[name] for name in KNOWN))
    return union_all(of_records, as_guest).limit(ALL).subquery("known")


def _in(table: TableClause, during: Stretch | None) -> tuple[ColumnElement[bool], ...]:
    if during is None:
        return ()
    return (table.c.processed_at >= during[0], table.c.processed_at < during[1])


def _joined(found: FromClause, more: TableClause | None, on: ColumnElement[bool] | None) -> FromClause:
    return found if more is None or on is None else then(found, more, on)
