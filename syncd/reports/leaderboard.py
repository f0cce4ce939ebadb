"""Who are the best customers: by number of orders, by average order, or by amount spent.

Places are given by the figure alone, so that equals share one; their order among each other, and who is cut off at the
end, is decided as in a segment's rank: higher amount, more orders, earlier first order, address, id.
"""

from __future__ import annotations

import sqlite3
from typing import Literal, TypeAlias

import msgspec

from syncd.reports import recipes
from syncd.reports.answer import Answer, Column, NoRecipe, Plot, Recipe
from syncd.reports.fields import AMOUNT, AVERAGE, EMAIL, FIRST, IDS, LAST, NAME, ORDERS, RANK
from syncd.reports.laying import Field, lay, rest_of
from syncd.reports.people import gather
from syncd.reports.periods import before
from syncd.reports.question import Question
from syncd.reports.trust import invisible, vouched

By: TypeAlias = Literal["orders", "average-order", "amount-spent"]

_REST = rest_of("p.amount", "p.orders")
_FIGURES: dict[By, tuple[str, ...]] = {
    "orders": ("p.orders",),
    "average-order": (f"(p.amount - {_REST}) / p.orders", f"CAST({_REST} AS REAL) / p.orders"),
    "amount-spent": ("p.amount",),
}
"""What people are compared by. An average is compared unrounded: its whole part, then what is left."""
_BY: dict[By, str] = {"orders": "number of orders", "average-order": "average order", "amount-spent": "amount spent"}
_SHOWN: dict[By, Field] = {"orders": ORDERS, "average-order": AVERAGE, "amount-spent": AMOUNT}
_EQUALS = "p.amount DESC, p.orders DESC, p.first, p.address IS NULL, p.address, p.customer_id, p.key"
_LISTED = "JOIN contacts AS t ON t.target = :audience AND t.subject = p.address AND t.status != 'archived'"
_STATUS = Field(Column("status", "status", "text"), "p.status")
_BEFORE = Field(Column("before", "place before", "count"), "p.before")
_MOVED = Field(
    Column("moved", "moved", "text"),
    "CASE WHEN p.before IS NULL THEN 'new' WHEN p.before > p.rank THEN 'up ' || (p.before - p.rank) "
    "WHEN p.before < p.rank THEN 'down ' || (p.rank - p.before) ELSE 'same' END",
    order="p.before - p.rank",
)


class Leaderboard(msgspec.Struct, frozen=True, kw_only=True):
    """What a leaderboard is asked beside a `Question`.

    Attributes:
        by: What people are compared by.
        top: How many at most; None for everybody who ordered.
        audience: Only those who are on this audience's list; archived contacts are not. Empty for everybody.
    """

    by: By = "amount-spent"
    top: int | None = None
    audience: str = ""


def leaderboard(raw: sqlite3.Connection, question: Question, asked: Leaderboard) -> Answer:
    """Rank people by what they ordered in the period, with how each moved since the period before.

    Args:
        raw: The mirror's connection, within a snapshot that lasts until the rows were read.
        question: Without a period all time is looked at, and nobody moves.
        asked: The rest.

    Raises:
        ReportError: The orders are in several currencies, or a column to sort by is not there.
    """
    gathered = gather(raw, question)
    notes = _place(raw, asked)
    moved, hidden = _move(raw, msgspec.structs.replace(question, currency=gathered.currency), asked)
    fields = [RANK, *moved, EMAIL, NAME, IDS, *([_STATUS] if asked.audience else [])]
    laid = lay(raw, "placed", [*fields, ORDERS, AMOUNT, AVERAGE, FIRST, LAST], question)
    figure = _SHOWN[asked.by].column
    answer = Answer(
        report="leaderboard",
        title=f"Leaderboard by {_BY[asked.by]}" + (f", on the list of {asked.audience}" if asked.audience else ""),
        columns=laid.columns,
        rows=laid.rows,
        size=laid.size,
        totals=laid.totals,
        currency=gathered.currency,
        notes=(*notes, *hidden),
        recipe=_recipe(raw, question, asked, gathered.currency),
        plot=Plot("bars", "email", (figure.name,)),
        empty="Nobody ordered in this time" + (f" who is on the list of {asked.audience}." if asked.audience else "."),
    )
    return vouched(raw, question, answer, nobodys=0 if asked.audience else gathered.nobodys)


def _place(raw: sqlite3.Connection, asked: Leaderboard) -> tuple[str, ...]:
    """Make the table `placed` of the best; say who was cut off between equals.

    The places of the first few are the same among themselves as among all, so only they are numbered.
    """
    raw.execute("DROP TABLE IF EXISTS temp.placed")
    raw.execute(f"CREATE TEMP TABLE placed ({_COLUMNS})")
    bound = {"audience": asked.audience, "top": -1 if asked.top is None else asked.top}
    figures = ", ".join(f"{figure} DESC" for figure in _FIGURES[asked.by])
    raw.execute(
        f"INSERT INTO placed SELECT row_number() OVER (ORDER BY {figures}, {_EQUALS}), "
        f"rank() OVER (ORDER BY {figures}), NULL, status, key, address, customer_id, store, orders, amount, "
        f"first, last FROM (SELECT p.*, {_status(asked)} FROM people AS p {_joined(asked)} "
        f"ORDER BY {figures}, {_EQUALS} LIMIT :top) AS p ORDER BY 1",
        bound,
    )
    return _cut(raw, asked)


_COLUMNS = (
    "number INTEGER PRIMARY KEY, rank, before, status, key, address, customer_id, store, orders, amount, first, last"
)


def _cut(raw: sqlite3.Connection, asked: Leaderboard) -> tuple[str, ...]:
    figures = _FIGURES[asked.by]
    last = raw.execute(f"SELECT rank, {', '.join(figures)} FROM placed AS p ORDER BY number DESC LIMIT 1").fetchone()
    if last is None:
        return ()
    rank, *values = last
    same = " AND ".join(f"{figure} = :f{at}" for at, figure in enumerate(figures))
    bound = {"audience": asked.audience, **{f"f{at}": value for at, value in enumerate(values)}}
    (all_,) = raw.execute(f"SELECT count(*) FROM people AS p {_joined(asked)} WHERE {same}", bound).fetchone()
    (shown,) = raw.execute("SELECT count(*) FROM placed WHERE rank = ?", (rank,)).fetchone()
    if all_ == shown:
        return ()
    return (
        f"{all_ - shown:,} more share place {rank:,}: who of the {all_:,} equals is shown goes by higher amount, "
        "more orders, earlier first order, then address",
    )


def _move(raw: sqlite3.Connection, question: Question, asked: Leaderboard) -> tuple[list[Field], tuple[str, ...]]:
    """Note everybody's place in the period before; the columns that tell of it, or a sentence why there are none."""
    if question.period is None:
        return [], ()
    earlier = before(question.period)
    if invisible(question, earlier):
        return [], ("who moved is not told: orders of the period before are too old for the store to show them",)
    if question.currency is not None:
        gather(raw, question, into="people_before", period=earlier)
        figures = ", ".join(f"{figure} DESC" for figure in _FIGURES[asked.by])
        raw.execute("DROP TABLE IF EXISTS temp.places_before")
        raw.execute("CREATE TEMP TABLE places_before (key TEXT PRIMARY KEY, rank) WITHOUT ROWID")
        raw.execute(
            f"INSERT INTO places_before SELECT p.key, rank() OVER (ORDER BY {figures}) "
            f"FROM people_before AS p {_joined(asked)}",
            {"audience": asked.audience},
        )
        raw.execute("UPDATE placed SET before = (SELECT b.rank FROM places_before AS b WHERE b.key = placed.key)")
    return [_MOVED, _BEFORE], ()


def _status(asked: Leaderboard) -> str:
    return "t.status AS status" if asked.audience else "NULL AS status"


def _joined(asked: Leaderboard) -> str:
    return _LISTED if asked.audience else ""


def _recipe(raw: sqlite3.Connection, question: Question, asked: Leaderboard, currency: str | None) -> Recipe | NoRecipe:
    if why := recipes.refused(question, currency):
        return NoRecipe(why)
    if asked.audience:
        return NoRecipe("a segment cannot ask who is on the list of an audience")
    if asked.top is None:
        return recipes.of(raw, "placed", question, recipes.ordered(question))
    return _rank(raw, question, asked)


def _rank(raw: sqlite3.Connection, question: Question, asked: Leaderboard) -> Recipe | NoRecipe:
    """Return the segment of the first few; guests among them cannot be in it, so it is of as many fewer."""
    if question.period is None and asked.by != "average-order":
        return NoRecipe("over all time a segment's rank goes by the store's own figures; name a period")
    if question.period is not None and not question.period.name:
        return NoRecipe("a rank goes by a time frame that moves with the days, not by two dates; name a period")
    top = recipes.customers(raw, "placed")
    if not top:
        return NoRecipe("nobody of them is a customer, and a rank is of one at least")
    found = recipes.of(raw, "placed", question, recipes.anybody())
    over = {"over": question.period.name} if question.period else {}
    return msgspec.structs.replace(found, rank={"by": asked.by.replace("-", "_"), **over, "top": top})
