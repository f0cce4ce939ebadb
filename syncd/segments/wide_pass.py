"""One pass over the customers of a store: the statement that works out the masks of rules.

The rows of `customers` are read once; beside the columns that rules name, each gets a number `s0`, `s1`, … for every
source that clauses look at, with a bit for each of them, and `h0`, `h1`, … for whether they hold a tag. The mask is put
together from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import TypeAlias

import msgspec
from sqlalchemy import Boolean, ColumnElement, Integer, case, literal, literal_column

from syncd.segments.catalogue import local
from syncd.segments.frame import Frame
from syncd.segments.readings import condition, joined
from syncd.segments.rule import Rule
from syncd.segments.tree import Leaf, leaves
from syncd.segments.wide_looks import certain, from_, held, looks
from syncd.segments.wide_orders import Orders
from syncd.segments.wide_sequence import NOBODY, in_sequence
from syncd.segments.wide_sources import BITS, Asked, packed
from syncd.segments.wide_text import Statement, Writer, key

_Part: TypeAlias = Asked | ColumnElement[bool]
"""A clause taken apart; or as it is, where that cannot be."""
Row: TypeAlias = tuple[Rule, int, Frame]
"""A rule, its bit, and the frame that it is read in."""

_OURS = re.compile(r"\bcustomers\.([a-z_]+)\b")
_WIDE = "LEFT JOIN temp.wide AS {name} ON {name}.place = {place} AND {name}.customer_id = {whose}"
_OF_NOBODY = f"(SELECT wide.bits FROM temp.wide WHERE wide.place = {{}} AND wide.customer_id = {NOBODY})"
_PERSON = "(SELECT kindred.person FROM temp.kindred WHERE kindred.customer_id = customers.id)"
_ADD = (
    "INSERT INTO temp.answers (shelf, customer_id, mask) {} "
    "ON CONFLICT (shelf, customer_id) DO UPDATE SET mask = mask | excluded.mask"
)
_AMONG = "customers.id IN (SELECT customer_id FROM temp.{})"


class _Source:
    """Clauses, and whole rules, that one reading answers, by their bits.

    Attributes:
        first: What was asked first.
        asked: By bit. A rule has the bit that it has in the mask, a clause some other.
    """

    def __init__(self, first: Asked, place: int) -> None:
        self.first = first
        self.asked: dict[int, Asked] = {}
        self.number = literal_column(f"customers.s{place}", Integer())

    def add(self, asked: Asked, bit: int) -> None:
        source = self.first.looks[0].source
        self.asked[bit] = Asked(asked.clause, [from_(each, source) for each in asked.looks], asked.by)


class Pass:
    """Collects what rules look at, source by source."""

    def __init__(self, frame: Frame, orders: Orders, among: str = "") -> None:
        """Begin a pass over all customers of a store, or those in the temporary table `among`."""
        self._store = frame.store
        self._orders = orders
        self._among = among
        self._sources: list[_Source] = []
        self._clauses: dict[str, ColumnElement[bool]] = {}
        self._holders: dict[str, ColumnElement[bool]] = {}
        self._taken: set[int] = set()

    def statements(self, shelf: int, rows: Sequence[Row], except_kindred: Sequence[Row] = ()) -> Iterator[Statement]:
        """Yield what adds the answers: of some rules for all, of others for who has no kindred."""
        writer = Writer()
        self._taken = {bit for _, bit, _ in (*rows, *except_kindred)}
        mask = writer.clause(self._mask(rows))
        if except_kindred:
            others = writer.clause(self._mask(except_kindred))
            mask += f" + CASE WHEN {_AMONG.format('kindred')} THEN 0 ELSE {others} END"
        sources = [self._source(place, source, writer) for place, source in enumerate(self._sources)]
        for place, source in enumerate(self._sources):
            if source.first.by != "customer":
                yield from in_sequence(place, source.asked, self._store, persons=bool(self._among))
        yield writer.done(self._insert(shelf, mask, sources, writer))
        yield Statement("DELETE FROM temp.wide", ())

    def _insert(self, shelf: int, mask: str, sources: Sequence[str], writer: Writer) -> str:
        ours = sorted({"id", *_OURS.findall(mask)} - {f"s{place}" for place in range(len(sources))})
        columns = [f"customers.{name}" for name in ours]
        columns += [f"{text} AS s{place}" for place, text in enumerate(sources)]
        columns += [f"{writer.clause(each)} AS h{place}" for place, each in enumerate(self._holders.values())]
        which = f"customers.store = {writer.value(self._store)}"
        which += f" AND {_AMONG.format(self._among)}" if self._among else " ORDER BY customers.id"
        customers = f"SELECT {', '.join(columns)} FROM customers {self._beside()} WHERE {which} LIMIT -1"
        masks = f"SELECT customers.id AS id, {mask} AS mask FROM ({customers}) AS customers LIMIT -1"
        return _ADD.format(f"SELECT {writer.value(shelf)}, id, mask FROM ({masks}) WHERE mask != 0")

    def _source(self, place: int, source: _Source, writer: Writer) -> str:
        if source.first.by == "customer":
            return f"({writer.clause(packed(source.asked))})"
        return f"coalesce(w{place}.bits, {_OF_NOBODY.format(place)})"

    def _beside(self) -> str:
        """Return the join with what was found out in sequence: a join finds it at less cost than a subquery."""
        whose = _PERSON if self._among else "customers.id"
        places = [place for place, source in enumerate(self._sources) if source.first.by != "customer"]
        return " ".join(_WIDE.format(name=f"w{place}", place=place, whose=whose) for place in places)

    def _mask(self, rows: Iterable[Row]) -> ColumnElement[int]:
        """Return the mask of some rules: bits of sources as they are, and one after the other those of all else."""
        whole: dict[_Source, int] = {}
        terms: list[ColumnElement[int]] = []
        for rule, bit, frame in rows:
            parts = {leaf: self._part(leaf, frame) for leaf in leaves(rule.tree)}
            source = self._whole(rule, bit, parts)
            if source is None:
                says = joined(rule.tree, lambda leaf, parts=parts: self._clause(parts[leaf]))  # type: ignore[misc]
                terms.append(case((certain(says), 1 << bit), else_=0))
            else:
                whole[source] = whole.get(source, 0) | 1 << bit
        terms += [source.number.bitwise_and(those) for source, those in whole.items()]
        return reduce(add, terms, literal(0))

    def _whole(self, rule: Rule, bit: int, parts: Mapping[Leaf, _Part]) -> _Source | None:
        """Have a rule answered by the source that all its clauses look at; None where there are several, or none."""
        asked = [each for each in parts.values() if isinstance(each, Asked)]
        looking = [each for each in asked if each.looks]
        together = len(asked) == len(parts) and len({each.of for each in looking}) == 1
        if not together or (looking[0].by != "customer" and len(looking) < len(parts)):
            return None
        says = joined(rule.tree, lambda leaf: _said(parts[leaf]))
        all_of_it = Asked(says, [look for each in looking for look in each.looks], looking[0].by)
        return self._placed(all_of_it, [bit])[0]

    def _part(self, leaf: Leaf, frame: Frame) -> _Part:
        """Take a clause apart, and put it as it is best asked."""
        own = local(leaf).condition(leaf, msgspec.structs.replace(frame, by="customer"))
        if not self._among and (of_holders := held(own, self._held)) is not None:
            return of_holders
        alone = _taken_apart(own)
        asked = self._orders.put(alone, frame) if isinstance(alone, Asked) and alone.looks else None
        if asked is None and frame.by == "email":
            return _taken_apart(local(leaf).condition(leaf, frame))
        return asked or alone

    def _held(self, among: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return what stands for whether a customer is among those who hold something; it is found out once."""
        self._holders.setdefault(key(among), among)
        return literal_column(f"customers.h{list(self._holders).index(key(among))}", Boolean())

    def _clause(self, part: _Part) -> ColumnElement[bool]:
        """Return the bit of a clause; the clause itself, where it looks at nothing else, or is not taken apart."""
        if not isinstance(part, Asked) or not part.looks:
            return _said(part)
        its = f"{part.of} {key(part.clause)}"
        if its not in self._clauses:
            source, bit = self._placed(part, [each for each in range(BITS) if each not in self._taken])
            self._clauses[its] = source.number.op("&", is_comparison=True)(1 << bit)
        return self._clauses[its]

    def _placed(self, asked: Asked, free: Sequence[int]) -> tuple[_Source, int]:
        """Give what is asked one of some bits, among those that look at the same source."""
        for source in self._sources:
            left = [bit for bit in free or range(BITS) if bit not in source.asked]
            if source.first.of == asked.of and left:
                source.add(asked, left[0])
                return source, left[0]
        self._sources.append(_Source(asked, len(self._sources)))
        return self._placed(asked, free)


def by_itself(shelf: int, row: Row, among: str = "") -> Statement:
    """Return what adds the answer of a rule that is asked as it is."""
    rule, bit, frame = row
    writer = Writer()
    which = f"customers.store = {writer.value(frame.store)} AND ({writer.clause(condition(rule, frame))})"
    which += f" AND {_AMONG.format(among)}" if among else ""
    masks = f"SELECT {writer.value(shelf)}, customers.id, {writer.value(1 << bit)} FROM customers WHERE {which}"
    return writer.done(_ADD.format(masks))


def _said(part: _Part) -> ColumnElement[bool]:
    return part.clause if isinstance(part, Asked) else part


def _taken_apart(clause: ColumnElement[bool]) -> _Part:
    found = looks(clause)
    if found is None or len({each.of for each in found}) > 1:
        return clause
    return Asked(clause, found)
