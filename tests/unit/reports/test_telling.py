"""Numbers as a shop's country writes them, and in whose way that is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from syncd.model import exponent
from syncd.reports.answer import Column
from syncd.reports.locales import locale_of
from syncd.reports.telling import Teller, circumstances
from tests.support.answers import PEOPLE, TOTALS, answer


@pytest.mark.parametrize(
    ("zones", "locale"),
    [
        (["Europe/Berlin"], "de_DE"),
        (["America/Toronto"], "en_CA"),  # English is one of the languages there
        (["Asia/Kolkata"], "en_IN"),
        (["Asia/Calcutta"], "en_IN"),
        (["Europe/Kyiv"], "uk_UA"),
        (["Europe/Zurich"], "de_CH"),
        (["UTC"], "en"),
        (["Middle/Earth"], "en"),
        ([], "en"),
        (["Europe/Berlin", "Europe/Berlin"], "de_DE"),
        (["Europe/Berlin", "Europe/Paris"], "en"),
    ],
)
def test_the_zone_of_a_store_tells_its_country(zones: list[str], locale: str) -> None:
    assert locale_of(zones) == locale


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "money", ""),
        ("Ada", "text", "Ada"),
        ((), "ids", "guest"),
        ((7, 8), "ids", "7, 8"),
        (1234, "count", "1.234"),
        (-123456, "money", "-1.234,56\xa0€"),
        (10**15, "money", "10.000.000.000.000,00\xa0€"),
        (0.125, "share", "12,5\xa0%"),
        (12, "days", "12"),
    ],
)
def test_values_are_told_as_people_read_them(value: object, kind: str, text: str) -> None:
    assert Teller("de_DE", "EUR").value(value, kind) == text  # type: ignore[arg-type]


@given(
    minor=st.integers(-(10**14), 10**14),
    currency=st.sampled_from(["EUR", "USD", "JPY", "KWD", "RSD", "INR"]),  # Babel shows dinars without decimals
    locale=st.sampled_from(["de_DE", "de_CH", "en_IN", "fr_CA", "pl_PL", "pt_PT", "ja_JP", "ar_EG", "fa_IR", "hi_IN"]),
)
def test_numbers_are_told_as_babel_tells_them(minor: int, currency: str, locale: str) -> None:
    teller = Teller(locale, currency)
    major = Decimal(minor).scaleb(-exponent(currency))
    for _ in range(2):
        assert teller.value(minor, "money") == format_currency(major, currency, locale=locale)
        assert teller.value(minor, "count") == format_decimal(minor, locale=locale)


@given(share=st.floats(0, 1) | st.sampled_from([0.0005, 0.0015, 0.1235, 1.0, 0.99949]))
def test_shares_are_told_as_babel_tells_them(share: float) -> None:
    assert Teller("en", None).value(share, "share") == format_percent(share, "#,##0.0%", locale="en")


def test_money_without_a_currency_is_a_number() -> None:
    assert Teller("en", None).value(0, "money") == "0"


def test_the_word_total_stands_where_the_drawing_has_its_names() -> None:
    assert Teller("en", "EUR").totals(answer()) == ["", "total", "", "1,237", "€1,234.61", "", ""]


def test_without_a_drawing_the_word_total_stands_in_the_first_text() -> None:
    columns = (Column("moved", "moved", "text"), *PEOPLE)
    rows = {"columns": columns, "totals": (None, *TOTALS)}

    assert Teller("en", "EUR").totals(answer(**rows))[:3] == ["", "", "total"]  # type: ignore[index]
    assert Teller("en", "EUR").totals(answer(**rows, plot=None))[:3] == ["total", "", ""]  # type: ignore[index]


def test_without_totals_there_is_no_such_line() -> None:
    assert Teller("en", "EUR").totals(answer(totals=None)) is None


def test_the_circumstances_are_one_line() -> None:
    assert circumstances(answer()) == "2026-10-01 to 2026-10-31 · main · EUR"
    assert circumstances(answer(period=None, currency=None)) == "all time · main"


@pytest.mark.parametrize(
    ("words", "told"), [("up 3", "▲ 3"), ("down 12", "▼ 12"), ("same", "="), ("new", "new"), (None, "")]
)
def test_movement_is_told_by_arrows(words: str | None, told: str) -> None:
    columns = (Column("moved", "moved", "text"), Column("email", "email", "text"))

    assert Teller("en", None).row((words, "up 3"), columns) == [told, "up 3"]
