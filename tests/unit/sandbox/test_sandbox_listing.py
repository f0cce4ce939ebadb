"""Pages, cursors, sort keys, counts."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

PAGE = (
    "query($first: Int, $after: String, $last: Int, $before: String, $q: String, $key: CustomerSortKeys, $r: Boolean)"
    "{ customers(first: $first, after: $after, last: $last, before: $before, query: $q, sortKey: $key, reverse: $r) {"
    " nodes { id updatedAt } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
)


def page(bench: Any, **arguments: Any) -> Any:
    return bench.ask(PAGE, **arguments)["customers"]


def numbers(found: Any) -> list[int]:
    return [int(node["id"].rpartition("/")[2]) for node in found["nodes"]]


def all_pages(bench: Any, size: int, **arguments: Any) -> list[int]:
    found, after = [], None
    while True:
        part = page(bench, first=size, after=after, **arguments)
        found += numbers(part)
        if not part["pageInfo"]["hasNextPage"]:
            return found
        after = part["pageInfo"]["endCursor"]


@pytest.mark.parametrize("size", [1, 7, 60, 250])
@pytest.mark.parametrize("reverse", [False, True])
def test_pages_of_any_size_make_the_whole_list(size: int, reverse: bool, bench: Any) -> None:
    customers = bench.shop.customers.values()
    wanted = [c.id for c in sorted(customers, key=lambda c: (c.updated_at, c.id), reverse=reverse)]
    assert all_pages(bench, size, key="UPDATED_AT", r=reverse) == wanted


@pytest.mark.parametrize("key", ["ID", "CREATED_AT", "UPDATED_AT", "NAME", "LOCATION"])
def test_every_sort_key_pages_without_gap_or_repetition(key: str, bench: Any) -> None:
    assert sorted(all_pages(bench, 9, key=key)) == sorted(bench.shop.customers)


def test_a_list_can_be_read_backwards(bench: Any) -> None:
    ids = sorted(bench.shop.customers)
    last = page(bench, last=10)
    assert numbers(last) == ids[-10:]
    assert last["pageInfo"]["hasPreviousPage"]
    assert not last["pageInfo"]["hasNextPage"]
    before = page(bench, last=10, before=last["pageInfo"]["startCursor"])
    assert numbers(before) == ids[-20:-10]


def test_cursors_read_as_recorded(bench: Any) -> None:
    first = min(bench.shop.customers)
    cursor = page(bench, first=1)["pageInfo"]["endCursor"]
    assert json.loads(base64.b64decode(cursor)) == {"last_id": first, "last_value": str(first)}


def test_an_edge_has_its_own_cursor(bench: Any) -> None:
    edges = bench.ask("{ customers(first: 3) { edges { cursor node { id } } pageInfo { endCursor } } }")["customers"]
    assert edges["edges"][-1]["cursor"] == edges["pageInfo"]["endCursor"]


def test_a_row_that_moves_while_being_paged_comes_again_at_the_end(bench: Any) -> None:
    start = page(bench, first=10, key="UPDATED_AT")
    moved = numbers(start)[0]
    bench.clock.sleep(10)
    bench.ask(f'mutation {{ tagsAdd(id: "gid://shopify/Customer/{moved}", tags: ["moved"]) {{ node {{ id }} }} }}')
    rest = []
    after = start["pageInfo"]["endCursor"]
    while after:
        part = page(bench, first=25, after=after, key="UPDATED_AT")
        rest += numbers(part)
        after = part["pageInfo"]["endCursor"] if part["pageInfo"]["hasNextPage"] else None
    assert rest[-1] == moved
    assert len(rest) == len(bench.shop.customers) - 9


def test_a_deleted_row_vanishes_from_the_next_page(bench: Any) -> None:
    ids = sorted(bench.shop.customers)
    start = page(bench, first=5)
    del bench.shop.customers[ids[5]]
    bench.shop.changed("customers")
    assert numbers(page(bench, first=1, after=start["pageInfo"]["endCursor"])) == [ids[6]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "you must provide one of first or last"),
        ({"first": 251}, "first cannot exceed 250"),
        ({"first": 1, "after": "nonsense"}, "Invalid cursor for current pagination sort."),
        ({"first": 1, "after": "e30="}, "Invalid cursor for current pagination sort."),
    ],
)
def test_arguments_that_make_no_page_are_refused(arguments: Any, message: str, bench: Any) -> None:
    assert bench.only_error(PAGE, **arguments)["message"] == message


def test_a_cursor_of_another_sort_key_is_refused(bench: Any) -> None:
    cursor = page(bench, first=1, key="NAME")["pageInfo"]["endCursor"]
    assert bench.only_error(PAGE, first=1, after=cursor, key="UPDATED_AT")["extensions"]["code"] == "BAD_REQUEST"


def test_nobody_pages_beyond_25000_rows(bench: Any) -> None:
    pattern = next(iter(bench.shop.customers.values()))
    fields = {name: getattr(pattern, name) for name in pattern.__struct_fields__}
    for number in range(1, 25_300):
        bench.shop.customers[number] = type(pattern)(**fields | {"id": number})
    bench.shop.changed("customers")
    ids = sorted(bench.shop.customers)
    near = base64.b64encode(json.dumps({"last_id": ids[24_998], "last_value": str(ids[24_998])}).encode()).decode()
    beyond = base64.b64encode(json.dumps({"last_id": ids[24_999], "last_value": str(ids[24_999])}).encode()).decode()
    assert numbers(page(bench, first=1, after=near)) == [ids[24_999]]
    assert "25000" in bench.only_error(PAGE, first=1, after=beyond)["message"]


def test_counts_stop_at_their_limit_and_say_so(bench: Any) -> None:
    total = len(bench.shop.customers)
    data = bench.ask(
        "{ a: customersCount(limit: 5) { count precision } b: customersCount(limit: null) { count precision } "
        "  c: customersCount { count precision } }"
    )
    assert data["a"] == {"count": 5, "precision": "AT_LEAST"}
    assert data["b"] == data["c"] == {"count": total, "precision": "EXACT"}


def test_nested_lists_are_paged_on_their_own(bench: Any) -> None:
    order = max(bench.shop.orders.values(), key=lambda order: len(order.lines))
    assert len(order.lines) > 250
    query = (
        "query($id: ID!, $after: String) { order(id: $id) { lineItems(first: 100, after: $after) {"
        " nodes { id } pageInfo { hasNextPage endCursor } } } }"
    )
    found, after = [], None
    for _ in range(3):
        part = bench.ask(query, id=f"gid://shopify/Order/{order.id}", after=after)["order"]["lineItems"]
        found += [int(node["id"].rpartition("/")[2]) for node in part["nodes"]]
        after = part["pageInfo"]["endCursor"]
    assert found == [line.id for line in order.lines]
    assert not part["pageInfo"]["hasNextPage"]


def test_the_list_of_abandoned_checkouts_holds_completed_ones(bench: Any) -> None:
    nodes = bench.ask("{ abandonedCheckouts(first: 250) { nodes { completedAt } } }")["abandonedCheckouts"]["nodes"]
    assert len(nodes) == len(bench.shop.checkouts)


def test_orders_come_by_the_day_of_business_unless_told_otherwise(bench: Any) -> None:
    nodes = bench.ask("{ orders(first: 100) { nodes { processedAt } } }")["orders"]["nodes"]
    times = [node["processedAt"] for node in nodes]
    assert times == sorted(times)


def test_the_last_rows_before_a_cursor_come_in_reverse_too(bench: Any) -> None:
    ids = sorted(bench.shop.customers, reverse=True)
    start = page(bench, first=20, r=True)
    assert numbers(start) == ids[:20]
    assert numbers(page(bench, last=5, before=start["pageInfo"]["endCursor"], r=True)) == ids[14:19]


def test_a_negative_size_is_refused(bench: Any) -> None:
    assert bench.only_error(PAGE, first=-1)["message"] == "first cannot be negative"


def test_a_sort_key_that_is_not_simulated_is_an_error(bench: Any) -> None:
    error = bench.only_error("{ orders(first: 1, sortKey: DESTINATION) { nodes { id } } }")
    assert error["extensions"]["code"] == "NOT_SIMULATED"


def test_a_customers_orders_are_a_list_of_their_own(bench: Any) -> None:
    customer = max(bench.shop.customers.values(), key=lambda c: c.number_of_orders)
    query = (
        "query($id: ID!) { customer(id: $id) { orders(first: 3, sortKey: PROCESSED_AT, reverse: true, "
        'query: "test:false nope:1") { nodes { processedAt } } } }'
    )
    answer = bench.whole(query, id=f"gid://shopify/Customer/{customer.id}")
    times = [node["processedAt"] for node in answer["data"]["customer"]["orders"]["nodes"]]
    assert times == sorted(times, reverse=True)
    assert answer["extensions"]["search"][0]["path"] == ["customer", "orders"]


def test_a_lagging_index_shows_what_was_while_ids_show_what_is(bench: Any) -> None:
    bench.shop.profile.index_lag = 100
    one = next(customer for customer in bench.shop.customers.values() if not customer.tags)
    name = f"gid://shopify/Customer/{one.id}"
    query = f'{{ customers(first: 1, query: "id:{one.id}") {{ nodes {{ tags }} }} customer(id: "{name}") {{ tags }} }}'
    assert bench.ask(query)["customers"]["nodes"] == [{"tags": []}]
    bench.ask(f'mutation {{ tagsAdd(id: "{name}", tags: ["late"]) {{ node {{ id }} }} }}')
    found = bench.ask(query)
    assert found["customers"]["nodes"] == [{"tags": []}]
    assert found["customer"] == {"tags": ["late"]}
    bench.clock.sleep(100)
    assert bench.ask(query)["customers"]["nodes"] == [{"tags": ["late"]}]


def test_a_lagging_index_counts_what_was(bench: Any) -> None:
    bench.shop.profile.index_lag = 100
    bench.store.scopes -= {"read_all_orders"}
    query = "{ customersCount { count } ordersCount { count } orders(first: 250) { nodes { id } } }"
    before = bench.ask(query)
    bench.shop.customers.popitem()
    bench.shop.orders.popitem()
    assert bench.ask(query)["customersCount"] == before["customersCount"]
    bench.clock.sleep(100)
    after = bench.ask(query)
    assert after["customersCount"]["count"] == before["customersCount"]["count"] - 1
    assert len(after["orders"]["nodes"]) == after["ordersCount"]["count"] == before["ordersCount"]["count"] - 1
