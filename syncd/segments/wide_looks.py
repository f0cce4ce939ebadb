"""What a clause looks at beyond the customer's own row: figures over the rows of a source.

A clause is written for one customer (`Reading.condition`): its subqueries count, sum or find rows that meet some
criteria. Taken apart, the same figures can be worked out for many clauses over the same rows at once: the rows are
read once, and each figure only takes those that meet its own criteria.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import msgspec
from sqlalchemy import ClauseElement, ColumnElement, Exists, ScalarSelect, Select, false, func, literal_column, select
from sqlalchemy import and_ as and_clauses
from sqlalchemy import or_ as or_clauses
from sqlalchemy.sql.elements import AsBoolean, BooleanClauseList, False_, Grouping
from sqlalchemy.sql.expression import ColumnClause, FromClause
from sqlalchemy.sql.functions import FunctionElement, coalesce
from sqlalchemy.sql.operators import and_, istrue
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from syncd.segments.schema import (
    customer_tags,
    customers,
    lines,
    members,
    product_collections,
    product_tags,
    products,
)
from syncd.segments.wide_text import key

_FIGURES = frozenset({"count", "sum", "max", "min"})
_ANY: ColumnElement[int] = literal_column("1")
_PRODUCTS = frozenset({products, product_tags, product_collections})
"""Tables that are small beside those of orders and lines."""
_HELD = frozenset({customer_tags, members})
"""Tables that tell at once who has a tag, or is in a segment."""


class Look(msgspec.Struct, frozen=True, eq=False):
    """One subquery of a clause.

    Attributes:
        itself: As it stands in the clause.
        source: The rows that it reads.
        of: What is the same for looks at the same source.
        criteria: What a row has to meet, by their keys.
        figure: What is worked out of the rows; None where it is enough that there is one.
    """

    itself: ColumnElement[Any]
    source: FromClause
    of: str
    criteria: dict[str, ColumnElement[bool]]
    figure: ColumnElement[Any] | None


def looks(clause: ColumnElement[Any]) -> list[Look] | None:
    """Return the subqueries of a clause; None where one of them is more than figures over rows."""
    found = [_look(each) for each in _subqueries(clause)]
    return None if None in found else cast("list[Look]", found)


def figures(look: Look) -> list[FunctionElement[Any]]:
    """Return the figures of a look."""
    if look.figure is None:
        return [func.count()]
    return [
        each for each in _outermost(look.figure, _is_figure) if isinstance(each, FunctionElement) and _is_figure(each)
    ]


def answered(
    clause: ColumnElement[Any],
    found: Sequence[Look],
    put: Callable[[Look, FunctionElement[Any]], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """Return a clause that has, instead of its subqueries, what `put` returns for each of their figures."""
    instead = {id(look.itself): _worked_out(look, put) for look in found}
    return _replaced(clause, lambda it: instead.get(id(it)))


def moved(look: Look, old: FromClause, new: FromClause) -> Look:
    """Return a look that names the columns of one table instead of those of another."""
    criteria = {name: renamed(each, old, new) for name, each in look.criteria.items()}
    figure = None if look.figure is None else renamed(look.figure, old, new)
    return msgspec.structs.replace(look, criteria=criteria, figure=figure)


def renamed(it: ColumnElement[Any], old: FromClause, new: FromClause) -> ColumnElement[Any]:
    """Return an expression that names the columns of one table instead of those of another."""

    def instead(part: Any) -> ColumnElement[Any] | None:
        mine = isinstance(part, ColumnClause) and part.table is old
        return new.c[part.name] if mine else None

    return _replaced(it, instead)


def from_(look: Look, source: FromClause) -> Look:
    """Return a look at a source that says the same as its own: of two, SQL would read both."""
    its = look if source is look.source else moved(look, look.source, source)
    return msgspec.structs.replace(its, source=source)


def refigured(look: Look, put: Callable[[FunctionElement[Any]], ColumnElement[Any]]) -> ColumnElement[Any]:
    """Return what is worked out at a look, with other figures in the place of its own."""
    return _worked_out(look, lambda _, figure: put(figure))


def criteria_of(query: Select[Any]) -> dict[str, ColumnElement[bool]]:
    """Return what the rows of a query have to meet, by keys that are the same for criteria that say the same."""
    return {key(each): each for each in _parts(query.whereclause)}


def listed(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a criterion of lines that asks once which products are meant, not of each line what its product is."""

    def asked_once(it: Any) -> ColumnElement[bool] | None:
        query = _query(it) if isinstance(it, Exists) else None
        if query is None or not _PRODUCTS.intersection(query.get_final_froms()):
            return None
        return func.coalesce(lines.c.product_id.in_(_all_at_once(query, lines)), false())

    found = _replaced(criterion, asked_once)
    return certain(found)


def held(
    clause: ColumnElement[bool], put: Callable[[ColumnElement[bool]], ColumnElement[bool]]
) -> ColumnElement[bool] | None:
    """Return a clause that does not look up each customer's tags and segments, but asks once who has these.

    `put` returns what stands for whether a customer is among them. None where a clause looks at no such thing.
    """
    found = False

    def asked_once(it: Any) -> ColumnElement[bool] | None:
        nonlocal found
        query = _query(it) if isinstance(it, Exists) else None
        if query is None or not _HELD.intersection(query.get_final_froms()):
            return None
        found = True
        return put(customers.c.id.in_(_all_at_once(query, customers)))

    its = _replaced(clause, asked_once)
    return its if found else None


def _all_at_once(query: Select[Any], of: FromClause) -> Select[Any]:
    """Return what the rows of all have to do with a table, instead of those of one of its rows."""
    parts = list(_parts(query.whereclause))
    (link,) = (each for each in parts if of in tables(each))
    (its,) = (each for each in columns(link) if each.table is not of)
    return select(its).where(*(each for each in parts if each is not link))


def certain(clause: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a condition for CASE WHEN, to which what is unknown is as good as false."""
    if isinstance(clause, Grouping) or (isinstance(clause, AsBoolean) and clause.operator is istrue):
        return certain(cast("ColumnElement[Any]", clause.element))
    if isinstance(clause, BooleanClauseList):
        join = and_clauses if clause.operator is and_ else or_clauses
        return join(*(certain(each) for each in clause.clauses))
    if isinstance(clause, coalesce):
        first, *rest = clause.clauses
        return first if len(rest) == 1 and isinstance(rest[0], False_) else clause
    return clause


def columns(it: ClauseElement) -> Iterator[ColumnClause[Any]]:
    """Yield the columns that an expression names, those in its subqueries included."""
    return (each for each in iterate(it) if isinstance(each, ColumnClause) and not each.is_literal)


def tables(it: ClauseElement) -> set[Any]:
    """Return the tables whose columns an expression names."""
    return {each.table for each in columns(it)}


def _worked_out(look: Look, put: Callable[[Look, FunctionElement[Any]], ColumnElement[Any]]) -> ColumnElement[Any]:
    if look.figure is None:
        return put(look, func.count()) > 0
    return _replaced(look.figure, lambda it: put(look, it) if _is_figure(it) else None)


def _replaced(it: ColumnElement[Any], instead: Callable[[Any], ColumnElement[Any] | None]) -> ColumnElement[Any]:
    """Return an expression with something else instead of some of its parts."""
    found: Any = replacement_traverse(it, {}, cast("Any", lambda part, **_: instead(part)))
    return cast("ColumnElement[Any]", found)


def _subqueries(clause: ClauseElement) -> Iterator[ScalarSelect[Any] | Exists]:
    for each in _outermost(clause, lambda it: isinstance(it, ScalarSelect | Exists)):
        if isinstance(each, ScalarSelect | Exists):
            yield each


def _outermost(it: ClauseElement, stop: Callable[[ClauseElement], bool]) -> Iterator[ClauseElement]:
    """Yield the parts of an expression, nothing below those at which it stops."""
    yield it
    if not stop(it):
        for child in it.get_children():
            yield from _outermost(child, stop)


def _look(subquery: ScalarSelect[Any] | Exists) -> Look | None:
    query = _query(subquery)
    if query is None:
        return None
    sources = [each for each in query.get_final_froms() if each is not customers]
    figure = None if isinstance(subquery, Exists) else query.selected_columns[0]
    if len(sources) != 1 or (figure is not None and not _is_of_figures(figure)):
        return None
    return Look(subquery, sources[0], key(select(_ANY).select_from(sources[0])), criteria_of(query), figure)


def _query(subquery: ScalarSelect[Any] | Exists) -> Select[Any] | None:
    inner = subquery.element if isinstance(subquery, Exists) else subquery
    found = getattr(inner, "element", None)
    return found if isinstance(found, Select) else None


def _is_of_figures(column: ColumnElement[Any]) -> bool:
    """Tell whether a column is nothing but figures, however put together."""
    parts = list(_outermost(column, _is_figure))
    rows = (
        each for each in parts if isinstance(each, Select) or (isinstance(each, ColumnClause) and not each.is_literal)
    )
    return any(_is_figure(each) for each in parts) and not any(rows)


def _is_figure(it: Any) -> bool:
    return isinstance(it, FunctionElement) and getattr(it, "name", "") in _FIGURES and len(it.clauses) <= 1


def _parts(criterion: ColumnElement[bool] | None) -> Iterator[ColumnElement[bool]]:
    """Yield what has to be met all together, one by one."""
    if isinstance(criterion, BooleanClauseList) and criterion.operator is and_:
        for each in criterion.clauses:
            yield from _parts(each)
    elif criterion is not None:
        yield criterion
