"""Comma-separated values, as RFC 4180 has them, for spreadsheets.

Amounts are decimal numbers of the currency in the last column. A text that a spreadsheet would run as a formula gets an
apostrophe before it: a customer chooses their own name, and somebody else opens the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from typing import TextIO

from syncd.model import decimal_text
from syncd.reports.answer import Answer, Column, Value

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(answer: Answer, out: TextIO) -> None:
    """Write the rows under their columns' names; totals and notes are left out, for programs read on.

    `out` must leave line ends as they are (`newline=""`).
    """
    rows = csv.writer(out, lineterminator="\r\n")
    # a currency of its own column is the report's; else amounts would stand there without one
    told = answer.currency if _has_money(answer.columns) else None
    more = [told] if told and all(column.name != "currency" for column in answer.columns) else []
    rows.writerow([*(column.name for column in answer.columns), *("currency" for _ in more)])
    rows.writerows([*_cells(row, answer), *more] for row in answer.rows)


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _cells(row: Iterable[Value], answer: Answer) -> Iterable[str]:
    return (_cell(value, column, answer.currency) for value, column in zip(row, answer.columns, strict=True))


def _cell(value: Value, column: Column, currency: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return defused(value)
    if column.kind == "money" and currency:
        return decimal_text(int(value), currency)
    return repr(value)


def _has_money(columns: Iterable[Column]) -> bool:
    return any(column.kind == "money" for column in columns)
