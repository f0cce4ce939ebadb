"""Whose an order is, and what each person ordered: from single orders to one row a person, in SQL.

A person is everybody who shares an address: customer records of any store, and guests. An order is of its customer's
address; without customer, of its own. Customers without an address stand by themselves. An order with neither customer
nor address is nobody's: it is counted, and told.

Rows lie in temporary tables of the reader's own connection: they take no lock of the mirror, spill to disk where they
are many, and are gone with the snapshot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from syncd.reports.periods import Period
from syncd.reports.question import CurrenciesError, Question, listed
from syncd.segments.days import day_of

_ALWAYS = -(2**40), 2**40
"""Before and after any order."""
NOBODY = ""
"""The key of orders that are nobody's."""
COUNTED = "looked CROSS JOIN orders AS o INDEXED BY orders_of_customer ON o.store = looked.store"
"""The counted orders of the stores, in the order of that index, which has all that is asked of a customer's."""


def apart(events: str) -> tuple[str, str]:
    """Return `events` of customers, and of guests: gathered apart, each is read in the order in which it is grouped.

    Args:
        events: With `{guest}` for the address of a guest, and `{whose}` for whose orders are read.
    """
    return (
        events.format(guest="NULL", whose="o.customer_id IS NOT NULL"),
        events.format(guest="o.email_key", whose="o.customer_id IS NULL"),
    )


ORDERED = apart(f"""
SELECT looked.place, o.store, o.customer_id, {{guest}} AS guest, 1 AS orders, NULL AS units, o.current_total AS amount,
       o.processed_at * :places + looked.place AS at, NULL AS newest, o.currency
FROM {COUNTED}
WHERE o.counts = 1 AND {{whose}} AND o.processed_at >= looked.first AND o.processed_at < looked.after
      AND (:currency IS NULL OR o.currency = :currency)
""")
"""The counted orders of the period, as `gather` wants them."""

KEY = "coalesce(c.email_key, char(10) || c.store || char(10) || c.id)"
"""The key of the person whom a customer record `c` is of. No address begins with a line end."""
BEST_FIRST = "amount DESC, orders DESC, first, address IS NULL, address, customer_id, key"
"""How people stand behind each other, as in a segment's rank."""
MOST_ORDERS_FIRST = f"orders DESC, {BEST_FIRST}"


class Gathered(msgspec.Struct, frozen=True):
    """What was gathered.

    Attributes:
        currency: What all amounts are in; None where there are none, and their stores have several.
        nobodys: Orders that belong to nobody: neither customer nor address.
    """

    currency: str | None
    nobodys: int


def gather(
    raw: sqlite3.Connection,
    question: Question,
    *,
    into: str = "people",
    events: Sequence[str] = ORDERED,
    period: Period | None = None,
    values: Mapping[str, Any] = {},
) -> Gathered:
    """Make the temporary table `into`, one row a person who ordered.

    Its columns: `key` (unlike for any two people), `address` or else `store` and `customer_id`, `orders`, `units`,
    `amount`, the moments `first`, `last` and `newest` (see `shop_day`), and the lowest and highest currency.

    Args:
        raw: The mirror's connection, within a snapshot.
        question: The stores, and the currency.
        into: The table's name.
        events: Queries of what is gathered, like `ORDERED`; they may join `looked`, the stores with their stretches
            of time.
        period: Instead of the question's.
        values: What `events` is bound to, beside `places` and `currency`.

    Raises:
        CurrenciesError: The orders are in several currencies; the table is made all the same.
    """
    look(raw, question, period or question.period)
    raw.execute(f"DROP TABLE IF EXISTS temp.{into}")
    raw.execute(f"CREATE TEMP TABLE {into} ({_COLUMNS}) WITHOUT ROWID")
    bound = {"places": len(question.frames), "currency": question.currency, **values}
    raw.execute(f"INSERT INTO {into} {_united(events)}", bound)
    nobodys = raw.execute(f"DELETE FROM {into} WHERE key = ? RETURNING orders", (NOBODY,)).fetchone()
    return Gathered(_currency(raw, question, into), nobodys[0] if nobodys else 0)


def number(raw: sqlite3.Connection, order: str, where: str = "1", values: Mapping[str, Any] = {}) -> None:
    """Make the temporary table `placed` of gathered people, whose key `number` is their order."""
    raw.execute("DROP TABLE IF EXISTS temp.placed")
    raw.execute(f"CREATE TEMP TABLE placed (number INTEGER PRIMARY KEY, {_NUMBERED})")
    raw.execute(
        f"INSERT INTO placed ({_NUMBERED}) SELECT {_NUMBERED} FROM people WHERE {where} ORDER BY {order}", values
    )


_NUMBERED = "key, address, customer_id, store, orders, units, amount, first, last, newest"


def look(raw: sqlite3.Connection, question: Question, period: Period | None) -> None:
    """Make the temporary table `looked`: the stores, each with the instants of the period in its own zone."""
    raw.execute("CREATE TEMP TABLE IF NOT EXISTS looked (place INTEGER PRIMARY KEY, store, first, after)")
    raw.execute("DELETE FROM looked")
    raw.executemany(
        "INSERT INTO looked VALUES (?, ?, ?, ?)",
        (
            (place, frame.store, *(period.stretch(frame) if period else _ALWAYS))
            for place, frame in enumerate(question.frames)
        ),
    )
    zones = [frame.zone for frame in question.frames]
    raw.create_function("shop_day", 1, partial(_shop_day, zones), deterministic=True)
    raw.create_function("shop_month", 1, partial(_shop_month, zones), deterministic=True)


def _shop_day(zones: Sequence[ZoneInfo], moment: int | None) -> int | None:
    """Return the shop's day of a moment, as a number (`date.toordinal`).

    A moment is an instant and the place of its store in one number, `instant * places + place`, so that the first and
    the last of moments know their zone.
    """
    return None if moment is None else _day(zones, moment).toordinal()


def _shop_month(zones: Sequence[ZoneInfo], moment: int | None) -> str | None:
    """Return the shop's month of a moment: `2026-11`."""
    return None if moment is None else _day(zones, moment).isoformat()[:7]


def _day(zones: Sequence[ZoneInfo], moment: int) -> date:
    instant, place = divmod(moment, len(zones))
    return day_of(instant, zones[place])


_COLUMNS = "key TEXT PRIMARY KEY, address, customer_id, store, orders, units, amount, first, last, newest, low, high"


def _united(events: Sequence[str]) -> str:
    """Return the rows of `_COLUMNS`. Each customer is looked up once, not once an order."""
    return f"""
SELECT CASE WHEN coalesce(c.email_key, e.guest) IS NOT NULL THEN coalesce(c.email_key, e.guest)
            WHEN e.customer_id IS NOT NULL THEN char(10) || e.store || char(10) || e.customer_id
            ELSE '{NOBODY}' END AS key,
       coalesce(c.email_key, e.guest) AS address,
       CASE WHEN c.email_key IS NULL THEN e.customer_id END,
       CASE WHEN c.email_key IS NULL THEN e.store END,
       sum(e.orders), sum(e.units), sum(e.amount), min(e.first), max(e.last), max(e.newest), min(e.low), max(e.high)
FROM ({" UNION ALL ".join(map(_added_up, events))}) AS e
LEFT JOIN customers AS c ON c.store = e.store AND c.id = e.customer_id
GROUP BY 1
HAVING sum(e.orders) > 0
"""


def _added_up(events: str) -> str:
    return f"""
SELECT store, customer_id, guest, sum(orders) AS orders, sum(units) AS units, sum(amount) AS amount,
       min(at) AS first, max(at) AS last, max(newest) AS newest, min(currency) AS low, max(currency) AS high
FROM ({events}) GROUP BY place, customer_id, guest
"""


def _currency(raw: sqlite3.Connection, question: Question, table: str) -> str | None:
    low, high = raw.execute(f"SELECT min(low), max(high) FROM {table}").fetchone()
    if low == high:
        own = {frame.currency for frame in question.frames}
        return low or question.currency or (own.pop() if len(own) == 1 else None)
    found = raw.execute(f"SELECT low FROM {table} UNION SELECT high FROM {table} ORDER BY 1").fetchall()
    names = [name for (name,) in found]
    raise CurrenciesError(
        f"the orders are in {listed(names)}, and currencies are never added up",
        hint=f"ask of one at a time: --currency {names[0]}, or one store with --store",
    )
