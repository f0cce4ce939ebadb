"""Many clauses answered by reading a source once: a bit for each, packed into one whole number a customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, Literal, TypeAlias

import msgspec
from sqlalchemy import Case, ColumnElement, and_, case, or_, select, true
from sqlalchemy.sql.functions import FunctionElement

from syncd.segments.schema import customers, orders
from syncd.segments.wide_looks import Look, answered, certain

BITS = 62
Way: TypeAlias = Literal["customer", "order", "line"]
"""By what a source is read: each customer's rows, found by their index; all orders; or all lines, and then orders."""
Criteria: TypeAlias = Mapping[str, ColumnElement[bool]]


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A clause, or a whole rule, with its looks, all of them at one source."""

    clause: ColumnElement[bool]
    looks: Sequence[Look]
    by: Way = "customer"

    @property
    def of(self) -> str:
        """What is the same for clauses that can be answered by one reading."""
        return f"{self.by} {self.looks[0].of}"


def packed(asked: Mapping[int, Asked]) -> ColumnElement[int]:
    """Return, for the customer of a row of `customers`, the bits of what is asked of one source."""
    shared = common(asked.values())
    source = next(iter(asked.values())).looks[0].source
    said = bits(asked, lambda look, figure: among(figure, others(look, shared)))
    rows = select(said).select_from(source).where(*shared.values())
    if source is not orders:  # whose criteria would be met twice, and no key finds the rows by them
        rows = rows.where(any_of(others(look, shared) for each in asked.values() for look in each.looks))
    return rows.correlate(customers).scalar_subquery()


def bits(
    asked: Mapping[int, Asked], put: Callable[[Look, FunctionElement[Any]], ColumnElement[Any]]
) -> ColumnElement[int]:
    """Pack what is said of each, given how the figures are worked out that it goes by."""
    said = {bit: certain(answered(each.clause, each.looks, put)) for bit, each in asked.items()}
    return reduce(add, (case((each, 1 << bit), else_=0) for bit, each in said.items()))


def among(figure: FunctionElement[Any], criteria: Criteria) -> ColumnElement[Any]:
    """Return a figure over the rows that meet some criteria; a value that is only there at times, counts among them."""
    of = next(iter(figure.clauses), None)
    if isinstance(of, Case) and of.value is None and len(of.whens) == 1 and of.else_ is None:
        (when, value) = of.whens[0]
        figure, criteria = type(figure)(value), {**criteria, "": when}
    return figure.filter(*criteria.values()) if criteria else figure


def common(asked: Iterable[Asked]) -> Criteria:
    """Return the criteria that are the same for all: rows that do not meet them need not be looked at."""
    all_of_them = [look.criteria for each in asked for look in each.looks]
    return {name: each for name, each in all_of_them[0].items() if all(name in its for its in all_of_them)}


def others(look: Look, shared: Criteria) -> Criteria:
    """Return the criteria of a look that it does not share."""
    return {name: each for name, each in look.criteria.items() if name not in shared}


def any_of(criteria: Iterable[Criteria]) -> ColumnElement[bool]:
    """Say that the criteria of at least one are met; nothing, where one has none."""
    found = {" ".join(each): each for each in criteria}
    return or_(*(and_(*each.values()) for each in found.values())) if all(found.values()) else true()
