"""When the last order was, where older orders are invisible to us."""

from __future__ import annotations

import msgspec
import pytest

from syncd.mirror.database import Mirror
from syncd.model import Customer, Order
from syncd.segments import matches, parse
from tests.unit.segments.shop import FRAME, NOW, at
from tests.unit.segments.world import World, by_sql

VISIBLE = at("2026-09-22")


def _order(id_: int, customer: int, day: str, **more: object) -> Order:
    values = {"customer_id": customer, "currency": "CAD"} | more
    return Order(id=id_, created_at=0, updated_at=0, processed_at=at(day), **values)


WORLD = World(
    customers=[
        Customer(id=1, created_at=0, updated_at=0, last_order_at=at("2026-03-01")),
        Customer(id=2, created_at=0, updated_at=0, last_order_at=at("2026-03-01")),
        Customer(id=3, created_at=0, updated_at=0, last_order_at=at("2026-11-01")),
        Customer(id=4, created_at=0, updated_at=0),
    ],
    orders=[_order(1, 2, "2026-10-10"), _order(2, 3, "2026-11-01", cancelled_at=NOW)],
)


@pytest.mark.parametrize(
    ("query", "visible_from", "expected"),
    [
        ("last_order_date = 2026-03-01", VISIBLE, {1}),
        ("last_order_date = 2026-10-10", VISIBLE, {2}),
        ("last_order_date IS NULL", VISIBLE, {3, 4}),
        ("last_order_date IS NULL", None, {1, 3, 4}),
        ("days_since_last_order > 200", VISIBLE, {1}),
        ("last_order_date = 2026-03-01", at("2026-03-01"), set()),
    ],
)
def test_the_stores_own_last_order_stands_in_where_ours_are_too_young(
    mirror: Mirror, query: str, visible_from: int | None, expected: set[int]
) -> None:
    frame = msgspec.structs.replace(FRAME, store=f"last-{query}-{visible_from}", orders_visible_from=visible_from)
    WORLD.save(mirror, frame.store)
    rule = parse(query)
    assert by_sql(mirror, rule, frame) == expected
    assert {id_ for id_, person in WORLD.people().items() if matches(rule, person, frame)} == expected
