"""Answers many rules in one pass over a store: a bit for each rule, a mask for each customer.

The masks go to the temporary table `answers` (shelf, customer_id, mask), where a missing row is a mask of 0. What is
asked only of some customers goes by the temporary table `asked` (customer_id), which whoever asks has filled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Literal, TypeAlias

import msgspec
from sqlalchemy import Integer, Select, case, column, literal, select, table
from sqlalchemy.dialects import sqlite

from syncd.mirror.database import Mirror
from syncd.segments import Frame, Rule, condition
from syncd.segments.schema import customers
from syncd.segments.steering import then

Scope: TypeAlias = Literal["all", "asked"]
_ASKED = table("asked", column("customer_id", Integer()))
_ANSWERS = (
    "CREATE TEMP TABLE IF NOT EXISTS answers (shelf INTEGER NOT NULL, customer_id INTEGER NOT NULL, "
    "mask INTEGER NOT NULL, PRIMARY KEY (shelf, customer_id)) WITHOUT ROWID"
)
_WRITE = (
    "INSERT INTO temp.answers (shelf, customer_id, mask) {} "
    "ON CONFLICT (shelf, customer_id) DO UPDATE SET mask = mask | excluded.mask"
)
_ALL = -1


class Wanted(msgspec.Struct, frozen=True):
    """A rule to be answered.

    Attributes:
        frame: In which it is read, measured where the rule needs it.
        shelf: Where its answer goes: the number beside the masks.
        bit: Which bit of the mask it is, 0 to 61.
    """

    rule: Rule
    frame: Frame
    shelf: int
    bit: int


def clear(mirror: Mirror) -> None:
    """Make the table of answers, or empty it: nobody is in anything."""
    mirror.raw.execute(_ANSWERS)
    mirror.raw.execute("DELETE FROM temp.answers")


def fill(mirror: Mirror, wanted: Sequence[Wanted], scope: Scope) -> None:
    """Add the answers of rules to the table of answers, for all customers of their stores or those that are asked.

    Bits that are set there already stay set.
    """
    places: defaultdict[tuple[str, int], list[Wanted]] = defaultdict(list)
    for it in wanted:
        places[it.frame.store, it.shelf].append(it)
    for (store, shelf), its in places.items():
        statement = _masks(store, shelf, its, scope).compile(
            dialect=sqlite.dialect(paramstyle="named"), compile_kwargs={"render_postcompile": True}
        )
        mirror.raw.execute(_WRITE.format(statement), dict(statement.params))


def _masks(store: str, shelf: int, wanted: Sequence[Wanted], scope: Scope) -> Select[Any]:
    mask = reduce(add, (case((condition(it.rule, it.frame), 1 << it.bit), else_=0) for it in wanted))
    its = _ASKED if scope == "asked" else None
    of = customers if its is None else then(its, customers, customers.c.id == its.c.customer_id)
    found = select(customers.c.id, mask.label("mask")).select_from(of).where(customers.c.store == store)
    each = found.limit(_ALL).subquery("each")
    return select(literal(shelf), each.c.id, each.c.mask).where(each.c.mask != 0)
