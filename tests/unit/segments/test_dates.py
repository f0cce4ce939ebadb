"""Dates: whole days of the shop's zone, whatever its clocks do."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
import pytest

from syncd.segments import Frame
from syncd.segments.days import Offset, Period, Unit, shift, start_of, stretch
from tests.unit.segments.conftest import Who
from tests.unit.segments.shop import FRAME, at

KATHMANDU, APIA = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia")


def _frame(text: str, zone: str = "America/Toronto", **more: object) -> Frame:
    key = ZoneInfo(zone)
    return msgspec.structs.replace(FRAME, now=at(text, key), zone=key, **more)


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("today", "2026-11-21", "2026-11-22"),
        ("yesterday", "2026-11-20", "2026-11-21"),
        ("last_week", "2026-11-09", "2026-11-16"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("last_quarter", "2026-07-01", "2026-10-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("week_to_date", "2026-11-16", "2026-11-22"),
        ("month_to_date", "2026-11-01", "2026-11-22"),
        ("quarter_to_date", "2026-10-01", "2026-11-22"),
        ("year_to_date", "2026-01-01", "2026-11-22"),
    ],
)
def test_named_periods_are_whole_calendar_days(name: str, first: str, after: str) -> None:
    assert stretch(Period(name), _frame("2026-11-21T10:00:00")) == (at(first), at(after))


def test_a_quarter_before_january_lies_in_the_year_before() -> None:
    assert stretch(Period("last_quarter"), _frame("2027-02-03")) == (at("2026-10-01"), at("2027-01-01"))


def test_weeks_start_when_the_settings_say() -> None:
    sunday = _frame("2026-11-21T10:00:00", week_starts="sunday")
    assert stretch(Period("last_week"), sunday) == (at("2026-11-08"), at("2026-11-15"))
    assert stretch(Period("week_to_date"), _frame("2026-11-15", week_starts="sunday"))[0] == at("2026-11-15")


@pytest.mark.parametrize(
    ("day", "count", "unit", "expected"),
    [
        ("2026-05-15", -7, Unit.DAYS, "2026-05-08"),
        ("2026-05-15", -2, Unit.WEEKS, "2026-05-01"),
        ("2026-03-31", -1, Unit.MONTHS, "2026-02-28"),
        ("2024-03-31", -1, Unit.MONTHS, "2024-02-29"),
        ("2026-01-31", 1, Unit.MONTHS, "2026-02-28"),
        ("2026-01-15", -1, Unit.MONTHS, "2025-12-15"),
        ("2024-02-29", -1, Unit.YEARS, "2023-02-28"),
        ("2024-02-29", 4, Unit.YEARS, "2028-02-29"),
        ("2026-11-21", -12, Unit.MONTHS, "2025-11-21"),
    ],
)
def test_months_and_years_keep_the_day_clamped_to_the_last(day: str, count: int, unit: Unit, expected: str) -> None:
    assert shift(date.fromisoformat(day), count, unit) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-08", "America/Toronto", 23),
        ("2026-11-01", "America/Toronto", 25),
        ("2026-11-21", "America/Toronto", 24),
        ("2011-12-30", "Pacific/Apia", 0),
        ("2026-09-06", "America/Santiago", 23),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
    ],
)
def test_a_day_is_as_long_as_it_is_there(day: str, zone: str, hours: float) -> None:
    first, after = stretch(Offset(0, Unit.DAYS), _frame(f"{day}T12:00:00", zone)) if hours else (0, 0)
    assert after - first == hours * 3600
    key = ZoneInfo(zone)
    assert start_of(shift(date.fromisoformat(day), 1, Unit.DAYS), key) - start_of(date.fromisoformat(day), key) == (
        hours * 3600
    )


def test_the_shops_day_and_not_utcs_decides() -> None:
    moment = at("2026-11-21T00:10:00", KATHMANDU)
    assert stretch(Period("today"), msgspec.structs.replace(FRAME, now=moment, zone=KATHMANDU)) == (
        at("2026-11-21", KATHMANDU),
        at("2026-11-22", KATHMANDU),
    )
    assert stretch(Period("today"), msgspec.structs.replace(FRAME, now=moment, zone=APIA))[0] == at("2026-11-21", APIA)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("last_order_date = 2026-11-14", {1}),
        ("last_order_date > 2026-11-13", {1}),
        ("last_order_date > 2026-11-14", set()),
        ("last_order_date >= 2026-11-14", {1}),
        ("last_order_date <= 2026-10-01", {2, 4}),
        ("last_order_date < 2026-10-01", {2}),
        ("last_order_date BETWEEN 2026-10-01 AND 2026-11-14", {1, 4}),
        ("last_order_date BETWEEN 2026-11-14 AND 2026-10-01", set()),
        ("last_order_date BETWEEN 2026-01-01 AND -7d", {1, 2, 4}),
        ("last_order_date BETWEEN last_quarter AND last_month", {2, 4}),
        ("last_order_date = last_week", {1}),
        ("last_order_date != last_week", {2, 4}),
        ("last_order_date > last_month", {1}),
        ("last_order_date < last_month", {2}),
        ("last_order_date IN (2026-08-01, last_week)", {1, 2}),
        ("last_order_date NOT IN (2026-08-01, last_week)", {4}),
        ("last_order_date = 2026-11-14T00:00:00", {1}),
        ("last_order_date > 2026-11-14T00:00:00", set()),
        ("last_order_date >= 2026-10-01T12:00:00", {1, 4}),
        ("last_order_date >= 2026-10-01T12:00:01", {1}),
        ("last_order_date = -7d", {1}),
        ("last_order_date = - 7 d", {1}),
        ("last_order_date = -1w", {1}),
        ("last_order_date = 7_days_ago", {1}),
        ("last_order_date >= 12_months_ago", {1, 2, 4}),
        ("last_order_date < +1y", {1, 2, 4}),
    ],
)
def test_a_date_stands_for_all_its_moments(who: Who, query: str, expected: set[int]) -> None:
    assert who(query) == expected


def test_today_moves_with_the_frame_at_the_shops_midnight(who: Who) -> None:
    before, after = _frame("2026-11-21T23:59:59"), _frame("2026-11-22T00:00:00")
    assert (who("last_order_date >= -7d", before), who("last_order_date >= -7d", after)) == ({1}, set())
    assert (who("days_since_last_order = 8", before), who("days_since_last_order = 8", after)) == (set(), {1})
