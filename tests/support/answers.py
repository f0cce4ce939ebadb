"""Answers of reports as an engine would give them, for tests of their outputs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from syncd.reports.answer import Answer, Column, NoRecipe, Plot, Row, Span

PEOPLE = (
    Column("rank", "rank", "count"),
    Column("email", "email", "text"),
    Column("customer_ids", "customer", "ids"),
    Column("orders", "orders", "count"),
    Column("amount", "spent", "money"),
    Column("last_order", "last order", "day"),
    Column("share", "share", "share"),
)
ROWS: tuple[Row, ...] = (
    (1, "ada@shop.example", (7001, 7002), 1234, 123456, date(2026, 10, 31), 0.125),
    (2, "guest@shop.example", (), 3, 5, None, None),
)
TOTALS: Row = (None, None, None, 1237, 123461, None, None)


def answer(**more: Any) -> Answer:
    """Return an answer about two people; anything of it can be said otherwise."""
    values: dict[str, Any] = {
        "report": "leaderboard",
        "title": "Leaderboard by amount spent",
        "columns": PEOPLE,
        "rows": ROWS,
        "size": len(ROWS),
        "totals": TOTALS,
        "period": Span(date(2026, 10, 1), date(2026, 10, 31)),
        "currency": "EUR",
        "stores": ("main",),
        "as_of": 1_795_000_000,
        "notes": ("3 people share place 2.",),
        "recipe": NoRecipe("it is a test"),
        "plot": Plot("bars", "email", ("amount",)),
    }
    return Answer(**(values | more))


def many(count: int) -> Answer:
    """Return an answer of so many rows, which come one by one."""

    def rows() -> Iterator[Row]:
        for number in range(1, count + 1):
            yield number, f"person{number}@shop.example", (number,), number % 9, number * 137, date(2026, 10, 1), 0.5

    return answer(rows=rows(), size=count)
