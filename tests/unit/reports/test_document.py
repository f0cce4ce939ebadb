"""The JSON document that programs rely on."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from syncd.reports import document
from syncd.reports.answer import Answer
from tests.support.answers import answer


def text_of(it: Answer, *, apart: bool = False) -> str:
    out = io.StringIO()
    document.write(it, out, apart=apart)
    return out.getvalue()


def test_the_document_has_the_names_that_programs_rely_on() -> None:
    found = json.loads(text_of(answer()))

    assert found == {
        "report": "leaderboard",
        "title": "Leaderboard by amount spent",
        "period": {"from": "2026-10-01", "to": "2026-10-31"},
        "currency": "EUR",
        "stores": ["main"],
        "as_of": "2026-11-18T11:06:40Z",
        "size": 2,
        "totals": {"orders": 1237, "amount": "1234.61"},
        "notes": ["3 people share place 2."],
        "rows": [
            {
                "rank": 1,
                "email": "ada@shop.example",
                "customer_ids": [7001, 7002],
                "orders": 1234,
                "amount": "1234.56",
                "last_order": "2026-10-31",
                "share": 0.125,
            },
            {"rank": 2, "email": "guest@shop.example", "customer_ids": [], "orders": 3, "amount": "0.05"},
        ],
    }


def test_for_programs_it_stands_on_one_line() -> None:
    assert text_of(answer()).count("\n") == 1


def test_for_people_each_row_stands_on_its_own_line() -> None:
    text = text_of(answer(), apart=True)

    assert text.count("\n") == 4
    assert json.loads(text) == json.loads(text_of(answer()))


@pytest.mark.parametrize("more", [{"rows": [], "size": 0, "totals": None}, {"period": None, "as_of": None}])
def test_what_is_missing_leaves_a_whole_document(more: dict[str, Any]) -> None:
    found = json.loads(text_of(answer(**more)))

    assert len(found["rows"]) == found["size"]
    assert found["period"] == ({"from": None, "to": None} if "period" in more else found["period"])
