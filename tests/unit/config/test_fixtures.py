"""`[[tests]]` in the settings file, and in a file of their own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.config import holds_tests_alone, load_tests
from syncd.config.fixture_words import parse_amount, parse_day, parse_metafields, parse_moment, parse_place, words_of
from syncd.config.units import WrongError
from syncd.errors import ConfigError
from syncd.segments.days import Day, Offset, Second, Unit
from tests.unit.config.conftest import Load

TEXT = """
[segments.vip]
query = "amount_spent > 1000"

[[tests]]
name = "rich"
in = ["vip"]
amount_spent = "1000.01"
"""
ALONE = """
# People we know.

[[tests]]
in = ["vip"]

[[tests]]
not_in = ["vip"]
"""
HALF_PAST = Second(datetime.fromisoformat("2026-11-01T08:30:00"))


def test_a_file_without_tests_has_none(load_text: Load) -> None:
    assert load_text(TEXT.partition("[[tests]]")[0]).tests == ()


def test_a_test_of_the_settings_file_knows_where_it_stands(load_text: Load) -> None:
    settings = load_text(TEXT)
    (fixture,) = settings.tests
    assert (fixture.table.name, fixture.table.inside, fixture.table.amount_spent) == (
        "rich",
        ("vip",),
        Decimal("1000.01"),
    )
    assert (fixture.file, fixture.index) == (settings.path, 0)
    assert settings.path.read_text().splitlines()[fixture.line - 1] == "[[tests]]"


def test_tests_of_a_file_of_their_own_are_about_the_segments_given(load_text: Load, tmp_path: Path) -> None:
    segments = load_text(TEXT).segments
    path = tmp_path / "people.toml"
    path.write_text(ALONE)
    first, second = load_tests(path, segments)
    assert (first.line, second.line) == (4, 7)
    assert second.table.not_in == ("vip",)


def test_what_is_wrong_in_a_file_of_tests_is_told_with_its_line(load_text: Load, tmp_path: Path) -> None:
    segments = load_text(TEXT).segments
    path = tmp_path / "people.toml"
    path.write_text(ALONE.replace('not_in = ["vip"]', 'not_in = ["vib"]'))
    with pytest.raises(ConfigError) as caught:
        load_tests(path, segments)
    assert str(caught.value) == f"{path}:8: tests[1].not_in[0]: there is no segment 'vib'\n    did you mean vip?"


@pytest.mark.parametrize(("text", "alone"), [(ALONE, True), (ALONE + "[segments.x]\nquery = ''\n", False), ("", False)])
def test_a_file_of_tests_holds_nothing_else(tmp_path: Path, text: str, alone: bool) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    assert holds_tests_alone(path) is alone


def test_a_test_of_a_segment_whose_query_is_wrong_adds_no_problem(load_text: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(TEXT.replace("amount_spent > 1000", "amount_spend > 1000"))
    assert [problem.key for problem in caught.value.problems] == ["segments.vip.query"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("-20d", Offset(-20, Unit.DAYS)),
        ("+3m", Offset(3, Unit.MONTHS)),
        ("2w", Offset(2, Unit.WEEKS)),
        ("today", Offset(0, Unit.DAYS)),
        ("yesterday", Offset(-1, Unit.DAYS)),
        ("2026-11-01", Day(date(2026, 11, 1))),
        (date(2026, 11, 1), Day(date(2026, 11, 1))),
        ("2026-11-01T08:30:00", HALF_PAST),
        (HALF_PAST.moment.replace(microsecond=5), HALF_PAST),
    ],
)
def test_days_are_written_as_in_queries_or_as_toml_has_them(written: object, moment: object) -> None:
    assert parse_moment(written) == moment


@pytest.mark.parametrize(
    "written", ["", "soon", "-d", "-20", "2026-13-01", 5, None, "2026-11-01T08:30:00Z", "-300y", "1899-12-31"]
)
def test_what_is_no_day_is_refused(written: object) -> None:
    with pytest.raises(WrongError):
        parse_moment(written)


def test_the_day_of_a_test_is_one_of_the_calendar() -> None:
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    with pytest.raises(WrongError, match="not a day of the calendar"):
        parse_day("-1d")


@pytest.mark.parametrize(("written", "amount"), [("49.90", "49.90"), (5, "5"), (" -3.5 ", "-3.5"), (0, "0")])
def test_amounts_are_exact(written: object, amount: str) -> None:
    assert parse_amount(written) == Decimal(amount)


@pytest.mark.parametrize("written", [49.9, True, None, "", "1e5", "1.234,5", "NaN", [5]])
def test_what_is_no_exact_amount_is_refused(written: object) -> None:
    with pytest.raises(WrongError):
        parse_amount(written)


@pytest.mark.parametrize("written", [None, [], [1], [1, 2, 3], ["1", 2], [1, "2", 3], [True, 2], [91, 0], [0, -181]])
def test_what_is_no_place_is_refused(written: object) -> None:
    with pytest.raises(WrongError):
        parse_place(written)


def test_a_metafield_is_what_its_value_looks_like() -> None:
    held = {"a": {"x": "tea", "y": 5, "z": 1.5, "w": True}, "b": {"days": ["1990-02-28", date(2000, 1, 1)]}}
    assert [(it.namespace, it.key, it.place, it.type, it.value) for it in parse_metafields(held)] == [
        ("a", "x", 0, "single_line_text_field", "tea"),
        ("a", "y", 0, "number_integer", "5"),
        ("a", "z", 0, "number_decimal", "1.5"),
        ("a", "w", 0, "boolean", "true"),
        ("b", "days", 0, "date", "1990-02-28"),
        ("b", "days", 1, "date", "2000-01-01"),
    ]


@pytest.mark.parametrize("written", [5, {"a": 5}, {"a": {"b": {"c": 1}}}, {"a": {"b": [[1]]}}])
def test_what_is_no_metafield_is_refused(written: object) -> None:
    with pytest.raises(WrongError):
        parse_metafields(written)


def test_a_rank_cannot_be_tested(load_text: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(TEXT.replace("[[tests]]", 'rank = { by = "orders", top = 5 }\n[[tests]]'))
    assert any("is a rank: it depends on everybody else" in problem.message for problem in caught.value.problems)


def test_the_languages_own_words_are_the_catalogues() -> None:
    assert "PAID" in words_of("orders_placed", "financial_status")
    assert words_of("orders_placed", "count") == []
    assert words_of("predicted_spend_tier") == ["HIGH", "MEDIUM", "LOW"]
    assert words_of("customer_tags") == []
