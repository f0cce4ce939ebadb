"""Requests that fail, fail as the real service's do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CUSTOMER = "gid://shopify/Customer/7000000032768"


@pytest.mark.parametrize(
    "case",
    ["invalidSyntax", "missingSubselection", "unknownQueryRoot", "unknownMutationRoot", "unknownProductField"],
)
def test_errors_read_as_recorded(case: str, bench: Any, shared: Path) -> None:
    file = shared / "api" / "recorded" / "graphql-base-validation-unhappy-paths.json"
    found = json.loads(file.read_text("utf-8"))["cases"][case]
    query = found["request"]["query"].replace("input: {}", "id: 1")
    real = found["response"]["payload"]["errors"][0]
    mine = bench.only_error(query)
    for part in ("message", "path", "extensions"):
        assert mine.get(part) == real.get(part), part


def test_a_missing_variable_reads_as_recorded(bench: Any) -> None:
    error = bench.only_error("query($id: ID!) { customer(id: $id) { id } }")
    assert error["message"] == "Variable $id of type ID! was provided invalid value"
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["problems"] == [{"path": [], "explanation": "Expected value to not be null"}]


def test_a_variable_of_the_wrong_type_is_refused(bench: Any) -> None:
    error = bench.only_error("query($n: Int!) { customers(first: $n) { nodes { id } } }", n="many")
    assert error["extensions"]["code"] == "INVALID_VARIABLE"


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "{ customers(first: 1, nope: 2) { nodes { id } } }",
            "argumentNotAccepted",
            "Field 'customers' doesn't accept argument 'nope'",
        ),
        ("{ customer { id } }", "missingRequiredArguments", "Field 'customer' is missing required arguments: id"),
        (
            "{ customers(first: 1) { nodes { ... on Customer { nope } } } }",
            "undefinedField",
            "Field 'nope' doesn't exist on type 'Customer'",
        ),
        (
            "{ shop { ...f } } fragment f on Shop { nope }",
            "undefinedField",
            "Field 'nope' doesn't exist on type 'Shop'",
        ),
    ],
)
def test_other_mistakes_have_their_codes(query: str, code: str, message: str, bench: Any) -> None:
    error = bench.only_error(query)
    assert (error["extensions"]["code"], error["message"]) == (code, message)


def test_what_graphql_core_alone_finds_is_told_too(bench: Any) -> None:
    assert bench.only_error('{ customers(first: "x") { nodes { id } } }')["message"]


def test_a_list_of_more_than_250_is_refused_in_variables_and_in_the_document(bench: Any) -> None:
    ids = [CUSTOMER] * 251
    message = "The input array size of 251 is greater than the maximum allowed of 250."
    by_variable = bench.only_error("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    by_text = bench.only_error(f"{{ nodes(ids: {json.dumps(ids)}) {{ id }} }}")
    assert by_variable["message"] == by_text["message"] == message
    assert by_variable["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert by_variable["path"] == ["nodes"]


def test_250_are_taken(bench: Any) -> None:
    found = bench.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[CUSTOMER] * 250)
    assert len(found["nodes"]) == 250


def test_a_missing_customer_is_null_without_an_error(bench: Any) -> None:
    assert bench.ask('{ customer(id: "gid://shopify/Customer/1") { id } }') == {"customer": None}
    missing = bench.ask('{ nodes(ids: ["gid://shopify/Customer/1"]) { id } }')
    assert missing == {"nodes": [None]}


def test_an_id_of_another_kind_is_an_error(bench: Any) -> None:
    answer = bench.whole('{ customer(id: "gid://shopify/Order/1") { id } }')
    assert answer["data"] == {"customer": None}
    assert answer["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_one_of_several_operations_is_chosen_by_name(bench: Any) -> None:
    body = {"query": "query A { shop { name } } query B { shop { id } }", "operationName": "B"}
    answer = json.loads(bench.post("/admin/api/2026-10/graphql.json", body).body)
    assert "id" in answer["data"]["shop"]
    del body["operationName"]
    assert "errors" in json.loads(bench.post("/admin/api/2026-10/graphql.json", body).body)


@pytest.mark.parametrize("body", [b"{nonsense", b"[]", b'{"query": 1}', b""])
def test_a_body_that_is_no_request_is_a_400(body: bytes, bench: Any) -> None:
    assert bench.post("/admin/api/2026-10/graphql.json", body).status == 400


def test_big_numbers_and_amounts_are_text_and_times_are_utc(bench: Any) -> None:
    fields = "legacyResourceId numberOfOrders createdAt amountSpent { amount currencyCode }"
    node = bench.ask(f"{{ customers(first: 1) {{ nodes {{ {fields} }} }} }}")["customers"]["nodes"][0]
    assert node["legacyResourceId"].isdigit()
    assert node["numberOfOrders"].isdigit()
    assert float(node["amountSpent"]["amount"]) >= 0
    assert node["createdAt"].endswith("Z")
    assert len(node["createdAt"]) == 20


@pytest.mark.parametrize(
    ("asked", "served"),
    [("2026-10", "2026-10"), ("2026-07", "2026-07"), ("2025-01", "2026-01"), ("unstable", "unstable")],
)
def test_an_old_version_falls_forward_silently(asked: str, served: str, bench: Any) -> None:
    response = bench.post(f"/admin/api/{asked}/graphql.json", {"query": "{ shop { id } }"})
    assert response.status == 200
    assert response.headers["X-Shopify-API-Version"] == served


@pytest.mark.parametrize("asked", ["2026-13", "2031-01", "latest"])
def test_a_version_that_never_was_is_not_found(asked: str, bench: Any) -> None:
    response = bench.post(f"/admin/api/{asked}/graphql.json", {"query": "{ shop { id } }"})
    assert response.status == 404
    assert json.loads(response.body) == {"errors": "Not Found"}


def test_the_shop_says_its_zone_currency_and_scopes(bench: Any) -> None:
    data = bench.ask(
        "{ shop { ianaTimezone currencyCode timezoneOffsetMinutes timezoneOffset "
        "customerTags(first: 2) { edges { node } } }"
        " currentAppInstallation { accessScopes { handle } } publicApiVersions { handle supported } }"
    )
    assert data["shop"]["ianaTimezone"] == "Europe/Berlin"
    assert data["shop"]["timezoneOffset"] == "+0100"
    assert data["shop"]["timezoneOffsetMinutes"] == 60
    assert len(data["shop"]["customerTags"]["edges"]) == 2
    assert {"handle": "read_all_orders"} in data["currentAppInstallation"]["accessScopes"]
    assert {"handle": "2026-10", "supported": True} in data["publicApiVersions"]
