"""The days of a report, and the days before them; the command line offers just these."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from syncd.cli.report.breakdown import By
from syncd.cli.report.options import PeriodName
from syncd.reports import periods
from syncd.reports.answer import Span
from syncd.reports.breakdown import KINDS
from syncd.reports.question import Sort, sorts
from syncd.segments import Frame
from syncd.segments.days import start_of

BERLIN = ZoneInfo("Europe/Berlin")


def frame(day: str) -> Frame:
    return Frame(store="main", now=start_of(date.fromisoformat(day), BERLIN) + 40_000, zone=BERLIN, currency="EUR")


def days(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("name", "today", "its", "before"),
    [
        ("last_week", "2026-11-21", ("2026-11-09", "2026-11-15"), ("2026-11-02", "2026-11-08")),
        ("week_to_date", "2026-11-18", ("2026-11-16", "2026-11-18"), ("2026-11-09", "2026-11-11")),
        ("last_month", "2026-03-31", ("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")),
        ("month_to_date", "2026-03-31", ("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        ("last_quarter", "2026-11-21", ("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")),
        ("quarter_to_date", "2026-05-31", ("2026-04-01", "2026-05-31"), ("2026-01-01", "2026-02-28")),
        ("last_year", "2026-11-21", ("2025-01-01", "2025-12-31"), ("2024-01-01", "2024-12-31")),
        ("year_to_date", "2028-02-29", ("2028-01-01", "2028-02-29"), ("2027-01-01", "2027-02-28")),
    ],
)
def test_a_named_period_is_compared_with_the_one_before_it(
    name: str, today: str, its: tuple[str, str], before: tuple[str, str]
) -> None:
    period = periods.named(name, frame(today))
    assert period.span == days(*its)
    assert periods.before(period).span == days(*before)


def test_two_days_are_compared_with_as_many_before_them() -> None:
    period = periods.between(date(2026, 3, 1), date(2026, 3, 10))
    assert periods.before(period).span == days("2026-02-19", "2026-02-28")


def test_a_period_is_as_long_as_its_days_are_in_the_shops_zone() -> None:
    first, after = periods.between(date(2026, 10, 25), date(2026, 10, 25)).stretch(frame("2026-11-21"))
    assert after - first == 25 * 3600


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 2, 1), date(2026, 1, 1)), (date(1969, 1, 1), date(2026, 1, 1)), (date(2026, 1, 1), date(9999, 1, 1))],
)
def test_no_period_runs_backwards_or_out_of_the_calendar(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="its "):
        periods.between(first, last)


def test_the_command_line_offers_what_the_reports_have() -> None:
    assert [it.value for it in PeriodName] == list(periods.NAMED)
    assert [it.value for it in By] == list(KINDS)


def test_columns_to_sort_by_are_read_with_their_signs() -> None:
    assert sorts(" -amount, email,") == (Sort("amount", falling=True), Sort("email"))
    assert sorts("") == ()
