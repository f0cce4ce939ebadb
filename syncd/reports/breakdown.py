"""How many customers there are of each kind: by place, language, tag, consent, by how much and how often they buy.

Counted are people: all customer records of an address are one, and who has no address stands alone. Who has two
countries or tags, or records that differ, is in two groups, so that shares may add up to more than the whole. Who only
ever ordered as a guest is no customer, and not counted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from syncd.model import Kind
from syncd.reports.answer import Answer, Column, NoRecipe, Plot
from syncd.reports.laying import Field, lay
from syncd.reports.people import KEY, look
from syncd.reports.question import Question
from syncd.reports.trust import vouched

By: TypeAlias = Literal[
    "country", "region", "city", "language", "tag", "consent", "rfm", "buyer-kind", "value-tier", "month"
]
KINDS: tuple[By, ...] = get_args(By)
FREQUENT = 5
"""Orders from which on somebody is a frequent buyer; from two on they are a repeat one."""
NONE = "(none)"
_CONSENTS = ("REDACTED", "INVALID", "UNSUBSCRIBED", "SUBSCRIBED", "PENDING", "NOT_SUBSCRIBED")
"""Of several records of an address, the first of these decides (law 1: no consent over anybody's refusal)."""
_RECORDS = f"FROM looked CROSS JOIN customers AS c ON c.store = looked.store JOIN who ON who.key = {KEY}"
_PLACES = f"{_RECORDS} JOIN customer_addresses AS a ON a.store = c.store AND a.customer_id = c.id"


def _of_record(column: str) -> str:
    return f"SELECT who.key, c.{column}, c.{column} {_RECORDS}"


def _of_place(column: str) -> str:
    return f"SELECT who.key, a.{column}, a.{column} {_PLACES}"


_TAGS = (
    f"SELECT who.key, t.tag_key, t.tag {_RECORDS} JOIN customer_tags AS t ON t.store = c.store AND t.customer_id = c.id"
)
_FIRST_OF = " ".join(f"WHEN {place} THEN '{it}'" for place, it in enumerate(_CONSENTS))
_PLACE_OF = " ".join(f"WHEN '{it}' THEN {place}" for place, it in enumerate(_CONSENTS))
_DECIDED = f"""
SELECT key, best, best FROM (
    SELECT who.key, CASE min(CASE c.email_consent {_PLACE_OF} END) {_FIRST_OF} END AS best {_RECORDS} GROUP BY who.key)
"""
_BOUGHT = f"""
SELECT key, kind, kind FROM (
    SELECT key, CASE WHEN sum(orders) <= 0 THEN 'none' WHEN sum(orders) = 1 THEN 'first-time'
                     WHEN sum(orders) < {FREQUENT} THEN 'repeat' ELSE 'frequent' END AS kind
    FROM (SELECT who.key, c.number_of_orders AS orders {_RECORDS}
          UNION ALL
          SELECT who.key, count(*) FROM looked CROSS JOIN orders AS o NOT INDEXED ON o.store = looked.store
          JOIN who ON who.key = o.email_key
          WHERE o.counts = 1 AND o.customer_id IS NULL GROUP BY who.key)
    GROUP BY key)
"""
_GROUPS: Mapping[By, str] = {
    "country": _of_place("country"),
    "region": _of_place("region"),
    "city": _of_place("city_key"),
    "language": _of_record("language"),
    "tag": _TAGS,
    "consent": _DECIDED,
    "rfm": _of_record("rfm_group"),
    "buyer-kind": _BOUGHT,
    "value-tier": _of_record("spend_tier"),
    "month": "SELECT key, shop_month(since), shop_month(since) FROM who",
}
"""Each as rows of a person, what makes a group, and how the group is called."""
_IN_TURN: Mapping[By, str] = {
    "month": "value",
    "buyer-kind": "CASE value WHEN 'none' THEN 0 WHEN 'first-time' THEN 1 WHEN 'repeat' THEN 2 ELSE 3 END",
}
"""Groups that have an order of their own; all others stand by their size."""


def breakdown(raw: sqlite3.Connection, question: Question, by: By) -> Answer:
    """Count customers by a kind; with a period, only those who were added in it (by their oldest record).

    Raises:
        ReportError: A column to sort by is not there.
    """
    everybody = _gather(raw, question)
    _group(raw, by, everybody)
    fields = [
        Field(Column("group", by.replace("-", " "), "text"), "p.name"),
        Field(Column("customers", "customers", "count"), "p.customers", f"{everybody} + 0 * count(*)"),
        Field(Column("share", "share", "share"), f"CAST(p.customers AS REAL) / {everybody}"),
    ]
    laid = lay(raw, "placed", fields, question)
    answer = Answer(
        report="breakdown",
        title=f"Customers by {'month in which they were added' if by == 'month' else by.replace('-', ' ')}",
        columns=laid.columns,
        rows=laid.rows,
        size=laid.size,
        totals=laid.totals,
        recipe=NoRecipe("a breakdown is of everybody; a segment asks for one group (customer_countries CONTAINS 'DE')"),
        plot=Plot("line" if by == "month" else "bars", "group", ("customers",)),
        empty="There are no customers.",
    )
    kinds = (Kind.CUSTOMERS, Kind.ORDERS) if by == "buyer-kind" else (Kind.CUSTOMERS,)
    return vouched(raw, question, answer, kinds=kinds)


def _gather(raw: sqlite3.Connection, question: Question) -> int:
    """Make the table `who` of people with the moment since when they are known; return how many."""
    look(raw, question, None)
    raw.execute("DROP TABLE IF EXISTS temp.who")
    raw.execute("CREATE TEMP TABLE who (key TEXT PRIMARY KEY, since) WITHOUT ROWID")
    moment = "min(c.created_at * :places + looked.place)"
    within = f"HAVING shop_day({moment}) BETWEEN :first AND :last" if question.period else ""
    days = question.period.span if question.period else None
    raw.execute(
        f"INSERT INTO who SELECT {KEY}, {moment} "
        f"FROM looked CROSS JOIN customers AS c ON c.store = looked.store GROUP BY 1 {within}",
        {
            "places": len(question.frames),
            "first": days and days.first.toordinal(),
            "last": days and days.last.toordinal(),
        },
    )
    return int(raw.execute("SELECT count(*) FROM who").fetchone()[0])


def _group(raw: sqlite3.Connection, by: By, everybody: int) -> None:
    """Make the table `placed` of groups with their sizes; last, who is in none."""
    raw.execute("DROP TABLE IF EXISTS temp.marks")
    raw.execute("CREATE TEMP TABLE marks (key, value, name)")
    raw.execute(f"INSERT INTO marks {_GROUPS[by]}")
    raw.execute("DELETE FROM marks WHERE value IS NULL OR value = ''")
    raw.execute("DROP TABLE IF EXISTS temp.placed")
    raw.execute("CREATE TEMP TABLE placed (number INTEGER PRIMARY KEY, name, customers)")
    order = _IN_TURN.get(by, "customers DESC, value")
    raw.execute(
        "INSERT INTO placed (name, customers) SELECT name, customers FROM "
        "(SELECT value, min(name) AS name, count(DISTINCT key) AS customers FROM marks GROUP BY value) "
        f"ORDER BY {order}"
    )
    (known,) = raw.execute("SELECT count(DISTINCT key) FROM marks").fetchone()
    if known < everybody:
        raw.execute("INSERT INTO placed (name, customers) VALUES (?, ?)", (NONE, everybody - known))
