"""Orders that do not count make nobody a member: neither tests nor cancelled ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.first-order]
query = "first_order_date IS NOT NULL"
tag = "ordered"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS, audiences=())
    made.worlds["main"].put_customer(1, email="ada@x.example")
    yield made
    made.mirror.close()


@pytest.mark.parametrize("why", [{"cancelled_at": 1_794_999_000}, {"test": True}])
def test_a_cancelled_or_a_test_order_makes_nobody_a_buyer(house: Household, why: dict[str, Any]) -> None:
    house.worlds["main"].put_order(11, customer_id=1, **why)
    house.run()
    assert house.worlds["main"].holders("ordered") == set()
    house.worlds["main"].put_order(12, customer_id=1)
    house.clock.instant += 60
    house.run()
    assert house.worlds["main"].holders("ordered") == {1}


def test_an_order_that_is_cancelled_later_makes_a_buyer_nobody_again(house: Household) -> None:
    house.worlds["main"].put_order(11, customer_id=1)
    house.run()
    assert house.worlds["main"].holders("ordered") == {1}
    house.clock.instant += 60
    house.worlds["main"].put_order(11, cancelled_at=house.clock.now())
    house.run()
    assert house.worlds["main"].holders("ordered") == set()
