"""Whether a value passes a test. What is missing passes none but IS NULL, and what is negated as a whole."""

from __future__ import annotations

import calendar
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.sandbox.shopify.segments.words import QueryError, Test, Word

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_AGO = re.compile(r"(\d+)_(days|months)_ago")
_OPERATORS = {
    "text": {"=", "!=", "NULL", "IN"},
    "integer": {*_COMPARE, "BETWEEN", "NULL", "IN"},
    "amount": {*_COMPARE, "BETWEEN", "NULL"},
    "day": {*_COMPARE, "BETWEEN", "NULL"},
    "list": {"CONTAINS", "NULL"},
    "tags": {"CONTAINS", "NULL"},
    "one tag": {"="},
    "one of": {"="},
    "ids": {"=", "CONTAINS", "NULL"},
}


class Hour(NamedTuple):
    """The moment at which a query is answered, and the zone whose days count."""

    now: int
    zone: ZoneInfo

    def day(self, instant: int) -> date:
        """Return the day of an instant."""
        return datetime.fromtimestamp(instant, UTC).astimezone(self.zone).date()


def passes(name: str, test: Test, kind: str, value: Any, hour: Hour) -> bool:
    """Return whether the value of `name`, of a kind, passes a test.

    Raises:
        QueryError: The test does not suit the kind.
    """
    if test.operator not in _OPERATORS[kind]:
        raise QueryError(f"{name} does not support operator '{test.operator}'")
    if test.operator == "NULL":
        return (value is None or value == ()) is not test.negated
    if kind == "ids":
        return (_number(test.values[0], "integer") in (value or ())) is not test.negated
    if kind in {"list", "tags", "one tag", "one of"}:
        return _holds(test, kind, value or ()) is not test.negated
    if kind == "day":
        return value is not None and _on_days(test, value, hour)
    wanted = [_number(it, kind) if kind != "text" else _text(it) for it in test.values]
    return value is not None and _compared(test, value, wanted)


def _compared(test: Test, value: Any, wanted: list[Any]) -> bool:
    if test.operator == "BETWEEN":
        return bool(wanted[0] <= value <= wanted[1])
    if test.operator == "IN":
        return (value in wanted) is not test.negated
    return _COMPARE[test.operator](value, wanted[0])


def _holds(test: Test, kind: str, values: Any) -> bool:
    wanted = _text(test.values[0])
    if kind in {"list", "one of"}:
        return wanted in values
    return wanted.casefold() in {str(it).casefold() for it in values}


def _on_days(test: Test, value: int, hour: Hour) -> bool:
    if test.operator == "BETWEEN":
        return _against(">=", value, test.values[0], hour) and _against("<=", value, test.values[1], hour)
    return _against(test.operator, value, test.values[0], hour)


def _against(sign: str, value: int, word: Word, hour: Hour) -> bool:
    """Compare an instant with a day, by its own day, or with a date-time, by the second."""
    if word.kind == "moment":
        return _COMPARE[sign](value, int(datetime.fromisoformat(word.text).replace(tzinfo=hour.zone).timestamp()))
    return _COMPARE[sign](hour.day(value), _day(word, hour.day(hour.now)))


def _day(word: Word, today: date) -> date:
    if word.kind == "date":
        try:
            return date.fromisoformat(word.text)
        except ValueError:
            raise QueryError(word.unexpected()) from None
    if word.kind == "offset":
        return _moved(today, int(word.text[:-1]), word.text[-1])
    if word.text in {"today", "yesterday"}:
        return today - timedelta(days=word.text == "yesterday")
    found = _AGO.fullmatch(word.text)
    if found is None:
        raise QueryError(word.unexpected())
    return _moved(today, -int(found[1]), found[2][0])


def _moved(day: date, number: int, unit: str) -> date:
    """Go some days, weeks, months or years on; where the month is too short, to its last day."""
    if unit in "dw":
        return day + timedelta(days=number * (7 if unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _text(word: Word) -> str:
    if word.kind != "string":
        raise QueryError(word.unexpected())
    return re.sub(r"\\(['\\])", r"\1", word.text[1:-1])


def _number(word: Word, kind: str) -> Decimal:
    if word.kind != "number" or (kind == "integer" and "." in word.text):
        raise QueryError(word.unexpected())
    return Decimal(word.text)
