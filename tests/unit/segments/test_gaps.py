"""Which clauses look at orders that the store does not show us (law 5)."""

from __future__ import annotations

import msgspec
import pytest

from syncd.segments import parse
from syncd.segments.gaps import gaps
from tests.unit.segments.conftest import Who
from tests.unit.segments.shop import FRAME, at

SIXTY_DAYS = msgspec.structs.replace(FRAME, orders_visible_from=at("2026-09-22"), cuts={"orders": (), "spend": ()})


@pytest.mark.parametrize(
    "query",
    [
        "orders_placed MATCHES (date >= -60d)",
        "orders_placed MATCHES (date >= 2026-09-22, count > 2)",
        "orders_placed NOT MATCHES (date > -30d)",
        "orders_placed MATCHES (date = today)",
        "orders_placed MATCHES (date IN (today, yesterday))",
        "orders_placed MATCHES (date BETWEEN last_month AND today)",
        "orders_placed MATCHES (date BETWEEN 2020-01-02 AND 2020-01-01)",
        "products_purchased MATCHES (date >= -1m, id = 5)",
        "last_order_date < -180d",
        "days_since_last_order > 400",
        "number_of_orders > 1 AND amount_spent > 5 AND customer_added_date < -5y",
        "abandoned_checkout_date < -5y",
        "spend_percentile > 50 AND purchase_frequency = 'ONCE'",
    ],
)
def test_what_lies_within_the_visible_part_can_be_answered(query: str) -> None:
    assert gaps(parse(query), SIXTY_DAYS) == ()


@pytest.mark.parametrize(
    "query",
    [
        "orders_placed MATCHES (date >= -61d)",
        "orders_placed MATCHES (date >= -90d)",
        "orders_placed MATCHES (date < -30d)",
        "orders_placed MATCHES (date != today)",
        "orders_placed MATCHES (date IN (today, 2025-01-01))",
        "orders_placed MATCHES (date NOT IN (today))",
        "orders_placed MATCHES (date IS NOT NULL)",
        "orders_placed MATCHES (count > 1)",
        "products_purchased MATCHES (id = 5)",
        "products_purchased NOT MATCHES (id = 5)",
        "first_order_date > -30d",
        "average_order_amount > 5",
        "favourite_vendor = 'Acme'",
        "favourite_type = 'Shirts'",
    ],
)
def test_what_looks_further_back_cannot(query: str) -> None:
    (sentence,) = gaps(parse(f"NOT ({query} OR number_of_orders = 0) OR {query}"), SIXTY_DAYS)
    assert sentence.startswith(f"{query} looks at older orders than the store shows us (since 2026-09-22)")


def test_all_can_be_answered_where_all_orders_are_visible() -> None:
    assert gaps(parse("first_order_date > -30d AND orders_placed MATCHES ()"), FRAME) == ()


@pytest.mark.parametrize(
    ("query", "instead"),
    [
        ("orders_placed MATCHES ()", "give it a date within that time, or write number_of_orders > 0"),
        ("orders_placed NOT MATCHES ()", "give it a date within that time, or write number_of_orders = 0"),
        ("products_purchased MATCHES ()", "give it a date within that time"),
        ("first_order_date = today", "looks at older orders than the store shows us (since 2026-09-22)"),
    ],
)
def test_a_gap_says_what_could_be_asked_instead(query: str, instead: str) -> None:
    (sentence,) = gaps(parse(query), SIXTY_DAYS)
    assert sentence.endswith(instead)


def test_a_rule_that_compares_with_all_buyers_waits_until_they_are_measured() -> None:
    rule = parse("value_tier = 'HIGH' OR spend_percentile > 50 OR recency_score = 5")
    unmeasured = msgspec.structs.replace(FRAME, cuts={"spend": (5,)})
    assert gaps(rule, FRAME) == (
        "value_tier = 'HIGH' compares with the store's buyers, who have not been measured by spend",
        "spend_percentile > 50 compares with the store's buyers, who have not been measured by spend",
        "recency_score = 5 compares with the store's buyers, who have not been measured by recency",
    )
    assert gaps(rule, unmeasured) == gaps(rule, FRAME)[2:]


def test_the_stores_own_last_order_stands_in_only_for_orders_that_we_cannot_see(who: Who) -> None:
    # Di's last order by the store's word is of 1 January 2026; of her orders we see one, of October
    since_november = msgspec.structs.replace(FRAME, orders_visible_from=at("2026-11-01"))
    assert who("last_order_date = 2026-10-01", since_november) == {4}
    assert who("last_order_date = 2026-01-01", since_november) == set()
