"""The search syntax of lists and counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.shopify.query import Both, Either, Not, Term, described, parse

DAY = 86_400


def term(field: str | None, value: str, op: str = "") -> Term:
    return Term(field, op, value, quoted=False)


def found(bench: Any, kind: str, query: str) -> set[int]:
    """Return the ids that a search finds, and see that nothing was ignored."""
    answer = bench.whole(f"query($q: String) {{ {kind}(first: 250, query: $q) {{ nodes {{ id }} }} }}", q=query)
    assert "search" not in answer["extensions"], answer["extensions"]["search"]
    return {int(node["id"].rpartition("/")[2]) for node in answer["data"][kind]["nodes"]}


def expected(records: dict[int, Any], holds: Callable[[Any], bool]) -> set[int]:
    return {record.id for record in records.values() if holds(record)}


def iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_or_binds_tighter_than_and() -> None:
    tree = parse("a:1 OR b:2 AND c:3 OR d:4")
    assert tree == Both((Either((term("a", "1"), term("b", "2"))), Either((term("c", "3"), term("d", "4")))))


def test_terms_side_by_side_are_joined_by_and_with_or_tighter() -> None:
    assert parse("a:1 b:2 OR c:3") == Both((term("a", "1"), Either((term("b", "2"), term("c", "3")))))


def test_parentheses_and_negation_are_read() -> None:
    assert parse("-a:1 NOT (b:2 c:3)") == Both((Not(term("a", "1")), Not(Both((term("b", "2"), term("c", "3"))))))


def test_quotes_comparators_and_escapes_are_read() -> None:
    assert parse("t:>='2024-01-01T00:00:00Z'") == Term("t", ">=", "2024-01-01T00:00:00Z", quoted=True)
    assert parse('e:"a b"') == Term("e", "", "a b", quoted=True)
    assert parse(r"n:a\:b") == Term("n", "", "a:b", quoted=False)
    assert parse("d: >= 2024") == Term("d", ">=", "2024", quoted=False)


@pytest.mark.parametrize("text", ["", "   ", "()", ")", "(((", "AND", "OR OR", "NOT"])
def test_nonsense_is_overlooked(text: str) -> None:
    assert parse(text) is None


@settings(max_examples=150)
@given(st.text(st.sampled_from("ab:()'\"\\-*<>=. ANDORT12"), max_size=40))
def test_any_text_is_a_search_or_nothing(text: str) -> None:
    tree = parse(text)
    assert tree is None or described(tree)


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("a:1", {"field": "a", "match_all": "1"}),
        ("a:>1", {"field": "a", "greater_than": "1"}),
        ("a:>=1", {"field": "a", "greater_or_equal": "1"}),
        ("a:<1", {"field": "a", "less_than": "1"}),
        ("a:<=1", {"field": "a", "less_or_equal": "1"}),
        ("-a:1", {"not": {"field": "a", "match_all": "1"}}),
        ("w a:1", {"and": [{"match_all": "w"}, {"field": "a", "match_all": "1"}]}),
        ("a:1 OR b:2", {"or": [{"field": "a", "match_all": "1"}, {"field": "b", "match_all": "2"}]}),
    ],
)
def test_a_search_is_described(query: str, parsed: Any) -> None:
    tree = parse(query)
    assert tree is not None
    assert described(tree) == parsed


def test_times_compare_with_at_least_and_ranges(bench: Any) -> None:
    orders = bench.shop.orders
    middle = sorted(order.updated_at for order in orders.values())[len(orders) // 2]
    since = iso(middle)
    assert found(bench, "orders", f"updated_at:>='{since}'") == expected(orders, lambda o: o.updated_at >= middle)
    assert found(bench, "orders", f"updated_at:<'{since}'") == expected(orders, lambda o: o.updated_at < middle)
    later = middle + 30 * DAY
    window = found(bench, "orders", f"processed_at:'{since}..{iso(later)}'")
    assert window == expected(orders, lambda o: middle <= o.processed_at <= later)


def test_greater_than_a_time_takes_that_second_too(bench: Any) -> None:
    newest = max(order.updated_at for order in bench.shop.orders.values())
    assert found(bench, "orders", f"updated_at:>'{iso(newest)}'")


def test_an_offset_of_a_time_is_overlooked(bench: Any) -> None:
    newest = max(order.updated_at for order in bench.shop.orders.values())
    assert found(bench, "orders", f"updated_at:>='{iso(newest)[:-1]}+05:00'")


def test_dates_years_and_now_are_times(bench: Any) -> None:
    orders = bench.shop.orders
    day = max(order.created_at for order in orders.values()) // DAY * DAY
    text = iso(day)[:10]
    assert found(bench, "orders", f"created_at:{text}") == expected(orders, lambda o: day <= o.created_at < day + DAY)
    assert bench.ask('{ ordersCount(query: "created_at:<now") { count } }')["ordersCount"]["count"] == len(orders)
    of_2025 = expected(orders, lambda o: iso(o.created_at).startswith("2025"))
    assert found(bench, "orders", "created_at:>=2025 created_at:<=2025") == of_2025


def test_a_customers_time_of_change_matches_its_whole_day(bench: Any) -> None:
    customers = bench.shop.customers
    one = next(iter(customers.values()))
    start = one.updated_at // DAY * DAY
    same_day = expected(customers, lambda c: start <= c.updated_at < start + DAY)
    assert found(bench, "customers", f"updated_at:'{iso(one.updated_at)}'") == same_day


def test_ids_are_numbers_with_ranges(bench: Any) -> None:
    ids = sorted(bench.shop.customers)
    assert found(bench, "customers", f"id:{ids[3]}") == {ids[3]}
    assert found(bench, "customers", f"id:>={ids[-2]}") == set(ids[-2:])
    assert found(bench, "customers", f"id:>{ids[-2]}") == {ids[-1]}


def test_an_address_is_tokenised_unless_quoted(bench: Any) -> None:
    customers = bench.shop.customers
    one = next(customer for customer in customers.values() if customer.email)
    host = one.email.rpartition("@")[2]
    at_host = expected(customers, lambda c: c.email and c.email.lower().endswith(f"@{host}"))
    assert found(bench, "customers", f"email:{host}") == at_host
    exact = expected(customers, lambda c: c.email and c.email.lower() == one.email.lower())
    assert found(bench, "customers", f'email:"{one.email.upper()}"') == exact
    assert found(bench, "customers", "email:*") == expected(customers, lambda c: c.email)


def test_tags_are_found_and_excluded_whatever_their_letters(bench: Any) -> None:
    customers = bench.shop.customers
    tagged = expected(customers, lambda c: "VIP" in c.tags)
    assert tagged
    assert found(bench, "customers", "tag:vip") == tagged
    assert found(bench, "customers", "tag_not:'ViP'") == set(customers) - tagged
    either = expected(customers, lambda c: {"VIP", "press"} & set(c.tags))
    assert found(bench, "customers", "tag:'VIP,press'") == either


def test_figures_states_and_consent_are_found(bench: Any) -> None:
    customers = bench.shop.customers
    assert found(bench, "customers", "orders_count:>4") == expected(customers, lambda c: c.number_of_orders > 4)
    assert found(bench, "customers", "total_spent:>=100.50") == expected(customers, lambda c: c.amount_spent >= 10_050)
    assert found(bench, "customers", "state:ENABLED") == expected(customers, lambda c: c.state == "ENABLED")
    consenting = expected(customers, lambda c: c.consent == "SUBSCRIBED")
    assert found(bench, "customers", "accepts_marketing:true") == consenting
    german = expected(customers, lambda c: any(a.country_code == "DE" for a in c.addresses))
    assert found(bench, "customers", "country:Germany") == found(bench, "customers", "country:de") == german


def test_names_are_found_by_bare_words_and_beginnings(bench: Any) -> None:
    customers = bench.shop.customers
    one = next(c for c in customers.values() if c.first_name and c.first_name.isascii())
    assert one.id in found(bench, "customers", one.first_name.lower())
    assert one.id in found(bench, "customers", f"first_name:{one.first_name[:3]}*")


def test_orders_and_checkouts_are_found_by_their_state(bench: Any) -> None:
    orders, checkouts = bench.shop.orders, bench.shop.checkouts
    assert found(bench, "orders", "test:true") == expected(orders, lambda o: o.test)
    assert found(bench, "orders", "status:cancelled") == expected(orders, lambda o: o.cancelled_at)
    open_ones = found(bench, "abandonedCheckouts", "recovery_state:not_recovered")
    assert open_ones == expected(checkouts, lambda c: c.completed_at is None)


def test_an_unknown_field_is_ignored_and_only_a_warning_tells(bench: Any) -> None:
    answer = bench.whole('{ customers(first: 250, query: "nope:1") { nodes { id } } }')
    assert len(answer["data"]["customers"]["nodes"]) == len(bench.shop.customers)
    assert answer["extensions"]["search"] == [
        {
            "path": ["customers"],
            "query": "nope:1",
            "parsed": {"field": "nope", "match_all": "1"},
            "warnings": [{"field": "nope", "message": "Invalid search field for this query.", "code": "invalid_field"}],
        }
    ]


def test_an_ignored_field_leaves_the_other_terms_standing(bench: Any) -> None:
    first = min(bench.shop.customers)
    answer = bench.whole(f'{{ customers(first: 5, query: "nope:1 id:{first}") {{ nodes {{ id }} }} }}')
    assert len(answer["data"]["customers"]["nodes"]) == 1


def test_a_value_that_a_field_does_not_take_is_ignored_with_a_warning(bench: Any) -> None:
    answer = bench.whole('{ customers(first: 1, query: "state:EXPIRED") { nodes { id } } }')
    warning = answer["extensions"]["search"][0]["warnings"][0]
    assert warning == {
        "field": "state",
        "message": "Input `EXPIRED` is not an accepted value.",
        "code": "invalid_value",
    }


@pytest.mark.parametrize(
    "query",
    ["updated_at:soon", "updated_at:2026-13-45", "id:many", "accepts_marketing:perhaps", "orders_count:a..b"],
)
def test_a_value_of_the_wrong_kind_is_ignored_with_a_warning(query: str, bench: Any) -> None:
    answer = bench.whole("query($q: String) { customers(first: 1, query: $q) { nodes { id } } }", q=query)
    assert answer["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_value"


def test_products_are_found_by_what_they_are(bench: Any) -> None:
    products = bench.shop.products
    one = next(product for product in products.values() if product.collection_ids)
    assert found(bench, "products", f"vendor:'{one.vendor}'") == expected(products, lambda p: p.vendor == one.vendor)
    inside = expected(products, lambda p: one.collection_ids[0] in p.collection_ids)
    assert found(bench, "products", f"collection_id:{one.collection_ids[0]}") == inside
    assert found(bench, "products", "status:archived,draft") == expected(products, lambda p: p.status != "ACTIVE")
    assert found(bench, "products", "gift_card:true") == expected(products, lambda p: p.gift_card)
    starting = expected(products, lambda p: p.product_type.startswith("Bike"))
    assert found(bench, "products", "product_type:Bike*") == starting
    assert found(bench, "products", "created_at:2024-05") == expected(
        products, lambda p: iso(p.created_at).startswith("2024-05")
    )
    assert found(bench, "products", "created_at:2024-12..2025-01") == expected(
        products, lambda p: "2024-12" <= iso(p.created_at)[:7] <= "2025-01"
    )


def test_a_field_that_only_the_real_service_knows_is_an_error_not_a_wrong_answer(bench: Any) -> None:
    error = bench.only_error('{ orders(first: 1, query: "gateway:paypal") { nodes { id } } }')
    assert error["extensions"]["code"] == "NOT_SIMULATED"


def test_the_count_of_customers_knows_three_fields_and_ignores_the_rest_as_recorded(bench: Any) -> None:
    customers = bench.shop.customers
    answer = bench.whole(
        '{ a: customersCount(query: "email:x@y.example") { count } b: customersCount(query: "word") { count } '
        '  c: customersCount(query: "created_at:>=2026") { count } }'
    )
    data = answer["data"]
    assert data["a"]["count"] == data["b"]["count"] == len(customers)
    assert data["c"]["count"] == len(expected(customers, lambda c: iso(c.created_at) >= "2026"))
    codes = [search["warnings"][0]["code"] for search in answer["extensions"]["search"]]
    assert codes == ["invalid_field", "missing_named_field"]
    assert answer["extensions"]["search"][1]["warnings"][0]["message"] == (
        "Input must use named search fields in this query."
    )
