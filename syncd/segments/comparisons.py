"""A test of a rule made ready for a frame: one value that both readings ask.

`holds` takes a plain value, `test` a column. `test` may be NULL where the column is; whoever puts it outside a WHERE
makes it two-valued with `sure`. A comparison with a missing value is false, `!=` and NOT IN included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, and_, not_, or_

from syncd.model import decimal_text, exponent, fold
from syncd.segments.days import When, day_of, stretch
from syncd.segments.frame import Frame
from syncd.segments.spans import Span, span
from syncd.segments.tree import Op, Test, Value

Plain = int | str | None


class Type(StrEnum):
    """What a value is, and so how it is written and compared.

    AMOUNT is money in a rule's decimals, compared in minor units. TAG is a text compared letter case aside. CATEGORY is
    a product category, which includes those below it.
    """

    INTEGER = "whole number"
    AMOUNT = "amount"
    ID = "id"
    DATE = "date"
    TEXT = "text"
    TAG = "tag"
    CATEGORY = "category"
    POINT = "place"
    DISTANCE = "distance"


ORDERED = frozenset({Type.INTEGER, Type.AMOUNT, Type.DATE})


class Comparison(Protocol):
    """A test, ready to be asked."""

    def holds(self, value: Plain) -> bool:
        """Return whether a plain value passes."""
        ...

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column; NULL where the column is, unless it asks just that."""
        ...


class Among(msgspec.Struct, frozen=True):
    """The value is one of these; negated, it is there and none of them."""

    values: tuple[int | str, ...]
    negated: bool = False

    def holds(self, value: Plain) -> bool:
        """Return whether a plain value passes."""
        return value is not None and (value in self.values) is not self.negated

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column."""
        if len(self.values) == 1:
            return column != self.values[0] if self.negated else column == self.values[0]
        return column.not_in(self.values) if self.negated else column.in_(self.values)


class Within(msgspec.Struct, frozen=True):
    """The number lies in one of these spans; negated, it is there and lies in none."""

    spans: tuple[Span, ...]
    negated: bool = False

    def holds(self, value: Plain) -> bool:
        """Return whether a plain value passes."""
        if not isinstance(value, int):
            return False
        return any(each.holds(value) for each in self.spans) is not self.negated

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column."""
        found = or_(*(each.test(column) for each in self.spans))
        return and_(column.is_not(None), not_(found)) if self.negated else found


class Shaped(msgspec.Struct, frozen=True):
    """The text has a shape, letter by letter. GLOB and fnmatch read the same pattern alike; LIKE would fold ASCII."""

    glob: str
    negated: bool = False

    def holds(self, value: Plain) -> bool:
        """Return whether a plain value passes."""
        return isinstance(value, str) and fnmatchcase(value, self.glob) is not self.negated

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column."""
        found = column.op("GLOB", is_comparison=True)(self.glob)
        return not_(found) if self.negated else found


class Below(msgspec.Struct, frozen=True):
    """The category is one of these or lies below one: `sg-4` holds `sg-4-17`, `Toys` holds `Toys > Puzzles`."""

    values: tuple[str, ...]

    def holds(self, value: Plain) -> bool:
        """Return whether a plain value passes."""
        return isinstance(value, str) and any(fnmatchcase(value, glob) for glob in self._globs())

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column."""
        return or_(*(column.op("GLOB", is_comparison=True)(glob) for glob in self._globs()))

    def _globs(self) -> Iterator[str]:
        for value in self.values:
            pattern = "".join(_plain(letter) for letter in value)
            yield pattern
            yield f"{pattern}-*" if _TAXONOMY_ID.fullmatch(value) else f"{pattern} > *"


class Missing(msgspec.Struct, frozen=True):
    """There is no value; negated, there is one."""

    negated: bool = False

    def holds(self, value: Plain) -> bool:
        """Return whether a plain value passes."""
        return (value is None) is not self.negated

    def test(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the same question to a column."""
        return column.is_not(None) if self.negated else column.is_(None)


def comparison(test: Test, type_: Type, frame: Frame, currency: str = "") -> Comparison:
    """Return a checked test of a value of some type, ready for a frame (amounts in `currency`, or the shop's)."""
    op = test.op
    if op in {Op.NULL, Op.NOT_NULL}:
        return Missing(negated=op.negative)
    if op in _SHAPES:
        return Shaped(_glob(op, _text(test.values[0], type_)), negated=op.negative)
    if type_ is Type.CATEGORY:
        return Below(tuple(str(value) for value in test.values))
    if type_ in ORDERED:
        return _ordered(test, frame, currency or frame.currency)
    return Among(tuple(_discrete(value, type_) for value in test.values), negated=op.negative)


def translated(asked: Comparison, image: Callable[[Span], Span]) -> Comparison:
    """Return a comparison of whole numbers as one of other numbers, in the same order or the reverse."""
    match asked:
        case Span():
            return image(asked)
        case Within(spans, negated):
            return Within(tuple(image(each) for each in spans), negated)
    return asked


def positive(test: Test) -> tuple[Test, bool]:
    """Return the test that one of several values has to pass, and whether the clause holds when none does."""
    if test.op is Op.NULL:
        return Test(Op.NOT_NULL), True
    return Test(_POSITIVE.get(test.op, test.op), test.values), test.op in _POSITIVE


def _ordered(test: Test, frame: Frame, currency: str) -> Comparison:
    stretches = [_stretch(value, frame, currency) for value in test.values]
    if test.op in {Op.IN, Op.NOT_IN}:
        return Within(tuple(span(Op.EQ, each, each) for each in stretches), negated=test.op.negative)
    return span(test.op, stretches[0], stretches[-1])


def _stretch(value: Value, frame: Frame, currency: str) -> tuple[int, int]:
    """Return the whole numbers that an operand stands for: none where an amount has more decimals than its money."""
    if isinstance(value, int):
        return value, value + 1
    if isinstance(value, Decimal):
        minor = value.scaleb(exponent(currency))
        low = int(minor.to_integral_value(ROUND_CEILING))
        return low, int(minor.to_integral_value(ROUND_FLOOR)) + 1
    return stretch(cast("When", value), frame)


def _discrete(value: Value, type_: Type) -> int | str:
    return value if isinstance(value, int) else _text(value, type_)


def _text(value: Value, type_: Type) -> str:
    return fold(str(value)) if type_ is Type.TAG else str(value)


_POSITIVE = {
    Op.NE: Op.EQ,
    Op.NOT_IN: Op.IN,
    Op.NOT_CONTAINS: Op.CONTAINS,
    Op.NOT_STARTS: Op.STARTS,
    Op.NOT_ENDS: Op.ENDS,
    Op.NOT_LIKE: Op.LIKE,
}
_TAXONOMY_ID = re.compile(r"[a-z]{2}(-\d+)*")
_SHAPES = frozenset({Op.STARTS, Op.NOT_STARTS, Op.ENDS, Op.NOT_ENDS, Op.LIKE, Op.NOT_LIKE})


def _glob(op: Op, text: str) -> str:
    """Return the GLOB pattern of a text test; in LIKE, % stands for any letters and _ for one."""
    if op in {Op.LIKE, Op.NOT_LIKE}:
        return "".join({"%": "*", "_": "?"}.get(letter, _plain(letter)) for letter in text)
    pattern = "".join(_plain(letter) for letter in text)
    return f"*{pattern}" if op in {Op.ENDS, Op.NOT_ENDS} else f"{pattern}*"


def _plain(letter: str) -> str:
    return f"[{letter}]" if letter in "*?[" else letter


def plain_text(value: Plain, type_: Type, zone: ZoneInfo, currency: str) -> str:
    """Return a value for people: a day of the shop, an amount with its decimals."""
    if value is None:
        return "none"
    if isinstance(value, int) and type_ is Type.DATE:
        return day_of(value, zone).isoformat()
    if isinstance(value, int) and type_ is Type.AMOUNT:
        return decimal_text(value, currency)
    return str(value)
