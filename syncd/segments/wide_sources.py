"""Many clauses answered by reading a source once: a bit for each, packed into one whole number a customer.

Asked of a few, a source is read for each customer by its own index (`packed`). Asked of everybody, that is as good for
what lies by customer. Lines, and what only the table of orders knows, lie by order: to look them up customer by
customer would be to read a large file at random; so they are read in the order in which they lie, first put together
order by order, then customer by customer (`in_sequence`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, Literal, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, true
from sqlalchemy.sql.expression import Join
from sqlalchemy.sql.functions import FunctionElement

from syncd.segments.filters.purchases import LEFT
from syncd.segments.kin import ALL
from syncd.segments.schema import customers, lines, orders
from syncd.segments.steering import then
from syncd.segments.wide_looks import Look, answered, columns, figures, listed, tables
from syncd.segments.wide_text import key

Way: TypeAlias = Literal["customer", "order", "line"]
"""What a source is read by: each customer's own rows, or all orders with their lines, or all lines and then orders."""
Criteria: TypeAlias = Mapping[str, ColumnElement[bool]]

BITS = 62
_BY_CUSTOMER = frozenset({"store", "id", "customer_id", "processed_at", "current_total", "currency", "counts"})
"""What the index knows by which a customer's orders are found."""
_LEFT = key(LEFT)


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A clause that looks at one source."""

    clause: ColumnElement[bool]
    looks: Sequence[Look]


def packed(asked: Sequence[Asked]) -> ColumnElement[int]:
    """Return, for the customer of a row of `customers`, the bits of clauses that look at one source."""
    common = _common(asked)
    bits = _bits(asked, lambda look, figure: _of(figure, _others(look, common)))
    rows = select(bits).select_from(asked[0].looks[0].source).where(*common.values())
    return rows.correlate(customers).scalar_subquery()


def way(asked: Asked) -> Way:
    """Return how a clause that looks at a customer's own records is best answered for everybody."""
    source = asked.looks[0].source
    joined = isinstance(source, Join) and source.left is orders and source.right is lines
    if not (joined or source is orders) or not _stands_alone(asked):
        return "customer"
    if not joined:
        return "customer" if all(_of_orders(look) <= _BY_CUSTOMER for look in asked.looks) else "order"
    return "line" if all(_about_lines(look) for look in asked.looks) else "order"


def in_sequence(asked: Sequence[Asked], by: Way, store: str) -> Select[Any]:
    """Return the store's customers and the bits of clauses of one source, which go one way."""
    return _by_line(asked, store) if by == "line" else _by_order(asked, store)


def at_nothing(asked: Sequence[Asked]) -> Select[Any]:
    """Return the bits of who has no rows there."""

    def put(_: Look, figure: FunctionElement[Any]) -> ColumnElement[Any]:
        nothing = literal_column("NULL", figure.type)
        return func.count(nothing) if figure.name == "count" else func.max(nothing)

    return select(_bits(asked, put))


def _by_line(asked: Sequence[Asked], store: str) -> Select[Any]:
    """Put together the lines of each order, look up the order, and put together those of each customer."""
    common = _common(asked)
    inner = _Figures()

    def put(look: Look, figure: FunctionElement[Any]) -> ColumnElement[Any]:
        others = _others(look, common)
        return inner.merged(_of(figure, _only(others, lines)), figure.name, _only(others, orders))

    bits = _bits(asked, put)
    rows = select(lines.c.order_id, *inner.columns).where(lines.c.store == store, *_only(common, lines).values())
    rows = rows.where(_any(_only(_others(look, common), lines) for each in asked for look in each.looks))
    found = rows.group_by(lines.c.store, lines.c.order_id).limit(ALL).subquery("found")
    its = then(found, orders, orders.c.id == found.c.order_id, keyed=True)
    result = select(orders.c.customer_id, bits).select_from(its).where(*_only(common, orders).values())
    return result.where(orders.c.customer_id.is_not(None)).group_by(orders.c.customer_id)


def _by_order(asked: Sequence[Asked], store: str) -> Select[Any]:
    """Put together each order (with its lines), and then those of each customer."""
    common = _common(asked)
    inner = _Figures()
    bits = _bits(asked, lambda look, figure: inner.merged(_of(figure, _others(look, common)), figure.name, {}))
    source = asked[0].looks[0].source
    rows = select(orders.c.customer_id, *inner.columns).select_from(source).where(orders.c.store == store)
    rows = rows.where(*(each for each in common.values() if customers not in tables(each)))
    rows = rows.where(_any(_only(_others(look, common), orders) for each in asked for look in each.looks))
    rows = rows.where(orders.c.customer_id.is_not(None))
    found = rows.group_by(orders.c.store, orders.c.id).limit(ALL).subquery("found")
    return select(found.c.customer_id, bits).group_by(found.c.customer_id)


class _Figures:
    """The figures of an order, which are put together to those of a customer; each is worked out once."""

    def __init__(self) -> None:
        self._known: dict[str, ColumnElement[Any]] = {}

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """The figures of an order."""
        return [each.label(f"f{number}") for number, each in enumerate(self._known.values())]

    def merged(self, figure: ColumnElement[Any], name: str, criteria: Criteria) -> ColumnElement[Any]:
        """Return the figure of a customer: over the orders that meet some criteria."""
        its = key(figure)
        self._known.setdefault(its, figure)
        column = literal_column(f"found.f{list(self._known).index(its)}", figure.type)
        merged: ColumnElement[Any] = _of(func.sum(column) if name == "count" else getattr(func, name)(column), criteria)
        return func.coalesce(merged, 0) if name == "count" else merged


def _bits(
    asked: Sequence[Asked], put: Callable[[Look, FunctionElement[Any]], ColumnElement[Any]]
) -> ColumnElement[int]:
    """Pack what clauses say, given how the figures are worked out that they go by."""
    said = (answered(each.clause, each.looks, put) for each in asked)
    return reduce(add, (case((each, 1 << bit), else_=0) for bit, each in enumerate(said)))


def _of(figure: FunctionElement[Any], criteria: Criteria) -> Any:
    return figure.filter(*criteria.values()) if criteria else figure


def _common(asked: Sequence[Asked]) -> Criteria:
    """Return the criteria that are the same for all: rows that do not meet them need not be looked at."""
    all_of_them = [look.criteria for each in asked for look in each.looks]
    return {name: each for name, each in all_of_them[0].items() if all(name in its for its in all_of_them)}


def _others(look: Look, common: Criteria) -> Criteria:
    return {name: each for name, each in look.criteria.items() if name not in common}


def _only(criteria: Criteria, table: Any) -> Criteria:
    """Return the criteria of lines, products asked for once; or those of orders."""
    mine = {name: each for name, each in criteria.items() if (lines in tables(each)) is (table is lines)}
    if table is lines:
        return {name: listed(each) for name, each in mine.items()}
    return {name: each for name, each in mine.items() if customers not in tables(each)}


def _any(criteria: Iterable[Criteria]) -> ColumnElement[bool]:
    """Say that the criteria of at least one are met; nothing, where one has none."""
    found = {" ".join(each): each for each in criteria}
    return true() if not all(found.values()) else or_(*(and_(*each.values()) for each in found.values()))


def _of_orders(look: Look) -> set[str]:
    """Return the columns of orders that a look needs."""
    parts = [*look.criteria.values(), *figures(look)]
    return {each.name for part in parts for each in columns(part) if each.table is orders}


def _about_lines(look: Look) -> bool:
    """Tell whether a look picks lines by themselves, not only those of some orders."""
    about = [tables(each) & {lines, orders} for each in look.criteria.values()]
    picked = any(lines in tables(each) for name, each in look.criteria.items() if name != _LEFT)
    return picked and all(len(each) < 2 for each in about) and not any(orders in tables(it) for it in figures(look))


def _stands_alone(asked: Asked) -> bool:
    """Tell whether a clause asks nothing of the row of the customer but whose orders they are."""
    rest = answered(asked.clause, asked.looks, lambda _, figure: func.max(literal_column(figure.name)))
    mine = key(orders.c.customer_id == customers.c.id)
    links = [name for look in asked.looks for name, each in look.criteria.items() if customers in tables(each)]
    return customers not in tables(rest) and links == [mine] * len(asked.looks)
