"""Clauses about counted orders and their lines, put so that little is read.

A customer's orders are found by an index that knows the most asked of them. Lines, and all else of orders, lie by
order: to look them up customer by customer would be to read a large file at random. So where everybody is asked, they
are read in the order in which they lie (`syncd.segments.wide_sequence`).

A clause that asks nothing of the customer but their counted orders, asks the same of a person by address, of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import msgspec
from sqlalchemy import ClauseElement, ColumnElement, Subquery, func, literal_column
from sqlalchemy.sql.expression import Join

from syncd.segments.filters.purchases import LEFT
from syncd.segments.frame import Frame
from syncd.segments.kin import KNOWN, counted, known_orders
from syncd.segments.schema import customers, lines, orders
from syncd.segments.wide_looks import Look, answered, columns, criteria_of, figures, moved, tables
from syncd.segments.wide_sources import Asked, Way
from syncd.segments.wide_text import key

_KNOWN = frozenset({*KNOWN, "store", "customer_id", "counts"})
_LEFT = key(LEFT)


class Orders:
    """Puts clauses about the counted orders of a customer, or of a person by address."""

    def __init__(self, frame: Frame, *, everybody: bool) -> None:
        """Put them for everybody in a store, or for some."""
        self._base = criteria_of(counted(msgspec.structs.replace(frame, by="customer")))
        self._frame = frame
        self._everybody = everybody

    def put(self, asked: Asked, frame: Frame) -> Asked | None:
        """Return how a clause about a customer's orders is best asked in a frame; None where it is about more."""
        ways = {self._way(look) for look in asked.looks} if self._stands_alone(asked) else {None}
        by = ways.pop() if len(ways) == 1 else None
        if by == "customer":
            found = asked.looks if frame.by == "customer" else [self._of_kin(look) for look in asked.looks]
            return Asked(asked.clause, found)
        return Asked(asked.clause, asked.looks, by) if by is not None and self._everybody else None

    def _of_kin(self, look: Look) -> Look:
        """Return the look of a person by address at their orders, in the place of a customer's."""
        own = {name: each for name, each in look.criteria.items() if name not in self._base}
        its = moved(msgspec.structs.replace(look, criteria=own), orders, self._known)
        return msgspec.structs.replace(its, source=self._known, of=f"{look.of} of kin")

    @cached_property
    def _known(self) -> Subquery:
        return known_orders(msgspec.structs.replace(self._frame, by="email"))

    def _stands_alone(self, asked: Asked) -> bool:
        """Tell whether a clause asks nothing of the row of the customer but whose orders they are."""
        rest = answered(asked.clause, asked.looks, lambda _, figure: func.max(literal_column(figure.name)))
        about = [each for look in asked.looks for name, each in look.criteria.items() if name not in self._base]
        whole = all(self._base.keys() <= look.criteria.keys() for look in asked.looks)
        return whole and not any(customers in tables(each) for each in (rest, *about))

    def _way(self, look: Look) -> Way | None:
        own = [each for name, each in look.criteria.items() if name not in self._base and name != _LEFT]
        if look.source is orders:
            return "customer" if _is_known([*own, *figures(look)]) else "order"
        joined = isinstance(look.source, Join) and look.source.left is orders and look.source.right is lines
        return _way_of_lines(own, look) if joined else None


def _way_of_lines(own: list[ColumnElement[bool]], look: Look) -> Way:
    """Read the lines alone where some are picked by themselves; not where it takes line and order to pick them."""
    about = [tables(each) & {lines, orders} for each in own]
    parted = all(len(each) < 2 for each in about) and not any(orders in tables(each) for each in figures(look))
    return "line" if parted and {lines} in about else "order"


def _is_known(parts: Iterable[ClauseElement]) -> bool:
    """Tell whether the index of a customer's orders knows all that is asked of them."""
    return all(each.table is orders and each.name in _KNOWN for part in parts for each in columns(part))
