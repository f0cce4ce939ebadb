"""What everybody is compared by in ranks, in the temporary table `figures`, one row a person.

Each reading of a table adds to the rows of whom it finds; ranks that look at the same orders share the rows. Figures
alone decide who is near the edge; only of these the address is looked up, and what else decides between equals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, column, func, null, select, table
from sqlalchemy.dialects.sqlite import insert

from syncd.mirror.database import Mirror
from syncd.mirror.masks import Place
from syncd.segments import Frame
from syncd.segments.best import as_guest, compared, order, parts
from syncd.segments.kin import ALL, counted
from syncd.segments.placing import Figures
from syncd.segments.ranks import Rank
from syncd.segments.schema import customers, orders
from syncd.segments.steering import then

_SUMS = ("orders", "amount", "priced", "first")
ANSWERS = table("answers", *(column(name, Integer()) for name in ("shelf", "customer_id", "mask")))
"""The answers, which say for whom the rules of ranks hold."""
PEOPLE = table("figures", *(column(name, Integer()) for name in ("id", *_SUMS, "mask")))
"""The table; the mask is that of the answers."""
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
_MADE = "CREATE TEMP TABLE IF NOT EXISTS figures (id INTEGER PRIMARY KEY, orders, amount, priced, first, mask)"


def gather(mirror: Mirror, rank: Rank, frame: Frame, holders: Collection[Place]) -> None:
    """Fill the table with the figures of everybody for whom one of some rules holds.

    Args:
        mirror: The mirror.
        rank: Over which orders the figures are, and whether they are the store's own.
        frame: What a person is, and what the days of the rank mean.
        holders: Where it stands in the answers for whom the rules hold: on one shelf.
    """
    mirror.raw.execute(_MADE)
    clear(mirror)
    for part in parts(rank, frame):
        _add(mirror, part, holders)
    if frame.by == "email":
        _unite(mirror, frame, holders)
        _add(mirror, as_guest(rank, frame), holders)


def clear(mirror: Mirror) -> None:
    """Empty the table."""
    mirror.raw.execute("DELETE FROM temp.figures")


def ranked(rank: Rank, holders: Place) -> Select[Any]:
    """Return the ids of everybody in a rank, of those who were gathered."""
    return select(PEOPLE.c.id).where(_able(rank, holders))


def _able(rank: Rank, holders: Place) -> ColumnElement[bool]:
    figure, _ = compared(rank, PEOPLE)
    return and_(PEOPLE.c.mask.bitwise_and(holders.mask) != 0, PEOPLE.c.orders > 0, figure.is_not(None))


def _add(mirror: Mirror, part: Select[Any], holders: Collection[Place]) -> None:
    its = part.subquery("part")
    (shelf,) = {it.shelf for it in holders}
    held = and_(ANSWERS.c.shelf == shelf, ANSWERS.c.customer_id == its.c.id)
    found = select(its.c.id, *(its.c[name] for name in _SUMS), ANSWERS.c.mask).select_from(then(its, ANSWERS, held))
    found = found.where(ANSWERS.c.mask.bitwise_and(sum(it.mask for it in holders)) != 0)
    add = insert(PEOPLE).from_select(["id", *_SUMS, "mask"], found)
    new = add.excluded
    sums = {name: func.coalesce(PEOPLE.c[name] + new[name], PEOPLE.c[name], new[name]) for name in _SUMS[:3]}
    first = func.coalesce(func.min(PEOPLE.c.first, new.first), PEOPLE.c.first, new.first)
    mirror.connection.execute(add.on_conflict_do_update(index_elements=["id"], set_={**sums, "first": first}))


def _unite(mirror: Mirror, frame: Frame, holders: Collection[Place]) -> None:
    """Add the figures of who has several records up to those of the lowest; a rule holds for all of them or none."""
    mirror.raw.execute("CREATE TEMP TABLE IF NOT EXISTS doubles (id INTEGER PRIMARY KEY, lowest)")
    mirror.raw.execute("DELETE FROM temp.doubles")
    mirror.raw.execute(_FIND_DOUBLES, {"store": frame.store})
    theirs = select(_DOUBLES.c.lowest.label("id"), *(_SAME.c[name] for name in _SUMS)).select_from(_OF_DOUBLES)
    _add(mirror, theirs, holders)
    mirror.raw.execute("DELETE FROM temp.figures WHERE id IN (SELECT id FROM temp.doubles)")
    mirror.raw.execute("DELETE FROM temp.doubles")


def best(mirror: Mirror, rank: Rank, frame: Frame, holders: Place, count: int) -> Iterator[Figures]:
    """Yield the figures of the first in a rank, of those who were gathered, the best in front."""
    figure, part = compared(rank, PEOPLE)
    able = _able(rank, holders)
    floor = select(figure).where(able).order_by(figure.desc()).limit(1).offset(count).scalar_subquery()
    row = and_(customers.c.store == frame.store, customers.c.id == PEOPLE.c.id)
    columns = (figure.label("figure"), part.label("part"), PEOPLE.c.amount, PEOPLE.c.orders)
    near = (
        select(PEOPLE.c.id, customers.c.email_key, *columns, _first(rank, frame).label("first"))
        .select_from(then(PEOPLE, customers, row))
        .where(able, figure >= func.coalesce(floor, figure))
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
