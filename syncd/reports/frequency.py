"""How often people buy, and who has gone quiet.

Orders, amount, first and last order are those of the period. Since when somebody is quiet goes by their last order of
all, in whatever currency, also after the period: who bought yesterday is not quiet, though they bought last year too.
"""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from syncd.model import decimal_text, minor_units
from syncd.reports import recipes
from syncd.reports.answer import Answer, Column, NoRecipe, Plot, Recipe
from syncd.reports.fields import AMOUNT, EMAIL, FIRST, IDS, LAST, NAME, ORDERS
from syncd.reports.laying import Field, lay
from syncd.reports.people import COUNTED, MOST_ORDERS_FIRST, apart, gather, number
from syncd.reports.question import Question, ReportError
from syncd.reports.trust import vouched
from syncd.segments.days import Day, Offset, Unit, today
from syncd.segments.tree import And, Clause, Node, Op, Parameter, Test

SINCE = apart(f"""
SELECT place, store, customer_id, guest, inside AS orders, NULL AS units,
       CASE WHEN inside THEN current_total END AS amount, CASE WHEN inside THEN at END AS at, at AS newest,
       CASE WHEN inside THEN currency END AS currency
FROM (SELECT looked.place, o.store, o.customer_id, {{guest}} AS guest, o.current_total, o.currency,
             o.processed_at * :places + looked.place AS at,
             o.processed_at < looked.after AND (:currency IS NULL OR o.currency = :currency) AS inside
      FROM {COUNTED} WHERE o.counts = 1 AND {{whose}} AND o.processed_at >= looked.first)
""")
"""All counted orders since the period began: those after it tell who is quiet."""


class Frequency(msgspec.Struct, frozen=True, kw_only=True):
    """Who is wanted.

    Attributes:
        least_orders: Who ordered so many times in the period, or more.
        least_amount: Who spent so much in the period, or more: decimal text; empty for any amount.
        quiet: Who has not ordered for so many days, or since a day (that day and after it); None for anybody.
    """

    least_orders: int = 1
    least_amount: str = ""
    quiet: int | date | None = None


def frequency(raw: sqlite3.Connection, question: Question, asked: Frequency) -> Answer:
    """Return who ordered how often in the period, and for how many days they have been silent.

    Raises:
        ReportError: The orders are in several currencies, the least amount is no amount, or a column to sort by is
            not there.
    """
    gathered = gather(raw, question, events=SINCE)
    now = today(question.frames[0])
    least = _minor(asked.least_amount, gathered.currency or question.frames[0].currency)
    bound = {"orders": asked.least_orders, "amount": least, "last": _last(asked, now).toordinal()}
    number(raw, MOST_ORDERS_FIRST, f"orders >= :orders AND (:amount IS NULL OR amount >= :amount) {_QUIET}", bound)
    laid = lay(raw, "placed", [EMAIL, NAME, IDS, ORDERS, AMOUNT, FIRST, LAST, _NEWEST, _silent(now)], question)
    answer = Answer(
        report="frequency",
        title=_title(asked),
        columns=laid.columns,
        rows=laid.rows,
        size=laid.size,
        totals=laid.totals,
        currency=gathered.currency,
        recipe=_recipe(raw, question, asked, gathered.currency),
        plot=Plot("bars", "email", ("orders",)),
        empty="Nobody is like that. Fewer orders, a smaller amount or a longer time finds more.",
    )
    return vouched(raw, question, answer, nobodys=gathered.nobodys)


_NEWEST = Field(Column("newest_order", "newest order", "day"), "shop_day(p.newest)", "shop_day(max(p.newest))")
_QUIET = "AND shop_day(newest) <= :last"


def _silent(now: date) -> Field:
    return Field(Column("days_silent", "days silent", "days"), f"max(0, {now.toordinal()} - shop_day(p.newest))")


def _last(asked: Frequency, now: date) -> date:
    """Return the last day on which somebody may have ordered who is quiet."""
    if asked.quiet is None:
        return date.max
    if isinstance(asked.quiet, date):
        return asked.quiet - timedelta(days=1)
    return now - timedelta(days=asked.quiet)


def _minor(amount: str, currency: str) -> int | None:
    if not amount:
        return None
    try:
        return minor_units(amount, currency)
    except ValueError as error:
        raise ReportError(f"{amount!r} is not an amount", hint="write it like 99.90") from error


def _title(asked: Frequency) -> str:
    parts = ["Customers by number of orders"]
    parts += [f"{asked.least_orders:,} or more"] if asked.least_orders > 1 else []
    parts += [f"{asked.least_amount} or more spent"] if asked.least_amount else []
    if asked.quiet is not None:
        parts.append(
            f"quiet since {asked.quiet}" if isinstance(asked.quiet, date) else f"quiet for {asked.quiet:,} days"
        )
    return ", ".join(parts)


def _recipe(raw: sqlite3.Connection, question: Question, asked: Frequency, currency: str | None) -> Recipe | NoRecipe:
    if why := recipes.refused(question, currency):
        return NoRecipe(why)
    wanted = []
    if asked.least_orders > 1:
        wanted.append(Parameter("count", Test(Op.GE, (asked.least_orders,))))
    if asked.least_amount:
        money = question.frames[0].currency
        least = decimal_text(minor_units(asked.least_amount, money), money)
        wanted.append(Parameter("sum_amount", Test(Op.GE, (Decimal(least),))))
    return recipes.of(raw, "placed", question, _rule(recipes.ordered(question, wanted), asked))


def _rule(ordered: Node, asked: Frequency) -> Node:
    if asked.quiet is None:
        return ordered
    if isinstance(asked.quiet, date):
        return And((ordered, Clause("last_order_date", Test(Op.LT, (Day(asked.quiet),)))))
    return And((ordered, Clause("last_order_date", Test(Op.LE, (Offset(-asked.quiet, Unit.DAYS),)))))
