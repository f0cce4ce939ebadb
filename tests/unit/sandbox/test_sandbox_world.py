"""Worlds are made from a seed, and look like real shops."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.sandbox.world.generate import make_shop
from connectors.sandbox.world.shop import Shop

NOW = 1_795_000_000


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop("main", 0, customers=3000, seed=1, now=NOW)


def made(seed: int = 1, number: int = 0, customers: int = 40) -> Shop:
    return make_shop("main", number, customers=customers, seed=seed, now=NOW)


def test_the_same_seed_size_and_hour_make_the_same_shop() -> None:
    one, two = made(), made()
    assert list(one.customers.values()) == list(two.customers.values())
    assert list(one.orders.values()) == list(two.orders.values())
    assert list(one.products.values()) == list(two.products.values())
    assert list(one.checkouts.values()) == list(two.checkouts.values())


def test_another_seed_makes_another_shop() -> None:
    assert list(made(seed=1).customers.values()) != list(made(seed=2).customers.values())


def test_two_shops_share_no_id() -> None:
    one, two = made(number=0), made(number=1)
    for kind in ("customers", "orders", "products", "checkouts"):
        assert not set(one.records(kind)) & set(two.records(kind))


def test_there_are_about_four_orders_a_customer_and_a_few_have_very_many(shop: Shop) -> None:
    numbers = [customer.number_of_orders for customer in shop.customers.values()]
    assert 3.2 < len(shop.orders) / len(shop.customers) < 4.8
    assert max(numbers) > 40
    assert numbers.count(0) > 300


def test_addresses_exist_twice_in_other_letters_and_some_customers_have_none(shop: Shop) -> None:
    emails = [customer.email for customer in shop.customers.values()]
    folded = Counter(email.lower() for email in emails if email)
    twins = [email for email, number in folded.items() if number > 1]
    assert len(twins) > 10
    assert any(len({email for email in emails if email and email.lower() == twin}) > 1 for twin in twins)
    assert None in emails


def test_every_kind_of_order_and_consent_occurs(shop: Shop) -> None:
    orders = shop.orders.values()
    assert {order.test for order in orders} == {True, False}
    assert any(order.cancelled_at for order in orders)
    assert any(order.refunds and order.current_total > 0 for order in orders)
    assert any(order.refunds and order.current_total == 0 for order in orders)
    assert any(order.customer_id is None and order.email for order in orders)
    assert any(order.customer_id is None and order.email is None for order in orders)
    assert max(len(order.lines) for order in orders) > 250
    assert any(line.product_id is None for order in orders for line in order.lines)
    consents = {customer.consent for customer in shop.customers.values()}
    assert consents == {"SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "INVALID"}
    assert max(len(customer.addresses) for customer in shop.customers.values()) == 30


def test_figures_are_those_of_the_orders(shop: Shop) -> None:
    for customer in list(shop.customers.values())[:500]:
        real = [o for o in shop.orders.values() if o.customer_id == customer.id and not o.test]
        assert customer.number_of_orders == len(real)
        assert customer.amount_spent == sum(o.total - o.refunded for o in real if o.cancelled_at is None)
        last = max(real, key=lambda o: (o.processed_at, o.id), default=None)
        assert customer.last_order_id == (last and last.id)


def test_nothing_happened_after_now(shop: Shop) -> None:
    records = [*shop.customers.values(), *shop.orders.values(), *shop.products.values(), *shop.checkouts.values()]
    assert max(record.updated_at for record in records) <= NOW
    assert all(record.created_at <= record.updated_at for record in records)
    assert all(order.processed_at <= order.created_at for order in shop.orders.values())


def test_a_refund_never_exceeds_what_was_paid(shop: Shop) -> None:
    for order in shop.orders.values():
        assert order.total == sum(line.price * line.quantity for line in order.lines)
        assert order.current_total == sum(line.price * line.current_quantity for line in order.lines)
        assert order.refunded == sum(refund.amount for refund in order.refunds)


@pytest.mark.parametrize("customers", [0, 1, 2, 7])
def test_a_shop_may_be_tiny(customers: int) -> None:
    shop = made(customers=customers)
    assert len(shop.customers) == customers
    assert len(shop.products) >= 120
