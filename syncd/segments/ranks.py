"""Ranks: of those for whom a rule holds, the best by what they ordered in a time frame.

Who has no counted order in the frame is in no rank. Over all time, how many orders somebody placed and what they spent
are the store's own figures, as in `number_of_orders` and `amount_spent`; all else comes from the orders themselves.
Where the figure is equal, a higher amount is first, then more orders, then the earlier first order, then the address
by its letters, then the lower id: so there is never one too many.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

import msgspec

from syncd.segments.days import PERIODS, Offset, Period, Stretch, Unit, day_of, stretch
from syncd.segments.frame import Frame

BACK = re.compile(r"-[0-9]{1,3}[dwmy]|-[0-9]{4}[dwm]")
"""A day back from today; the calendar ends somewhere."""


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """How the best are found.

    Attributes:
        by: What they are compared by.
        over: The orders that count: those of a period, or from a day until today; None for all of them.
        top: How many at most; or a share of those who can be ranked, rounded up to a whole person.
    """

    by: Literal["orders", "average_order", "amount_spent"]
    over: Offset | Period | None = None
    top: int | Fraction

    @property
    def own_figures(self) -> bool:
        """Whether people are compared by the store's own figures."""
        return self.over is None and self.by != "average_order"


def time_frame(text: str) -> Offset | Period:
    """Read the time frame of a rank: a period of the language (`last_quarter`), or a day back from today (`-90d`).

    Raises:
        ValueError: It is neither.
    """
    if BACK.fullmatch(text):
        return Offset(int(text[:-1]), Unit(text[-1]))
    if text in PERIODS:
        return Period(text)
    raise ValueError(f"a time frame is a day like -90d, or one of {', '.join(PERIODS)}")


def rank_gaps(rank: Rank, frame: Frame) -> tuple[str, ...]:
    """Return a sentence where the rank looks at orders that the store does not show us; nothing where it does not."""
    visible = frame.orders_visible_from
    if visible is None or _begins(rank, frame) >= visible:
        return ()
    since = day_of(visible, frame.zone).isoformat()
    over = "all time" if rank.over is None else str(rank.over)
    return (
        f"a rank by {rank.by} over {over} looks at older orders than the store shows us (since {since})"
        "; give it a time frame within that time",
    )


def _begins(rank: Rank, frame: Frame) -> int | float:
    """Return the instant from which orders are looked at; the store's own figures need none at all."""
    if rank.over is not None:
        return window(rank.over, frame)[0]
    return float("inf" if rank.own_figures and frame.by == "customer" else "-inf")


def window(over: Offset | Period, frame: Frame) -> Stretch:
    """Return the instants of a rank's time frame; one that begins some days back ends with today."""
    first, after = stretch(over, frame)
    return first, (stretch(Period("today"), frame)[1] if isinstance(over, Offset) else after)
