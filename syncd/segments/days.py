"""The dates of a rule, as spans of instants: closed-open, of whole days of the shop's zone.

A day is as long as it is there: 23, 24 or 25 hours, or none at all (Apia had no 30 December 2011).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from syncd.model import Instant
from syncd.segments.frame import Frame

Stretch: TypeAlias = tuple[Instant, Instant]
"""Closed-open."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Unit(StrEnum):
    """What an offset counts."""

    DAYS = "d"
    WEEKS = "w"
    MONTHS = "m"
    YEARS = "y"


class Day(msgspec.Struct, frozen=True):
    """A day of the calendar (`2026-11-21`)."""

    day: date

    def __str__(self) -> str:
        """Return the day as a query writes it."""
        return self.day.isoformat()


class Second(msgspec.Struct, frozen=True):
    """A second of the shop's local time (`2026-11-21T08:00:00`)."""

    moment: datetime

    def __str__(self) -> str:
        """Return the second as a query writes it."""
        return self.moment.isoformat(timespec="seconds")


class Offset(msgspec.Struct, frozen=True):
    """A day counted from today (`-90d`)."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        """Return the offset as a query writes it."""
        return f"{self.count:+d}{self.unit}"


class Period(msgspec.Struct, frozen=True):
    """A named stretch of days (`today`, `last_quarter`)."""

    name: str

    def __str__(self) -> str:
        """Return the name."""
        return self.name


When: TypeAlias = Day | Second | Offset | Period

_NAMED: dict[str, Callable[[date, int], tuple[date, date]]] = {
    "today": lambda today, _: (today, shift(today, 1, Unit.DAYS)),
    "yesterday": lambda today, _: (shift(today, -1, Unit.DAYS), today),
    "last_week": lambda today, start: _previous(_week(today, start), Unit.WEEKS, 1),
    "last_month": lambda today, _: _previous(today.replace(day=1), Unit.MONTHS, 1),
    "last_quarter": lambda today, _: _previous(_quarter(today), Unit.MONTHS, 3),
    "last_year": lambda today, _: _previous(today.replace(month=1, day=1), Unit.YEARS, 1),
    "week_to_date": lambda today, start: (_week(today, start), shift(today, 1, Unit.DAYS)),
    "month_to_date": lambda today, _: (today.replace(day=1), shift(today, 1, Unit.DAYS)),
    "quarter_to_date": lambda today, _: (_quarter(today), shift(today, 1, Unit.DAYS)),
    "year_to_date": lambda today, _: (today.replace(month=1, day=1), shift(today, 1, Unit.DAYS)),
}
PERIODS = tuple(_NAMED)
"""All named periods. Shopify knows the first two; `*_to_date` includes today."""


def stretch(when: When, frame: Frame) -> Stretch:
    """Return the instants that a date of a rule means in a frame."""
    match when:
        case Day(day):
            return start_of(day, frame.zone), start_of(shift(day, 1, Unit.DAYS), frame.zone)
        case Second(moment):
            instant = int(moment.replace(tzinfo=frame.zone).timestamp())
            return instant, instant + 1
        case Offset(count, unit):
            return stretch(Day(shift(today(frame), count, unit)), frame)
        case period:
            first, after = _NAMED[period.name](today(frame), WEEKDAYS.index(frame.week_starts))
            return start_of(first, frame.zone), start_of(after, frame.zone)


def today(frame: Frame) -> date:
    """Return the shop's day at the frame's moment."""
    return day_of(frame.now, frame.zone)


def day_of(instant: Instant, zone: ZoneInfo) -> date:
    """Return the local day of an instant."""
    return datetime.fromtimestamp(instant, zone).date()


def start_of(day: date, zone: ZoneInfo) -> Instant:
    """Return the first instant of a local day.

    Where midnight is skipped, zoneinfo reads it with the offset from before: just the moment of the change. (No zone
    has, since 1970, skipped from before midnight to after it.)
    """
    return int(datetime.combine(day, time(), zone).timestamp())


def shift(day: date, count: int, unit: Unit) -> date:
    """Return the day so many units later: weeks are 7 days, months and years keep the day, clamped to the last one."""
    if unit in {Unit.DAYS, Unit.WEEKS}:
        return day + timedelta(days=count * (7 if unit is Unit.WEEKS else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit is Unit.YEARS else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _week(day: date, start: int) -> date:
    return day - timedelta(days=(day.weekday() - start) % 7)


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _previous(first: date, unit: Unit, count: int) -> tuple[date, date]:
    return shift(first, -count, unit), first
