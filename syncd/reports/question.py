"""What every report is asked: of which stores, over which days, in which currency, in which order, how many rows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from syncd.errors import SyncdError
from syncd.model import Instant
from syncd.reports.periods import Period
from syncd.segments import Frame

T = TypeVar("T")


class ReportError(SyncdError):
    """A report cannot be answered as it is asked; the message says why, the hint what to ask instead."""


class CurrenciesError(ReportError):
    """Amounts in several currencies would have to be added up."""


class Sort(msgspec.Struct, frozen=True):
    """One column to sort by; `falling` puts the largest first. What is missing comes last either way."""

    name: str
    falling: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What every report is asked.

    Attributes:
        frames: One for each store looked at: its zone, its money, and the moment that is now. The calendar of periods
            is the first one's; each store's orders go by its own zone.
        period: The days looked at; None for all time.
        currency: Only orders in it; None where all are in one, else the report refuses.
        sort: Columns to sort by; behind them, and where there are none, the report's own order.
        limit: How many rows to show; None for all.
        patience: By store, how many seconds old its records may be before that is worth a note.
    """

    frames: tuple[Frame, ...]
    period: Period | None = None
    currency: str | None = None
    sort: tuple[Sort, ...] = ()
    limit: int | None = None
    patience: Mapping[str, int] = {}

    @property
    def stores(self) -> tuple[str, ...]:
        """The names of the stores."""
        return tuple(frame.store for frame in self.frames)

    @property
    def now(self) -> Instant:
        """The moment that is now, one for all stores."""
        return self.frames[0].now


def sorts(text: str) -> tuple[Sort, ...]:
    """Read `-amount,email`: columns by their names, a minus before what shall have its largest first."""
    names = (part.strip() for part in text.split(",") if part.strip())
    return tuple(Sort(name.lstrip("-+"), name.startswith("-")) for name in names)


def named(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return what is known under a name.

    Raises:
        ReportError: Nothing is; with what may have been meant.
    """
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    raise ReportError(
        f"there is no {kind} {name!r} here", hint=f"did you mean {near[0]}?" if near else f"one of {listed(known)}"
    )


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence lists them: `a`, `a and b`, `a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
