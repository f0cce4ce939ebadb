"""Orders, asked with parameters. Those count that are neither tests nor cancelled; their day is `processed_at`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select
from sqlalchemy.sql.expression import TableClause

from syncd.model import Kind, Order, fold
from syncd.segments.comparisons import Plain, Type
from syncd.segments.filter import Filter
from syncd.segments.frame import Person
from syncd.segments.kin import counted
from syncd.segments.rows import Asked, Elements, Field, Rows, Total
from syncd.segments.schema import order_discounts, order_tags, orders

ORDERS = frozenset({Kind.ORDERS})


def counted_of(person: Person) -> Iterator[Order]:
    """Return the person's orders that count (`counted`, in Python)."""
    return (order for order in person.orders if order.counts)


def _of_order(table: TableClause) -> Callable[[Asked], Select[Any]]:
    def rows(asked: Asked) -> Select[Any]:
        its = (table.c.store == asked.frame.store, table.c.order_id == orders.c.id)
        return select(literal_column("1")).select_from(table).where(*its).correlate(orders)

    return rows


def _text(name: str, meaning: str, choices: str = "") -> Field:
    return Field(
        type=Type.TEXT,
        meaning=meaning,
        sql=lambda _: orders.c[name],
        value=lambda order, _: getattr(order, name),
        choices=tuple(choices.split()),
        own=True,
    )


def priced(asked: Asked) -> ColumnElement[Any]:
    """Amounts of several currencies are never compared or added: those of another are as good as missing."""
    return case((orders.c.currency == asked.currency, orders.c.current_total))


def _amount_of(order: Order, asked: Asked) -> Plain:
    return order.current_total if order.currency == asked.currency else None


def _sum_of(rows: Sequence[Order], asked: Asked) -> int:
    return sum(order.current_total for order in rows if order.currency == asked.currency)


def average(asked: Asked) -> ColumnElement[Any]:
    """Return sum ÷ count, rounded half-even to the minor unit; NULL over nothing. SQLite's own / rounds to zero."""
    amount = priced(asked)
    number, total = func.count(amount), func.sum(amount)
    rest = (total % number + number) % number
    floor = (total - rest) // number
    up = or_(rest * 2 > number, and_(rest * 2 == number, floor % 2 != 0))
    return case((number > 0, floor + case((up, 1), else_=0)))


def average_of(rows: Sequence[Order], asked: Asked) -> Plain:
    """Return the same of a person's rows."""
    amounts = [order.current_total for order in rows if order.currency == asked.currency]
    if not amounts:
        return None
    floor, rest = divmod(sum(amounts), len(amounts))
    return floor + (rest * 2 > len(amounts) or (rest * 2 == len(amounts) and floor % 2 != 0))


_FINANCIAL = "AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED"

_PLACED = Rows(
    select=counted,
    of=counted_of,
    noun="orders",
    parameters={
        "date": Field(
            type=Type.DATE,
            meaning="the day of the order",
            sql=lambda _: orders.c.processed_at,
            value=lambda order, _: order.processed_at,
        ),
        "amount": Field(
            type=Type.AMOUNT, meaning="the order's amount, after edits and returns", sql=priced, value=_amount_of
        ),
        "count": Total(
            type=Type.INTEGER,
            meaning="how many orders match the rest",
            sql=lambda _: func.count(),
            value=lambda rows, _: len(rows),
        ),
        "sum_amount": Total(
            type=Type.AMOUNT,
            meaning="the sum of their amounts",
            sql=lambda asked: func.coalesce(func.sum(priced(asked)), 0),
            value=_sum_of,
        ),
        "app_id": Field(
            type=Type.ID,
            meaning="the app that the order came through",
            sql=lambda _: orders.c.app_id,
            value=lambda order, _: order.app_id,
        ),
        "location_id": Field(
            type=Type.ID,
            meaning="the location that the order was placed at",
            sql=lambda _: orders.c.location_id,
            value=lambda order, _: order.location_id,
        ),
        "average_amount": Total(
            type=Type.AMOUNT,
            meaning="the average of their amounts",
            sql=average,
            value=average_of,
            own=True,
        ),
        "tag": Elements(
            type=Type.TAG,
            meaning="a tag of the order, letter case aside",
            rows=_of_order(order_tags),
            columns=(order_tags.c.tag_key,),
            values=lambda order: (fold(tag) for tag in order.tags),
            own=True,
        ),
        "discount_code": Elements(
            type=Type.TAG,
            meaning="a discount code used on the order, letter case aside",
            rows=_of_order(order_discounts),
            columns=(order_discounts.c.code_key,),
            values=lambda order: (fold(code) for code in order.discount_codes),
            own=True,
        ),
        "source": _text("source_name", "where the order came from (web, pos …)"),
        "channel": _text("source_name", "another word for source"),
        "financial_status": _text("financial_status", "whether it is paid", _FINANCIAL),
        "currency": _text("currency", "the currency of the order; with =, amounts beside it are in that currency"),
    },
)

FILTERS = (
    Filter(
        name="orders_placed",
        meaning="orders of the customer, by day, amount, number and origin",
        example="orders_placed MATCHES (date >= -90d, count >= 2)",
        reading=_PLACED,
        kinds=ORDERS,
        lifetime=True,
        mistaken=("order_placed", "placed_order", "placed_orders"),
    ),
)
