"""Ranks: of those for whom a rule holds, the best by what they ordered in a time frame.

Who has no counted order in the frame is in no rank. Over all time, how many orders somebody placed and what they spent
are the store's own figures, as in `number_of_orders` and `amount_spent`; all else comes from the orders themselves.
Where the figure is equal, a higher amount is first, then more orders, then the earlier first order, then the address
by its letters, then the lower id: so there is never one too many.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Float, Select, case, cast, func, null, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from syncd.segments.days import PERIODS, Offset, Period, Stretch, Unit, day_of, stretch
from syncd.segments.filters.customer import placed, spent
from syncd.segments.filters.orders import priced
from syncd.segments.frame import Frame
from syncd.segments.kin import ALL, counted, counted_once, first_id
from syncd.segments.readings import condition
from syncd.segments.rows import Asked
from syncd.segments.rule import Rule
from syncd.segments.schema import customers, orders

_Figures: TypeAlias = ReadOnlyColumnCollection[str, Any]
BACK = re.compile(r"-[0-9]{1,3}[dwmy]|-[0-9]{4}[dwm]")
"""A day back from today; the calendar ends somewhere."""


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """How the best are found.

    Attributes:
        by: What they are compared by.
        over: The orders that count: those of a period, or from a day until today; None for all of them.
        top: How many at most; or a share of those who can be ranked, rounded up to a whole person.
    """

    by: Literal["orders", "average_order", "amount_spent"]
    over: Offset | Period | None = None
    top: int | Fraction


def time_frame(text: str) -> Offset | Period:
    """Read the time frame of a rank: a period of the language (`last_quarter`), or a day back from today (`-90d`).

    Raises:
        ValueError: It is neither.
    """
    if BACK.fullmatch(text):
        return Offset(int(text[:-1]), Unit(text[-1]))
    if text in PERIODS:
        return Period(text)
    raise ValueError(f"a time frame is a day like -90d, or one of {', '.join(PERIODS)}")


def ranked(rule: Rule, rank: Rank, frame: Frame) -> Select[tuple[int]]:
    """Return the ids of the store's customers who are among the best of those for whom the rule holds."""
    found = _figures(rule, rank, frame).limit(ALL).subquery("found")  # merged, each figure would be worked out twice
    figure = _figure(rank, found.c)
    places = select(
        found.c.id,
        func.row_number().over(order_by=_order(rank, figure, found.c)).label("place"),
        func.count(figure).over().label("size"),
    ).subquery("places")
    best = select(places.c.id).where(_within(rank.top, places.c.place, places.c.size))
    if frame.by == "email":
        return select(customers.c.id).where(customers.c.store == frame.store, first_id(frame).in_(best))
    return best


def rank_gaps(rank: Rank, frame: Frame) -> tuple[str, ...]:
    """Return a sentence where the rank looks at orders that the store does not show us; nothing where it does not."""
    visible = frame.orders_visible_from
    if visible is None or _begins(rank, frame) >= visible:
        return ()
    since = day_of(visible, frame.zone).isoformat()
    over = "all time" if rank.over is None else str(rank.over)
    return (
        f"a rank by {rank.by} over {over} looks at older orders than the store shows us (since {since})"
        "; give it a time frame within that time",
    )


def _begins(rank: Rank, frame: Frame) -> int | float:
    """Return the instant from which orders are looked at; the store's own figures need none at all."""
    if rank.over is not None:
        return _stretch(rank.over, frame)[0]
    return float("inf" if _own_figures(rank) and frame.by == "customer" else "-inf")


def _own_figures(rank: Rank) -> bool:
    return rank.over is None and rank.by != "average_order"


def _stretch(over: Offset | Period, frame: Frame) -> Stretch:
    first, after = stretch(over, frame)
    return first, (stretch(Period("today"), frame)[1] if isinstance(over, Offset) else after)


def _figures(rule: Rule, rank: Rank, frame: Frame) -> Select[Any]:
    """Return what each of those for whom the rule holds is compared by, one row a member."""
    rows = counted(frame, during=None if rank.over is None else _stretch(rank.over, frame))

    def of_orders(figure: ColumnElement[Any]) -> ColumnElement[Any]:
        return rows.with_only_columns(figure).scalar_subquery()

    amount = priced(Asked(frame, frame.currency))
    own = _own_figures(rank)
    unseen = rank.over is None and frame.orders_visible_from is not None
    columns = {
        "orders": placed(frame) if own else of_orders(func.count()),
        "amount": spent(frame) if own else of_orders(func.sum(amount)),
        "priced": of_orders(func.count(amount)) if rank.by == "average_order" else null(),
        "first": null() if unseen else of_orders(func.min(orders.c.processed_at)),
    }
    its = [column.label(name) for name, column in columns.items()]
    return select(customers.c.id, customers.c.email_key, *its).where(*counted_once(frame), condition(rule, frame))


def _figure(rank: Rank, its: _Figures) -> ColumnElement[Any]:
    """Return what they are compared by first, missing for who is in no rank; of an average, its whole part."""
    figures = {"orders": its.orders, "amount_spent": its.amount, "average_order": _floor(its)}
    return case((its.orders > 0, figures[rank.by]))


def _floor(its: _Figures) -> Any:
    return (its.amount - _rest(its)) // its.priced


def _rest(its: _Figures) -> Any:
    return (its.amount % its.priced + its.priced) % its.priced


def _order(rank: Rank, figure: ColumnElement[Any], its: _Figures) -> list[ColumnElement[Any]]:
    """Return the order of places. Who is in no rank comes last, for SQLite takes NULL as the smallest value.

    An average is compared unrounded: by its whole part, then by what is left, which floats tell apart exactly up to
    millions of orders.
    """
    part = [(cast(_rest(its), Float) / its.priced).desc()] if rank.by == "average_order" else []
    address = (its.email_key.is_(None), its.email_key)
    return [
        figure.desc(),
        *part,
        its.amount.desc(),
        its.orders.desc(),
        its.first.is_(None),
        its.first,
        *address,
        its.id,
    ]


def _within(top: int | Fraction, place: ColumnElement[Any], size: ColumnElement[Any]) -> ColumnElement[bool]:
    """Say that a place is one of the top, and of somebody who is in the rank at all."""
    if isinstance(top, int):
        return (place <= top) & (place <= size)
    return (place - 1) * top.denominator < size * top.numerator
