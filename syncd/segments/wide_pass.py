"""One pass over the customers of a store: the statement that works out the masks of rules.

The rows of `customers` are read once; beside the columns that rules name, each gets a number `s0`, `s1`, … for every
source that clauses look at, with a bit for each of them. The mask is put together from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Integer, case, literal, literal_column

from syncd.segments.catalogue import local
from syncd.segments.frame import Frame
from syncd.segments.readings import joined
from syncd.segments.rule import Rule
from syncd.segments.tree import Leaf
from syncd.segments.wide_looks import from_, looks
from syncd.segments.wide_orders import Orders
from syncd.segments.wide_sequence import NOBODY, in_sequence
from syncd.segments.wide_sources import BITS, Asked, packed
from syncd.segments.wide_text import Statement, Writer, key

Row: TypeAlias = tuple[Rule, int, Frame]
"""A rule, its bit, and the frame that it is read in."""

_OURS = re.compile(r"\bcustomers\.([a-z_]+)\b")
_WIDE = "(SELECT wide.bits FROM temp.wide WHERE wide.place = {} AND wide.customer_id = {})"
_PERSON = "(SELECT kindred.person FROM temp.kindred WHERE kindred.customer_id = customers.id)"
_AMONG = "customers.id IN (SELECT customer_id FROM temp.{})"


class Pass:
    """Collects what the clauses of rules look at, source by source."""

    def __init__(self, frame: Frame, orders: Orders, among: str = "") -> None:
        """Begin a pass over all customers of a store, or those in the temporary table `among`."""
        self._store = frame.store
        self._orders = orders
        self._among = among
        self._sources: list[list[Asked]] = []
        self._bits: dict[str, ColumnElement[bool]] = {}

    def statements(self, shelf: int, rows: Iterable[Row], except_kindred: Sequence[Row] = ()) -> Iterator[Statement]:
        """Yield what adds the answers: of some rules for all, of others for who has no kindred."""
        writer = Writer()
        mask = writer.clause(self._mask(rows))
        if except_kindred:
            mask += (
                f" + CASE WHEN {_AMONG.format('kindred')} THEN 0 ELSE {writer.clause(self._mask(except_kindred))} END"
            )
        sources = [self._source(place, asked, writer) for place, asked in enumerate(self._sources)]
        for place, asked in enumerate(self._sources):
            if asked[0].by != "customer":
                yield from in_sequence(place, asked, self._store, persons=bool(self._among))
        yield writer.done(self._insert(shelf, mask, sources, writer))
        yield Statement("DELETE FROM temp.wide", ())

    def _insert(self, shelf: int, mask: str, sources: Sequence[str], writer: Writer) -> str:
        ours = sorted({"id", *_OURS.findall(mask)} - {f"s{place}" for place in range(len(sources))})
        columns = [f"customers.{name}" for name in ours]
        columns += [f"{text} AS s{place}" for place, text in enumerate(sources)]
        which = f"customers.store = {writer.value(self._store)}"
        which += f" AND {_AMONG.format(self._among)}" if self._among else " ORDER BY customers.id"
        customers = f"SELECT {', '.join(columns)} FROM customers WHERE {which} LIMIT -1"
        masks = f"SELECT customers.id AS id, {mask} AS mask FROM ({customers}) AS customers LIMIT -1"
        return (
            f"INSERT INTO temp.answers (shelf, customer_id, mask) SELECT {writer.value(shelf)}, id, mask "
            f"FROM ({masks}) WHERE mask != 0 "
            "ON CONFLICT (shelf, customer_id) DO UPDATE SET mask = mask | excluded.mask"
        )

    def _source(self, place: int, asked: Sequence[Asked], writer: Writer) -> str:
        if asked[0].by == "customer":
            return f"({writer.clause(packed(asked))})"
        whose = _PERSON if self._among else "customers.id"
        return f"coalesce({_WIDE.format(place, whose)}, {_WIDE.format(place, NOBODY)})"

    def _mask(self, rows: Iterable[Row]) -> ColumnElement[int]:
        none: ColumnElement[int] = literal(0)
        return reduce(add, (case((self._rule(rule, frame), 1 << bit), else_=0) for rule, bit, frame in rows), none)

    def _rule(self, rule: Rule, frame: Frame) -> ColumnElement[bool]:
        return joined(rule.tree, lambda leaf: self._clause(leaf, frame))

    def _clause(self, leaf: Leaf, frame: Frame) -> ColumnElement[bool]:
        """Return the bit of a clause; the clause itself, where it looks at nothing else, or cannot be taken apart."""
        alone = _taken_apart(local(leaf).condition(leaf, msgspec.structs.replace(frame, by="customer")))
        asked = self._orders.put(alone, frame) if alone.looks else None
        if asked is None:
            asked = alone if frame.by == "customer" else _taken_apart(local(leaf).condition(leaf, frame))
        if not asked.looks:
            return asked.clause
        its = f"{asked.of} {key(asked.clause)}"
        if its not in self._bits:
            self._bits[its] = self._bit(asked)
        return self._bits[its]

    def _bit(self, asked: Asked) -> ColumnElement[bool]:
        """Give a clause its place among those that look at the same source."""
        found = [its for its in self._sources if its[0].of == asked.of and len(its) < BITS]
        together = found[0] if found else []
        if not found:
            self._sources.append(together)
        first = (together or [asked])[0].looks[0].source
        together.append(Asked(asked.clause, [from_(each, first) for each in asked.looks], asked.by))
        source = literal_column(f"customers.s{self._sources.index(together)}", Integer())
        return source.op("&", is_comparison=True)(1 << len(together) - 1)


def _taken_apart(clause: ColumnElement[bool]) -> Asked:
    """Return a clause with its looks; without, where they cannot be answered together."""
    found = looks(clause)
    return Asked(clause, found if found and len({each.of for each in found}) == 1 else [])
