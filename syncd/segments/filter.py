"""What a filter is: its name and meaning for people, and a reading that knows SQL and Python side by side.

A reading has one of these shapes. `Scalar`: one value of the customer. `Listing`: several (tags, countries). `Several`
(`syncd.segments.several`): any number, compared one by one (companies, metafields). `Rows`
(`syncd.segments.rows`): things that happened, asked with parameters. `Near`: within a distance of a place. `Remote`:
what the mirror does not know.
To add a filter is to add one entry to a module of `syncd.segments.filters`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Select, not_

from syncd.model import Kind
from syncd.segments.comparisons import Comparison, Plain, Type, comparison, plain_text, positive
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import records_of
from syncd.segments.near import Near
from syncd.segments.rows import Rows
from syncd.segments.schema import records
from syncd.segments.several import Several
from syncd.segments.spans import sure
from syncd.segments.standing import Scale
from syncd.segments.tree import Clause, Op, Test


class Reading(Protocol):
    """How a clause is answered. Which shape of clause (`Clause`, `Matches`) a reading takes, the check sees to."""

    def condition(self, leaf: Any, frame: Frame) -> ColumnElement[bool]:
        """Return the clause over the table `customers`; never NULL."""
        ...

    def holds(self, leaf: Any, person: Person, frame: Frame) -> bool:
        """Return whether the clause holds for a person."""
        ...

    def shown(self, leaf: Any, person: Person, frame: Frame) -> str:
        """Return the value that decides, for people."""
        ...


class Scalar(msgspec.Struct, frozen=True, kw_only=True):
    """One value of the customer.

    Attributes:
        sql: The value in SQL; or the figure that it is worked out from, with `ready`.
        value: The same in Python.
        choices: All values there are, where the language lists them.
        ready: Puts a test of the value as one of the figure.
        text: Puts the figure as the value, for people.
        scale: What the store's buyers must be measured by.
        column: The column of a customer record that it just is: a person by address may have several such values. One
            that passes is enough; IS NULL holds where none has any.
    """

    type: Type
    sql: Callable[[Frame], ColumnElement[Any]]
    value: Callable[[Person, Frame], Plain]
    choices: tuple[str, ...] = ()
    ready: Callable[[Test, Frame], Comparison] | None = None
    text: Callable[[int, Frame], str] | None = None
    scale: Scale | None = None
    column: str = ""

    def condition(self, leaf: Clause, frame: Frame) -> ColumnElement[bool]:
        """Return the clause over the table `customers`; never NULL."""
        if self.column and frame.by == "email":
            asking, negated = _of_any(leaf.test)
            found = records_of(frame).where(self.question(asking, frame).test(records.c[self.column])).exists()
            return not_(found) if negated else found
        return sure(self.question(leaf.test, frame).test(self.sql(frame)))

    def holds(self, leaf: Clause, person: Person, frame: Frame) -> bool:
        """Return whether the clause holds for a person."""
        asking, negated = _of_any(leaf.test)
        question = self.question(asking, frame)
        return any(question.holds(value) for value in self._values(person, frame)) is not negated

    def shown(self, leaf: Clause, person: Person, frame: Frame) -> str:  # noqa: ARG002  # all readings alike
        """Return the value that decides, for people; of several records, each there is."""
        return ", ".join(dict.fromkeys(self._text(value, frame) for value in self._values(person, frame)))

    def _values(self, person: Person, frame: Frame) -> Iterator[Plain]:
        for one in person.singly() if self.column else (person,):
            yield self.value(one, frame)

    def _text(self, value: Plain, frame: Frame) -> str:
        if self.text is not None and isinstance(value, int):
            return self.text(value, frame)
        return plain_text(value, self.type, frame.zone, frame.currency)

    def question(self, test: Test, frame: Frame) -> Comparison:
        """Return a test as it is put to the figure."""
        return comparison(test, self.type, frame) if self.ready is None else self.ready(test, frame)


def _of_any(test: Test) -> tuple[Test, bool]:
    """Return what one of several records has to pass, and whether the clause holds when none does."""
    return (Test(Op.NOT_NULL), True) if test.op is Op.NULL else (test, False)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Several values of the customer. What is negated is the true complement: it holds for who has none at all.

    Attributes:
        rows: The customer's elements, one a row, of a frame.
        column: The element in them.
        values: The elements of a person, in the same form.
        whole: True where only whole elements can be asked for, by CONTAINS.
    """

    type: Type
    rows: Callable[[Frame], Select[Any]]
    column: ColumnElement[Any]
    values: Callable[[Person], Iterable[str | None]]
    whole: bool = False

    def condition(self, leaf: Clause, frame: Frame) -> ColumnElement[bool]:
        """Return the clause over the table `customers`; never NULL."""
        test, negated = positive(leaf.test)
        found = self.rows(frame).where(comparison(test, self.type, frame).test(self.column)).exists()
        return not_(found) if negated else found

    def holds(self, leaf: Clause, person: Person, frame: Frame) -> bool:
        """Return whether the clause holds for a person."""
        test, negated = positive(leaf.test)
        question = comparison(test, self.type, frame)
        return any(question.holds(value) for value in self.values(person)) is not negated

    def shown(self, leaf: Clause, person: Person, frame: Frame) -> str:  # noqa: ARG002  # all readings alike
        """Return the value that decides, for people."""
        return ", ".join(sorted({value for value in self.values(person) if value is not None})) or "none"


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """What exists in the language and is not known here.

    Attributes:
        type: Of an attribute; None for a function.
        parameters: Of a function.
        why: What is not known here, a phrase to follow the filter's name.
    """

    type: Type | None = None
    parameters: Mapping[str, Type] = {}
    why: str


Local: TypeAlias = Scalar | Listing | Several | Rows | Near


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """One filter of the language.

    Attributes:
        meaning: One line for merchants.
        example: A rule that uses it.
        kinds: What must have been pulled beside customers, whatever its parameters.
        own: True where Shopify has no such filter.
        daily: True where its value itself goes by today.
        mistaken: Names that people write when they mean this one.
        lifetime: True where it looks at orders however old, so that it cannot be answered where those are invisible
            (one with a `date` parameter can, within what is visible).
        guests: True where it is, or falls back to, the store's own figure of a customer. Of a person by address it
            looks at orders that they placed as a guest, however old.
    """

    name: str
    meaning: str
    example: str
    reading: Local | Remote
    kinds: frozenset[Kind] = frozenset()
    own: bool = False
    lifetime: bool = False
    guests: bool = False
    daily: bool = False
    mistaken: tuple[str, ...] = ()
