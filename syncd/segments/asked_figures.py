"""What those are compared by in a rank who are asked about: some people, each found by an index.

The figures are those of everybody (`syncd.segments.best`). Of who is far from the edge no more is looked up than the
one figure that tells so.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.expression import FromClause

from syncd.segments.best import compared, in_time, lowest
from syncd.segments.filters.customer import spent
from syncd.segments.frame import Frame
from syncd.segments.kin import ALL, counted
from syncd.segments.ranks import Rank
from syncd.segments.schema import customers, guests, orders
from syncd.segments.steering import then

_ONE: ColumnElement[Any] = literal_column("1")
"""Written out, so that SQLite takes the partial indexes of the orders that count."""
_NONE: ColumnElement[Any] = literal_column("0")
_BUYERS = customers.alias("buyers")


def figures_of(asked: FromClause, rank: Rank, frame: Frame, floor: int) -> Select[Any]:
    """Return the figures of those who are asked about and are in the rank, as `figures` has them, one row a person.

    Args:
        asked: Their ids as `customer_id`, in their order. By address it holds all records of an address or none.
        rank: What people are compared by, and over which orders.
        frame: Says what a person is, and what the days of the rank mean.
        floor: Of who has a smaller figure than this, neither the address nor the first order is told.
    """
    if rank.own_figures and frame.by == "customer":
        return _own(asked, rank, frame, floor)
    its = _added(asked, rank, frame).limit(ALL).subquery("added")
    figure, part = compared(rank, its)
    near = and_(figure >= floor, customers.c.store == frame.store, customers.c.id == its.c.id)
    unseen = rank.over is None and frame.orders_visible_from is not None
    first = null() if unseen else its.c.first
    columns = (figure.label("figure"), part.label("part"), its.c.amount, its.c.orders, first.label("first"))
    found = select(its.c.id, customers.c.email_key, *columns).select_from(its.outerjoin(customers, near))
    return found.where(its.c.orders > 0, figure.is_not(None))


def _own(asked: FromClause, rank: Rank, frame: Frame, floor: int) -> Select[Any]:
    """Return the store's own figures of customers."""
    number, amount = customers.c.number_of_orders, spent(frame)
    figure = number if rank.by == "orders" else amount
    seen = counted(frame).with_only_columns(func.min(orders.c.processed_at)).scalar_subquery()
    first = null() if frame.orders_visible_from is not None else case((figure >= floor, seen))
    columns = (figure.label("figure"), _NONE.label("part"), amount.label("amount"), number.label("orders"))
    found = select(customers.c.id, customers.c.email_key, *columns, first.label("first"))
    row = and_(customers.c.store == frame.store, customers.c.id == asked.c.customer_id)
    return found.select_from(then(asked, customers, row)).where(number > 0, figure.is_not(None))


def _added(asked: FromClause, rank: Rank, frame: Frame) -> Select[Any]:
    """Return what the rows of each person add up to."""
    its = _bought(asked, asked.c.customer_id, rank, frame) if frame.by == "customer" else _of_people(asked, rank, frame)
    rows = its.subquery("rows")
    return select(
        rows.c.id,
        func.sum(rows.c.number).label("orders"),
        func.sum(rows.c.amount).label("amount"),
        func.count(rows.c.amount).label("priced"),
        func.min(rows.c.at).label("first"),
    ).group_by(rows.c.id)


def _of_people(asked: FromClause, rank: Rank, frame: Frame) -> CompoundSelect[Any]:
    """Return orders, also those of guests, and records, by the lowest record of whoever they are of."""
    people = _people(asked, frame)
    bought = _bought(people, people.c.id, rank, frame)
    as_guest = _as_guest(asked, rank, frame)
    if not rank.own_figures:
        return union_all(bought, as_guest)
    own = select(people.c.id, people.c.number, people.c.amount, null().label("at"))
    return union_all(own, bought.with_only_columns(people.c.id, _NONE, null(), orders.c.processed_at), as_guest)


def _people(asked: FromClause, frame: Frame) -> Subquery:
    """Return the records with the lowest one of whoever each is of, and with the store's own figures."""
    its = _BUYERS.c
    first = func.coalesce(lowest(its.email_key, frame), its.id)
    amount = case((its.currency.is_(None) | (its.currency == frame.currency), its.amount_spent))
    columns = (first.label("id"), its.number_of_orders.label("number"), amount.label("amount"))
    found = select(asked.c.customer_id, *columns).select_from(then(asked, _BUYERS, _row(asked, frame)))
    return found.limit(ALL).subquery("people")  # merged, the lowest would be looked for with each order


def _as_guest(asked: FromClause, rank: Rank, frame: Frame) -> Select[Any]:
    """Return what the people of addresses ordered as guests.

    The records are read once more: a table that is made of them for both SQLite takes for a very large one, and would
    read all orders of guests to have a filter for it.
    """
    its = guests.c
    theirs = and_(its.store == frame.store, its.email_key == _BUYERS.c.email_key)
    found = _rows(_BUYERS.c.id, guests, frame)
    found = found.select_from(then(then(asked, _BUYERS, _row(asked, frame)), guests, theirs))
    once = _BUYERS.c.id == lowest(its.email_key, frame)  # by the order's address: only of who has any
    return found.where(its.customer_id.is_(None), its.counts == _ONE, *in_time(guests, rank, frame), once)


def _row(asked: FromClause, frame: Frame) -> ColumnElement[bool]:
    return and_(_BUYERS.c.store == frame.store, _BUYERS.c.id == asked.c.customer_id)


def _bought(asked: FromClause, whose: ColumnElement[Any], rank: Rank, frame: Frame) -> Select[Any]:
    """Return the orders of customers."""
    mine = and_(orders.c.store == frame.store, orders.c.customer_id == asked.c.customer_id)
    found = _rows(whose, orders, frame).select_from(then(asked, orders, mine))
    return found.where(orders.c.counts == _ONE, *in_time(orders, rank, frame))


def _rows(whose: ColumnElement[Any], of: FromClause, frame: Frame) -> Select[Any]:
    amount = case((of.c.currency == frame.currency, of.c.current_total))
    at = of.c.processed_at
    return select(whose.label("id"), _ONE.label("number"), amount.label("amount"), at.label("at"))
