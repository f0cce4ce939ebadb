"""Parquet, for notebooks, DuckDB and warehouses: amounts as decimals, days as dates, rows in groups.

pyarrow is an extra (`syncd[parquet]`), for it is larger than all of syncd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from syncd.clock import iso
from syncd.errors import FatalError
from syncd.model import exponent
from syncd.reports.answer import Answer, Column, Row, Value

GROUP = 20_000
"""How many rows are in memory at a time."""
_DIGITS = 22
"""Of an amount: more than the largest sum of minor units has."""


def write(answer: Answer, out: BinaryIO) -> None:
    """Write the rows in row groups, and the answer's circumstances as the file's metadata.

    Raises:
        FatalError: pyarrow is not installed.
    """
    arrow, parquet = _pyarrow()
    schema = _schema(arrow, answer)
    converters = [_converter(column, answer.currency) for column in answer.columns]
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in _groups(answer):
            columns = [
                arrow.array([converted(value) for value in values], type=field.type)
                for converted, values, field in zip(converters, zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_batch(arrow.RecordBatch.from_arrays(columns, schema=schema))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415  # an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise FatalError(
            "Parquet files are written by pyarrow, which is not installed",
            hint="install it beside syncd: pip install 'syncd[parquet]' (or pip install pyarrow)",
        ) from error
    return pyarrow, parquet


def _groups(answer: Answer) -> Iterator[list[Row]]:
    rows = iter(answer.rows)
    while group := list(islice(rows, GROUP)):
        yield group


def _schema(arrow: Any, answer: Answer) -> Any:
    told = {
        "report": answer.report,
        "title": answer.title,
        "from": answer.period and answer.period.first.isoformat(),
        "to": answer.period and answer.period.last.isoformat(),
        "currency": answer.currency,
        "stores": ", ".join(answer.stores),
        "as_of": iso(answer.as_of),
        "notes": "\n".join(answer.notes),
    }
    fields = [arrow.field(column.name, _type(arrow, column, answer.currency)) for column in answer.columns]
    return arrow.schema(fields, metadata={f"syncd.{key}": value for key, value in told.items() if value})


def _type(arrow: Any, column: Column, currency: str | None) -> Any:
    match column.kind:
        case "text":
            return arrow.string()
        case "money":
            return arrow.decimal128(_DIGITS, exponent(currency or ""))
        case "day":
            return arrow.date32()
        case "share":
            return arrow.float64()
        case "ids":
            return arrow.list_(arrow.int64())
        case _:
            return arrow.int64()


def _converter(column: Column, currency: str | None) -> Callable[[Value], Any]:
    """Return what turns a column's values into pyarrow's."""
    if column.kind != "money":
        return lambda value: value
    places = exponent(currency or "")
    return lambda value: None if value is None else Decimal(int(value)).scaleb(-places)  # type: ignore[arg-type]
