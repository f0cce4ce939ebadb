"""CSV as RFC 4180 has it, with amounts that stay numbers and texts that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest

from syncd.reports import sheet
from syncd.reports.answer import Answer, Column
from tests.support.answers import PEOPLE, answer


def written(it: Answer) -> str:
    out = io.StringIO(newline="")
    sheet.write(it, out)
    return out.getvalue()


def test_rows_stand_under_the_columns_names_each_ended_by_cr_lf() -> None:
    assert written(answer()) == (
        "rank,email,customer_ids,orders,amount,last_order,share,currency\r\n"
        "1,ada@shop.example,7001 7002,1234,1234.56,2026-10-31,0.125,EUR\r\n"
        "2,guest@shop.example,,3,0.05,,,EUR\r\n"
    )


@pytest.mark.parametrize(("currency", "text"), [("JPY", "123456"), ("KWD", "123.456"), ("EUR", "1234.56")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, text: str) -> None:
    rows = [(1, "a@x.example", (), 1, 123456, None, None)]

    assert f",{text},,,{currency}" in written(answer(rows=rows, currency=currency))


def test_an_amount_below_zero_stays_a_number() -> None:
    rows = [(1, "a@x.example", (), -3, -123456, None, None)]

    assert ",-3,-1234.56,," in written(answer(rows=rows))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    evil = f'{start}cmd("calc")'

    (row,) = list(csv.reader(io.StringIO(written(answer(rows=[(1, evil, (), 1, 1, None, None)])), newline="")))[1:]

    assert row[1] == f"'{evil}"


def test_commas_quotes_and_line_ends_come_back_as_they_were() -> None:
    text = 'O\'Neill, "Jo"\r\nand friends é'

    (row,) = list(csv.reader(io.StringIO(written(answer(rows=[(1, text, (), 1, 1, None, None)])), newline="")))[1:]

    assert row[1] == text


def test_a_report_without_money_has_no_currency() -> None:
    assert written(answer(columns=PEOPLE[:2], rows=[(1, "a")], totals=None)) == "rank,email\r\n1,a\r\n"


def test_a_currency_of_its_own_column_is_not_added_again() -> None:
    columns = (Column("currency", "currency", "text"), Column("amount", "amount", "money"))

    assert written(answer(columns=columns, rows=[("EUR", 1)], totals=None)) == "currency,amount\r\nEUR,0.01\r\n"
