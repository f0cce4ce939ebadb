"""When a customer first and last ordered, how much on average, and what they left in the cart."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.sql.expression import FromClause

from syncd.model import Kind
from syncd.segments.comparisons import Comparison, Plain, Type, comparison, translated
from syncd.segments.days import Unit, day_of, shift, start_of, today
from syncd.segments.filter import Filter, Scalar
from syncd.segments.filters.orders import ORDERS, average, average_of, counted_of
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import counted, of_records, rows_of
from syncd.segments.rows import Asked
from syncd.segments.schema import checkouts, orders
from syncd.segments.spans import Span
from syncd.segments.tree import Test

_FAR = 200 * 365
"""More days than any rule means; the calendar ends somewhere."""


def _days(person: Person) -> list[int]:
    return [order.processed_at for order in counted_of(person)]


def last_order(frame: Frame) -> ColumnElement[Any]:
    """Return when the newest counted order was processed.

    Where older orders are invisible and none is seen, the store's own last order stands in, if it is among those.
    """
    seen = counted(frame).with_only_columns(func.max(orders.c.processed_at)).scalar_subquery()
    if frame.orders_visible_from is None:
        return seen
    before = frame.orders_visible_from

    def unseen(record: FromClause) -> ColumnElement[Any]:
        return case((record.c.last_order_at < before, record.c.last_order_at))

    return func.coalesce(seen, of_records(frame, unseen, func.max))


def last_order_of(person: Person, frame: Frame) -> Plain:
    """Return the same of a person."""
    seen = max(_days(person), default=None)
    if seen is None and frame.orders_visible_from is not None:
        own = (record.last_order_at for record in person.records)
        return max((at for at in own if at is not None and at < frame.orders_visible_from), default=None)
    return seen


def _abandoned(frame: Frame) -> ColumnElement[Any]:
    begun = rows_of(checkouts, frame).where(checkouts.c.completed_at.is_(None))
    return begun.with_only_columns(func.max(checkouts.c.created_at)).scalar_subquery()


def _abandoned_of(person: Person, _: Frame) -> Plain:
    return max((each.created_at for each in person.checkouts if each.completed_at is None), default=None)


def _asked(frame: Frame) -> Asked:
    return Asked(frame, frame.currency)


def _ago(test: Test, frame: Frame) -> Comparison:
    """Put a test of days since as one of the instant: the more days, the earlier."""
    now = today(frame)

    def instants(days: Span) -> Span:
        low = None if days.high is None else _midnight(now, 1 - days.high, frame)
        high = None if days.low is None else _midnight(now, 1 - days.low, frame)
        return Span(low, high, days.outside)

    return translated(comparison(test, Type.INTEGER, frame), instants)


def _midnight(now: date, days: int, frame: Frame) -> int:
    return start_of(shift(now, max(-_FAR, min(_FAR, days)), Unit.DAYS), frame.zone)


FILTERS = (
    Filter(
        name="first_order_date",
        meaning="the day of the customer's first order",
        example="first_order_date >= -1m",
        reading=Scalar(
            type=Type.DATE,
            sql=lambda frame: counted(frame).with_only_columns(func.min(orders.c.processed_at)).scalar_subquery(),
            value=lambda person, _: min(_days(person), default=None),
        ),
        kinds=ORDERS,
        lifetime=True,
    ),
    Filter(
        name="last_order_date",
        meaning="the day of the customer's last order",
        example="last_order_date < -180d",
        reading=Scalar(type=Type.DATE, sql=last_order, value=last_order_of),
        kinds=ORDERS,
        guests=True,
        mistaken=("order_date", "last_purchase_date", "last_ordered"),
    ),
    Filter(
        name="days_since_last_order",
        meaning="how many days ago, by the shop's calendar, the customer's last order was",
        example="days_since_last_order BETWEEN 90 AND 180",
        reading=Scalar(
            type=Type.INTEGER,
            sql=last_order,
            value=last_order_of,
            ready=_ago,
            text=lambda instant, frame: str((today(frame) - day_of(instant, frame.zone)).days),
        ),
        kinds=ORDERS,
        guests=True,
        own=True,
        daily=True,
        mistaken=("days_since_order", "days_since_last_purchase"),
    ),
    Filter(
        name="average_order_amount",
        meaning="the average amount of the customer's orders, after edits and returns",
        example="average_order_amount >= 80",
        reading=Scalar(
            type=Type.AMOUNT,
            sql=lambda frame: counted(frame).with_only_columns(average(_asked(frame))).scalar_subquery(),
            value=lambda person, frame: average_of(list(counted_of(person)), _asked(frame)),
        ),
        kinds=ORDERS,
        lifetime=True,
        own=True,
        mistaken=("average_order_value", "aov", "average_order"),
    ),
    Filter(
        name="abandoned_checkout_date",
        meaning="the day of the newest checkout that the customer began and did not complete",
        example="abandoned_checkout_date >= -7d",
        reading=Scalar(type=Type.DATE, sql=_abandoned, value=_abandoned_of),
        kinds=frozenset({Kind.CHECKOUTS}),
        mistaken=("abandoned_checkout", "last_abandoned_order_date", "checkout_date"),
    ),
)
