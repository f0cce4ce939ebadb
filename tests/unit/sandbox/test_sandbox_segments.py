"""Saved segments of the simulated store, and whom it says are in one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.control.shop import ShopControl
from connectors.sandbox.exchange import Request
from tests.unit.sandbox.conftest import body_of

MEMBERS = (
    "query($q: String, $s: ID, $z: String, $n: Int = 1000, $a: String) { customerSegmentMembers("
    "query: $q, segmentId: $s, timezone: $z, first: $n, after: $a) "
    "{ totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }"
)
CREATE = (
    "mutation($n: String!, $q: String!) { segmentCreate(name: $n, query: $q) "
    "{ segment { id name query creationDate lastEditDate } userErrors { field message } } }"
)
ID = "gid://shopify/Segment/1"


def members(bench: Any, query: str, zone: str = "Europe/Berlin") -> set[int]:
    found = bench.ask(MEMBERS, q=query, z=zone)["customerSegmentMembers"]
    ids = {int(it["node"]["id"].removeprefix("gid://shopify/CustomerSegmentMember/")) for it in found["edges"]}
    assert found["totalCount"] == len(ids)
    return ids


def created(bench: Any, name: str = "Some", query: str = "number_of_orders > 1") -> dict[str, Any]:
    payload: dict[str, Any] = bench.ask(CREATE, n=name, q=query)["segmentCreate"]
    return payload


def messages(payload: dict[str, Any]) -> list[tuple[Any, str]]:
    return [(it["field"], it["message"]) for it in payload["userErrors"]]


def test_a_world_has_saved_segments_and_they_are_listed(bench_of: Any) -> None:
    bench = bench_of(customers=300)
    answer = bench.ask("{ segmentsCount { count } segments(first: 250, sortKey: ID) { nodes { id name query } } }")
    assert answer["segmentsCount"]["count"] == len(answer["segments"]["nodes"]) >= 5
    for each in answer["segments"]["nodes"]:
        assert bench.ask(MEMBERS, s=each["id"])["customerSegmentMembers"]["totalCount"] > 0


def test_a_segment_is_kept_as_it_is_written(bench: Any) -> None:
    made = created(bench, "  Many  ", "number_of_orders   >=  5 ")["segment"]
    assert (made["name"], made["query"]) == ("Many", "number_of_orders   >=  5 ")
    assert bench.ask(f'{{ segment(id: "{made["id"]}") {{ query }} }}')["segment"]["query"] == made["query"]
    assert created(bench, "Many")["segment"]["name"] == "Many (2)"


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("x" * 256, "(", [(["name"], "Name is too long (maximum is 255 characters)")]),
        (" ", "(", [(["name"], "Name can't be blank")]),
        ("a", "", [(["query"], "Query can't be blank")]),
        ("a", "x" * 5001, [(["query"], "Query is too long (maximum is 5000 characters)")]),
        (
            "a",
            "not a valid query ???",
            [
                (["query"], "Query Line 1 Column 6: 'valid' is unexpected."),
                (["query"], "Query Line 1 Column 4: 'a' filter cannot be found."),
            ],
        ),
        ("a", "email = 'x'", [(["query"], "Query Line 1 Column 0: 'email' filter cannot be found.")]),
        (
            "a",
            " OR ".join(["number_of_orders = 1"] * 11),
            [(["query"], "Invalid query: Too many clauses (>10)")],
        ),
    ],
)
def test_what_is_wrong_is_told_in_the_services_words(bench: Any, name: str, query: str, said: Any) -> None:
    assert messages(created(bench, name, query)) == said


def test_a_shop_has_room_for_so_many_segments(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sandbox.shopify.segments.saved.MOST", 3)
    assert messages(created(bench)) == [(None, "Segment limit reached. Delete an existing segment to create more.")]


def test_a_segment_is_changed_and_deleted(bench: Any) -> None:
    update = (
        "mutation($id: ID!, $n: String, $q: String) { segmentUpdate(id: $id, name: $n, query: $q) "
        "{ segment { name query } userErrors { field message } } }"
    )
    delete = "mutation($id: ID!) { segmentDelete(id: $id) { deletedSegmentId userErrors { field message } } }"
    made = created(bench)["segment"]["id"]
    changed = bench.ask(update, id=made, n="Other")["segmentUpdate"]["segment"]
    assert changed == {"name": "Other", "query": "number_of_orders > 1"}
    assert messages(bench.ask(update, id=made, q="(")["segmentUpdate"])[0][0] == ["query"]
    assert messages(bench.ask(update, id=ID)["segmentUpdate"]) == [(["id"], "Segment does not exist")]
    assert bench.ask(delete, id=made)["segmentDelete"]["deletedSegmentId"] == made
    assert messages(bench.ask(delete, id=made)["segmentDelete"]) == [(["id"], "Segment does not exist")]
    answer = bench.whole(f'{{ segment(id: "{made}") {{ id }} }}')
    assert answer["data"] == {"segment": None}
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_to_save_a_segment_needs_the_scope_to_write(bench: Any) -> None:
    bench.store.scopes = frozenset({"read_customers"})
    assert bench.only_error(CREATE, n="a", q="number_of_orders > 1")["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "number_of_orders > 1", "s": ID}, "Providing both segment_id and query is not supported."),
        ({}, "You must provide one of segment_id or query."),
        ({"s": ID}, "Invalid segment ID."),
        ({"q": "number_of_orders > 1", "z": "Mars/Base"}, "Invalid timezone: Mars/Base"),
        ({"q": "number_of_orders > 1", "n": 1001}, "first cannot exceed 1000"),
        ({"q": "not a valid query ???"}, "Line 1 Column 6: 'valid' is unexpected."),
        ({"q": "number_of_orders = 1.5"}, "Line 1 Column 19: '1.5' is unexpected."),
        ({"q": "customer_tags = 'x'"}, "customer_tags does not support operator '='"),
        ({"q": "customer_added_date > 2026-02-30"}, "Line 1 Column 22: '2026-02-30' is unexpected."),
        ({"q": "customer_added_date > whenever"}, "Line 1 Column 22: 'whenever' is unexpected."),
        ({"q": "customer_language = en"}, "Line 1 Column 20: 'en' is unexpected."),
        ({"q": "number_of_orders NOT > 1"}, "Line 1 Column 21: '>' is unexpected."),
        ({"q": "number_of_orders > 1 )"}, "Line 1 Column 21: ')' is unexpected."),
        ({"q": "number_of_orders >"}, "Line 1 Column 18: '' is unexpected."),
        ({"q": "orders_placed MATCHES (date > -1d, date < today)"}, "Line 1 Column 35: 'date' is unexpected."),
        ({"q": "created_by_app_id = 1"}, "the sandbox does not answer created_by_app_id"),
        ({"q": "orders_placed MATCHES (colour = 1)"}, "the sandbox does not answer this of orders_placed"),
    ],
)
def test_a_question_about_members_that_is_none_is_an_error(bench: Any, asked: dict[str, Any], said: str) -> None:
    assert said in bench.only_error(MEMBERS, **asked)["message"]


def test_members_come_page_by_page(bench_of: Any) -> None:
    bench = bench_of(customers=300)
    read: list[str] = []
    after = None
    while True:
        found = bench.ask(MEMBERS, q="number_of_orders >= 0", n=120, a=after)["customerSegmentMembers"]
        read += [it["node"]["id"] for it in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert len(read) == len(set(read)) == found["totalCount"] == 300


def test_and_binds_tighter_than_or_and_not_is_the_complement(bench: Any) -> None:
    everybody = set(bench.shop.customers)
    few, many = members(bench, "number_of_orders <= 1"), members(bench, "number_of_orders >= 3")
    tagged = members(bench, "customer_tags CONTAINS 'vip'")
    assert members(bench, "number_of_orders <= 1 OR number_of_orders >= 3 AND customer_tags CONTAINS 'VIP'") == few | (
        many & tagged
    )
    assert members(bench, "NOT (number_of_orders <= 1 OR number_of_orders >= 3)") == everybody - few - many
    assert members(bench, "customer_tags NOT CONTAINS 'VIP'") == everybody - tagged
    assert members(bench, "orders_placed NOT MATCHES ()") == everybody - members(bench, "orders_placed MATCHES ()")


def test_parameters_are_asked_of_one_row_and_totals_of_all_that_match(bench: Any) -> None:
    orders = [it for it in bench.shop.orders.values() if not it.test and it.cancelled_at is None and it.customer_id]
    line = next(line for it in orders for line in it.lines if line.product_id and line.current_quantity)
    units: dict[int, int] = {}
    for it in orders:
        for each in it.lines:
            if each.product_id == line.product_id and each.current_quantity:
                units[it.customer_id] = units.get(it.customer_id, 0) + each.current_quantity
    assert members(bench, f"products_purchased MATCHES (id = {line.product_id})") == set(units)
    asked = f"products_purchased MATCHES (id IN ({line.product_id}), sum_quantity >= 2)"
    assert members(bench, asked) == {customer for customer, number in units.items() if number >= 2}


def test_a_day_is_a_day_of_the_zone_that_is_asked_for_and_utc_by_default(bench: Any) -> None:
    customer = next(iter(bench.shop.customers.values()))
    customer.created_at = int(datetime(2026, 7, 1, 23, 30, tzinfo=UTC).timestamp())
    asked = "customer_added_date = 2026-07-02"
    assert customer.id in members(bench, asked, "Europe/Berlin")
    assert customer.id not in members(bench, asked, "UTC")
    here = f"{datetime.fromtimestamp(customer.created_at, ZoneInfo('Europe/Berlin')):%Y-%m-%dT%H:%M:%S}"
    assert customer.id in members(bench, f"customer_added_date BETWEEN {here} AND {here}")
    unzoned = bench.ask(MEMBERS, q=asked)["customerSegmentMembers"]["edges"]
    assert str(customer.id) not in str(unzoned)


def test_companies_and_store_credit_are_read_from_the_world(bench: Any) -> None:
    people = bench.shop.customers.values()
    tied = {it.id: {company.id for company in it.companies} for it in people if it.companies}
    company = next(iter(tied.values())).copy().pop()
    assert members(bench, "companies IS NOT NULL") == set(tied)
    assert members(bench, f"companies = {company}") == {it for it, its in tied.items() if company in its}
    rich = {it.id for it in people if any(account.balance > 1000 for account in it.credit)}
    assert members(bench, "store_credit_accounts MATCHES (balance > 10, currency = 'EUR')") == rich


def test_a_category_holds_what_is_below_it(bench: Any) -> None:
    product = next(it for it in bench.shop.products.values() if it.category and " > " in it.category)
    above = product.category.rpartition(" > ")[0]
    narrow = members(bench, f"products_purchased MATCHES (category = '{product.category}')")
    assert narrow <= members(bench, f"products_purchased MATCHES (category = '{above}')")
    assert narrow == members(bench, f"products_purchased MATCHES (category = '{product.category_id}')")


def test_the_older_forms_are_still_understood(bench: Any) -> None:
    assert members(bench, "orders_placed(date: -90d) = true") == members(bench, "orders_placed MATCHES (date >= -90d)")
    assert members(bench, "orders_placed() != true") == members(bench, "orders_placed NOT MATCHES ()")
    assert members(bench, "customer_added_date < 90_days_ago") == members(bench, "customer_added_date < -90d")
    product = next(iter(bench.shop.products))
    older = members(bench, f"products_purchased(id: ({product}), count: 1) = true")
    assert older == members(bench, f"products_purchased MATCHES (id IN ({product}), count = 1)")
    refused = bench.only_error(MEMBERS, q="anniversary('metafields.facts.birth_date') = today")
    assert refused["extensions"]["code"] == "NOT_SIMULATED"


def test_months_end_where_they_end(bench: Any) -> None:
    customer = next(iter(bench.shop.customers.values()))
    bench.clock.sleep(datetime(2027, 3, 31, 12, tzinfo=UTC).timestamp() - bench.clock.now() - 30)
    customer.created_at = int(datetime(2027, 2, 28, 12, tzinfo=UTC).timestamp())
    assert customer.id in members(bench, "customer_added_date = -1m")


def test_a_membership_is_told_by_segment(bench: Any) -> None:
    segment = created(bench, query="number_of_orders >= 0")["segment"]["id"]
    customer = f"gid://shopify/Customer/{next(iter(bench.shop.customers))}"
    asked = (
        "query($c: ID!, $s: [ID!]!) { customerSegmentMembership(customerId: $c, segmentIds: $s) "
        "{ memberships { isMember segmentId } } }"
    )
    answer = bench.ask(asked, c=customer, s=[segment])["customerSegmentMembership"]
    assert answer == {"memberships": [{"isMember": True, "segmentId": segment}]}
    assert "Invalid id" in bench.only_error(asked, c=segment, s=[segment])["message"]


def test_searching_segments_and_sorting_members_is_not_simulated(bench: Any) -> None:
    asked = (
        '{ segments(first: 1, query: "name:a") { nodes { id } } }',
        '{ customerSegmentMembers(first: 1, query: "number_of_orders > 1", sortKey: "created_at") { totalCount } }',
    )
    assert [bench.only_error(it)["extensions"]["code"] for it in asked] == ["NOT_SIMULATED"] * 2
    assert bench.ask("{ segmentsCount(limit: 2) { count precision } }")["segmentsCount"]["precision"] == "AT_LEAST"


def test_the_control_adds_and_removes_segments(bench: Any) -> None:
    desk = ShopControl(bench.store, bench.clock)

    def call(method: str, path: str, body: bytes = b"") -> Any:
        return json.loads(body_of(desk.answer(Request(method=method, path=path, body=body))))

    made = call("POST", "/segments", b'{"name": "A", "query": "number_of_orders > 1"}')
    assert made in call("GET", "/segments")["segments"]
    assert call("DELETE", f"/segments/{made['id']}") == {"deleted": made["id"]}
    assert made not in call("GET", "/segments")["segments"]
    with pytest.raises(ValueError, match="unexpected"):
        call("POST", "/segments", b'{"name": "A", "query": "("}')
