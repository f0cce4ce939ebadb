"""The real queries that we know: what is valid is read and answered, what is invalid is refused with a place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from syncd.mirror.database import Mirror
from syncd.segments import RuleError, matches, parse
from tests.unit.segments.shop import FRAME, SHOP
from tests.unit.segments.world import by_sql

_NOT_HERE = ("shopify_email.", "storefront")
_ANSWERED = ("store_credit_accounts MATCHES (balance > 0)",)
"""Suspect by their source alone: the reference agrees."""


@pytest.fixture(scope="module")
def examples(shared: Path) -> dict[str, list[str]]:
    """Return the queries by what is expected of them."""
    found: dict[str, list[str]] = {}
    with (shared / "facts" / "segment-examples.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["expected"], []).append(row["query"])
    return found


def test_every_valid_query_that_mirrored_data_can_answer_is_answered_alike(
    examples: dict[str, list[str]], mirror: Mirror
) -> None:
    queries = [*examples["valid"], *examples["valid-deprecated"]]
    answerable = [query for query in queries if not query.startswith(_NOT_HERE)]
    assert len(answerable) > 70
    for query in answerable:
        rule = parse(query)
        assert parse(str(rule)).tree == rule.tree
        assert by_sql(mirror, rule, FRAME) == {
            id_ for id_, person in SHOP.people().items() if matches(rule, person, FRAME)
        }


def test_a_valid_query_that_only_the_store_can_answer_is_told_so_and_nothing_else(
    examples: dict[str, list[str]],
) -> None:
    queries = [*examples["valid"], *examples["valid-deprecated"]]
    remote = [query for query in queries if query.startswith(_NOT_HERE)]
    assert remote
    for query in remote:
        with pytest.raises(RuleError, match="is known to the store alone") as caught:
            parse(query)
        assert caught.value.remote


def test_every_invalid_query_is_refused_with_a_place(examples: dict[str, list[str]]) -> None:
    places = {}
    for query in examples["invalid"]:
        with pytest.raises(RuleError) as caught:
            parse(query)
        assert not caught.value.remote
        places[query] = [(problem.line, problem.column) for problem in caught.value.problems]
    assert places == {
        "last_order_date BETWEEN 1pm AND 3pm": [(1, 25)],
        "orders_placed MATCHES (date > 2025-01-01, date < 2025-06-01)": [(1, 43)],
        "ordered_product_tag CONTAINS 'skincare'": [(1, 1)],
    }


def test_a_suspect_query_is_refused_with_what_was_meant(examples: dict[str, list[str]]) -> None:
    for query in set(examples["suspect"]).difference(_ANSWERED):
        with pytest.raises(RuleError):
            parse(query)


def test_a_template_becomes_a_rule_once_it_is_filled_in() -> None:
    distance = parse("customer_within_distance(coordinates: (45.4, -75.7), distance_mi: 6.2) = true")
    assert str(distance) == "customer_within_distance MATCHES (coordinates = (45.4, -75.7), distance_mi = 6.2)"
    until = parse("customer_tags CONTAINS 'a' AND orders_placed(until: -30d) = true")
    assert str(until) == "customer_tags CONTAINS 'a' AND orders_placed MATCHES (date <= -30d)"
