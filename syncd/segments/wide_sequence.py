"""Clauses about orders and lines answered for everybody, by reading these in the order in which they lie.

What clauses want to know is worked out order by order first, and then put together customer by customer, or person by
person: so hardly more than a few numbers of each order have to be sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import BinaryExpression, ColumnElement, Integer, Select, func, literal_column, select
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import between_op, ge

from syncd.segments.kin import ALL
from syncd.segments.schema import customers, dated_orders, lines, orders
from syncd.segments.steering import by_key, then
from syncd.segments.wide_looks import Look, columns, listed, renamed, tables
from syncd.segments.wide_sources import Asked, Criteria, among, any_of, bits, common, others
from syncd.segments.wide_text import Statement, Writer, key

NOBODY = -1
"""Whose bits are those of who has no orders there."""
_PERSON: ColumnElement[int] = literal_column(
    "(CASE WHEN orders.customer_id IS NULL THEN (SELECT min(mates.id) FROM customers AS mates "
    "INDEXED BY customers_email WHERE mates.email_key = orders.email_key AND mates.store = orders.store) "
    "ELSE (SELECT kindred.person FROM temp.kindred WHERE kindred.customer_id = orders.customer_id) END)",
    Integer(),
)
"""Of the kindred, the lowest id of the person whose order it is."""


def in_sequence(place: int, asked: Mapping[int, Asked], store: str, *, persons: bool) -> Iterator[Statement]:
    """Yield what puts the bits of clauses into `temp.wide`, and beside them those of who has no orders.

    Args:
        place: Under which number.
        asked: Clauses and rules of one source and way, by their bits.
        store: The store.
        persons: Whether they are asked of the kindred, by address; else of each customer.
    """
    whose = _PERSON if persons else orders.c.customer_id
    rows = _by_line(asked, store, whose) if next(iter(asked.values())).by == "line" else _by_order(asked, store, whose)
    for query, first in ((select(bits(asked, _at_nothing)), f"{place}, {NOBODY}"), (rows, str(place))):
        writer = Writer()
        text = by_key(writer.query(query), orders)
        yield writer.done(f"INSERT INTO temp.wide (place, customer_id, bits) SELECT {first}, * FROM ({text})")


def _by_line(asked: Mapping[int, Asked], store: str, whose: ColumnElement[int]) -> Select[Any]:
    """Put together the lines of each order, look up the order, and put together those of each customer."""
    shared = common(asked.values())
    inner = _Figures()

    def put(look: Look, figure: FunctionElement[Any]) -> ColumnElement[Any]:
        own = others(look, shared)
        return inner.merged(figure, _of_lines(own, store), _of_orders(own))

    its = bits(asked, put)
    rows = select(lines.c.order_id, *inner.columns).where(lines.c.store == store)
    rows = rows.where(any_of(_of_lines(others(look, shared), store) for each in asked.values() for look in each.looks))
    rows = rows.where(*_of_lines(shared, store).values())  # last: most lines meet it, that anything is left of them
    found = rows.group_by(lines.c.store, lines.c.order_id).limit(ALL).subquery("found")
    source = then(found, orders, orders.c.id == found.c.order_id, keyed=True)
    columns: list[ColumnElement[Any]] = [whose.label("whose"), its]
    result = select(*columns).select_from(source).where(*_of_orders(shared).values(), whose.is_not(None))
    return result.group_by(literal_column("whose"))


def _by_order(asked: Mapping[int, Asked], store: str, whose: ColumnElement[int]) -> Select[Any]:
    """Put together each order (with its lines), and then those of each customer."""
    shared = common(asked.values())
    inner = _Figures()
    its = bits(asked, lambda look, figure: inner.merged(figure, _listed(others(look, shared)), {}))
    rows = select(whose.label("whose"), *inner.columns).select_from(next(iter(asked.values())).looks[0].source)
    rows = rows.where(orders.c.store == store, *(each for each in shared.values() if customers not in tables(each)))
    rows = rows.where(any_of(_of_orders(others(look, shared)) for each in asked.values() for look in each.looks))
    found = rows.where(whose.is_not(None)).group_by(orders.c.store, orders.c.id).limit(ALL).subquery("found")
    columns: list[ColumnElement[Any]] = [found.c.whose, its]
    return select(*columns).group_by(found.c.whose)


class _Figures:
    """The figures of an order, which are put together to those of a customer; each is worked out once."""

    def __init__(self) -> None:
        self._known: dict[str, ColumnElement[Any]] = {}

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """The figures of an order."""
        return [each.label(f"f{number}") for number, each in enumerate(self._known.values())]

    def merged(self, figure: FunctionElement[Any], inner: Criteria, outer: Criteria) -> ColumnElement[Any]:
        """Return a figure of a customer: of lines that meet the inner criteria, of orders that meet the outer ones."""
        of_order = among(figure, inner)
        its = key(of_order)
        self._known.setdefault(its, of_order)
        column = literal_column(f"found.f{list(self._known).index(its)}", figure.type)
        if figure.name == "count":
            return func.coalesce(among(func.sum(column), outer), 0)
        return among(getattr(func, figure.name)(column), outer)


def _at_nothing(_: Look, figure: FunctionElement[Any]) -> ColumnElement[Any]:
    nothing = literal_column("NULL", figure.type)
    return func.count(nothing) if figure.name == "count" else func.max(nothing)


def _of_lines(criteria: Criteria, store: str) -> Criteria:
    own = _listed({name: each for name, each in criteria.items() if lines in tables(each)})
    return {**_since(criteria, store), **own}


def _since(criteria: Criteria, store: str) -> Criteria:
    """Return what orders being of some day or later means for their lines: no number below the lowest of theirs.

    Stores number orders as they come. So of lines that are wanted of late, the older ones need not be looked at.
    """
    since = {name: renamed(each, orders, dated_orders) for name, each in criteria.items() if _says_since(each)}
    if not since:
        return {}
    its = (dated_orders.c.store == store, dated_orders.c.counts == literal_column("1"))
    lowest = select(func.min(dated_orders.c.id)).where(*its, *since.values()).scalar_subquery()
    return {" ".join(since): lines.c.order_id >= lowest}


def _says_since(criterion: ColumnElement[bool]) -> bool:
    if not isinstance(criterion, BinaryExpression) or criterion.operator not in {ge, between_op}:
        return False
    return all(each.table is orders and each.name == "processed_at" for each in columns(criterion))


def _of_orders(criteria: Criteria) -> Criteria:
    """Return the criteria of orders, but not whose they are."""
    return {name: each for name, each in criteria.items() if not tables(each) & {lines, customers}}


def _listed(criteria: Criteria) -> Criteria:
    return {name: listed(each) for name, each in criteria.items()}
