"""The days that a report looks at, and the days before them that it is compared with."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from syncd.reports.answer import Span
from syncd.segments import Frame
from syncd.segments.days import Period as Named
from syncd.segments.days import Stretch, Unit, day_of, shift, start_of, stretch

NAMED = (
    "last_week",
    "week_to_date",
    "last_month",
    "month_to_date",
    "last_quarter",
    "quarter_to_date",
    "last_year",
    "year_to_date",
)
"""The time frames of reports by name, as the segment language has them too."""
_YEARS = range(1970, 3000)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Period(msgspec.Struct, frozen=True):
    """Days to look at.

    Attributes:
        span: The days.
        name: One of `NAMED`, empty for two dates.
    """

    span: Span
    name: str = ""

    def stretch(self, frame: Frame) -> Stretch:
        """Return the instants of the days in a store's zone, closed-open."""
        after = shift(self.span.last, 1, Unit.DAYS)
        return start_of(self.span.first, frame.zone), start_of(after, frame.zone)


def named(name: str, frame: Frame) -> Period:
    """Return a period by name: `last_*` is the whole previous one, `*_to_date` runs to today."""
    first, after = stretch(Named(name), frame)
    return Period(Span(day_of(first, frame.zone), day_of(after - 1, frame.zone)), name)


def between(first: date, last: date) -> Period:
    """Return the period from one day to another, both included.

    Raises:
        ValueError: The last day is before the first, or a year is none that a shop was open in.
    """
    if not (_YEARS.start <= first.year and last.year < _YEARS.stop):
        raise ValueError(f"its years are not within {_YEARS.start} and {_YEARS.stop - 1}")
    if last < first:
        raise ValueError("its last day is before its first")
    return Period(Span(first, last))


def before(period: Period) -> Period:
    """Return the period that comes before: of the same kind, or for two dates, of as many days.

    What runs to date is compared with the one before up to the same day of it, so that both had as long.
    """
    first, last = period.span.first, period.span.last
    unit = period.name.removeprefix("last_").removesuffix("_to_date")
    if unit not in _MONTHS:
        days = timedelta(days=7 if unit == "week" else (last - first).days + 1)
        return Period(Span(first - days, last - days))
    start, eve = shift(first, -_MONTHS[unit], Unit.MONTHS), first - timedelta(days=1)
    return Period(Span(start, eve if period.name.startswith("last_") else shift(last, -_MONTHS[unit], Unit.MONTHS)))
