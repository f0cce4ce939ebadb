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
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy.sql.expression import FromClause

from syncd.segments.days import Stretch
from syncd.segments.filters.customer import spent
from syncd.segments.frame import Frame
from syncd.segments.kin import ALL, counted
from syncd.segments.ranks import Rank, window
from syncd.segments.readings import condition
from syncd.segments.rule import Rule
from syncd.segments.schema import customers, guests, mates, orders
from syncd.segments.steering import then

ASKED = table("asked", column("customer_id", Integer()))
"""The customers whose figures are asked, where it is not everybody's."""
_ONE: ColumnElement[Any] = literal_column("1")
"""Written out, so that SQLite takes the partial indexes of the orders that count."""
_BUYERS = customers.alias("buyers")
_GUESTS = table("orders", *(column(each.name, each.type) for each in guests.c)).alias("unknown")
"""The orders as they lie, of which those of guests are picked."""


def ranked(rule: Rule, rank: Rank, frame: Frame) -> Select[tuple[int]]:
    """Return the ids of the store's customers who are among the best of those for whom the rule holds."""
    its = figures(rank, frame, condition(rule, frame)).alias("its")
    best = _best(rank.top, its)
    return with_mates(best, frame) if frame.by == "email" else select(best.c.id)


def figures(rank: Rank, frame: Frame, holds: ColumnElement[bool], asked: FromClause | None = None) -> Subquery:
    """Return what everybody in the rank is compared by: who has none of it has no row.

    The columns are `id`, by address of the lowest record; `email_key`; `figure` and, of an average, the `part` that
    whole numbers leave; `amount` in the shop's currency, `orders` and when the `first` was, the latter two of which may
    be missing.

    Args:
        rank: What people are compared by, and over which orders.
        frame: Says what a person is, and what the days of the rank mean.
        holds: Who can be in the rank, said of a row of `customers`; by address it is asked of the lowest record.
        asked: A table with the `customer_id` of whoever is looked at; of everybody without it. By address it holds all
            records of an address or none.
    """
    own = rank.own_figures and frame.by == "customer"
    found = _own(frame, asked) if own else _added(rank, frame, asked)
    its = found.where(holds).limit(ALL).subquery("each")  # merged, each figure would be worked out several times
    figure, part = _figure(rank, its)
    columns = (its.c.id, its.c.email_key, figure.label("figure"), part.label("part"))
    more = (its.c.amount, its.c.orders, its.c.first)
    able = (its.c.orders > 0, figure.is_not(None))
    return select(*columns, *more).where(*able).limit(ALL).subquery("figures")


def order(its: FromClause) -> list[ColumnElement[Any]]:
    """Return the order of places among rows of `figures`, the best first. NULL is SQLite's smallest value."""
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


def _figure(rank: Rank, its: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return what they are compared by first, and second.

    An average is compared unrounded: by its whole part, then by what is left, which floats tell apart exactly up to
    millions of orders.
    """
    if rank.by != "average_order":
        return (its.c.orders if rank.by == "orders" else its.c.amount), literal_column("0")
    rest = (its.c.amount % its.c.priced + its.c.priced) % its.c.priced
    return (its.c.amount - rest) // its.c.priced, cast(rest, Float) / its.c.priced


def _own(frame: Frame, asked: FromClause | None) -> Select[Any]:
    """Return the store's own figures of a customer."""
    seen = counted(frame).with_only_columns(func.min(orders.c.processed_at)).scalar_subquery()
    first = null() if frame.orders_visible_from is not None else seen
    its = (customers.c.number_of_orders.label("orders"), spent(frame).label("amount"), first.label("first"))
    found = select(customers.c.id, customers.c.email_key, *its, null().label("priced"))
    of = customers if asked is None else then(asked, customers, customers.c.id == asked.c.customer_id)
    return found.select_from(of).where(customers.c.store == frame.store, customers.c.number_of_orders > 0)


def _added(rank: Rank, frame: Frame, asked: FromClause | None) -> Select[Any]:
    """Return what a person's rows add up to."""
    parts = _parts(rank, frame, asked)
    its = parts[0].subquery("added") if frame.by == "customer" else _of_people(parts)
    its_row = and_(customers.c.store == frame.store, customers.c.id == its.c.id)
    unseen = rank.over is None and frame.orders_visible_from is not None
    columns = (its.c.orders, its.c.amount, its.c.priced, (null() if unseen else its.c.first).label("first"))
    return select(customers.c.id, customers.c.email_key, *columns).select_from(then(its, customers, its_row))


def _of_people(parts: list[Select[Any]]) -> Subquery:
    """Add up the parts of each person."""
    its = union_all(*parts).subquery("parts")
    sums = (func.sum(its.c[name]).label(name) for name in ("orders", "amount", "priced"))
    return (
        select(its.c.id, *sums, func.min(its.c.first).label("first"))
        .where(its.c.id.is_not(None))
        .group_by(its.c.id)
        .subquery("added")
    )


def _parts(rank: Rank, frame: Frame, asked: FromClause | None) -> list[Select[Any]]:
    """Return, by whom they are of, what records and orders add to figures."""
    during = None if rank.over is None else window(rank.over, frame)
    bought = _bought(frame, during, asked)
    if frame.by == "customer":
        return [bought]
    as_guest = _as_guest(frame, during, asked)
    if rank.own_figures:
        return [_of_records(frame, asked), _only_first(_of_lowest(bought, frame)), as_guest]
    return [_of_lowest(bought, frame), as_guest]


def _bought(frame: Frame, during: Stretch | None, asked: FromClause | None) -> Select[Any]:
    """Return what each customer ordered."""
    its = orders.c
    found = select(its.customer_id.label("id"), *_sums(orders, frame))
    if asked is not None:
        mine = and_(its.store == frame.store, its.customer_id == asked.c.customer_id)
        found = found.select_from(then(asked, orders, mine))
    known = (its.store == frame.store, its.counts == _ONE, its.customer_id.is_not(None))
    return found.where(*known, *_in(orders, during)).group_by(its.customer_id)


def _as_guest(frame: Frame, during: Stretch | None, asked: FromClause | None) -> Select[Any]:
    """Return what somebody ordered as a guest at each address that a customer has."""
    if asked is not None:
        return _as_guest_of(asked, frame, during)
    its = _GUESTS.c
    of_guests = (its.store == frame.store, its.counts == _ONE, its.customer_id.is_(None), its.email_key.is_not(None))
    # by the address itself, an index would be taken, and each order looked for that may be a guest's
    address = its.email_key.concat("").label("email_key")
    found = select(address, *_sums(_GUESTS, frame)).where(*of_guests, *_in(_GUESTS, during)).group_by(address)
    each = found.subquery("of_guests")
    return select(_lowest(each.c.email_key, frame).label("id"), *_figures_of(each))


def _as_guest_of(asked: FromClause, frame: Frame, during: Stretch | None) -> Select[Any]:
    buyers = and_(_BUYERS.c.store == frame.store, _BUYERS.c.id == asked.c.customer_id)
    theirs = and_(guests.c.store == frame.store, guests.c.email_key == _BUYERS.c.email_key)
    found = select(_BUYERS.c.id.label("id"), *_sums(guests, frame))
    lowest = _BUYERS.c.id == _lowest(_BUYERS.c.email_key, frame)
    its = (guests.c.counts == _ONE, guests.c.customer_id.is_(None), *_in(guests, during), lowest)
    return found.select_from(then(then(asked, _BUYERS, buyers), guests, theirs)).where(*its).group_by(_BUYERS.c.id)


def _of_lowest(bought: Select[Any], frame: Frame) -> Select[Any]:
    """Return the same by the lowest record of whoever it is of."""
    its = bought.limit(ALL).subquery("bought")
    row = and_(_BUYERS.c.store == frame.store, _BUYERS.c.id == its.c.id)
    return select(_first_id(frame).label("id"), *_figures_of(its)).select_from(then(its, _BUYERS, row))


def _of_records(frame: Frame, asked: FromClause | None) -> Select[Any]:
    """Return the store's own figures of each record, by the lowest one of the person."""
    ours = _BUYERS.c.currency.is_(None) | (_BUYERS.c.currency == frame.currency)
    amount = case((ours, _BUYERS.c.amount_spent))
    its = (_BUYERS.c.number_of_orders.label("orders"), amount.label("amount"))
    of = _BUYERS if asked is None else then(asked, _BUYERS, _BUYERS.c.id == asked.c.customer_id)
    none = (null().label("priced"), null().label("first"))
    return select(_first_id(frame).label("id"), *its, *none).select_from(of).where(_BUYERS.c.store == frame.store)


def _only_first(bought: Select[Any]) -> Select[Any]:
    its = bought.subquery("seen")
    none = (null().label("amount"), null().label("priced"))
    return select(its.c.id, literal(0).label("orders"), *none, its.c.first)


def _first_id(frame: Frame) -> ColumnElement[Any]:
    return func.coalesce(_lowest(_BUYERS.c.email_key, frame), _BUYERS.c.id)


def _lowest(address: ColumnElement[Any], frame: Frame) -> ColumnElement[Any]:
    """Return the lowest id among the records of an address; missing where there is none."""
    same = (mates.c.email_key == address, mates.c.store == frame.store)
    return select(func.min(mates.c.id)).where(*same).scalar_subquery()


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


def _in(table_: FromClause, during: Stretch | None) -> tuple[ColumnElement[bool], ...]:
    if during is None:
        return ()
    return (table_.c.processed_at >= during[0], table_.c.processed_at < during[1])
