"""Every field that the schema has is answered, with a value of its type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any
from urllib.request import urlopen

import pytest
from graphql import GraphQLObjectType, get_named_type

from connectors.sandbox.shopify.schema import schema
from connectors.sandbox.shopify.wire import Money, decimal_text, instant_text, read_cursor, read_gid

WITH_ARGUMENTS = {"addresses": "(first: 3)", "refunds": "(first: 3)", "customerTags": "(first: 3)"}


def everything_of(kind: Any, depth: int) -> str:
    """Return a selection of all fields of a type, connections by their first rows."""
    parts = []
    for name, field in kind.fields.items():
        returned = get_named_type(field.type)
        if not isinstance(returned, GraphQLObjectType):
            parts.append(name)
        elif depth and returned.name.endswith("Connection"):
            row = get_named_type(get_named_type(returned.fields["edges"].type).fields["node"].type)
            inner = f" {{ {everything_of(row, depth - 1)} }}" if isinstance(row, GraphQLObjectType) else ""
            size = WITH_ARGUMENTS.get(name, "(first: 2)")
            parts.append(f"{name}{size} {{ edges {{ cursor node{inner} }} pageInfo {{ hasNextPage }} }}")
        elif depth and not returned.name.endswith("Connection"):
            parts.append(f"{name}{WITH_ARGUMENTS.get(name, '')} {{ {everything_of(returned, depth - 1)} }}")
    return " ".join(parts) or "__typename"


def type_of(name: str) -> Any:
    return schema().type_map[name]


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        ("customers", "Customer"),
        ("orders", "Order"),
        ("products", "Product"),
        ("abandonedCheckouts", "AbandonedCheckout"),
    ],
)
def test_every_field_of_every_record_is_answered(root: str, kind: str, bench: Any) -> None:
    bench.store.bucket.resize(size=1_000_000, restore=1)
    rows = f"nodes {{ {everything_of(type_of(kind), 2)} }} pageInfo {{ hasNextPage endCursor }}"
    query = f"query($after: String) {{ {root}(first: 4, after: $after) {{ {rows} }} }}"
    after = None
    for _ in range(30):
        data = bench.ask(query, after=after)[root]
        assert data["nodes"]
        after = data["pageInfo"]["endCursor"]
        if not data["pageInfo"]["hasNextPage"]:
            break


def test_every_field_of_the_shop_is_answered(bench: Any) -> None:
    bench.ask(f"{{ shop {{ {everything_of(type_of('Shop'), 2)} }} }}")


def test_refunds_name_their_lines_and_order(bench: Any) -> None:
    order = next(order for order in bench.shop.orders.values() if order.refunds)
    fields = (
        "refunds { id createdAt note order { id } totalRefundedSet { shopMoney { amount } } "
        "refundLineItems(first: 10) { nodes { quantity restockType lineItem { id } "
        "subtotalSet { shopMoney { amount } } } } }"
    )
    told = bench.ask(f'{{ order(id: "gid://shopify/Order/{order.id}") {{ id {fields} }} }}')["order"]
    assert told["refunds"][0]["order"]["id"] == told["id"]
    lines = [
        (int(x["lineItem"]["id"].rpartition("/")[2]), x["quantity"])
        for x in told["refunds"][0]["refundLineItems"]["nodes"]
    ]
    assert tuple(lines) == order.refunds[0].lines


def test_a_customer_is_found_by_address_phone_or_id(bench: Any) -> None:
    customers = bench.shop.customers.values()
    by_mail = next(c for c in customers if c.email)
    by_phone = next(c for c in customers if c.phone)
    ask = "query($w: CustomerIdentifierInput!) { customerByIdentifier(identifier: $w) { id } }"
    spaced = f" {by_mail.email.upper()[:3]} {by_mail.email.upper()[3:]}"
    for wish, wanted in (
        ({"emailAddress": spaced}, by_mail),
        ({"phoneNumber": by_phone.phone}, by_phone),
        ({"id": f"gid://shopify/Customer/{by_mail.id}"}, by_mail),
    ):
        assert bench.ask(ask, w=wish)["customerByIdentifier"]["id"] == f"gid://shopify/Customer/{wanted.id}"
    assert bench.ask(ask, w={"emailAddress": "nobody@post.example"})["customerByIdentifier"] is None


def test_any_record_is_found_as_a_node(bench: Any) -> None:
    shop = bench.shop
    names = {
        "Customer": shop.customers,
        "Order": shop.orders,
        "Product": shop.products,
        "Collection": shop.collections,
        "AbandonedCheckout": shop.checkouts,
    }
    ids = [f"gid://shopify/{kind}/{next(iter(records))}" for kind, records in names.items()]
    nodes = bench.ask(
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=[*ids, "gid://shopify/Nobody/1"]
    )
    assert [node and node["__typename"] for node in nodes["nodes"]] == [*names, None]
    assert bench.only_error('{ node(id: "no gid") { id } }')["message"] == "Invalid global id 'no gid'"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1188490, "CAD", "11884.9"),
        (0, "EUR", "0.0"),
        (100, "EUR", "1.0"),
        (1205, "EUR", "12.05"),
        (-50, "EUR", "-0.5"),
        (1200, "JPY", "1200.0"),
        (1234, "KWD", "1.234"),
    ],
)
def test_amounts_are_written_as_recorded(amount: int, currency: str, text: str) -> None:
    assert decimal_text(Money(amount, currency)) == text


def test_instants_are_written_in_utc_to_the_second() -> None:
    assert instant_text(1_778_035_236) == "2026-05-06T02:40:36Z"


@pytest.mark.parametrize(
    "text", ["", "gid://shopify/Customer/", "gid://shopify/Customer/x", "gid://other/Customer/1", "1"]
)
def test_what_is_no_global_id_is_none(text: str) -> None:
    assert read_gid(text) is None


@pytest.mark.parametrize("text", ["", "!!", "bm9uc2Vuc2U=", "W10=", "eyJsYXN0X2lkIjoxfQ=="])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert read_cursor(text) is None


@pytest.mark.slow
def test_it_runs_by_itself_from_a_shell() -> None:
    command = [sys.executable, "-m", "connectors.sandbox", "--port", "0", "--customers", "5", "--lists", "a=News", "b"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        settings = json.loads("".join(lines))
        with urlopen(f"{settings['url']}/control/world", timeout=10) as answer:  # noqa: S310  # loopback
            assert json.load(answer)["shops"]["main"]["customers"] == 5
        assert set(settings["audiences"]) == {"a", "b"}
        process.terminate()
