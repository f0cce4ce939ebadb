"""What a token may not see, it is refused, or not shown."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400


def denied(bench: Any, *scopes: str) -> Any:
    bench.store.scopes -= set(scopes)
    return bench


def test_a_list_without_its_scope_is_denied(bench: Any) -> None:
    answer = denied(bench, "read_customers", "write_customers").whole("{ customers(first: 1) { nodes { id } } }")
    error = answer["errors"][0]
    assert answer["data"] is None
    assert error["path"] == ["customers"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["requiredAccess"] == "`read_customers` access scope."
    assert error["message"] == "Access denied for customers field. Required access: `read_customers` access scope."


def test_one_field_without_its_scope_is_null_and_the_rest_is_answered(bench: Any) -> None:
    query = "{ orders(first: 1) { nodes { id lineItems(first: 1) { nodes { id product { id } } } } } }"
    answer = denied(bench, "read_products").whole(query)
    lines = answer["data"]["orders"]["nodes"][0]["lineItems"]["nodes"]
    assert lines[0]["product"] is None
    assert answer["errors"][0]["path"] == ["orders", "nodes", 0, "lineItems", "nodes", 0, "product"]


def test_to_write_includes_to_read(bench: Any) -> None:
    denied(bench, "read_customers").ask("{ customers(first: 1) { nodes { id } } }")


@pytest.mark.parametrize(
    ("field", "scope"),
    [
        ("customersCount", "read_customers"),
        ("ordersCount", "read_orders"),
        ("abandonedCheckoutsCount", "read_orders"),
        ("productsCount", "read_products"),
    ],
)
def test_counts_need_the_scope_of_what_they_count(field: str, scope: str, bench: Any) -> None:
    answer = denied(bench, scope, "write_customers").whole(f"{{ {field} {{ count }} }}")
    assert answer["data"] == {field: None}
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_tags_cannot_be_written_without_the_scope_to_write(bench: Any) -> None:
    customer = next(iter(bench.shop.customers))
    write = f'mutation {{ tagsAdd(id: "gid://shopify/Customer/{customer}", tags: ["x"]) {{ node {{ id }} }} }}'
    answer = denied(bench, "write_customers").whole(write)
    assert answer["data"] == {"tagsAdd": None}
    assert answer["errors"][0]["extensions"]["requiredAccess"] == "`write_customers` access scope."


def test_a_node_without_its_scope_is_denied(bench: Any) -> None:
    product = next(iter(bench.shop.products))
    answer = denied(bench, "read_products").whole(f'{{ node(id: "gid://shopify/Product/{product}") {{ id }} }}')
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_without_all_orders_only_sixty_days_are_visible_and_nothing_says_so(bench: Any) -> None:
    border = bench.clock.now() - 60 * DAY
    old = next(order for order in bench.shop.orders.values() if order.created_at < border - DAY and not order.test)
    query = f'{{ order(id: "gid://shopify/Order/{old.id}") {{ id }} ordersCount {{ count }} }}'
    whole = bench.ask(query)
    part = denied(bench, "read_all_orders").ask(query)
    assert whole["order"] is not None
    assert part["order"] is None
    assert part["ordersCount"]["count"] == sum(o.created_at >= border for o in bench.shop.orders.values())
    assert part["ordersCount"]["count"] < whole["ordersCount"]["count"] == len(bench.shop.orders)
    listed = bench.ask("{ orders(first: 250) { nodes { id } } }")["orders"]["nodes"]
    assert len(listed) == part["ordersCount"]["count"]


def test_a_customers_own_figures_count_all_orders_whatever_is_visible(bench: Any) -> None:
    denied(bench, "read_all_orders")
    customer = max(bench.shop.customers.values(), key=lambda c: c.number_of_orders)
    border = bench.clock.now() - 60 * DAY
    fields = "numberOfOrders orders(first: 250) { nodes { id } }"
    found = bench.ask(f'{{ customer(id: "gid://shopify/Customer/{customer.id}") {{ {fields} }} }}')["customer"]
    assert found["numberOfOrders"] == str(customer.number_of_orders)
    young = [o for o in bench.shop.orders_of_customer(customer.id) if o.created_at >= border]
    assert len(found["orders"]["nodes"]) == len(young)
