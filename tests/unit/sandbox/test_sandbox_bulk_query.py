"""Bulk queries: what is refused, how they run, what they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

IDS = "{ customers { edges { node { id } } } }"


def rows(bench: Any, files: Any, query: str, **arguments: Any) -> list[Any]:
    """Run an export and return its rows."""
    payload = bench.run_bulk(query, **arguments)
    assert payload["userErrors"] == []
    operation = bench.finished(payload["bulkOperation"]["id"])
    assert operation["status"] == "COMPLETED", operation
    lines = bench.downloaded(operation["url"], files).splitlines()
    assert operation["objectCount"] == str(len(lines))
    return [json.loads(line) for line in lines]


def refusals(bench: Any, query: str) -> list[str]:
    payload = bench.run_bulk(query)
    assert payload["bulkOperation"] is None
    assert {error["code"] for error in payload["userErrors"]} == {"INVALID"}
    assert {tuple(error["field"]) for error in payload["userErrors"]} == {("query",)}
    return [error["message"] for error in payload["userErrors"]]


@pytest.mark.parametrize(
    "case",
    ["nodesInsteadOfEdges", "ordersNodesInsteadOfEdges", "topLevelNode", "invalidOperationType"],
)
def test_refusals_read_as_recorded(case: str, bench: Any, shared: Path) -> None:
    file = shared / "api" / "recorded" / "bulk-operation-run-query-validators.json"
    found = json.loads(file.read_text("utf-8"))["validations"][case]
    query = found["variables"]["query"]
    real = [error["message"] for error in found["response"]["data"]["bulkOperationRunQuery"]["userErrors"]]
    assert refusals(bench, query) == real


@pytest.mark.parametrize("case", ["noConnectionWithCode", "emptyQuery"])
def test_codes_read_as_recorded(case: str, bench: Any, shared: Path) -> None:
    file = shared / "api" / "recorded" / "bulk-operation-run-query-user-error-codes.json"
    found = json.loads(file.read_text("utf-8"))["validations"][case]
    assert bench.run_bulk(found["variables"]["query"]) == found["response"]["data"]["bulkOperationRunQuery"]


def test_more_than_five_connections_are_refused(bench: Any) -> None:
    six = " ".join(f"c{n}: customers {{ edges {{ node {{ id }} }} }}" for n in range(6))
    assert refusals(bench, f"{{ {six} }}") == ["Bulk queries cannot contain more than 5 connections."]


def test_three_connections_inside_each_other_are_the_deepest(bench: Any) -> None:
    inner = "lineItems { edges { node { id product { id collections { edges { node { id } } } } } } }"
    query = f"{{ customers {{ edges {{ node {{ id orders {{ edges {{ node {{ id {inner} }} }} }} }} }} }} }}"
    assert refusals(bench, query) == ["Bulk queries cannot contain connections with a nesting depth greater than 2."]


def test_a_parent_must_select_its_id(bench: Any) -> None:
    query = "{ orders { edges { node { name lineItems { edges { node { id } } } } } } }"
    message = (
        "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of "
        "'ID' return type. Connection fields without 'id': orders."
    )
    assert refusals(bench, query) == [message]
    assert refusals(bench, query.replace("name", "number: id")) == [message]


def test_a_connection_within_a_list_is_refused(bench: Any) -> None:
    inner = "refunds { id refundLineItems { edges { node { quantity } } } }"
    messages = refusals(bench, f"{{ orders {{ edges {{ node {{ id {inner} }} }} }} }}")
    assert messages[0] == "Queries that contain a connection field within a list field are not currently supported."


def test_a_query_of_more_than_64_kib_is_refused(bench: Any) -> None:
    query = "{ customers { edges { node { id } } } } #"
    long = query + "x" * (65_536 - len(query))
    assert refusals(bench, long) == ["Query is too large (65536 bytes; maximum is 65535 bytes)"]
    assert bench.run_bulk(long[:-1])["userErrors"] == []


def test_an_unknown_field_is_refused(bench: Any) -> None:
    query = "{ customers { edges { node { id nope } } } }"
    assert refusals(bench, query) == ["Invalid bulk query: Field 'nope' doesn't exist on type 'Customer'"]


def test_an_operation_is_created_then_runs_then_completes(bench: Any) -> None:
    bench.store.bulk.seconds = 100.0
    started = bench.run_bulk(IDS)["bulkOperation"]
    assert (started["status"], started["objectCount"], started["url"]) == ("CREATED", "0", None)
    bench.store.bulk.settle()
    poll = f'{{ bulkOperation(id: "{started["id"]}") {{ status url }} }}'
    seen = [bench.ask(poll)["bulkOperation"] for _ in range(4)]
    assert [each["status"] for each in seen] == ["CREATED", "RUNNING", "RUNNING", "COMPLETED"]
    assert [bool(each["url"]) for each in seen] == [False, False, False, True]


def test_nothing_found_has_no_link(bench: Any) -> None:
    payload = bench.run_bulk('{ customers(query: "id:1") { edges { node { id } } } }')
    operation = bench.finished(payload["bulkOperation"]["id"])
    assert (operation["status"], operation["url"], operation["objectCount"]) == ("COMPLETED", None, "0")


def test_the_sixth_at_once_is_refused_as_recorded(bench: Any) -> None:
    bench.store.bulk.seconds = 1e9
    names = [bench.run_bulk(IDS)["bulkOperation"]["id"] for _ in range(5)]
    payload = bench.run_bulk(IDS)
    message = f"A bulk query operation for this app and shop is already in progress: {', '.join(names)}."
    assert payload["bulkOperation"] is None
    assert payload["userErrors"] == [{"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}]


def test_one_field_without_its_scope_fails_the_whole_operation(bench: Any) -> None:
    bench.store.scopes -= {"read_products"}
    query = "{ orders { edges { node { id lineItems { edges { node { id product { id } } } } } } } }"
    operation = bench.finished(bench.run_bulk(query)["bulkOperation"]["id"])
    assert (operation["status"], operation["errorCode"], operation["url"]) == ("FAILED", "ACCESS_DENIED", None)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("name", ["customers_bulk", "orders_bulk", "products_bulk", "abandoned_checkouts_bulk"])
def test_exports_say_what_pages_say(name: str, grouped: bool, bench: Any, files: Any, shared: Path) -> None:
    document = (shared / "api" / "shopify-operations" / f"{name}.graphql").read_text("utf-8")
    document = document.replace("2026-01-01", "2026-01-01" if "orders" in name else "2020-01-01")
    exported = rows(bench, files, document, grouped=grouped)
    paged = whole_tree(bench, document)
    assert sorted(exported, key=lambda row: row["id"] + row.get("__parentId", "")) == sorted(
        paged, key=lambda row: row["id"] + row.get("__parentId", "")
    )


def whole_tree(bench: Any, document: str) -> list[Any]:
    """Read the same through pages, and flatten it as an export is flat."""
    bench.store.bucket.resize(size=100_000, restore=1)
    for name in ("customers", "orders", "products", "abandonedCheckouts"):
        document = document.replace(f"{name}(", f"{name}(first: 100, after: $after, ", 1)
        document = document.replace(f"{name} {{", f"{name}(first: 100, after: $after) {{", 1)
    for name in ("addressesV2", "lineItems", "collections"):
        document = document.replace(f"{name} {{ edges", f"{name}(first: 100) {{ edges")
        document = document.replace(f"{name} {{\n", f"{name}(first: 100) {{\n")
    head, _, rest = document.partition(" {")
    query = head[head.index("query ") :] + "($after: String) {" + rest
    marker = query.rindex("}\n")
    query = query[: query.rindex("}", 0, marker)] + " pageInfo { hasNextPage endCursor } } }"
    found: list[Any] = []
    after = None
    while True:
        root = next(iter(bench.ask(query, after=after).values()))
        for edge in root["edges"]:
            found += flattened(edge["node"], None)
        if not root["pageInfo"]["hasNextPage"]:
            return found
        after = root["pageInfo"]["endCursor"]


def flattened(node: Any, parent: str | None) -> list[Any]:
    own = {name: value for name, value in node.items() if not (isinstance(value, dict) and "edges" in value)}
    below = [
        row
        for value in node.values()
        if isinstance(value, dict) and "edges" in value
        for edge in value["edges"]
        for row in flattened(edge["node"], node["id"])
    ]
    return [own | ({"__parentId": parent} if parent else {}), *below]


def test_children_come_after_their_parent_but_not_beside_it(bench: Any, files: Any) -> None:
    query = "{ orders { edges { node { id lineItems { edges { node { id } } } } } } }"
    found = rows(bench, files, query)
    places = {row["id"]: place for place, row in enumerate(found)}
    children = [row for row in found if "__parentId" in row]
    assert children
    assert all(places[row["__parentId"]] < places[row["id"]] for row in children)
    beside = sum(places[row["id"]] - places[row["__parentId"]] == 1 for row in children)
    assert beside < len(children) / 50
    in_order = [line.id for order in bench.shop.orders.values() for line in order.lines]
    assert [int(row["id"].rpartition("/")[2]) for row in children] != in_order


def test_grouped_children_come_right_after_their_parent(bench: Any, files: Any) -> None:
    query = "{ orders { edges { node { id lineItems { edges { node { id } } } } } } }"
    parent = None
    for row in rows(bench, files, query, grouped=True):
        if "__parentId" in row:
            assert row["__parentId"] == parent
        else:
            parent = row["id"]


def test_the_same_export_is_written_the_same_way_twice(bench: Any, files: Any) -> None:
    query = "{ orders { edges { node { id lineItems { edges { node { id } } } } } } }"
    assert rows(bench, files, query) == rows(bench, files, query)


def test_slashes_are_escaped(bench: Any, files: Any) -> None:
    payload = bench.run_bulk(IDS)
    text = bench.downloaded(bench.finished(payload["bulkOperation"]["id"])["url"], files)
    assert text.startswith(rb'{"id":"gid:\/\/shopify\/Customer\/')
    assert text.endswith(b"}\n")


def test_types_aliases_and_fragments_are_written(bench: Any, files: Any) -> None:
    query = (
        "{ orders { edges { node { __typename id ... on Order { titel: name } ...Money } } } } "
        "fragment Money on Order { totalPriceSet { shopMoney { amount } } }"
    )
    row = rows(bench, files, query)[0]
    assert list(row) == ["__typename", "id", "titel", "totalPriceSet"]
    assert row["__typename"] == "Order"


def test_grandchildren_name_their_own_parent(bench: Any, files: Any) -> None:
    query = (
        "{ customers { edges { node { id orders { edges { node { id lineItems { edges { node { id } } } } } } } } } }"
    )
    found = rows(bench, files, query)
    places = {row["id"]: place for place, row in enumerate(found)}
    lines = [row for row in found if "/LineItem/" in row["id"]]
    assert lines
    assert all("/Order/" in row["__parentId"] for row in lines)
    assert all(places[row["__parentId"]] < places[row["id"]] for row in lines)


def test_filters_work_and_warnings_have_no_place_to_be_told(bench: Any, files: Any) -> None:
    first = min(bench.shop.customers)
    assert len(rows(bench, files, f'{{ customers(query: "id:{first}") {{ edges {{ node {{ id }} }} }} }}')) == 1
    everybody = rows(bench, files, '{ customers(query: "nope:1") { edges { node { id } } } }')
    assert len(everybody) == len(bench.shop.customers)


def test_an_export_without_all_orders_holds_sixty_days_only(bench: Any, files: Any) -> None:
    bench.store.scopes -= {"read_all_orders"}
    border = bench.clock.now() - 60 * 86_400
    young = [order for order in bench.shop.orders.values() if order.created_at >= border + 100]
    found = rows(bench, files, "{ orders { edges { node { id } } } }")
    assert abs(len(found) - len(young)) <= 1


def test_a_cancelled_operation_ends_cancelled(bench: Any) -> None:
    bench.store.bulk.seconds = 1e9
    name = bench.run_bulk(IDS)["bulkOperation"]["id"]
    cancel = (
        f'mutation {{ bulkOperationCancel(id: "{name}") {{ bulkOperation {{ status }} userErrors {{ message }} }} }}'
    )
    assert bench.ask(cancel)["bulkOperationCancel"] == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    assert bench.finished(name)["status"] == "CANCELED"
    assert bench.ask(cancel)["bulkOperationCancel"]["userErrors"] != []


def test_operations_are_listed_newest_first_and_found_by_status(bench: Any) -> None:
    names = [bench.run_bulk(IDS)["bulkOperation"]["id"] for _ in range(3)]
    for name in names:
        bench.finished(name)
    query = (
        "{ all: bulkOperations(first: 10) { nodes { id } } "
        "  old: bulkOperations(first: 1, reverse: true) { nodes { id } } "
        '  done: bulkOperations(first: 10, query: "status:COMPLETED operation_type:QUERY") { nodes { id } } '
        '  none: bulkOperations(first: 10, query: "status:RUNNING") { nodes { id } } currentBulkOperation { id } }'
    )
    data = bench.ask(query)
    assert [node["id"] for node in data["all"]["nodes"]] == names[::-1]
    assert data["old"]["nodes"] == [{"id": names[0]}]
    assert len(data["done"]["nodes"]) == 3
    assert data["none"]["nodes"] == []
    assert data["currentBulkOperation"]["id"] == names[-1]


def test_links_stop_working_after_seven_days(bench: Any, files: Any) -> None:
    url = bench.finished(bench.run_bulk(IDS)["bulkOperation"]["id"])["url"]
    assert bench.downloaded(url, files).startswith(b"{")
    bench.clock.sleep(7 * 86_400)
    assert b"ExpiredToken" in bench.downloaded(url, files)


@pytest.mark.parametrize(
    ("root", "fields"),
    [
        (
            "customers",
            "state productSubscriberStatus statistics { predictedSpendTier rfmGroup } defaultEmailAddress "
            "{ emailAddress marketingState } defaultPhoneNumber { marketingState smsMarketingConsent { state } } "
            "emailMarketingConsent { marketingState } defaultAddress { countryCodeV2 } addresses(first: 2) { id }",
        ),
        (
            "orders",
            "app { id name } retailLocation { name } refunds(first: 1) { id } cancelReason displayFulfillmentStatus "
            "netPaymentSet { presentmentMoney { amount } } customer { id displayName }",
        ),
    ],
)
def test_what_the_samples_leave_out_is_exported_as_paged_too(root: str, fields: str, bench: Any, files: Any) -> None:
    document = f"query X {{\n  {root} {{\n edges {{ node {{ id {fields} }} }}\n  }}\n}}\n"
    exported = rows(bench, files, document)
    assert sorted(exported, key=str) == sorted(whole_tree(bench, document), key=str)


def test_variables_are_refused(bench: Any) -> None:
    query = "query($q: String) { customers(query: $q) { edges { node { id } } } }"
    assert refusals(bench, query) == ["Invalid bulk query: variables are not supported"]


def test_rows_that_are_no_nodes_are_refused(bench: Any) -> None:
    inner = "customerTags(first: 1) { edges { node } }"
    assert refusals(bench, f"{{ shop {{ {inner} }} }}") == [
        "Connection fields must be of a type implementing Node: customerTags."
    ]


def test_what_the_sandbox_cannot_export_is_refused_not_guessed(bench: Any) -> None:
    query = '{ customer(id: "gid://shopify/Customer/1") { id orders { edges { node { id } } } } }'
    assert refusals(bench, query) == [
        "the sandbox exports only customers, orders, products, abandonedCheckouts at the root, not customer"
    ]


def test_an_unknown_operation_is_null_and_cannot_be_cancelled(bench: Any) -> None:
    name = "gid://shopify/BulkOperation/1"
    assert bench.ask(f'{{ bulkOperation(id: "{name}") {{ id }} }}') == {"bulkOperation": None}
    cancel = "mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id } userErrors { field message } } }"
    assert bench.ask(cancel, id=name)["bulkOperationCancel"]["userErrors"][0]["field"] == ["id"]
    assert bench.only_error(cancel, id="gid://shopify/Order/1")["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_fault_while_exporting_fails_the_operation_and_is_shown(
    bench: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    next(iter(bench.shop.customers.values())).created_at = None
    payload = bench.run_bulk("{ customers { edges { node { id createdAt } } } }")
    operation = bench.finished(payload["bulkOperation"]["id"])
    assert (operation["status"], operation["errorCode"]) == ("FAILED", "INTERNAL_SERVER_ERROR")
    assert "Traceback" in capsys.readouterr().err
