"""Attributes with any number of values: companies, metafields and their anniversaries.

A comparison holds where one of the values passes, IS NULL where there is none, NOT CONTAINS where none passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, Select, not_

from syncd.segments.comparisons import Type
from syncd.segments.frame import Frame, Person
from syncd.segments.tree import Clause, Op, Test

_EQUAL = {Op.CONTAINS: Op.EQ, Op.NOT_CONTAINS: Op.EQ}


class Question(Protocol):
    """What one value is asked."""

    def holds(self, value: Any) -> bool:
        """Return whether a value passes."""
        ...

    def test(self) -> ColumnElement[bool]:
        """Return the same within a WHERE over the rows."""
        ...


class Several(msgspec.Struct, frozen=True, kw_only=True):
    """Any number of values of the customer.

    Attributes:
        type: Of the values; None where the operand says it.
        rows: The customer's values of a frame, one a row.
        values: The same of a person.
        narrow: Narrows rows of the table to those values, whosever they are.
        question: Puts a test as what one value is asked.
        text: Puts a value for people.
    """

    type: Type | None
    rows: Callable[[Frame], Select[Any]]
    values: Callable[[Person], Iterable[Any]]
    question: Callable[[Test, Frame], Question]
    text: Callable[[Any], str]
    narrow: Callable[[Select[Any]], Select[Any]] = lambda rows: rows

    def condition(self, leaf: Clause, frame: Frame) -> ColumnElement[bool]:
        """Return the clause over the table `customers`; never NULL."""
        test, rows = leaf.test, self.rows(frame)
        asked = self.asked(test, frame)
        if asked is not None:
            rows = rows.where(asked.test())
        found = rows.exists()
        return not_(found) if test.op in {Op.NULL, Op.NOT_CONTAINS} else found

    def holds(self, leaf: Clause, person: Person, frame: Frame) -> bool:
        """Return whether the clause holds for a person."""
        test, values = leaf.test, list(self.values(person))
        asked = self.asked(test, frame)
        if asked is not None:
            values = [value for value in values if asked.holds(value)]
        return bool(values) is (test.op not in {Op.NULL, Op.NOT_CONTAINS})

    def asked(self, test: Test, frame: Frame) -> Question | None:
        """Return what one value is asked; None where all that counts is whether there is one."""
        if test.op in {Op.NULL, Op.NOT_NULL}:
            return None
        return self.question(Test(_EQUAL.get(test.op, test.op), test.values), frame)

    def shown(self, leaf: Clause, person: Person, frame: Frame) -> str:  # noqa: ARG002  # all readings alike
        """Return the values that decide, for people."""
        return ", ".join(dict.fromkeys(self.text(value) for value in self.values(person))) or "none"
