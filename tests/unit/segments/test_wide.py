"""What many rules are asked in one pass."""

from __future__ import annotations

import msgspec

from syncd.segments import parse
from syncd.segments.wide import Wanted, passes
from tests.unit.segments.shop import FRAME

DAY = 86_400


def _wanted(query: str, bit: int = 0, *, later: int = 0) -> Wanted:
    return Wanted(parse(query), msgspec.structs.replace(FRAME, now=FRAME.now + later), 1, bit)


def test_a_day_long_the_same_is_asked_and_put_together_once() -> None:
    first = list(passes([_wanted("last_order_date >= -30d")], "asked"))
    again = list(passes([_wanted("last_order_date >= -30d", later=60)], "asked"))
    assert all(one is another for one, another in zip(first, again, strict=True))


def test_the_next_day_the_dates_are_others() -> None:
    first = list(passes([_wanted("last_order_date >= -30d")], "asked"))
    next_day = list(passes([_wanted("last_order_date >= -30d", later=DAY)], "asked"))
    assert [each.text for each in first] == [each.text for each in next_day]
    assert [each.values for each in first] != [each.values for each in next_day]


def test_all_values_are_bound() -> None:
    query = (
        "customer_tags CONTAINS 'x-1' AND amount_spent > 77 AND products_purchased MATCHES (vendor = 'y-2', count > 71)"
    )
    for scope in ("all", "asked"):
        text = " ".join(each.text for each in passes([_wanted(query)], scope))  # type: ignore[arg-type]  # both are
        assert not {"x-1", "y-2", "71", "77", "7700", FRAME.store} & set(text.replace("'", " ").split())


def test_orders_are_looked_at_once_for_all_clauses_about_them() -> None:
    queries = ("last_order_date >= -30d", "average_order_amount > 5", "orders_placed MATCHES (date >= -9d, count > 2)")
    (_, masks, *_) = (None, *passes([_wanted(query, bit) for bit, query in enumerate(queries)], "asked"))
    assert masks.text.count("FROM orders ") == 1


def test_of_everybody_lines_are_read_as_they_lie_and_not_looked_up() -> None:
    statements = list(passes([_wanted("products_purchased MATCHES (vendor = 'Acme', date >= -90d)")], "all"))
    assert sum(each.text.count("FROM lines") for each in statements) == 1
    assert not any("JOIN lines" in each.text for each in statements)


def test_products_are_asked_for_once_and_not_of_each_line() -> None:
    statements = list(passes([_wanted("products_purchased MATCHES (tag = 'sport')")], "all"))
    assert any("lines.product_id IN (SELECT product_tags.product_id" in each.text for each in statements)


def test_of_everybody_the_lines_of_late_begin_at_the_lowest_order_of_late() -> None:
    (_, rows, *_) = passes([_wanted("products_purchased MATCHES (vendor = 'Acme', date >= -90d)")], "all")
    assert "lines.order_id >= (SELECT min(dated_orders.id)" in rows.text
    (_, rows, *_) = passes([_wanted("products_purchased MATCHES (vendor = 'Acme', date <= -90d)")], "all")
    assert "dated_orders" not in rows.text


def test_of_everybody_it_is_asked_once_who_has_a_tag_and_of_some_what_tags_they_have() -> None:
    queries = ("customer_tags CONTAINS 'vip'", "customer_tags NOT CONTAINS 'vip'", "segments CONTAINS 'other'")
    wanted = [_wanted(query, bit) for bit, query in enumerate(queries)]
    everybody = " ".join(each.text for each in passes(wanted, "all"))
    some = " ".join(each.text for each in passes(wanted, "asked"))
    assert everybody.count("customers.id IN (SELECT customer_tags.customer_id") == 1
    assert everybody.count("customers.id IN (SELECT members.customer_id") == 1
    assert "customer_tags.customer_id = customers.id" in some
