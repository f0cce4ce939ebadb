"""Who are the best by a rank: set-wise, one row a person.

Orders are read once, in the order in which an index holds them, and added up by whom they are of; of nobody else than
who ordered in the time frame is anything more looked at.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.expression import FromClause

from syncd.segments.filters.customer import spent
from syncd.segments.frame import Frame
from syncd.segments.kin import ALL, counted
from syncd.segments.ranks import Rank, window
from syncd.segments.readings import condition
from syncd.segments.rule import Rule
from syncd.segments.schema import customers, guests, mates, orders
from syncd.segments.steering import then

_ONE: ColumnElement[Any] = literal_column("1")
"""Written out, so that SQLite takes the partial indexes of the orders that count."""
_BUYERS = customers.alias("buyers")
_RECORDS = customers.alias("each_record")


def ranked(rule: Rule, rank: Rank, frame: Frame) -> Select[tuple[int]]:
    """Return the ids of the store's customers who are among the best of those for whom the rule holds."""
    its = _figures(rank, frame, condition(rule, frame)).alias("its")
    best = _best(rank.top, its)
    return with_mates(best, frame) if frame.by == "email" else select(best.c.id)


def _figures(rank: Rank, frame: Frame, holds: ColumnElement[bool]) -> Subquery:
    """Return what everybody in the rank is compared by: who has none of it has no row.

    The columns are `id`, by address of the lowest record; `email_key`; `figure` and, of an average, the `part` that
    whole numbers leave; `amount` in the shop's currency, `orders` and when the `first` was, of which the first and the
    last may be missing.

    Args:
        rank: What people are compared by, and over which orders.
        frame: Says what a person is, and what the days of the rank mean.
        holds: Who can be in the rank, said of a row of `customers`; by address it is asked of the lowest record.
    """
    found = _own(frame) if rank.own_figures and frame.by == "customer" else _added(rank, frame)
    its = found.where(holds).limit(ALL).subquery("each")  # merged, each figure would be worked out several times
    figure, part = compared(rank, its)
    columns = (its.c.id, its.c.email_key, figure.label("figure"), part.label("part"))
    more = (its.c.amount, its.c.orders, its.c.first)
    able = (its.c.orders > 0, figure.is_not(None))
    return select(*columns, *more).where(*able).limit(ALL).subquery("figures")


def order(its: FromClause) -> list[ColumnElement[Any]]:
    """Return the order of places among rows with these columns, the best first. NULL is SQLite's smallest value."""
    highest = (its.c[name].desc() for name in ("figure", "part", "amount", "orders"))
    return [*highest, its.c.first.is_(None), its.c.first, its.c.email_key.is_(None), its.c.email_key, its.c.id]


def with_mates(best: FromClause, frame: Frame) -> Select[tuple[int]]:
    """Return the ids of all records of people, of each of whom `best` has the lowest one's `id`."""
    row = and_(customers.c.store == frame.store, customers.c.id == best.c.id)
    same = and_(mates.c.email_key == customers.c.email_key, mates.c.store == frame.store)
    people = then(best, customers, row).outerjoin(mates, same)
    return select(func.coalesce(mates.c.id, customers.c.id)).select_from(people)


def _best(top: int | Fraction, its: FromClause) -> Subquery:
    if isinstance(top, int):
        return select(its.c.id).order_by(*order(its)).limit(top).subquery("best")
    places = select(
        its.c.id,
        func.row_number().over(order_by=order(its)).label("place"),
        func.count().over().label("size"),
    ).subquery("places")
    within = (places.c.place - 1) * top.denominator < places.c.size * top.numerator
    return select(places.c.id).where(within).subquery("best")


def compared(rank: Rank, its: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return what people are compared by first, and second, where `its` has what their orders add up to.

    An average is compared unrounded: by its whole part, then by what is left, which floats tell apart exactly up to
    millions of orders.
    """
    if rank.by != "average_order":
        return (its.c.orders if rank.by == "orders" else its.c.amount), literal_column("0")
    rest = (its.c.amount % its.c.priced + its.c.priced) % its.c.priced
    return (its.c.amount - rest) // its.c.priced, cast(rest, Float) / its.c.priced


def in_time(table_: FromClause, rank: Rank, frame: Frame) -> tuple[ColumnElement[bool], ...]:
    """Return what narrows orders to those that the rank looks at."""
    if rank.over is None:
        return ()
    first, after = window(rank.over, frame)
    return (table_.c.processed_at >= first, table_.c.processed_at < after)


def lowest(address: ColumnElement[Any], frame: Frame) -> ColumnElement[Any]:
    """Return the lowest id among the records of an address; missing where there is none."""
    same = (mates.c.email_key == address, mates.c.store == frame.store)
    return select(func.min(mates.c.id)).where(*same).scalar_subquery()


def parts(rank: Rank, frame: Frame) -> list[Select[Any]]:
    """Return what the figures of customer records are made of: to be added up by `id`.

    The columns are `id`, `orders`, `amount`, `priced` (of how many orders there is an amount) and `first`, the latter
    three of which may be missing. Of the store's own figures of customers the first order is no part. Of people by
    address, the records are to be united, and what they ordered as a guest (`as_guest`) is to be added.
    """
    bought = _bought(rank, frame)
    if not rank.own_figures:
        return [bought]
    return [_of_customers(frame)] if frame.by == "customer" else [_of_customers(frame), _only_first(bought)]


def as_guest(rank: Rank, frame: Frame) -> Select[Any]:
    """Return what was ordered as a guest, by the lowest record of the address: of none where no record has it."""
    its = guests.c
    found = select(its.email_key, *_sums(guests, frame))
    found = found.where(its.store == frame.store, its.counts == _ONE, its.customer_id.is_(None))
    known = (its.email_key.is_not(None), *in_time(guests, rank, frame))
    each = found.where(*known).group_by(its.email_key).subquery("of_guests")
    return select(lowest(each.c.email_key, frame).label("id"), *_figures_of(each))


def _own(frame: Frame) -> Select[Any]:
    """Return the store's own figures of each customer."""
    seen = counted(frame).with_only_columns(func.min(orders.c.processed_at)).scalar_subquery()
    first = null() if frame.orders_visible_from is not None else seen
    its = (customers.c.number_of_orders.label("orders"), spent(frame).label("amount"), first.label("first"))
    found = select(customers.c.id, customers.c.email_key, *its, null().label("priced"))
    return found.where(customers.c.store == frame.store, customers.c.number_of_orders > 0)


def _added(rank: Rank, frame: Frame) -> Select[Any]:
    """Return what the rows of each person add up to."""
    its = _bought(rank, frame).subquery("added") if frame.by == "customer" else _of_people(rank, frame)
    row = and_(customers.c.store == frame.store, customers.c.id == its.c.id)
    unseen = rank.over is None and frame.orders_visible_from is not None
    columns = (its.c.orders, its.c.amount, its.c.priced, (null() if unseen else its.c.first).label("first"))
    return select(customers.c.id, customers.c.email_key, *columns).select_from(then(its, customers, row))


def _of_people(rank: Rank, frame: Frame) -> Subquery:
    """Add up what the records of each person have, and what they ordered as a guest."""
    of_records = (_of_lowest(part, frame) for part in parts(rank, frame))
    its = union_all(*of_records, as_guest(rank, frame)).subquery("parts")
    sums = (func.sum(its.c[name]).label(name) for name in ("orders", "amount", "priced"))
    found = select(its.c.id, *sums, func.min(its.c.first).label("first"))
    return found.where(its.c.id.is_not(None)).group_by(its.c.id).subquery("added")


def _of_customers(frame: Frame) -> Select[Any]:
    """Return the store's own figures of each record."""
    its = _RECORDS.c
    amount = case((its.currency.is_(None) | (its.currency == frame.currency), its.amount_spent))
    columns = (its.id, its.number_of_orders.label("orders"), amount.label("amount"))
    return select(*columns, null().label("priced"), null().label("first")).where(its.store == frame.store)


def _bought(rank: Rank, frame: Frame) -> Select[Any]:
    """Return what each customer ordered."""
    its = orders.c
    known = (its.store == frame.store, its.counts == _ONE, its.customer_id.is_not(None), *in_time(orders, rank, frame))
    return select(its.customer_id.label("id"), *_sums(orders, frame)).where(*known).group_by(its.customer_id)


def _of_lowest(part: Select[Any], frame: Frame) -> Select[Any]:
    """Return the same by the lowest record of whoever it is of."""
    its = part.limit(ALL).subquery("bought")
    row = and_(_BUYERS.c.store == frame.store, _BUYERS.c.id == its.c.id)
    first = func.coalesce(lowest(_BUYERS.c.email_key, frame), _BUYERS.c.id)
    return select(first.label("id"), *_figures_of(its)).select_from(then(its, _BUYERS, row))


def _only_first(bought: Select[Any]) -> Select[Any]:
    its = bought.subquery("seen")
    none = (null().label("amount"), null().label("priced"))
    return select(its.c.id, literal(0).label("orders"), *none, its.c.first)


def _sums(table_: FromClause, frame: Frame) -> list[ColumnElement[Any]]:
    its = table_.c
    amount = case((its.currency == frame.currency, its.current_total))
    return [
        func.count().label("orders"),
        func.sum(amount).label("amount"),
        func.count(amount).label("priced"),
        func.min(its.processed_at).label("first"),
    ]


def _figures_of(its: FromClause) -> list[ColumnElement[Any]]:
    return [its.c[name] for name in ("orders", "amount", "priced", "first")]
