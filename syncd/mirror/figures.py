"""What everybody is compared by in a rank, in the temporary table `figures`, one row a person.

Each reading of a table adds to the rows of whom it finds. Figures alone decide who is near the edge; only of these the
address is looked up, and what else decides between equals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, column, delete, func, not_, null, select, table
from sqlalchemy.dialects.sqlite import insert

from syncd.mirror.database import Mirror
from syncd.segments import Frame
from syncd.segments.best import as_guest, compared, order, parts
from syncd.segments.kin import ALL, counted
from syncd.segments.placing import Figures
from syncd.segments.ranks import Rank
from syncd.segments.schema import customers, orders
from syncd.segments.steering import then

_SUMS = ("orders", "amount", "priced", "first")
PEOPLE = table("figures", *(column(name, Integer()) for name in ("id", *_SUMS)))
"""The table; over it is put who can be in the rank."""
_SAME = PEOPLE.alias("same")
_DOUBLES = table("doubles", column("id", Integer()), column("lowest", Integer()))
_OF_DOUBLES = then(_DOUBLES, _SAME, _SAME.c.id == _DOUBLES.c.id)
_FIND_DOUBLES = """
INSERT INTO temp.doubles (id, lowest)
SELECT m.id, k.lowest FROM (
    SELECT email_key, min(id) AS lowest FROM customers INDEXED BY customers_email
    WHERE store = :store AND email_key IS NOT NULL GROUP BY email_key HAVING count(*) > 1
) AS k CROSS JOIN customers AS m INDEXED BY customers_email
WHERE m.email_key = k.email_key AND m.store = :store AND m.id != k.lowest
"""
_MADE = "CREATE TEMP TABLE IF NOT EXISTS figures (id INTEGER PRIMARY KEY, orders, amount, priced, first)"


def gather(mirror: Mirror, rank: Rank, frame: Frame, holds: ColumnElement[bool]) -> int:
    """Fill the table with everybody in the rank, and return how many that are.

    Args:
        mirror: The mirror.
        rank: What they are compared by.
        frame: What a person is, and what the days of the rank mean.
        holds: Who can be in it, said of a row of `PEOPLE`.
    """
    mirror.raw.execute(_MADE)
    mirror.raw.execute("DELETE FROM temp.figures")
    for part in parts(rank, frame):
        _add(mirror, part)
    if frame.by == "email":
        _unite(mirror, frame)
        _add(mirror, as_guest(rank, frame))
    figure, _ = compared(rank, PEOPLE)
    able = and_(holds, PEOPLE.c.orders > 0, figure.is_not(None))
    mirror.connection.execute(delete(PEOPLE).where(not_(able)))
    return int(mirror.raw.execute("SELECT count(*) FROM temp.figures").fetchone()[0])


def _add(mirror: Mirror, part: Select[Any]) -> None:
    its = part.subquery("part")
    found = select(its.c.id, *(its.c[name] for name in _SUMS)).where(its.c.id.is_not(None))
    add = insert(PEOPLE).from_select(["id", *_SUMS], found)
    new = add.excluded
    sums = {name: func.coalesce(PEOPLE.c[name] + new[name], PEOPLE.c[name], new[name]) for name in _SUMS[:3]}
    first = func.coalesce(func.min(PEOPLE.c.first, new.first), PEOPLE.c.first, new.first)
    mirror.connection.execute(add.on_conflict_do_update(index_elements=["id"], set_={**sums, "first": first}))


def _unite(mirror: Mirror, frame: Frame) -> None:
    """Add the figures of who has several records up to those of the lowest one."""
    mirror.raw.execute("CREATE TEMP TABLE IF NOT EXISTS doubles (id INTEGER PRIMARY KEY, lowest)")
    mirror.raw.execute("DELETE FROM temp.doubles")
    mirror.raw.execute(_FIND_DOUBLES, {"store": frame.store})
    _add(mirror, select(_DOUBLES.c.lowest.label("id"), *(_SAME.c[name] for name in _SUMS)).select_from(_OF_DOUBLES))
    mirror.raw.execute("DELETE FROM temp.figures WHERE id IN (SELECT id FROM temp.doubles)")
    mirror.raw.execute("DELETE FROM temp.doubles")


def best(mirror: Mirror, rank: Rank, frame: Frame, count: int) -> Iterator[Figures]:
    """Yield the figures of the first of those who were gathered, the best in front."""
    figure, part = compared(rank, PEOPLE)
    floor = select(figure).order_by(figure.desc()).limit(1).offset(count).scalar_subquery()
    row = and_(customers.c.store == frame.store, customers.c.id == PEOPLE.c.id)
    columns = (figure.label("figure"), part.label("part"), PEOPLE.c.amount, PEOPLE.c.orders)
    near = (
        select(PEOPLE.c.id, customers.c.email_key, *columns, _first(rank, frame).label("first"))
        .select_from(then(PEOPLE, customers, row))
        .where(figure >= func.coalesce(floor, figure))
        .limit(ALL)
        .subquery("near")
    )
    for found in mirror.connection.execute(select(near).order_by(*order(near)).limit(count)):
        yield Figures(*found)


def _first(rank: Rank, frame: Frame) -> ColumnElement[Any]:
    """Return when somebody first ordered; where only customers were read, it is looked up."""
    if rank.over is None and frame.orders_visible_from is not None:
        return null()
    if rank.own_figures and frame.by == "customer":
        return counted(frame).with_only_columns(func.min(orders.c.processed_at)).scalar_subquery()
    return PEOPLE.c.first
