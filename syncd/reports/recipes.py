"""The segment of the same people as a report's: its query, in the segment language.

A segment is worked out in each store by itself, holds customer records alone, and looks at orders of every currency.
What that does not allow is said.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from syncd.reports.answer import Recipe
from syncd.reports.periods import Period
from syncd.reports.question import Question
from syncd.segments.days import Day
from syncd.segments.days import Period as Named
from syncd.segments.tree import Matches, Node, Op, Parameter, Test

_RECORD = (
    "EXISTS (SELECT 1 FROM customers AS c INDEXED BY customers_email JOIN looked USING (store) "
    "WHERE c.email_key = p.address) OR EXISTS (SELECT 1 FROM customers AS c WHERE c.store = p.store "
    "AND c.id = p.customer_id)"
)


def refused(question: Question, currency: str | None) -> str:
    """Return why no segment can be of the same people, whatever is asked; empty where one may be.

    Args:
        question: What was asked.
        currency: What the report's amounts are in.
    """
    if len(question.frames) > 1:
        return "a segment is worked out in each store by itself, this report over several together; name one (--store)"
    if question.currency is not None:
        return "a segment looks at the orders of every currency; leave --currency away"
    own = question.frames[0].currency
    if currency is not None and currency != own:
        return f"these orders are in {currency}, and a segment reckons in the store's money, {own}"
    return ""


def of(raw: sqlite3.Connection, table: str, question: Question, rule: Node | str) -> Recipe:
    """Return the segment of a rule, with a note on those of the table's people whom it cannot hold."""
    (size,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    guests = size - customers(raw, table)
    note = f"{guests:,} of these {size:,} people ordered only as guests: no customers, so no segment can hold them"
    return Recipe(query=str(rule), stores=question.stores, notes=(note,) if guests else ())


def customers(raw: sqlite3.Connection, table: str) -> int:
    """Return how many of a table's people have a customer record."""
    return int(raw.execute(f"SELECT count(*) FROM {table} AS p WHERE {_RECORD}").fetchone()[0])


def anybody() -> str:
    """Return a rule that holds for every customer."""
    return "number_of_orders >= 0"


def ordered(question: Question, parameters: Sequence[Parameter] = ()) -> Matches:
    """Return the rule of those who ordered within the period."""
    asked = (*within(question.period), *parameters)
    return Matches("orders_placed", asked or (Parameter("count", Test(Op.GE, (1,))),))


def within(period: Period | None) -> tuple[Parameter, ...]:
    """Return what narrows orders to a period, by its name where it has one."""
    if period is None:
        return ()
    if period.name:
        return (Parameter("date", Test(Op.EQ, (Named(period.name),))),)
    return (Parameter("date", Test(Op.BETWEEN, (Day(period.span.first), Day(period.span.last)))),)
