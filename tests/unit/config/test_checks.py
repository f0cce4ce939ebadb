"""What must fit together across tables, where a file of `bad/` cannot show it yet."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.config.checks import Names, cross_check
from syncd.config.findings import Findings
from syncd.config.keys import dotted
from syncd.config.reading import Draft
from syncd.config.tables import SegmentTable
from syncd.segments import ask, parse


def draft(*asks: str) -> Draft:
    """Return a segment whose rule asks for other segments."""
    table = SegmentTable(query="number_of_orders > 1")
    return Draft(table, msgspec.structs.replace(parse(table.query), segments=frozenset(asks)), frozenset({"query"}))


def found(drafts: dict[str, Draft]) -> list[tuple[str, str, str]]:
    findings = Findings("syncd.toml", "")
    cross_check(Names({"main": "shop"}, ()), drafts, findings)
    return [(dotted(each.path), each.message, each.fix) for each in findings.wrong]


def test_segments_may_ask_for_others_in_any_order() -> None:
    assert found({"a": draft("b", "c"), "b": draft("c"), "c": draft()}) == []


def test_a_segment_that_is_not_there_is_told_with_the_likely_one() -> None:
    assert found({"gold": draft(), "vip": draft("glod")}) == [
        ("segments.vip.query", "there is no segment 'glod'", "did you mean gold?")
    ]


@pytest.mark.parametrize(
    ("drafts", "way"),
    [
        ({"a": draft("a")}, "a → a"),
        ({"a": draft("b"), "b": draft("c"), "c": draft("a")}, "a → b → c → a"),
        ({"x": draft("a"), "a": draft("b"), "b": draft("a")}, "a → b → a"),
    ],
)
def test_a_circle_is_named_in_the_order_in_which_they_ask(drafts: dict[str, Draft], way: str) -> None:
    ((key, message, _),) = found(drafts)
    assert key == "segments.a.query"
    assert message == f"segments ask about each other in a circle: {way}"


def test_all_references_are_checked_although_one_fails(load_text: Any) -> None:
    with pytest.raises(Exception, match=r"(?s)audiences\[0\].*audiences\[1\].*stores\[0\]"):
        load_text('[segments.a]\nquery = "amount_spent > 1"\ntag = "a"\naudiences = ["x", "y"]\nstores = ["z"]\n')


ASKED = """[segments.a]
query = "shopify_email.opened MATCHES (date >= -30d)"
tag = "a"
"""


@pytest.mark.parametrize("source", ["store", "shop"])
def test_a_query_that_only_the_store_can_answer_is_taken_with_such_a_source(load_text: Any, source: str) -> None:
    segment = load_text(f'{ASKED}source = "{source}"\n').segments["a"]
    assert segment.asks_store
    assert str(segment.rule) == "shopify_email.opened MATCHES (date >= -30d)"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("", "is known to the store alone"),
        ('source = "mirrror"', r"source: 'mirrror' is not one of mirror, store, shop"),
        (
            'source = "store"\nrank = { by = "orders", top = 5 }',
            r"rank: cannot go with a source that is not the mirror",
        ),
    ],
)
def test_a_source_that_does_not_fit_is_told(load_text: Any, more: str, message: str) -> None:
    with pytest.raises(Exception, match=rf"(?s){message}"):
        load_text(f"{ASKED}{more}\n")


def test_a_store_of_another_kind_cannot_be_asked() -> None:
    findings = Findings("syncd.toml", "")
    table = SegmentTable(query="number_of_orders > 1", source="shop")
    asked = {"a": Draft(table, ask(table.query, "a"), frozenset({"query"}))}
    cross_check(Names({"main": "shop", "other": "memory", "broken": None}, ()), asked, findings)
    assert [each.message for each in findings.wrong] == ["the store 'other' is of kind 'memory', not 'shop'"]


def test_what_the_store_may_not_take_is_worth_a_warning(load_text: Any) -> None:
    settings = load_text('[segments.a]\nquery = "average_order_amount > 5"\nsource = "store"\n')
    assert any("the store may not take it" in each.message for each in settings.warnings)
