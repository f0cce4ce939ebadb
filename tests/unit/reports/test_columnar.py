"""Parquet: exact amounts, real dates, rows in groups; and what is said where pyarrow is missing."""

from __future__ import annotations

import io
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from syncd.errors import FatalError
from syncd.reports import columnar
from syncd.reports.answer import Answer
from tests.support.answers import answer, many


@pytest.fixture
def parquet() -> Any:
    return pytest.importorskip("pyarrow.parquet", reason="needs pyarrow, the extra syncd[parquet]")


def file_of(it: Answer) -> io.BytesIO:
    out = io.BytesIO()
    columnar.write(it, out)
    return io.BytesIO(out.getvalue())


def test_amounts_are_decimals_and_days_are_dates(parquet: Any) -> None:
    file = file_of(answer())
    table = parquet.read_table(file)

    assert table.to_pylist() == [
        {
            "rank": 1,
            "email": "ada@shop.example",
            "customer_ids": [7001, 7002],
            "orders": 1234,
            "amount": Decimal("1234.56"),
            "last_order": date(2026, 10, 31),
            "share": 0.125,
        },
        {
            "rank": 2,
            "email": "guest@shop.example",
            "customer_ids": [],
            "orders": 3,
            "amount": Decimal("0.05"),
            "last_order": None,
            "share": None,
        },
    ]
    assert str(table.schema.field("amount").type) == "decimal128(22, 2)"
    assert str(table.schema.field("last_order").type) == "date32[day]"


def test_the_file_tells_what_it_is_of(parquet: Any) -> None:
    file = file_of(answer())
    told = parquet.read_schema(file).metadata

    assert told[b"syncd.report"] == b"leaderboard"
    assert told[b"syncd.currency"] == b"EUR"
    assert told[b"syncd.from"] == b"2026-10-01"
    assert told[b"syncd.as_of"] == b"2026-11-18T11:06:40Z"


def test_nobody_is_a_file_with_columns_and_no_rows(parquet: Any) -> None:
    file = file_of(answer(rows=[], size=0, totals=None))
    table = parquet.read_table(file)

    assert (table.num_rows, table.num_columns) == (0, 7)


def test_rows_are_written_in_groups(parquet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "GROUP", 100)
    file = file_of(many(250))
    found = parquet.ParquetFile(file).metadata

    assert [found.row_group(at).num_rows for at in range(found.num_row_groups)] == [100, 100, 50]


def test_without_pyarrow_the_line_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(FatalError, match="pyarrow") as caught:
        columnar.write(answer(), io.BytesIO())

    assert "pip install 'syncd[parquet]'" in caught.value.hint
