"""Segments over time: their sizes, who entered and left, what their members bought, and whom two of them share.

Sizes are customers, as `syncd segments` counts them, and come from the history of membership. What was bought, and whom
two segments share, is told of people: somebody with two records in a segment is one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from syncd.reports.answer import Answer, Column, Kind, NoRecipe, Plot
from syncd.reports.fields import AMOUNT, ORDERS
from syncd.reports.laying import Field, lay
from syncd.reports.people import KEY, gather, look
from syncd.reports.question import CurrenciesError, Question
from syncd.reports.trust import vouched

_NO_RECIPE = NoRecipe("its people are in segments already")
_TURNS = """(
    SELECT at, segment, store, entered, NOT entered AS left FROM moves
    UNION ALL SELECT at, segment, store, size, 0 FROM beginnings WHERE size > 0
)"""
"""How many entered and left at an instant: one each, or all those of a first evaluation."""
_SIZES = f"""
SELECT s.value, coalesce(m.size, 0) - coalesce(v.later, 0), coalesce(m.size, 0) - coalesce(v.later, 0)
       - coalesce(v.entered, 0) + coalesce(v.left, 0), coalesce(v.entered, 0), coalesce(v.left, 0),
       coalesce(b.orders, 0), coalesce(b.amount, 0)
FROM json_each(:names) AS s
LEFT JOIN (SELECT segment, sum(size) AS size FROM segments JOIN looked USING (store) GROUP BY 1) AS m
       ON m.segment = s.value
LEFT JOIN (SELECT segment,
                  sum(CASE WHEN at >= looked.first AND at < looked.after THEN entered ELSE 0 END) AS entered,
                  sum(CASE WHEN at >= looked.first AND at < looked.after THEN left ELSE 0 END) AS left,
                  sum(CASE WHEN at < looked.after THEN 0 ELSE entered - left END) AS later
           FROM {_TURNS} JOIN looked USING (store) GROUP BY 1) AS v ON v.segment = s.value
LEFT JOIN (SELECT segment, sum(orders) AS orders, sum(amount) AS amount FROM belonging JOIN people USING (key)
           GROUP BY 1) AS b ON b.segment = s.value
ORDER BY s.key
"""
"""Of each segment: its size at the end of the period and before it, who came and went, what its members bought."""


def overview(raw: sqlite3.Connection, question: Question, names: Sequence[str]) -> Answer:
    """Return every segment with its size at the end of the period and before it, and what its members of now bought.

    Where that was in several currencies, no amounts are told.

    Raises:
        ReportError: A column to sort by is not there.
    """
    currency, notes = _gather(raw, question)
    (all_,) = raw.execute("SELECT coalesce(sum(amount), 0) FROM people").fetchone()
    _belong(raw, names)
    rows = raw.execute(_SIZES, {"names": _listed(names)}).fetchall()
    _place(raw, "segment, members, before, entered, left, orders, amount", rows)
    fields = [
        _field("segment", "segment", "p.segment", "text"),
        _field("members", "members", "p.members"),
        _field("before", "before", "p.before"),
        _field("entered", "entered", "p.entered"),
        _field("left", "left", "p.left"),
        Field(ORDERS.column, ORDERS.sql),
        Field(AMOUNT.column, AMOUNT.sql),
        Field(Column("share", "of all sales", "share"), f"CAST(p.amount AS REAL) / nullif({all_}, 0)"),
    ][: None if currency else -2]
    empty = "The settings have no segments; add a [segments.NAME] table to them."
    notes += _beginning(raw, question, names)
    plot = Plot("bars", "segment", ("members",))
    return _answer(raw, question, "Segments", fields, plot, empty, currency=currency, notes=notes)


def course(raw: sqlite3.Connection, question: Question, name: str) -> Answer:
    """Return how a segment's size went: one row for each day on which somebody entered or left."""
    look(raw, question, question.period)
    (later,) = raw.execute(
        f"SELECT coalesce(sum(entered - left), 0) FROM {_TURNS} JOIN looked USING (store) "
        "WHERE segment = ? AND at >= looked.after",
        (name,),
    ).fetchone()
    size = "SELECT coalesce(sum(size), 0) FROM segments JOIN looked USING (store) WHERE segment = ?"
    (now,) = raw.execute(size, (name,)).fetchone()
    days = raw.execute(
        f"SELECT shop_day(at * :places + looked.place) AS day, sum(entered), sum(left) "
        f"FROM {_TURNS} JOIN looked USING (store) "
        "WHERE segment = :name AND at >= looked.first AND at < looked.after GROUP BY 1 ORDER BY 1 DESC",
        {"places": len(question.frames), "name": name},
    ).fetchall()
    _place(raw, "day, entered, left, members", list(_backwards(days, now - later))[::-1])
    fields = [
        _field("day", "day", "p.day", "day"),
        _field("entered", "entered", "p.entered", total="sum(p.entered)"),
        _field("left", "left", "p.left", total="sum(p.left)"),
        _field("members", "members", "p.members"),
    ]
    empty = f"Nobody entered or left {name} in this time."
    notes = _beginning(raw, question, [name])
    plot = Plot("line", "day", ("members",))
    return _answer(raw, question, f"The course of {name}", fields, plot, empty, notes=notes)


def overlap(raw: sqlite3.Connection, question: Question, one: str, other: str) -> Answer:
    """Return how many people are in both of two segments, how many in only one, and what each of them bought.

    Where that was in several currencies, no amounts are told.

    Raises:
        ReportError: A column to sort by is not there.
    """
    currency, notes = _gather(raw, question)
    _belong(raw, [one, other])
    found = raw.execute(
        "SELECT part, count(*), coalesce(sum(orders), 0), coalesce(sum(amount), 0) FROM "
        "(SELECT key, max(segment = ?1) + 2 * max(segment = ?2) AS part FROM belonging GROUP BY key) "
        "LEFT JOIN people USING (key) GROUP BY part",
        (one, other),
    )
    sums = {part: its for part, *its in found}
    parts = {1: f"only {one}", 3: "both", 2: f"only {other}"}
    rows = [(name, *sums.get(part, (0, 0, 0))) for part, name in parts.items()]
    _place(raw, "part, people, orders, amount", rows)
    people = sum(row[1] for row in rows)
    fields = [
        _field("part", "in", "p.part", "text"),
        _field("people", "people", "p.people", total="sum(p.people)"),
        Field(Column("share", "share", "share"), f"CAST(p.people AS REAL) / nullif({people}, 0)"),
        ORDERS,
        AMOUNT,
    ][: None if currency else -1]
    plot = Plot("bars", "part", ("people",))
    title, empty = f"{one} and {other}", "Neither has members."
    return _answer(raw, question, title, fields, plot, empty, currency=currency, notes=notes)


def _gather(raw: sqlite3.Connection, question: Question) -> tuple[str | None, tuple[str, ...]]:
    """Gather what people bought; return its currency, or why no amounts can be told: sizes are worth telling alone."""
    try:
        return gather(raw, question).currency, ()
    except CurrenciesError as error:
        return None, (f"no amounts are told, for {error.message}; {error.hint}",)


def _beginning(raw: sqlite3.Connection, question: Question, names: Sequence[str]) -> tuple[str, ...]:
    """Say since when members are known, where the period began before that: none were counted until then."""
    moment = "min(at * :places + looked.place)"
    asked = f"SELECT {moment}, shop_day({moment}) FROM {_TURNS} JOIN looked USING (store) WHERE segment IN ({_NAMED})"
    places = len(question.frames)
    first, day = raw.execute(asked, {"names": _listed(names), "places": places}).fetchone()
    (begins,) = raw.execute("SELECT min(first) FROM looked").fetchone()
    if question.period is None or first is None or first // places <= begins:
        return ()
    return (f"who is in a segment is known since {date.fromordinal(day)}: until then nobody is counted",)


_NAMED = "SELECT value FROM json_each(:names)"


def _answer(
    raw: sqlite3.Connection,
    question: Question,
    title: str,
    fields: Sequence[Field],
    plot: Plot,
    empty: str,
    *,
    currency: str | None = None,
    notes: tuple[str, ...] = (),
) -> Answer:
    laid = lay(raw, "placed", fields, question)
    answer = Answer(
        report="segments",
        title=title,
        columns=laid.columns,
        rows=laid.rows,
        size=laid.size,
        totals=laid.totals,
        currency=currency,
        notes=notes,
        recipe=_NO_RECIPE,
        plot=plot,
        empty=empty,
    )
    return vouched(raw, question, answer)


def _belong(raw: sqlite3.Connection, names: Iterable[str]) -> None:
    """Make the table `belonging` of the people of each segment, as of now."""
    raw.execute("DROP TABLE IF EXISTS temp.belonging")
    raw.execute("CREATE TEMP TABLE belonging (key TEXT, segment TEXT, PRIMARY KEY (key, segment)) WITHOUT ROWID")
    raw.execute(
        f"INSERT OR IGNORE INTO belonging SELECT {KEY}, m.segment FROM json_each(:names) AS s CROSS JOIN looked "
        "JOIN members AS m ON m.segment = s.value AND m.store = looked.store "
        "JOIN customers AS c ON c.store = m.store AND c.id = m.customer_id",
        {"names": _listed(names)},
    )


def _backwards(days: Iterable[tuple[int, int, int]], size: int) -> Iterable[tuple[int, int, int, int]]:
    """Yield days, the newest first, each with the size at its end."""
    for day, entered, left in days:
        yield day, entered, left, size
        size += left - entered


def _place(raw: sqlite3.Connection, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    raw.execute("DROP TABLE IF EXISTS temp.placed")
    raw.execute(f"CREATE TEMP TABLE placed (number INTEGER PRIMARY KEY, {columns})")
    places = ", ".join("?" for _ in columns.split(","))
    raw.executemany(f"INSERT INTO placed ({columns}) VALUES ({places})", rows)


def _field(name: str, title: str, sql: str, kind: Kind = "count", total: str = "") -> Field:
    return Field(Column(name, title, kind), sql, total)


def _listed(names: Iterable[str]) -> str:
    return msgspec.json.encode(list(names)).decode()
