"""One pass over a store: how much of it is read, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from syncd.mirror.answering import Scope, Wanted, clear, fill
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Customer, LineItem, Order
from syncd.segments import Frame, parse
from syncd.segments.frame import By
from tests.unit.segments.large import LARGEST
from tests.unit.segments.world import World, by_sql

DAY = 86_400
FRAME = Frame(store="main", now=1_795_000_000, zone=ZoneInfo("UTC"), currency="EUR")
QUERIES = (
    "number_of_orders > 1 AND last_order_date >= -180d",
    "orders_placed MATCHES (date >= -90d, sum_amount >= 40)",
    "products_purchased MATCHES (vendor = 'Vendor 3', count >= 2)",
    "products_purchased MATCHES (sum_quantity >= 9)",
    "products_purchased MATCHES (vendor = 'Vendor 2', date >= -60d)",
    "orders_placed MATCHES (source = 'pos')",
    "customer_tags CONTAINS 'vip' AND number_of_orders = 3",
    "customer_tags NOT CONTAINS 'vip' OR last_order_date >= -9d",
    "abandoned_checkout_date >= -7d",
)


def _customer(number: int) -> Customer:
    tags = ("VIP",) if number % 3 == 0 else ()
    email = f"person{number // 2}@shop.example"
    return Customer(id=number, created_at=0, updated_at=0, email=email, number_of_orders=number % 4, tags=tags)


def _order(number: int, customers: int) -> Order:
    line = LineItem(id=number, quantity=3, current_quantity=3, vendor=f"Vendor {number % 5}")
    return Order(
        id=number,
        created_at=0,
        processed_at=FRAME.now - number % 400 * DAY,
        updated_at=0,
        customer_id=1 + number % customers if number % 10 else None,
        email=f"person{number % customers}@shop.example",
        currency="EUR",
        current_total=number % 7 * 1_000,
        source_name="pos" if number % 4 == 0 else "web",
        lines=(line,),
    )


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path / "mirror.db")
    yield opened
    opened.close()


def _shop(mirror: Mirror, customers: int) -> None:
    orders = [_order(number, customers) for number in range(1, 4 * customers)]
    World(customers=[_customer(number) for number in range(1, customers + 1)], orders=orders).save(mirror, "main")


def _wanted() -> list[Wanted]:
    both = [msgspec.structs.replace(FRAME, by=by) for by in ("customer", "email")]
    return [
        Wanted(parse(query), frame, 1, bit) for bit, (query, frame) in enumerate((q, f) for q in QUERIES for f in both)
    ]


def _answered(mirror: Mirror, wanted: list[Wanted], scope: Scope) -> dict[int, int]:
    with mirror.transaction():
        clear(mirror)
        fill(mirror, wanted, scope)
    return dict(mirror.raw.execute("SELECT customer_id, mask FROM temp.answers").fetchall())


def _ask(mirror: Mirror, ids: range) -> None:
    mirror.raw.execute("CREATE TEMP TABLE IF NOT EXISTS asked (customer_id INTEGER PRIMARY KEY)")
    mirror.raw.execute("DELETE FROM asked")
    mirror.raw.executemany("INSERT INTO asked VALUES (?)", [(id_,) for id_ in ids])


def _steps(mirror: Mirror) -> int:
    counted = count()
    mirror.raw.set_progress_handler(lambda: next(counted) < 0, 1)
    _answered(mirror, _wanted(), "asked")
    mirror.raw.set_progress_handler(None, 0)
    return next(counted)


@pytest.mark.parametrize("analysed", [False, True])
def test_what_is_asked_of_some_costs_the_same_in_a_store_of_any_size(tmp_path: Path, *, analysed: bool) -> None:
    steps = []
    for customers in (60, 1_200):
        mirror = open_mirror(tmp_path / f"{customers}.db")
        _shop(mirror, customers)
        if analysed:
            mirror.raw.execute("ANALYZE")
        _ask(mirror, range(10, 30))
        steps.append(_steps(mirror))
        mirror.close()
    assert steps[1] < 1.2 * steps[0]


def test_of_everybody_all_answers_are_those_of_each_rule_by_itself(mirror: Mirror) -> None:
    _shop(mirror, 300)
    masks = _answered(mirror, _wanted(), "all")
    for it in _wanted():
        found = {id_ for id_, mask in masks.items() if mask >> it.bit & 1}
        assert found == by_sql(mirror, it.rule, it.frame)
    assert len({it.bit for it in _wanted() if any(mask >> it.bit & 1 for mask in masks.values())}) > 10


def test_nothing_is_left_behind_but_the_answers(mirror: Mirror) -> None:
    _shop(mirror, 60)
    _answered(mirror, _wanted(), "all")
    tables = [name for (name,) in mirror.raw.execute("SELECT name FROM temp.sqlite_master WHERE type = 'table'")]
    left = {name for name in tables if mirror.raw.execute(f"SELECT 1 FROM temp.{name}").fetchone()}  # noqa: S608  # ours
    assert left == {"answers"}


@pytest.mark.parametrize(("scope", "by"), [("all", "customer"), ("asked", "email")])
def test_the_largest_rules_can_be_answered_in_one_pass_with_others(mirror: Mirror, scope: Scope, by: By) -> None:
    _shop(mirror, 20)
    World(customers=[_customer(number) for number in range(101, 110)]).save(mirror, "other")
    _ask(mirror, range(1, 12))
    nested = ["NOT (number_of_orders = 1 AND (number_of_orders = 2 OR " * 3 + query + "))" * 3 for query in QUERIES]
    frame = msgspec.structs.replace(FRAME, by=by)
    large = LARGEST if by == "customer" else LARGEST[2:7]
    rules = [parse(query) for query in (*large, *QUERIES, *nested)]
    masks = _answered(mirror, [Wanted(rule, frame, 1, bit) for bit, rule in enumerate(rules)], scope)
    for bit, rule in enumerate(rules):
        whom = by_sql(mirror, rule, frame) if scope == "all" else by_sql(mirror, rule, frame) & {*range(1, 12)}
        assert {id_ for id_, mask in masks.items() if mask >> bit & 1} == whom
