"""A parsed rule: its canonical text, and what it says of itself."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from syncd.mirror.database import Mirror
from syncd.model import Kind
from syncd.segments import Rule, RuleError, condition, parse
from tests.unit.segments.large import LARGEST
from tests.unit.segments.shop import FRAME
from tests.unit.segments.world import by_sql, undecided

JUST_CUSTOMERS = frozenset({Kind.CUSTOMERS})


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("  number_of_orders   >=  5 ", "number_of_orders >= 5"),
        ("(number_of_orders >= 1) OR (number_of_orders = 0)", "number_of_orders >= 1 OR number_of_orders = 0"),
        ("(rfm_group = 'NEW' OR number_of_orders = 0) AND amount_spent > 1.50", None),
        (
            "number_of_orders = 1 and (number_of_orders = 2 And number_of_orders = 3)",
            "number_of_orders = 1 AND number_of_orders = 2 AND number_of_orders = 3",
        ),
        ("NOT orders_placed MATCHES ()", "orders_placed NOT MATCHES ()"),
        ("NOT orders_placed NOT MATCHES ()", "orders_placed MATCHES ()"),
        ("not customer_tags contains 'A'", "customer_tags NOT CONTAINS 'A'"),
        ("NOT customer_tags IS NULL", "customer_tags IS NOT NULL"),
        ("NOT (number_of_orders = 1)", "NOT (number_of_orders = 1)"),
        ("NOT NOT number_of_orders = 1", "number_of_orders = 1"),
        ("NOT customer_language LIKE 'e%'", "NOT (customer_language LIKE 'e%')"),
        ("products_purchased (id: 1234) = true", "products_purchased MATCHES (id = 1234)"),
        ("products_purchased(id: '1234') = false", "products_purchased NOT MATCHES (id = 1234)"),
        ("products_purchased(id: 'gid://shopify/Product/1234') != true", "products_purchased NOT MATCHES (id = 1234)"),
        ("products_purchased(id: (1, 2)) != false", "products_purchased MATCHES (id IN (1, 2))"),
        ("products_purchased(id: (1, 2, '3')) = true", "products_purchased MATCHES (id IN (1, 2, 3))"),
        (
            "products_purchased(tag: 'a b', date: -60d) = true",
            "products_purchased MATCHES (tag = 'a b', date >= -60d)",
        ),
        ("products_purchased() = true", "products_purchased MATCHES ()"),
        (
            "orders_placed(date: -60d, count_at_least: 2, until: -30d) = true",
            "orders_placed MATCHES (count >= 2, date BETWEEN -60d AND -30d)",
        ),
        (
            "orders_placed(since: 2026-01-01, amount_at_most: 5) = TRUE",
            "orders_placed MATCHES (date >= 2026-01-01, amount <= 5)",
        ),
        ("last_order_date >= 30_days_ago", "last_order_date >= -30d"),
        ("last_order_date >= 1_year_ago", "last_order_date >= -1y"),
        ("last_order_date BETWEEN - 3 w AND TODAY", "last_order_date BETWEEN -3w AND today"),
        ("last_order_date > 2020-05-30T16:00:00", None),
        (r"customer_tags CONTAINS '\'VIP\' \\ \d 🎉'", r"customer_tags CONTAINS '\'VIP\' \\ \\d 🎉'"),
        ("amount_spent BETWEEN 100 AND 999.90", None),
        ("customer_tags CONTAINS 'a\nb'", None),
    ],
)
def test_the_canonical_text_is_the_same_rule_in_the_newest_syntax(query: str, canonical: str | None) -> None:
    rule = parse(query)
    assert str(rule) == (canonical or query)
    assert parse(str(rule)).tree == rule.tree
    assert rule.text == query


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("amount_spent > 5 AND number_of_orders = 2", set()),
        ("customer_tags CONTAINS 'a'", set()),
        ("last_order_date > -3d", {Kind.ORDERS}),
        ("abandoned_checkout_date > -3d", {Kind.CHECKOUTS}),
        ("NOT (abandoned_checkout_date > -3d OR orders_placed MATCHES ())", {Kind.CHECKOUTS, Kind.ORDERS}),
        ("products_purchased MATCHES (id = 5, vendor = 'Acme')", {Kind.ORDERS}),
        ("products_purchased MATCHES (tag = 'a')", {Kind.ORDERS, Kind.PRODUCTS}),
        ("products_purchased MATCHES (collection = 'a')", {Kind.ORDERS, Kind.PRODUCTS}),
        ("recency_score = 5", {Kind.ORDERS}),
    ],
)
def test_a_rule_knows_what_must_have_been_pulled(query: str, kinds: set[Kind]) -> None:
    assert parse(query).kinds == JUST_CUSTOMERS | kinds


@pytest.mark.parametrize(
    ("query", "notes"),
    [
        ("amount_spent > 5 AND products_purchased MATCHES (id IN (1, 2))", ()),
        (" OR ".join(["number_of_orders = 1"] * 11), ("11 clauses; Shopify takes 10",)),
        (f"customer_language = 'en'{' ' * 5000}", ("5,024 characters; Shopify takes 5,000",)),
        ("favourite_vendor = 'Acme'", ("favourite_vendor is syncd's own",)),
        ("number_of_orders IN (1, 2)", ("number_of_orders IN is syncd's own",)),
        ("customer_tags STARTS WITH 'a'", ("customer_tags STARTS WITH is syncd's own",)),
        ("last_order_date = last_month", ("last_month is syncd's own",)),
        ("products_purchased MATCHES (vendor = 'Acme')", ("vendor of products_purchased is syncd's own",)),
        (
            f"products_purchased MATCHES (id IN ({', '.join(['1'] * 501)}))",
            ("lists have at most 500 values in Shopify",),
        ),
        ("NOT (number_of_orders = 1)", ("NOT before parentheses or a comparison is syncd's own",)),
        ("NOT products_purchased MATCHES (id = 1)", ()),
    ],
)
def test_a_rule_says_why_shopify_could_not_hold_it(query: str, notes: tuple[str, ...]) -> None:
    assert parse(query).notes == notes


@pytest.mark.parametrize(
    ("query", "warnings"),
    [
        ("number_of_orders = 1 and amount_spent = 1 or rfm_group is null", ("AND", "OR", "IS", "NULL")),
        ("last_order_date > 7_days_ago", ("7_days_ago is deprecated: -7d",)),
        (
            "products_purchased(id: 1) = true",
            ("products_purchased(…) = true is deprecated: products_purchased MATCHES (…)",),
        ),
        ("number_of_orders BETWEEN 2 AND 1", "number_of_orders BETWEEN 2 AND 1 holds for nobody: 1 comes first"),
        ("amount_spent BETWEEN 2.5 AND 1", "amount_spent BETWEEN 2.5 AND 1 holds for nobody: 1 comes first"),
        (
            "last_order_date BETWEEN -7d AND -30d",
            "last_order_date BETWEEN -7d AND -30d holds for nobody: -30d comes first",
        ),
        ("last_order_date BETWEEN -30d AND -7d", ()),
        ("last_order_date BETWEEN -7d AND -7d OR last_order_date BETWEEN 2026-01-01 AND 2026-01-01", ()),
        ("number_of_orders BETWEEN 2 AND 2 OR amount_spent BETWEEN 2.5 AND 2.5", ()),
        ("last_order_date BETWEEN 2026-01-01T00:00:00 AND 2026-01-01T00:00:00", ()),
        ("last_order_date BETWEEN -1m AND -7d", ()),
        ("last_order_date BETWEEN 2026-01-01 AND today", ()),
        (
            "last_order_date BETWEEN 2026-01-02 AND 2026-01-01",
            "last_order_date BETWEEN 2026-01-02 AND 2026-01-01 holds for nobody: 2026-01-01 comes first",
        ),
        (
            "orders_placed MATCHES (date BETWEEN 2026-01-01T00:00:01 AND 2026-01-01T00:00:00)",
            "date BETWEEN 2026-01-01T00:00:01 AND 2026-01-01T00:00:00 holds for nobody: 2026-01-01T00:00:00 comes "
            "first",
        ),
    ],
)
def test_a_rule_warns_of_what_is_perhaps_not_meant(query: str, warnings: str | tuple[str, ...]) -> None:
    expected = (warnings,) if isinstance(warnings, str) else warnings
    found = tuple(warning.removeprefix("keywords are written in capitals: ") for warning in parse(query).warnings)
    assert found == expected


@pytest.mark.parametrize(
    ("query", "depends"),
    [
        ("last_order_date >= -30d", True),
        ("last_order_date = last_month", True),
        ("orders_placed MATCHES (date BETWEEN 2026-01-01 AND today)", True),
        ("days_since_last_order > 5", True),
        ("last_order_date >= 2026-01-01", False),
        ("last_order_date >= 2026-01-01T00:00:00 OR number_of_orders = 5", False),
    ],
)
def test_a_rule_knows_whether_time_alone_changes_it(query: str, depends: bool) -> None:
    assert parse(query).depends_on_day is depends


def test_a_rule_names_the_segments_and_scales_that_it_needs() -> None:
    rule = parse(
        "segments CONTAINS 'a' AND NOT (segments NOT CONTAINS 'b' OR spend_percentile > 5) AND value_tier = 'LOW'"
    )
    assert rule.segments == {"a", "b"}
    assert rule.scales == {"spend"}
    assert parse("number_of_orders = 1").segments == parse("number_of_orders = 1").scales == frozenset()


def test_rules_are_values() -> None:
    assert parse("amount_spent > 1.50") == parse("amount_spent > 1.50")
    assert hash(parse("amount_spent > 1.50")) == hash(parse("amount_spent > 1.50"))
    with pytest.raises(AttributeError):
        parse("amount_spent > 1").text = ""  # type: ignore[misc]
    assert parse("amount_spent > 1.50").tree.test.values == (Decimal("1.50"),)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("shopify_email.opened MATCHES (count >= 3)", "shopify_email.opened is known to the store alone"),
        ("storefront.product_viewed NOT MATCHES (id = 3, date > -7d)", "storefront.product_viewed is known"),
        ("storefront_event.collection_viewed() = true", "storefront_event.collection_viewed is known"),
        ("created_by_app_id = 5", "created_by_app_id is known to the store alone"),
        ("store_credit_accounts MATCHES (next_expiry_date < +7d)", "next_expiry_date stands only in the transactions"),
    ],
)
def test_what_the_mirror_does_not_know_is_checked_and_then_said(query: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(query)
    assert caught.value.remote
    assert caught.value.problems[0].message.startswith(message)
    assert caught.value.problems[0].suggestion == 'let the store answer: source = "shopify" on the segment'


@pytest.mark.parametrize(
    "query",
    [
        "shopify_email.opened MATCHES (counts >= 3)",
        "created_by_app_id = '5'",
        "companies > 5",
        "anniversary('metafields.facts.birth_date') = 5",
        "anniversary = today",
        "shopify_email.opened > 3",
        "shopify_email.opened MATCHES (count > 1, count < 5)",
        "shopify_email.opened MATCHES () AND amount = 5",
    ],
)
def test_a_remote_clause_with_a_mistake_is_not_only_remote(query: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(query)
    assert not caught.value.remote


@pytest.mark.parametrize("query", LARGEST)
def test_the_largest_rules_can_still_be_answered(mirror: Mirror, query: str) -> None:
    rule = parse(query)
    by_sql(mirror, rule, FRAME)
    assert undecided(mirror, rule, FRAME) == 0


def test_all_values_are_bound() -> None:
    rule = parse("customer_tags CONTAINS 'x-1' AND amount_spent > 77 AND orders_placed MATCHES (app_id IN (71, 72))")
    text = str(condition(rule, msgspec.structs.replace(FRAME, store="shop-x")))
    assert not {"x-1", "77", "71", "shop-x", "CAD"} & set(text.replace("'", " ").split())
    assert isinstance(rule, Rule)
