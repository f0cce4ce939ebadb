"""Many rules answered in one pass over a store: a mask a customer, with a bit for each rule.

Every rule asks what it would ask by itself (`condition`). But what its clauses look at beyond the customer's own row is
read once for all of them (`syncd.segments.wide_sources`), and the same clause is worked out once. What cannot be taken
apart so (`favourite_vendor`) is asked as it is.

By address, somebody who shares it with no other record and no guest's order is a person just by their own record. So
where everybody is asked, only the others, the kindred, are asked by address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import msgspec

from syncd.segments.days import start_of, today
from syncd.segments.frame import Frame
from syncd.segments.rule import Rule
from syncd.segments.tree import Clause, Leaf, height, leaves
from syncd.segments.wide_orders import Orders
from syncd.segments.wide_pass import Pass, Row, by_itself
from syncd.segments.wide_text import Statement

Scope: TypeAlias = Literal["all", "asked"]
_Fixed: TypeAlias = tuple[Any, ...]

_MOST = 10_000
"""Values and clauses in one pass: SQLite bounds both."""
_A_CLAUSE = 20
_DEEP = 6
"""A rule whose ANDs and ORs are nested deeper is asked by itself: SQLite's parser counts every level."""
_KINDRED = (
    "INSERT INTO temp.kindred (customer_id, person) SELECT c.id, c.id FROM ("
    "SELECT email_key FROM orders INDEXED BY orders_of_guests WHERE store = ?1 AND counts = 1 AND customer_id IS NULL "
    "GROUP BY email_key LIMIT -1) AS g CROSS JOIN customers AS c INDEXED BY customers_email "
    "WHERE c.email_key = g.email_key AND c.store = ?1 ORDER BY c.id",
    "INSERT INTO temp.kindred (customer_id, person) SELECT c.id, k.lowest FROM ("
    "SELECT email_key, min(id) AS lowest FROM customers INDEXED BY customers_email "
    "WHERE store = ?1 AND email_key IS NOT NULL GROUP BY email_key HAVING count(*) > 1 LIMIT -1) AS k "
    "CROSS JOIN customers AS c INDEXED BY customers_email WHERE c.email_key = k.email_key AND c.store = ?1 "
    "ON CONFLICT (customer_id) DO UPDATE SET person = excluded.person",
)
"""Who has the address of a guest's order, and who shares it with another record; of each, the lowest record."""


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


def passes(wanted: Sequence[Wanted], scope: Scope) -> Iterator[Statement]:
    """Yield the statements that add the answers of rules to the table `temp.answers`, one after the other.

    They go by `temp.asked` (customer_id) in that scope, and use `temp.wide` (place, customer_id, bits) and
    `temp.kindred` (customer_id, person). What they say hangs on the rules and, within a day, on the rest of the frames;
    so they are only put together once.
    """
    groups: dict[tuple[str, int, int], list[_Fixed]] = {}
    weight = 0
    for it in wanted:
        weight += sum(_weight(leaf) for leaf in leaves(it.rule.tree))
        groups.setdefault((it.frame.store, it.shelf, weight // _MOST), []).append((it.rule, it.bit, *_fixed(it.frame)))
    for (_, shelf, _), its in groups.items():
        yield from _statements(shelf, tuple(its), scope)


@lru_cache(maxsize=16)
def _statements(shelf: int, its: tuple[_Fixed, ...], scope: Scope) -> tuple[Statement, ...]:
    rows = [(rule, bit, _frame(fixed)) for rule, bit, *fixed in its]
    flat = [row for row in rows if height(row[0].tree) <= _DEEP]
    among = "asked" if scope == "asked" else ""
    deep = [by_itself(shelf, row, among) for row in rows if row not in flat]
    if not flat:
        return tuple(deep)
    return (*(_of_some(shelf, flat) if among else _of_all(shelf, flat)), *deep)


def _of_some(shelf: int, rows: Sequence[Row]) -> Iterator[Statement]:
    frame = rows[0][2]
    return Pass(frame, Orders(frame, everybody=False), "asked").statements(shelf, rows)


def _of_all(shelf: int, rows: Sequence[Row]) -> Iterator[Statement]:
    frame = rows[0][2]
    orders = Orders(frame, everybody=True)
    by_customer = [row for row in rows if row[2].by == "customer"]
    by_email = [row for row in rows if row[2].by == "email"]
    alone = [(rule, bit, msgspec.structs.replace(frame, by="customer")) for rule, bit, frame in by_email]
    if by_email:
        yield from (Statement(text, (frame.store,)) for text in _KINDRED)
    yield from Pass(frame, orders).statements(shelf, by_customer, except_kindred=alone)
    if by_email:
        yield from Pass(frame, orders, "kindred").statements(shelf, by_email)
        yield Statement("DELETE FROM temp.kindred", ())


def _weight(leaf: Leaf) -> int:
    tests = [leaf.test] if isinstance(leaf, Clause) else [each.test for each in leaf.parameters]
    return _A_CLAUSE + sum(len(test.values) for test in tests)


def _fixed(frame: Frame) -> _Fixed:
    """Return what a frame says as of its day, in a form that can be looked up."""
    cuts = tuple((name, tuple(points)) for name, points in sorted(frame.cuts.items()))
    day = msgspec.structs.replace(frame, now=start_of(today(frame), frame.zone), cuts={})
    return (cuts, *msgspec.structs.astuple(day)[:-1])


def _frame(fixed: Sequence[Any]) -> Frame:
    cuts, *rest = fixed
    return Frame(**dict(zip(Frame.__struct_fields__, (*rest, dict(cuts)), strict=True)))
