"""A rule as a tree of typed values. Both readings, and the canonical text, come from it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import msgspec

from syncd.segments.days import When


class Op(StrEnum):
    """An operator, as it is printed."""

    EQ = "="
    NE = "!="
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    BETWEEN = "BETWEEN"
    IN = "IN"
    NOT_IN = "NOT IN"
    CONTAINS = "CONTAINS"
    NOT_CONTAINS = "NOT CONTAINS"
    STARTS = "STARTS WITH"
    NOT_STARTS = "NOT STARTS WITH"
    ENDS = "ENDS WITH"
    NOT_ENDS = "NOT ENDS WITH"
    LIKE = "LIKE"
    NOT_LIKE = "NOT LIKE"
    NULL = "IS NULL"
    NOT_NULL = "IS NOT NULL"

    @property
    def negative(self) -> bool:
        """Whether it says that something does not hold."""
        return self is Op.NE or "NOT" in self.value


class Point(msgspec.Struct, frozen=True):
    """A place on earth, degrees north and east."""

    latitude: Decimal
    longitude: Decimal

    def __str__(self) -> str:
        """Return the place as a query writes it."""
        return f"({_decimal(self.latitude)}, {_decimal(self.longitude)})"


Value: TypeAlias = int | Decimal | str | When | Point


class Test(msgspec.Struct, frozen=True):
    """An operator with the values on its right."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    op: Op
    values: tuple[Value, ...] = ()

    def __str__(self) -> str:
        """Return the test as a query writes it."""
        if self.op in {Op.NULL, Op.NOT_NULL}:
            return self.op.value
        texts = [literal(value) for value in self.values]
        if self.op is Op.BETWEEN:
            return f"BETWEEN {texts[0]} AND {texts[1]}"
        if self.op in {Op.IN, Op.NOT_IN}:
            return f"{self.op.value} ({', '.join(texts)})"
        return f"{self.op.value} {texts[0]}"


class Parameter(msgspec.Struct, frozen=True):
    """What is asked of one row of a function (`date >= -30d`), or of all that match the rest (`count > 2`)."""

    name: str
    test: Test

    def __str__(self) -> str:
        """Return the parameter as a query writes it."""
        return f"{self.name} {self.test}"


class Clause(msgspec.Struct, frozen=True):
    """One test of one attribute."""

    filter: str
    test: Test

    def __str__(self) -> str:
        """Return the clause as a query writes it."""
        return f"{self.filter} {self.test}"


class Matches(msgspec.Struct, frozen=True):
    """One function: whether there are rows that match all parameters, or (negated) are none."""

    filter: str
    parameters: tuple[Parameter, ...] = ()
    negated: bool = False

    def __str__(self) -> str:
        """Return the clause in the syntax of 2026-10."""
        inner = ", ".join(str(parameter) for parameter in self.parameters)
        return f"{self.filter} {'NOT ' if self.negated else ''}MATCHES ({inner})"

    def get(self, name: str) -> Test | None:
        """Return what is asked of a parameter, None where it is not named."""
        return next((parameter.test for parameter in self.parameters if parameter.name == name), None)


class Not(msgspec.Struct, frozen=True):
    """The true complement of a part."""

    part: Node

    def __str__(self) -> str:
        """Return the part in parentheses after NOT."""
        return f"NOT ({self.part})"


class And(msgspec.Struct, frozen=True):
    """All parts hold."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        """Return the parts joined, those of a looser connector in parentheses."""
        return " AND ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


class Or(msgspec.Struct, frozen=True):
    """At least one part holds."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        """Return the parts joined; AND binds tighter and needs no parentheses."""
        return " OR ".join(str(part) for part in self.parts)


Leaf: TypeAlias = Clause | Matches
Node: TypeAlias = And | Or | Not | Clause | Matches


def nodes(node: Node) -> Iterator[Node]:
    """Yield a tree's nodes, each before what is below it, from left to right."""
    yield node
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from nodes(part)
        case Not(part):
            yield from nodes(part)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the clauses of a tree, from left to right."""
    return (each for each in nodes(node) if isinstance(each, Leaf))


def height(node: Node) -> int:
    """Return how many ANDs and ORs lie within each other."""
    match node:
        case And(parts) | Or(parts):
            return 1 + max(height(part) for part in parts)
        case Not(part):
            return height(part)
    return 0


def literal(value: Value) -> str:
    """Return a value as a query writes it."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, Decimal):
        return _decimal(value)
    return str(value)


def _decimal(value: Decimal) -> str:
    return f"{value:f}"
