"""What a report answers: rows under typed columns, and all that a reader needs to trust them. Outputs go by this alone.

Values are plain, so that every output renders them in its own way, and none works anything out again:

text    `str`
count   `int`: people, orders, places
units   `int`: units sold
money   `int`: minor units of `Answer.currency`
day     `datetime.date`: a day of the shop's zone
days    `int`: a number of days
share   `float`: from 0 to 1, unrounded
ids     `tuple[int, ...]`: ids of customer records, ascending; empty for who only ever ordered as a guest

Any value may be None: it does not apply, or is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

import msgspec

from syncd.model import Instant

Kind: TypeAlias = Literal["text", "count", "units", "money", "day", "days", "share", "ids"]
Value: TypeAlias = str | int | float | date | tuple[int, ...] | None
Row: TypeAlias = tuple[Value, ...]


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        name: For programs: `last_order`. What `--sort` takes, and the key in JSON, CSV and Parquet.
        title: For people: `last order`.
        kind: What its values are.
    """

    name: str
    title: str
    kind: Kind


class Span(msgspec.Struct, frozen=True):
    """Days of the shop's zone, both included."""

    first: date
    last: date


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A segment of the same people, in the words of the settings: `[segments.NAME]`.

    Attributes:
        query: The rule.
        stores: The stores that it is of; empty for every store of the settings.
        by: What a member is.
        rank: The table `rank` (`by`, `over`, `top`), empty for none.
        notes: Sentences on what the segment does not share with the report; comments of the TOML.
    """

    query: str
    stores: tuple[str, ...] = ()
    by: Literal["customer", "email"] = "email"
    rank: dict[str, str | int] = {}
    notes: tuple[str, ...] = ()


class NoRecipe(msgspec.Struct, frozen=True):
    """Why no segment can be of the same people: a sentence without its full stop."""

    why: str


class Plot(msgspec.Struct, frozen=True):
    """What is worth drawing.

    Attributes:
        shape: `bars` compare rows (draw the first thirty or so, in their order); a `line` goes along the rows, which
            are then in the order of `along`; a `grid` shades the cells of `values` (shares) of each row.
        along: The name of the column that names a bar or a point.
        values: The names of the columns that say how long, how high or how dark.
    """

    shape: Literal["bars", "line", "grid"]
    along: str
    values: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A report, answered.

    Attributes:
        report: Its name, as in `syncd report NAME`.
        title: What was asked, for people: `Leaderboard by amount spent`.
        columns: What the rows are.
        rows: One tuple a row, in the order of the columns. To be gone through once, while the mirror is open: they come
            as they are read, and are never all in memory.
        size: How many rows there are without `--limit`.
        totals: One row over all rows, those that `--limit` left out included, None under columns without a total; None
            where nothing adds up.
        period: The days looked at, None for all time.
        currency: What money is in; None where the report has no money, or there were no orders.
        stores: The stores looked at.
        as_of: The instant as of which all of it is known: of the store whose data is the oldest; None where one of
            them was never read.
        notes: Sentences that a reader must know: stale or missing data, older orders that are invisible, shared places.
        recipe: The segment of the same people, or why there is none.
        plot: What to draw.
        empty: What to say where there are no rows: kind, and with what to try; one or two sentences.
    """

    report: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    size: int
    totals: Row | None = None
    period: Span | None = None
    currency: str | None = None
    stores: tuple[str, ...] = ()
    as_of: Instant | None = None
    notes: tuple[str, ...] = ()
    recipe: Recipe | NoRecipe
    plot: Plot | None = None
    empty: str = "Nobody: no order matches."
