"""What every store keeps to beyond its feeds: nested rows are complete, tags come back, it describes itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.contract.suite_bench import StoreBench, add, everything
from tests.contract.test_contract_feed import HUGE


@pytest.mark.parametrize("expected", [None, HUGE], ids=["not-told", "many-expected"])
def test_an_order_of_three_hundred_lines_comes_whole(store: StoreBench, expected: int | None) -> None:
    store.put_order_with_lines(1, 300)
    store.put_order_with_lines(2, 1)
    orders = store.feeds["orders"]
    by_number = {orders.number(order): order for order in everything(store.source.orders, None, expected)}
    assert {number: len(order.lines) for number, order in by_number.items()} == {1: 300, 2: 1}
    assert len({line.id for line in by_number[1].lines}) == 300
    assert sum(line.current_quantity for line in by_number[1].lines) == 300


def test_a_peeked_order_of_three_hundred_lines_is_whole(store: StoreBench) -> None:
    store.put_order_with_lines(1, 300)
    (order,) = store.source.orders.peek(0).rows
    assert len({line.id for line in order.lines}) == 300


@pytest.mark.parametrize("expected", [None, HUGE], ids=["not-told", "many-expected"])
def test_a_customer_comes_with_all_addresses(store: StoreBench, expected: int | None) -> None:
    store.put_customer_with_addresses(1, 14)
    store.put_customer_with_addresses(2, 0)
    customers = store.feeds["customers"]
    by_number = {customers.number(row): row for row in everything(store.source.customers, None, expected)}
    assert {number: len(row.addresses) for number, row in by_number.items()} == {1: 14, 2: 0}
    assert len({address.city for address in by_number[1].addresses}) == 14


def test_a_tag_given_by_hand_comes_with_the_customer_as_changed(store: StoreBench) -> None:
    subject = store.subject(1)
    store.wait(10)
    since = store.feeds["customers"].now()
    store.tag_by_hand(subject, "Wholesale", "net-30")
    (customer,) = everything(store.source.customers, since)
    assert set(customer.tags) == {"Wholesale", "net-30"}
    assert customer.updated_at >= since


def test_syncds_own_writing_comes_back_as_a_change(store: StoreBench) -> None:
    subject = store.subject(1)
    store.wait(10)
    since = store.feeds["customers"].now()
    list(store.target.apply([add(store.target, subject, "vip")]))
    (customer,) = everything(store.source.customers, since)
    assert customer.tags == ("vip",)


def test_tagging_changes_nothing_else_of_a_customer(store: StoreBench) -> None:
    subject = store.subject(1)
    store.put_customer_with_addresses(2, 3)
    before = {row.id: row for row in everything(store.source.customers)}
    list(store.target.apply([add(store.target, subject, "vip")]))
    after = {row.id: row for row in everything(store.source.customers)}
    number = int(subject)
    assert after[number].tags == ("vip",)
    same = msgspec.structs.replace(after[number], tags=(), updated_at=before[number].updated_at)
    assert {**after, number: same} == before


def test_the_store_says_who_it_is_and_in_which_zone_and_currency(store: StoreBench) -> None:
    check = store.source.check()
    assert check.account
    assert check.timezone
    assert ZoneInfo(check.timezone).key == check.timezone
    assert check.currency
    assert len(check.currency) == 3
