"""Rows laid out under columns: sorted, cut and added up by the database, and read one by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from syncd.reports.answer import Column, Kind, Row, Value
from syncd.reports.question import Question, named

_ALSO = {"spent": "amount", "total": "amount", "address": "email", "person": "email", "ids": "customer_ids"}
"""Other words that columns are asked for by."""


class Field(msgspec.Struct, frozen=True):
    """A column, and how to read it.

    Attributes:
        column: What is shown.
        sql: Its value in a row `p`: of kind `day` as the number of a day, of kind `ids` as a JSON list.
        total: Its total over all rows, in SQL; empty for none.
        order: What it is sorted by, where that is not the value.
    """

    column: Column
    sql: str
    total: str = ""
    order: str = ""


class Laid(msgspec.Struct, frozen=True):
    """Rows, ready to be read once, how many there are, and their totals."""

    columns: tuple[Column, ...]
    rows: Iterator[Row]
    size: int
    totals: Row | None


def lay(raw: sqlite3.Connection, table: str, fields: Sequence[Field], question: Question) -> Laid:
    """Return the rows of a temporary table whose key `number` is their own order.

    Raises:
        ReportError: The question sorts by a column that is not there.
    """
    columns = tuple(field.column for field in fields)
    (size,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    return Laid(columns, _rows(raw, table, fields, question), size, _totals(raw, table, fields))


def half_even(total: str, number: str) -> str:
    """Return SQL of a whole number divided by one above zero, rounded half-even. SQLite's own / rounds to zero."""
    rest = rest_of(total, number)
    whole = f"({total} - {rest}) / ({number})"
    return f"({whole} + ({rest} * 2 > ({number}) OR ({rest} * 2 = ({number}) AND {whole} % 2 != 0)))"


def rest_of(total: str, number: str) -> str:
    """Return SQL of what a division rounded down leaves."""
    return f"((({total}) % ({number}) + ({number})) % ({number}))"


def _rows(raw: sqlite3.Connection, table: str, fields: Sequence[Field], question: Question) -> Iterator[Row]:
    values = ", ".join(field.sql for field in fields)
    limit = -1 if question.limit is None else question.limit
    if question.sort:
        # sorted by keys alone, so that what only those rows need that are shown is worked out for no other
        raw.execute("DROP TABLE IF EXISTS temp.turns")
        raw.execute("CREATE TEMP TABLE turns (turn INTEGER PRIMARY KEY, number)")
        order = _order(fields, question)
        raw.execute(f"INSERT INTO turns (number) SELECT p.number FROM {table} AS p ORDER BY {order} LIMIT ?", (limit,))
        query = f"SELECT {values} FROM turns CROSS JOIN {table} AS p USING (number) ORDER BY turns.turn"
        found = raw.execute(query)
    else:
        found = raw.execute(f"SELECT {values} FROM {table} AS p ORDER BY p.number LIMIT ?", (limit,))
    return _read(found, [field.column.kind for field in fields])


def _order(fields: Sequence[Field], question: Question) -> str:
    known = {field.column.name: field for field in fields}
    terms = []
    for sort in question.sort:
        name = sort.name if sort.name in known else _ALSO.get(sort.name, sort.name)
        field = named("column", name, known)
        value = field.order or field.sql
        terms += [f"{value} IS NULL", f"{value}{' DESC' if sort.falling else ''}"]
    return ", ".join([*terms, "p.number"])


def _totals(raw: sqlite3.Connection, table: str, fields: Sequence[Field]) -> Row | None:
    if not any(field.total for field in fields):
        return None
    totals = ", ".join(field.total or "NULL" for field in fields)
    found = raw.execute(f"SELECT {totals} FROM {table} AS p")
    return next(_read(found, [field.column.kind for field in fields]))


def _read(found: sqlite3.Cursor, kinds: Sequence[Kind]) -> Iterator[Row]:
    turned = [(at, _READ[kind]) for at, kind in enumerate(kinds) if kind in _READ]
    for row in found:
        values = list(row)
        for at, read in turned:
            if values[at] is not None:
                values[at] = read(values[at])
        yield tuple(values)


def _ids(text: str) -> Value:
    return tuple(msgspec.json.decode(text, type=list[int]))


_READ: Mapping[Kind, Callable[[Any], Value]] = {"day": date.fromordinal, "ids": _ids}
