"""The control API changes the world and tells the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.app import App
from connectors.sandbox.exchange import Request
from connectors.sandbox.options import Options

START = 1_795_000_000


class World:
    """An app without sockets."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.shop = app.stores["main"].shop

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        encoded = b"" if body is None else json.dumps(body).encode()
        response = self.app.answer(Request(method=method, path=f"/control{path}", body=encoded))
        text = response.body if isinstance(response.body, bytes) else b"".join(response.body)
        assert response.status == status, text
        if response.headers.get("Content-Type") == "application/jsonl":
            return [json.loads(line) for line in text.splitlines()]
        return json.loads(text)

    def graphql(self, query: str) -> Any:
        store = self.app.stores["main"]
        headers = {"x-shopify-access-token": store.tokens.permanent}
        body = json.dumps({"query": query}).encode()
        path = "/shops/main/admin/api/2026-10/graphql.json"
        response = self.app.answer(Request(method="POST", path=path, headers=headers, body=body))
        assert isinstance(response.body, bytes)
        return json.loads(response.body)

    def customer(self, number: int) -> Any:
        fields = (
            "tags updatedAt numberOfOrders amountSpent { amount } lastOrder { id } "
            "defaultEmailAddress { emailAddress marketingState }"
        )
        return self.graphql(f'{{ customer(id: "gid://shopify/Customer/{number}") {{ {fields} }} }}')["data"]["customer"]


@pytest.fixture
def world() -> Iterator[World]:
    app = App(Options(customers=25, start=START, bulk_seconds=0), "http://sandbox")
    yield World(app)
    app.close()


@pytest.fixture
def person(world: World) -> int:
    number: int = world.call("POST", "/shops/main/customers", {"email": "new@inbox.example", "consent": "SUBSCRIBED"})[
        "id"
    ]
    return number


def test_the_world_says_its_hour_and_its_counts(world: World) -> None:
    told = world.call("GET", "/world")
    assert START <= told["now"] < START + 60
    assert told["shops"]["main"]["customers"] == 25


def test_days_pass_when_told(world: World) -> None:
    before = world.call("GET", "/world")["now"]
    after = world.call("POST", "/advance", {"days": 2, "seconds": 5})["now"]
    assert 2 * 86_400 + 5 <= after - before < 2 * 86_400 + 60


def test_an_order_moves_its_customers_figures_and_time_of_change(world: World, person: int) -> None:
    world.call("POST", "/advance", {"days": 1})
    before = world.customer(person)
    lines = [{"quantity": 3, "price": "12.50"}]
    order = world.call("POST", "/shops/main/orders", {"customer_id": person, "lines": lines})
    after = world.customer(person)
    assert (before["numberOfOrders"], after["numberOfOrders"]) == ("0", "1")
    assert after["amountSpent"]["amount"] == "37.5"
    assert after["lastOrder"]["id"] == f"gid://shopify/Order/{order['id']}"
    assert after["updatedAt"] > before["updatedAt"]
    assert order["email"] == "new@inbox.example"


def test_a_cancelled_order_counts_but_is_not_spent(world: World, person: int) -> None:
    order = world.call("POST", "/shops/main/orders", {"customer_id": person, "lines": [{"price": 10}]})
    world.call("PATCH", f"/shops/main/orders/{order['id']}", {"cancel": True})
    assert world.customer(person)["numberOfOrders"] == "1"
    assert world.customer(person)["amountSpent"]["amount"] == "0.0"
    fields = "cancelledAt displayFinancialStatus"
    told = world.graphql(f'{{ order(id: "gid://shopify/Order/{order["id"]}") {{ {fields} }} }}')["data"]["order"]
    assert told["cancelledAt"]
    assert told["displayFinancialStatus"] == "VOIDED"


def test_a_test_order_counts_nowhere(world: World, person: int) -> None:
    world.call("POST", "/shops/main/orders", {"customer_id": person, "test": True})
    assert world.customer(person)["numberOfOrders"] == "0"
    assert world.customer(person)["lastOrder"] is None


def test_a_refund_takes_units_and_money_off(world: World, person: int) -> None:
    lines = [{"quantity": 3, "price": "10"}, {"quantity": 1, "price": "5.55"}]
    order = world.call("POST", "/shops/main/orders", {"customer_id": person, "lines": lines})
    path = f"/shops/main/orders/{order['id']}"
    part = world.call("PATCH", path, {"refund": [{"line": 0, "quantity": 2}]})
    assert (part["refunded"], part["current_total"]) == (2000, 1555)
    assert part["lines"][0]["current_quantity"] == 1
    assert world.customer(person)["amountSpent"]["amount"] == "15.55"
    rest = world.call("PATCH", path, {"refund": "all"})
    assert rest["current_total"] == 0
    status = world.graphql(f'{{ order(id: "gid://shopify/Order/{order["id"]}") {{ displayFinancialStatus }} }}')
    assert status["data"]["order"]["displayFinancialStatus"] == "REFUNDED"


def test_an_order_may_be_a_guests_and_of_another_day(world: World) -> None:
    wish = {"email": "guest@post.example", "processed_at": "2026-10-01T10:00:00Z", "tags": ["gift"]}
    order = world.call("POST", "/shops/main/orders", wish)
    assert order["customer_id"] is None
    assert order["processed_at"] == 1_790_848_800
    assert order["updated_at"] >= START


def test_a_deleted_order_vanishes_and_its_customer_spent_less(world: World, person: int) -> None:
    order = world.call("POST", "/shops/main/orders", {"customer_id": person})
    world.call("DELETE", f"/shops/main/orders/{order['id']}")
    assert world.customer(person)["numberOfOrders"] == "0"
    assert world.graphql(f'{{ order(id: "gid://shopify/Order/{order["id"]}") {{ id }} }}')["data"]["order"] is None


def test_figures_can_change_without_the_customers_time_of_change(world: World, person: int) -> None:
    world.call("PATCH", "/shops/main", {"bump_customers": False})
    world.call("POST", "/advance", {"days": 1})
    before = world.customer(person)["updatedAt"]
    world.call("POST", "/shops/main/orders", {"customer_id": person})
    assert world.customer(person)["numberOfOrders"] == "1"
    assert world.customer(person)["updatedAt"] == before


def test_consent_email_tags_and_addresses_can_be_changed(world: World, person: int) -> None:
    edit = {
        "consent": "UNSUBSCRIBED",
        "email": " Other @inbox.example",
        "add_tags": ["b, a"],
        "addresses": [{"country_code": "CA", "province_code": "ON", "city": "Ottawa"}],
    }
    told = world.call("PATCH", f"/shops/main/customers/{person}", edit)
    assert told["consent_at"] >= START
    shown = world.customer(person)
    assert shown["defaultEmailAddress"] == {"emailAddress": "Other@inbox.example", "marketingState": "UNSUBSCRIBED"}
    assert shown["tags"] == ["a", "b"]
    assert told["addresses"][0]["country_code"] == "CA"
    world.call("PATCH", f"/shops/main/customers/{person}", {"tags": ["only"], "email": None})
    assert world.customer(person)["tags"] == ["only"]
    assert world.customer(person)["defaultEmailAddress"] is None


def test_a_deleted_customer_vanishes_and_the_orders_become_a_guests(world: World) -> None:
    customer = next(c for c in world.shop.customers.values() if c.number_of_orders > 1)
    orders = [order.id for order in world.shop.orders_of_customer(customer.id)]
    world.call("DELETE", f"/shops/main/customers/{customer.id}")
    assert world.customer(customer.id) is None
    told = world.graphql(f'{{ order(id: "gid://shopify/Order/{orders[0]}") {{ customer {{ id }} updatedAt }} }}')
    assert told["data"]["order"]["customer"] is None
    assert world.call("GET", f"/shops/main/orders/{orders[0]}")["updated_at"] >= START
    count = world.graphql("{ customersCount { count } }")["data"]["customersCount"]["count"]
    assert count == 24


def test_merging_moves_orders_tags_and_addresses_to_the_winner(world: World) -> None:
    one, two = [c for c in world.shop.customers.values() if c.number_of_orders > 1][:2]
    orders = one.number_of_orders + two.number_of_orders
    spent = one.amount_spent + two.amount_spent
    tags = set(one.tags) | set(two.tags)
    told = world.call("POST", "/shops/main/customers/merge", {"winner": one.id, "loser": two.id})
    assert (told["number_of_orders"], told["amount_spent"], set(told["tags"])) == (orders, spent, tags)
    assert world.customer(two.id) is None
    nodes = world.graphql(
        f'{{ customer(id: "gid://shopify/Customer/{one.id}") {{ orders(first: 250) {{ nodes {{ id }} }} }} }}'
    )
    assert len(nodes["data"]["customer"]["orders"]["nodes"]) >= orders


def test_a_checkout_is_begun_completed_and_stays_in_the_list(world: World, person: int) -> None:
    checkout = world.call("POST", "/shops/main/checkouts", {"customer_id": person})
    path = f"/shops/main/checkouts/{checkout['id']}"
    nodes = "nodes { completedAt customer { id } }"
    query = f'{{ abandonedCheckouts(first: 5, query: "id:{checkout["id"]}") {{ {nodes} }} }}'
    assert world.graphql(query)["data"]["abandonedCheckouts"]["nodes"][0]["completedAt"] is None
    done = world.call("POST", f"{path}/complete", {"order": True})
    assert done["order"]["customer_id"] == person
    assert world.graphql(query)["data"]["abandonedCheckouts"]["nodes"][0]["completedAt"] is not None
    assert world.customer(person)["numberOfOrders"] == "1"
    world.call("DELETE", path)
    assert world.graphql(query)["data"]["abandonedCheckouts"]["nodes"] == []


def test_a_product_changes_and_goes_leaving_lines_without_one(world: World) -> None:
    product = next(line.product_id for order in world.shop.orders.values() for line in order.lines if line.product_id)
    collections = list(world.shop.collections)[:1]
    edit = {"vendor": "Other", "tags": ["x"], "collection_ids": collections}
    told = world.call("PATCH", f"/shops/main/products/{product}", edit)
    assert (told["vendor"], told["tags"], told["updated_at"] >= START) == ("Other", ["x"], True)
    world.call("DELETE", f"/shops/main/products/{product}")
    order = next(o for o in world.shop.orders.values() if any(line.product_id == product for line in o.lines))
    lines = "lineItems(first: 250) { nodes { product { id } } }"
    query = f'{{ order(id: "gid://shopify/Order/{order.id}") {{ {lines} }} }}'
    products = [node["product"] for node in world.graphql(query)["data"]["order"]["lineItems"]["nodes"]]
    assert None in products


def test_scopes_tokens_zone_and_plan_can_be_changed(world: World) -> None:
    told = world.call(
        "PATCH", "/shops/main", {"remove_scopes": ["read_products"], "timezone": "Asia/Tokyo", "plan": "Plus"}
    )
    assert "read_products" not in told["scopes"]
    shop = world.graphql("{ shop { ianaTimezone plan { shopifyPlus } } }")
    assert shop["data"]["shop"] == {"ianaTimezone": "Asia/Tokyo", "plan": {"shopifyPlus": True}}
    assert shop["extensions"]["cost"]["throttleStatus"]["restoreRate"] == 1000.0
    world.call("PATCH", "/shops/main", {"revoke": "all"})
    assert isinstance(world.graphql("{ shop { id } }")["errors"], str)
    world.call("PATCH", "/shops/main", {"restore": True, "scopes": ["read_customers"]})
    assert "data" in world.graphql("{ shop { id } }")


def test_calls_are_counted_by_what_they_were_for_reads_and_writes_apart(world: World, person: int) -> None:
    world.graphql("query People { customers(first: 1) { nodes { id } } }")
    world.graphql("query People { customers(first: 1) { nodes { id } } }")
    world.graphql("{ shop { id } }")
    world.graphql(f'mutation Tag {{ tagsAdd(id: "gid://shopify/Customer/{person}", tags: ["x"]) {{ node {{ id }} }} }}')
    ids = "{ customers { edges { node { id } } } }"
    world.graphql(f'mutation Export {{ bulkOperationRunQuery(query: "{ids}") {{ bulkOperation {{ id }} }} }}')
    told = world.call("GET", "/calls")
    assert told["shops"]["main"]["reads"] == {"People": 2, "shop": 1, "Export": 1}
    assert told["shops"]["main"]["writes"] == {"Tag": 1}
    assert (told["reads"], told["writes"]) == (4, 1)
    assert world.call("DELETE", "/calls")["writes"] == 0


def test_the_dump_holds_the_whole_truth(world: World) -> None:
    rows = world.call("GET", "/shops/main/dump")
    assert rows[0]["kind"] == "shop"
    assert rows[0]["timezone"] == "Europe/Berlin"
    kinds = [row["kind"] for row in rows]
    for kind, records in (
        ("customer", world.shop.customers),
        ("order", world.shop.orders),
        ("product", world.shop.products),
    ):
        assert kinds.count(kind) == len(records)
    order = next(row for row in rows if row["kind"] == "order")
    assert order["current_total"] == order["total"] - order["refunded"]
    assert order["lines"][0]["quantity"] >= 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("GET", "/shops/nobody/dump", None, 404),
        ("POST", "/shops/main/nothing", {}, 404),
        ("DELETE", "/shops/main/customers/1", None, 404),
        ("POST", "/shops/main/orders", {"customer_id": 1}, 404),
        ("PATCH", "/shops/main", {"nope": 1}, 400),
        ("POST", "/shops/main/orders", {"processed_at": "yesterday"}, 400),
        ("POST", "/shops/main/orders", {"processed_at": "2026-10-01T10:00:00"}, 400),
        ("POST", "/shops/main/customers", {"tags": ["x" * 256]}, 400),
        ("POST", "/advance", {"days": "many"}, 400),
    ],
)
def test_a_wrong_wish_is_told_and_changes_nothing(method: str, path: str, body: Any, status: int, world: World) -> None:
    before = world.call("GET", "/world")["shops"]
    assert world.call(method, path, body, status)["error"]
    assert world.call("GET", "/world")["shops"] == before


def test_an_orders_address_and_tags_can_be_changed_and_a_line_is_named_by_its_id(world: World, person: int) -> None:
    product = next(iter(world.shop.products))
    lines = [{"product_id": product, "quantity": 2}]
    order = world.call("POST", "/shops/main/orders", {"customer_id": person, "lines": lines, "created_at": START})
    path = f"/shops/main/orders/{order['id']}"
    edit = {"email": "else@post.example", "tags": ["Gift"], "refund": [{"line_id": order["lines"][0]["id"]}]}
    told = world.call("PATCH", path, edit)
    assert (told["email"], told["lines"][0]["current_quantity"]) == ("else@post.example", 1)
    assert told["tags"] in (["gift"], ["Gift"])
    assert world.call("PATCH", path, {"cancel": True})["cancelled_at"] is not None


def test_a_customer_may_have_come_earlier_and_a_checkout_too(world: World) -> None:
    told = world.call("POST", "/shops/main/customers", {"created_at": "2024-01-01T00:00:00Z", "remove_tags": ["x"]})
    assert told["created_at"] == 1_704_067_200
    wish = {"created_at": 1_704_067_200, "completed_at": "2024-01-02T00:00:00Z"}
    assert world.call("POST", "/shops/main/checkouts", wish)["completed_at"] == 1_704_153_600


def test_faults_bucket_and_bulk_time_are_set_from_outside(world: World) -> None:
    edit = {"faults": [{"status": 500}], "bucket": [50, 5], "bulk_seconds": 3}
    world.call("PATCH", "/shops/main", edit)
    assert world.graphql("{ shop { id } }") == {"errors": "Something went wrong"}
    status = world.graphql("{ shop { id } }")["extensions"]["cost"]["throttleStatus"]
    assert (status["maximumAvailable"], status["restoreRate"]) == (50.0, 5.0)
    assert world.app.stores["main"].bulk.seconds == 3


def test_the_account_has_its_own_control(world: World) -> None:
    assert world.call("GET", "/mailchimp/")["lists"][0]["id"] == "newsletter"
