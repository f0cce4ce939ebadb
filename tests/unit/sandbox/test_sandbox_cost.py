"""Costs are those of the recorded answers; the bucket refills with time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, GraphQLError, get_operation_ast, parse, validate

from connectors.sandbox.shopify.bucket import Bucket
from connectors.sandbox.shopify.cost import Pricing
from connectors.sandbox.shopify.schema import schema


def recorded(found: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], Any]]:
    """Yield document, variables, cost and data of every recorded answer."""
    if isinstance(found, list):
        for inner in found:
            yield from recorded(inner)
    if not isinstance(found, dict):
        return
    request = found.get("request") if isinstance(found.get("request"), dict) else {}
    query = found.get("query") or request.get("query")
    answer = found.get("response")
    if isinstance(answer, dict) and isinstance(query, str):
        answer = answer.get("payload") or answer.get("body") or answer
        cost = (answer.get("extensions") or {}).get("cost")
        if cost:
            yield query, found.get("variables") or request.get("variables") or {}, cost, answer.get("data")
    for inner in found.values():
        yield from recorded(inner)


def pricing(query: str, variables: dict[str, Any]) -> tuple[Pricing, Any] | None:
    """Return how a document is priced, None where our part of the schema does not hold it."""
    try:
        document = parse(query)
    except GraphQLError:
        return None
    if validate(schema(), document):
        return None
    fragments = {x.name.value: x for x in document.definitions if isinstance(x, FragmentDefinitionNode)}
    return Pricing(schema(), fragments, variables), get_operation_ast(document)


def test_every_recorded_cost_is_met_requested_and_charged(shared: Path) -> None:
    compared = 0
    for file in sorted((shared / "api" / "recorded").glob("*.json")):
        for query, variables, cost, data in recorded(json.loads(file.read_text("utf-8"))):
            priced = pricing(query, variables)
            if priced is None:
                continue
            prices, operation = priced
            requested = prices.requested(operation)
            charged = prices.charged(operation, data, requested)
            compared += 1
            assert (requested, charged) == (cost["requestedQueryCost"], cost["actualQueryCost"]), (file.name, query)
    assert compared >= 40


@pytest.mark.parametrize(("first", "cost"), [(1, 3), (2, 4), (5, 5), (10, 6), (20, 7), (100, 11), (250, 13)])
def test_a_list_of_bare_objects_costs_what_was_seen(first: int, cost: int) -> None:
    priced = pricing("query($n: Int) { customers(first: $n) { nodes { id } } }", {"n": first})
    assert priced is not None
    assert priced[0].requested(priced[1]) == cost


def test_lists_in_lists_cost_what_was_seen() -> None:
    inner = (
        "addressesV2(first: 250) { nodes { id } } defaultEmailAddress { validFormat } "
        "defaultPhoneNumber { phoneNumber }"
    )
    priced = pricing(f"{{ customers(first: 250) {{ nodes {{ id {inner} }} }} }}", {})
    assert priced is not None
    assert priced[0].requested(priced[1]) == 178


def test_points_come_back_with_time(clock: Any) -> None:
    bucket = Bucket(clock, size=100, restore=10)
    assert bucket.take(100)
    assert not bucket.take(1)
    clock.sleep(3)
    assert not bucket.take(31)
    assert bucket.take(30)
    clock.sleep(1000)
    assert bucket.status(1, 1)["throttleStatus"] == {
        "maximumAvailable": 100.0,
        "currentlyAvailable": 100,
        "restoreRate": 10.0,
    }


def test_an_empty_bucket_throttles_with_status_200_and_says_how_much_is_there(bench: Any) -> None:
    bench.store.bucket.resize(size=40, restore=1)
    bench.store.bucket.take(35)
    clock_free = bench.post("/admin/api/2026-10/graphql.json", {"query": "{ customersCount { count } }"})
    answer = json.loads(clock_free.body)
    assert clock_free.status == 200
    assert "data" not in answer
    assert answer["errors"][0]["message"] == "Throttled"
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = answer["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (10, None)
    assert cost["throttleStatus"]["currentlyAvailable"] == 5


def test_what_was_not_used_is_given_back(bench: Any) -> None:
    answer = bench.whole('{ customers(first: 250, query: "id:1") { nodes { id lastOrder { id } } } }')
    cost = answer["extensions"]["cost"]
    assert cost["requestedQueryCost"] > cost["actualQueryCost"]
    assert cost["throttleStatus"]["currentlyAvailable"] == 2000 - cost["actualQueryCost"]


def test_no_query_may_cost_more_than_a_thousand_points(bench: Any) -> None:
    lines = "lineItems(first: 250) { nodes { id product { id } variant { id } } }"
    orders = f"orders(first: 250) {{ nodes {{ id {lines} }} }}"
    error = bench.only_error(f"{{ customers(first: 250) {{ nodes {{ id {orders} }} }} }}")
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["cost"] > 1000
    assert "exceeds the single query max cost limit (1000)" in error["message"]


def test_fragments_cost_what_they_hold() -> None:
    plain = pricing("{ customers(first: 10) { nodes { id lastOrder { id } } } }", {})
    spread = pricing(
        "query { customers(first: 10) { ...F } } fragment F on CustomerConnection { nodes { id ... on Customer { "
        "lastOrder { id } } } }",
        {},
    )
    assert plain is not None
    assert spread is not None
    assert plain[0].requested(plain[1]) == spread[0].requested(spread[1]) == 10
