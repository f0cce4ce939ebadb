"""One pass over the customers of a store: the statements that work out the masks of rules.

The rows of `customers` are read once; beside the columns that rules name, each gets a number `s0`, `s1`, … for every
source that clauses look at, with a bit for each of them. The mask is put together from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import add
from typing import TypeAlias

from sqlalchemy import ColumnElement, Integer, case, literal, literal_column
from sqlalchemy.sql.expression import FromClause

from syncd.segments.catalogue import local
from syncd.segments.frame import Frame
from syncd.segments.readings import joined
from syncd.segments.rule import Rule
from syncd.segments.schema import orders
from syncd.segments.steering import by_key
from syncd.segments.tree import Leaf
from syncd.segments.wide_looks import looks, moved
from syncd.segments.wide_sources import BITS, Asked, Way, at_nothing, in_sequence, packed, way
from syncd.segments.wide_text import Statement, Writer, key

Row: TypeAlias = tuple[Rule, int, Frame]
"""A rule, its bit, and the frame that it is read in."""

_OURS = re.compile(r"\bcustomers\.([a-z_]+)\b")
_AMONG = "customers.id IN (SELECT customer_id FROM temp.{})"
_CLEAR = Statement("DELETE FROM temp.wide", ())
_WIDE = "(SELECT wide.bits FROM temp.wide WHERE wide.place = {} AND wide.customer_id = {})"
_NOBODY = -1
"""Where the bits stand, among those of customers, of who has no rows in a source."""


class Pass:
    """Collects what the clauses of rules look at, source by source."""

    def __init__(self, store: str, shelf: int, among: str = "") -> None:
        """Begin a pass over all customers, or those in the temporary table `among`."""
        self._store = store
        self._shelf = shelf
        self._among = among
        self._sources: dict[tuple[str, Way, int], list[Asked]] = {}
        self._first: dict[str, FromClause] = {}
        self._bits: dict[str, ColumnElement[bool]] = {}

    def statements(self, rows: Iterable[Row], except_kindred: Iterable[Row] = ()) -> Iterator[Statement]:
        """Yield what is to be carried out: the answers of some rules for all, of others for who has no kindred."""
        masks, more = self._mask(rows), list(except_kindred)
        writer = Writer()
        text = writer.clause(masks)
        if more:
            text += f" + CASE WHEN {_AMONG.format('kindred')} THEN 0 ELSE {writer.clause(self._mask(more))} END"
        yield _CLEAR
        for place, ((_, by, _), asked) in enumerate(self._sources.items()):
            if by != "customer":
                yield from _put_aside(place, asked, by, self._store)
        yield writer.done(self._insert(text, writer))

    def _mask(self, rows: Iterable[Row]) -> ColumnElement[int]:
        none: ColumnElement[int] = literal(0)
        return reduce(add, (case((self._rule(rule, frame), 1 << bit), else_=0) for rule, bit, frame in rows), none)

    def _rule(self, rule: Rule, frame: Frame) -> ColumnElement[bool]:
        return joined(rule.tree, lambda leaf: self._clause(leaf, frame))

    def _clause(self, leaf: Leaf, frame: Frame) -> ColumnElement[bool]:
        """Return the bit of a clause; the clause itself, where it looks at nothing else, or cannot be taken apart."""
        clause = local(leaf).condition(leaf, frame)
        found = looks(clause)
        sources = {each.of for each in found or ()}
        if found is None or len(sources) != 1:
            return clause
        its = key(clause)
        if its not in self._bits:
            source = sources.pop()
            first = self._first.setdefault(source, found[0].source)
            self._bits[its] = self._bit(source, Asked(clause, [moved(each, first) for each in found]))
        return self._bits[its]

    def _bit(self, source: str, asked: Asked) -> ColumnElement[bool]:
        """Give a clause its place among those that look at the same source in the same way."""
        by = way(asked)
        number = 0
        while len(self._sources.setdefault((source, by, number), [])) == BITS:
            number += 1
        together = self._sources[source, by, number]
        together.append(asked)
        place = list(self._sources).index((source, by, number))
        number_of_source = literal_column(f"customers.s{place}", Integer())
        return number_of_source.op("&", is_comparison=True)(1 << len(together) - 1)

    def _insert(self, mask: str, writer: Writer) -> str:
        sources = [self._source(place, writer) for place in range(len(self._sources))]
        ours = sorted({"id", *(name for name in _OURS.findall(mask) if name not in _numbers(sources))})
        columns = [f"customers.{name}" for name in ours]
        columns += [f"{text} AS s{place}" for place, text in enumerate(sources)]
        which = f"customers.store = {writer.value(self._store)}"
        which += f" AND {_AMONG.format(self._among)}" if self._among else " ORDER BY customers.id"
        rows = f"SELECT {', '.join(columns)} FROM customers WHERE {which} LIMIT -1"
        masks = f"SELECT customers.id AS id, {mask} AS mask FROM ({rows}) AS customers LIMIT -1"
        return (
            f"INSERT INTO temp.answers (shelf, customer_id, mask) SELECT {writer.value(self._shelf)}, id, mask "
            f"FROM ({masks}) WHERE mask != 0 "
            "ON CONFLICT (shelf, customer_id) DO UPDATE SET mask = mask | excluded.mask"
        )

    def _source(self, place: int, writer: Writer) -> str:
        (_, by, _), asked = list(self._sources.items())[place]
        if by == "customer" or self._among:
            return f"({writer.clause(packed(asked))})"
        return f"coalesce({_WIDE.format(place, 'customers.id')}, {_WIDE.format(place, _NOBODY)})"


def _put_aside(place: int, asked: list[Asked], by: Way, store: str) -> Iterator[Statement]:
    """Yield what puts the bits of a source aside, for each customer and for who has no rows there."""
    for query, whose in ((at_nothing(asked), f"{_NOBODY}, "), (in_sequence(asked, by, store), "")):
        writer = Writer()
        rows = by_key(writer.query(query), orders)
        text = f"INSERT INTO temp.wide (place, customer_id, bits) SELECT {place}, {whose}* FROM ({rows})"
        yield writer.done(text)


def _numbers(sources: list[str]) -> set[str]:
    return {f"s{place}" for place in range(len(sources))}
