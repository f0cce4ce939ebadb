"""One JSON document: the form that programs rely on (`docs/commands.md`). What does not apply is absent."""

from __future__ import annotations

from datetime import date
from typing import Any, TextIO

import msgspec

from syncd.clock import iso
from syncd.model import decimal_text
from syncd.reports.answer import Answer, Column, Row, Value

_encode = msgspec.json.Encoder().encode


def write(answer: Answer, out: TextIO, *, apart: bool = False) -> None:
    """Write the document row by row, on one line, or for people each row on one of its own (`apart`)."""
    end = "\n" if apart else ""
    out.write(_encode(_head(answer)).decode().removesuffix("}") + f',"rows":[{end}')
    before = ""
    for row in answer.rows:
        out.write(before + _encode(_object(row, answer)).decode())
        before = f",{end}"
    out.write(f"{end}]}}\n")


def _head(answer: Answer) -> dict[str, Any]:
    period = answer.period
    return {
        "report": answer.report,
        "title": answer.title,
        "period": {"from": period and period.first.isoformat(), "to": period and period.last.isoformat()},
        "currency": answer.currency,
        "stores": answer.stores,
        "as_of": iso(answer.as_of),
        "size": answer.size,
        "totals": None if answer.totals is None else _object(answer.totals, answer),
        "notes": answer.notes,
    }


def _object(row: Row, answer: Answer) -> dict[str, Any]:
    pairs = zip(answer.columns, row, strict=True)
    return {column.name: _value(value, column, answer.currency) for column, value in pairs if value is not None}


def _value(value: Value, column: Column, currency: str | None) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if column.kind == "money" and currency and isinstance(value, int):
        return decimal_text(value, currency)
    return value
