"""What decided each clause of a rule for one person, in words."""

from __future__ import annotations

import pytest

from syncd.segments import judge, parse
from tests.unit.segments.shop import FRAME, SHOP


@pytest.mark.parametrize(
    ("query", "ada", "cy"),
    [
        ("amount_spent > 5", "300.00", "0.00"),
        ("number_of_orders > 5", "3", "0"),
        ("customer_added_date > today", "2025-01-10", "2026-11-20"),
        ("last_order_date > today", "2026-11-14", "none"),
        ("days_since_last_order > 3", "7", "none"),
        ("average_order_amount > 3", "50.00", "none"),
        ("customer_email_domain = 'x'", "gmail.com", "none"),
        ("email_subscription_status = 'PENDING'", "SUBSCRIBED", "none"),
        ("customer_tags CONTAINS 'x'", "vip, wholesale", "none"),
        ("customer_countries NOT CONTAINS 'CA'", "CA, US", "none"),
        ("orders_placed MATCHES (date >= -30d)", "2 orders", "0 orders"),
        ("orders_placed MATCHES (count > 5, sum_amount > 5)", "count 3, sum_amount 150.00", "count 0, sum_amount 0.00"),
        ("orders_placed MATCHES (average_amount > 5)", "average_amount 50.00", "average_amount none"),
        ("products_purchased NOT MATCHES (id = 100)", "2 lines", "0 lines"),
        ("products_purchased MATCHES (sum_quantity > 100)", "sum_quantity 5", "sum_quantity 0"),
        ("favourite_vendor = 'x'", "Acme", "none"),
        (
            "customer_within_distance MATCHES (coordinates = (45.5, -75.7), distance_km = 1)",
            "8.7 km",
            "none",
        ),
        (
            "customer_within_distance MATCHES (coordinates = (45.5, -75.7), distance_mi = 1)",
            "5.4 mi",
            "none",
        ),
        ("segments CONTAINS 'x'", "Québec 'n' all, vips", "none"),
    ],
)
def test_the_value_that_decides_is_told(query: str, ada: str, cy: str) -> None:
    people = SHOP.people()
    rule = parse(query)
    assert [judge(rule, people[id_], FRAME)[0].value for id_ in (1, 3)] == [ada, cy]


def test_every_clause_is_judged_from_left_to_right() -> None:
    rule = parse("number_of_orders > 5 OR NOT (customer_tags CONTAINS 'vip' AND amount_spent >= 300)")
    assert [(each.text, each.holds) for each in judge(rule, SHOP.people()[1], FRAME)] == [
        ("number_of_orders > 5", False),
        ("customer_tags CONTAINS 'vip'", True),
        ("amount_spent >= 300", True),
    ]
