"""Functions: things that happened to a customer (orders, bought lines), asked with parameters.

Parameters of one MATCHES are asked of the same row. `Field` asks a value of the row, `Elements` a list that the row
has, `Total` all rows that match the rest: without one, a single such row is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Select, and_, not_, or_

from syncd.model import Kind
from syncd.segments.comparisons import Plain, Type, comparison, plain_text, positive
from syncd.segments.frame import Frame, Person
from syncd.segments.spans import sure
from syncd.segments.tree import Matches, Op, Test


class Asked(msgspec.Struct, frozen=True):
    """The circumstances of a function: the frame, and the currency that its amounts are in."""

    frame: Frame
    currency: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A value of one row."""

    type: Type
    meaning: str
    sql: Callable[[Asked], ColumnElement[Any]]
    value: Callable[[Any, Asked], Plain]
    choices: tuple[str, ...] = ()
    own: bool = False
    kinds: frozenset[Kind] = frozenset()

    def condition(self, test: Test, asked: Asked) -> ColumnElement[bool]:
        """Return the test within a WHERE over the rows."""
        return comparison(test, self.type, asked.frame, asked.currency).test(self.sql(asked))

    def question(self, test: Test, asked: Asked) -> Callable[[Any], bool]:
        """Return what tells whether a row passes; made ready once for however many rows."""
        ready = comparison(test, self.type, asked.frame, asked.currency)
        return lambda row: ready.holds(self.value(row, asked))


class Elements(msgspec.Struct, frozen=True, kw_only=True):
    """A list that a row has. What is negated is the complement: it holds for a row whose list is empty."""

    type: Type
    meaning: str
    rows: Callable[[Asked], Select[Any]]
    columns: Sequence[ColumnElement[Any]]
    values: Callable[[Any], Iterable[Plain]]
    own: bool = False
    kinds: frozenset[Kind] = frozenset()

    def condition(self, test: Test, asked: Asked) -> ColumnElement[bool]:
        """Return the test within a WHERE over the rows."""
        asking, negated = positive(test)
        question = comparison(asking, self.type, asked.frame)
        found = self.rows(asked).where(or_(*(question.test(column) for column in self.columns))).exists()
        return not_(found) if negated else found

    def question(self, test: Test, asked: Asked) -> Callable[[Any], bool]:
        """Return what tells whether a row passes; made ready once for however many rows."""
        asking, negated = positive(test)
        ready = comparison(asking, self.type, asked.frame)
        return lambda row: any(ready.holds(value) for value in self.values(row)) is not negated


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """A count, a sum (0 over none) or an average (missing over none) of the rows that match the rest."""

    type: Type
    meaning: str
    sql: Callable[[Asked], ColumnElement[Any]]
    value: Callable[[Sequence[Any], Asked], Plain]
    own: bool = False
    kinds: frozenset[Kind] = frozenset()


Asking: TypeAlias = Field | Elements | Total


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a customer, one row each.

    Attributes:
        select: The customer's rows of a frame, to be narrowed.
        of: The rows of a person.
        noun: What a row is called, in the plural.
        parameters: By name.
        unknown: Parameters of Shopify's that are not known here, each with its type and why.
    """

    select: Callable[[Frame], Select[Any]]
    of: Callable[[Person], Iterator[Any]]
    noun: str
    parameters: Mapping[str, Asking]
    unknown: Mapping[str, tuple[Type, str]] = {}

    def condition(self, leaf: Matches, frame: Frame) -> ColumnElement[bool]:
        """Return the clause over the table `customers`; never NULL."""
        asked = _asked(leaf, frame)
        single, totals = self._split(leaf)
        rows = self.select(frame).where(*(each.condition(test, asked) for each, test in single))
        found = and_(*(_total(rows, each, test, asked) for each, test in totals)) if totals else rows.exists()
        return not_(found) if leaf.negated else found

    def holds(self, leaf: Matches, person: Person, frame: Frame) -> bool:
        """Return whether the clause holds for a person."""
        asked = _asked(leaf, frame)
        totals = self._split(leaf)[1]
        rows = self._matching(leaf, person, asked)
        passed = (
            comparison(test, each.type, frame, asked.currency).holds(each.value(rows, asked)) for each, test in totals
        )
        found = all(passed) if totals else bool(rows)
        return found is not leaf.negated

    def shown(self, leaf: Matches, person: Person, frame: Frame) -> str:
        """Return how many rows match, and what their totals are."""
        asked = _asked(leaf, frame)
        rows = self._matching(leaf, person, asked)
        totals = [
            f"{parameter.name} {plain_text(each.value(rows, asked), each.type, frame.zone, asked.currency)}"
            for parameter in leaf.parameters
            if isinstance(each := self.parameters[parameter.name], Total)
        ]
        noun = self.noun.removesuffix("s") if len(rows) == 1 else self.noun
        return ", ".join(totals or [f"{len(rows)} {noun}"])

    def _matching(self, leaf: Matches, person: Person, asked: Asked) -> Sequence[Any]:
        questions = [each.question(test, asked) for each, test in self._split(leaf)[0]]
        return [row for row in self.of(person) if all(question(row) for question in questions)]

    def _split(self, leaf: Matches) -> tuple[list[tuple[Field | Elements, Test]], list[tuple[Total, Test]]]:
        """Return what is asked of each row, what needs a look at other rows last; and what of all that match."""
        single: list[tuple[Field | Elements, Test]] = []
        totals: list[tuple[Total, Test]] = []
        for parameter in leaf.parameters:
            asking = self.parameters[parameter.name]
            if isinstance(asking, Total):
                totals.append((asking, parameter.test))
            else:
                single.append((asking, parameter.test))
        single.sort(key=lambda each: isinstance(each[0], Elements))
        return single, totals


def _asked(leaf: Matches, frame: Frame) -> Asked:
    """Amounts are in the currency that the clause names, else in the shop's."""
    named = leaf.get("currency")
    if named is not None and named.op is Op.EQ:
        return Asked(frame, str(named.values[0]))
    return Asked(frame, frame.currency)


def _total(rows: Select[Any], total: Total, test: Test, asked: Asked) -> ColumnElement[bool]:
    figure = rows.with_only_columns(total.sql(asked)).scalar_subquery()
    return sure(comparison(test, total.type, asked.frame, asked.currency).test(figure))
