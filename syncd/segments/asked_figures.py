"""What those are compared by in a rank who are asked about: some people, each found by an index.

The figures are those of everybody (`syncd.segments.best`). Of who is far from the edge no more is looked up than the
one figure that tells so.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, literal_column, null, select, union_all
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
    if frame.by == "customer":
        its = _bought(asked, asked.c.customer_id, rank, frame)
    else:
        its = _of_people(_people(asked, frame), rank, frame)
    rows = its.subquery("rows")
    return select(
        rows.c.id,
        func.sum(rows.c.number).label("orders"),
        func.sum(rows.c.amount).label("amount"),
        func.count(rows.c.amount).label("priced"),
        func.min(rows.c.at).label("first"),
    ).group_by(rows.c.id)


def _people(asked: FromClause, frame: Frame) -> CTE:
    """Return each record with its address and the lowest record of the person."""
    row = and_(_BUYERS.c.store == frame.store, _BUYERS.c.id == asked.c.customer_id)
    first = func.coalesce(lowest(_BUYERS.c.email_key, frame), _BUYERS.c.id)
    columns = (_BUYERS.c.number_of_orders, _BUYERS.c.amount_spent, _BUYERS.c.currency)
    found = select(asked.c.customer_id, first.label("first_id"), _BUYERS.c.email_key, *columns)
    return found.select_from(then(asked, _BUYERS, row)).cte("people").prefix_with("MATERIALIZED")


def _of_people(people: CTE, rank: Rank, frame: Frame) -> Any:
    """Return orders, also those of guests, and records, by the lowest record of whoever they are of."""
    bought = _bought(people, people.c.first_id, rank, frame)
    theirs = and_(guests.c.store == frame.store, guests.c.email_key == people.c.email_key)
    once = people.c.customer_id == people.c.first_id
    as_guest = _rows(people.c.first_id, guests, frame).select_from(then(people, guests, theirs))
    as_guest = as_guest.where(
        once, guests.c.customer_id.is_(None), guests.c.counts == _ONE, *in_time(guests, rank, frame)
    )
    if not rank.own_figures:
        return union_all(bought, as_guest)
    only_first = bought.with_only_columns(people.c.first_id, _NONE, null(), orders.c.processed_at)
    ours = people.c.currency.is_(None) | (people.c.currency == frame.currency)
    amount = case((ours, people.c.amount_spent)).label("amount")
    own = select(people.c.first_id.label("id"), people.c.number_of_orders.label("number"), amount, null().label("at"))
    return union_all(own, only_first, as_guest)


def _bought(asked: FromClause, whose: ColumnElement[Any], rank: Rank, frame: Frame) -> Select[Any]:
    """Return the orders of customers."""
    mine = and_(orders.c.store == frame.store, orders.c.customer_id == asked.c.customer_id)
    found = _rows(whose, orders, frame).select_from(then(asked, orders, mine))
    return found.where(orders.c.counts == _ONE, *in_time(orders, rank, frame))


def _rows(whose: ColumnElement[Any], of: FromClause, frame: Frame) -> Select[Any]:
    amount = case((of.c.currency == frame.currency, of.c.current_total))
    at = of.c.processed_at
    return select(whose.label("id"), _ONE.label("number"), amount.label("amount"), at.label("at"))
