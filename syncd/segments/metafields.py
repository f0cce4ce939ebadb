"""What one value of a metafield is asked: as text, as number, as day; or for its anniversary.

Which of them, the operand says: the language does not know what type a metafield has. A value of another type does
not pass. Both readings compare the same things: texts as they are, numbers as floats, days as `1990-02-28`.
"""

from __future__ import annotations

import math
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

import msgspec
from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_

from syncd.model import Metafield
from syncd.segments.comparisons import Comparison, Type, Within, comparison
from syncd.segments.days import When, day_of, start_of, stretch
from syncd.segments.extras import DAYS, instant_of, number_of
from syncd.segments.frame import Frame
from syncd.segments.schema import customer_metafields
from syncd.segments.several import Question
from syncd.segments.spans import Span
from syncd.segments.tree import Op, Test

_FIRST, _LAST = "", "~"
"""Before and behind every day, as text."""
_MOST = sys.float_info.max
_AROUND = ("01-01", "12-31")
_NEGATIVE = frozenset({Op.NE, Op.NOT_IN})


class Ranges(msgspec.Struct, frozen=True):
    """The value lies in one of these, both ends included; negated, it is there and lies in none."""

    ranges: tuple[tuple[Any, Any], ...]
    negated: bool = False

    def holds(self, value: Any) -> bool:
        """Return whether a value is there and passes."""
        return value is not None and any(low <= value <= high for low, high in self.ranges) is not self.negated

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column."""
        found = or_(false(), *(column.between(low, high) for low, high in self.ranges))
        return and_(column.is_not(None), not_(found)) if self.negated else found


class Texts(msgspec.Struct, frozen=True):
    """Asked as text, whatever its type."""

    asked: Comparison

    def holds(self, value: Metafield) -> bool:
        """Return whether a value passes."""
        return self.asked.holds(value.value)

    def test(self) -> ColumnElement[bool]:
        """Return the same within a WHERE over the rows."""
        return self.asked.test(customer_metafields.c.value)


class Numbers(msgspec.Struct, frozen=True):
    """Asked as number."""

    asked: Ranges

    def holds(self, value: Metafield) -> bool:
        """Return whether a value passes."""
        return self.asked.holds(number_of(value))

    def test(self) -> ColumnElement[bool]:
        """Return the same within a WHERE over the rows."""
        return self.asked.test(customer_metafields.c.number)


class Days(msgspec.Struct, frozen=True):
    """Asked as day: a date as it is written, a date with a time by its moment in the shop's zone."""

    dates: Ranges
    moments: Comparison

    def holds(self, value: Metafield) -> bool:
        """Return whether a value passes."""
        return self.dates.holds(value.value if value.type == "date" else None) or self.moments.holds(instant_of(value))

    def test(self) -> ColumnElement[bool]:
        """Return the same within a WHERE over the rows."""
        its = customer_metafields.c
        return or_(self.dates.test(case((its.type == "date", its.value))), self.moments.test(its.at))


class MonthDays(msgspec.Struct, frozen=True):
    """Asked for month and day alone, as they are written."""

    asked: Ranges

    def holds(self, value: Metafield) -> bool:
        """Return whether a value passes."""
        return self.asked.holds(value.value[5:10] if value.type in DAYS else None)

    def test(self) -> ColumnElement[bool]:
        """Return the same within a WHERE over the rows."""
        its = customer_metafields.c
        return self.asked.test(case((its.type.in_(DAYS), func.substr(its.value, 6, 5))))


def operand(test: Test) -> Type:
    """Return the type that the values of a test have."""
    value = test.values[0]
    return Type.TEXT if isinstance(value, str) else Type.AMOUNT if isinstance(value, Decimal) else Type.DATE


def question(test: Test, frame: Frame) -> Question:
    """Return what a value is asked by a test."""
    match operand(test):
        case Type.TEXT:
            return Texts(comparison(test, Type.TEXT, frame))
        case Type.AMOUNT:
            return Numbers(_numbers(test))
    moments = comparison(test, Type.DATE, frame)
    return Days(_dates(moments, frame), moments)


def anniversary(test: Test, frame: Frame) -> Question:
    """Return what a value is asked for its month and day. What is open at one side ends with that calendar year."""
    stretches = [stretch(cast("When", value), frame) for value in test.values]
    days = [(day_of(low, frame.zone), day_of(high - 1, frame.zone)) for low, high in stretches]
    (first, last), beyond = days[0], days[-1][1]
    match test.op:
        case Op.GT:
            wanted = [(last + timedelta(days=1), last.replace(month=12, day=31))]
        case Op.GE:
            wanted = [(first, first.replace(month=12, day=31))]
        case Op.LT:
            wanted = [(first.replace(month=1, day=1), first - timedelta(days=1))]
        case Op.LE:
            wanted = [(last.replace(month=1, day=1), last)]
        case Op.BETWEEN:
            wanted = [(first, beyond)]
        case _:
            wanted = days
    ranges = tuple(each for pair in wanted for each in _month_days(*pair))
    return MonthDays(Ranges(ranges, negated=test.op in _NEGATIVE))


def _month_days(first: date, last: date) -> list[tuple[str, str]]:
    """Return the days of all years that fall on a stretch of days; 29 February falls on 28 February in other years."""
    if last < first:
        return []
    if (last - first).days >= 365:
        return [_AROUND]
    low, high = first.isoformat()[5:], last.isoformat()[5:]
    if high == "02-28" and (last + timedelta(days=1)).month == 3:
        high = "02-29"
    return [(low, high)] if first.year == last.year else [(low, _AROUND[1]), (_AROUND[0], high)]


def _numbers(test: Test) -> Ranges:
    values = [float(cast("Decimal", value)) for value in test.values]
    first, last = values[0], values[-1]
    match test.op:
        case Op.GT:
            return Ranges(((math.nextafter(first, math.inf), _MOST),))
        case Op.GE:
            return Ranges(((first, _MOST),))
        case Op.LT:
            return Ranges(((-_MOST, math.nextafter(first, -math.inf)),))
        case Op.LE:
            return Ranges(((-_MOST, first),))
        case Op.BETWEEN:
            return Ranges(((first, last),))
    return Ranges(tuple((value, value) for value in values), negated=test.op in _NEGATIVE)


def _dates(moments: Comparison, frame: Frame) -> Ranges:
    """Return the days whose midnight passes, of a comparison of moments."""
    if isinstance(moments, Within):
        return Ranges(tuple(_range(each, frame) for each in moments.spans), moments.negated)
    span = cast("Span", moments)
    return Ranges((_range(span, frame),), span.outside)


def _range(span: Span, frame: Frame) -> tuple[str, str]:
    low = _FIRST if span.low is None else _from(span.low, frame).isoformat()
    high = _LAST if span.high is None else (_from(span.high, frame) - timedelta(days=1)).isoformat()
    return low, high


def _from(instant: int, frame: Frame) -> date:
    """Return the first day that does not begin before an instant."""
    day = day_of(instant, frame.zone)
    return day if start_of(day, frame.zone) >= instant else day + timedelta(days=1)
