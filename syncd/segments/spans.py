"""Ordered comparisons as one thing: a closed-open stretch of whole numbers.

Instants, counts and amounts in minor units are all whole numbers, so that every `=`, `<`, `>=` and BETWEEN is one
stretch, said once, and read by SQL and by Python in the same way. A missing value lies in no span, and outside none.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, false, func, not_

from syncd.segments.tree import Op

MOST = 2**63 - 1
"""SQLite's largest integer; a bound beyond it holds for nothing or for everything."""


class Span(msgspec.Struct, frozen=True):
    """Whole numbers from `low` to below `high`; with `outside`, all others."""

    low: int | None = None
    high: int | None = None
    outside: bool = False

    def holds(self, value: int | str | None) -> bool:
        """Return whether the value is there and lies in it."""
        if not isinstance(value, int):
            return False
        inside = (self.low is None or value >= self.low) and (self.high is None or value < self.high)
        return inside is not self.outside

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column, which is named once: it may be a costly subquery."""
        low = -MOST if self.low is None else _clamped(self.low)
        high = MOST if self.high is None else _clamped(self.high - 1)
        if self.outside:
            return not_(column.between(low, high))
        if self.high is None:
            return column >= low
        if self.low is None:
            return column <= high
        return column.between(low, high)


def span(op: Op, first: tuple[int, int], last: tuple[int, int]) -> Span:
    """Return the span of an operator whose operands themselves stand for stretches: a day, a second, one number.

    `=` is the stretch, `>` starts behind it, `<=` includes it; BETWEEN runs from the first to the end of the last.
    """
    low, high = first
    match op:
        case Op.NE:
            return Span(low, high, outside=True)
        case Op.GT:
            return Span(low=high)
        case Op.GE:
            return Span(low=low)
        case Op.LT:
            return Span(high=low)
        case Op.LE:
            return Span(high=high)
        case _:
            return Span(low, last[1])


def sure(test: ColumnElement[bool]) -> ColumnElement[bool]:
    """Make a test two-valued: what is unknown does not hold."""
    return func.coalesce(test, false())


def _clamped(bound: int) -> int:
    return max(-MOST, min(MOST, bound))
