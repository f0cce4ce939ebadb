"""Values as people read them: money in the store's currency as its country writes it, days as ISO-8601 days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, format_decimal, format_percent

from syncd.model import exponent
from syncd.reports.answer import Answer, Column, Kind, Row, Value
from syncd.reports.arrows import arrowed
from syncd.reports.figures import Figures

GUEST = "guest"
"""Stands for the ids of who has no customer record."""
TOTAL = "total"
MOVED = "moved"
"""The column whose words (`up 3`, `down 1`, `same`, `new`) are told by arrows."""
_AT_THE_RIGHT: frozenset[Kind] = frozenset({"count", "units", "money", "days", "share"})


class Teller:
    """Puts values of one answer into words. A missing value is an empty text."""

    def __init__(self, locale: str, currency: str | None) -> None:
        """Tell numbers as a locale does, and money in a currency."""
        spoken = Locale.parse(locale)
        percent = spoken.percent_formats[None].pattern.replace("#0", "#0.0")
        self._count = Figures(lambda it: str(format_decimal(it, locale=spoken)), 0)
        self._share = Figures(lambda it: str(format_percent(it / 100, percent, locale=spoken)), 1)
        self._money = self._count
        if currency is not None:
            self._money = Figures(lambda it: str(format_currency(it, currency, locale=spoken)), exponent(currency))

    def value(self, value: Value, kind: Kind) -> str:
        """Return a value as text."""
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, tuple):
            return ", ".join(map(str, value)) or GUEST
        if isinstance(value, date):
            return value.isoformat()
        if kind == "money":
            return self._money(int(value))
        if kind == "share":
            return self._share(round(Decimal(repr(value)) * 1_000))
        return self._count(int(value))

    def row(self, row: Row, columns: tuple[Column, ...]) -> list[str]:
        """Return a row as texts."""
        texts = [self.value(value, column.kind) for value, column in zip(row, columns, strict=True)]
        return [arrowed(text) if column.name == MOVED else text for text, column in zip(texts, columns, strict=True)]

    def totals(self, answer: Answer) -> list[str] | None:
        """Return the totals as texts; the word itself stands where the drawing has its names, or in the first text."""
        if answer.totals is None:
            return None
        texts = self.row(answer.totals, answer.columns)
        named = [answer.plot.along if answer.plot else "", *(it.name for it in answer.columns if it.kind == "text")]
        free = [at for name in named for at, it in enumerate(answer.columns) if it.name == name and not texts[at]]
        return [TOTAL if at == free[0] else text for at, text in enumerate(texts)] if free else texts


def at_the_right(column: Column) -> bool:
    """Return whether a column's values are numbers, which stand at the right."""
    return column.kind in _AT_THE_RIGHT


def circumstances(answer: Answer) -> str:
    """Return the period, the stores and the currency as one line: `2026-10-01 to 2026-10-31 · main · EUR`."""
    period = f"{answer.period.first} to {answer.period.last}" if answer.period else "all time"
    return " · ".join(filter(None, (period, ", ".join(answer.stores), answer.currency)))
