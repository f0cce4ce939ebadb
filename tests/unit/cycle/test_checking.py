"""Check: what accounts give, and what each segment lacks of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.cycle.checking import Lack, check_services, lacks
from syncd.errors import CredentialsError
from syncd.model import Kind
from syncd.ports import Missing
from tests.support.household import Household

SETTINGS = """
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]

[segments.old]
query = "orders_placed MATCHES (date <= -400d)"
"""
VISIBLE_DAYS = 60 * 86_400


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    yield made
    made.mirror.close()


def found(house: Household) -> list[Lack]:
    services = house.services()
    return list(lacks(services, list(check_services(services))))


def test_where_nothing_lacks_nothing_is_told(house: Household) -> None:
    assert found(house) == []


def test_every_service_is_asked_once_and_one_that_refuses_leaves_the_others(house: Household) -> None:
    house.worlds["main"].faults = Faults(key_refused=True)
    checked = {it.name: it for it in check_services(house.services())}
    assert isinstance(checked["main"].error, CredentialsError)
    assert checked["news"].check is not None
    assert {name: calls.total() for name, calls in house.calls.items()} == {"main": 1, "news": 1}
    assert found(house) == []


def test_a_kind_that_cannot_be_read_is_told_for_the_segments_that_look_at_it(house: Household) -> None:
    house.worlds["main"].missing = (Missing("scope x", "no orders", kinds=frozenset({Kind.ORDERS})),)
    assert found(house) == [Lack("old", "main", "scope x is missing: no orders")]


def test_tags_that_cannot_be_written_are_told_for_the_segments_that_have_one(house: Household) -> None:
    house.worlds["main"].missing = (Missing("scope y", "no tags", blocks_write=True),)
    assert found(house) == [Lack("many", "main", "scope y is missing: no tags")]


def test_orders_that_are_invisible_are_told_for_the_segments_that_look_so_far_back(house: Household) -> None:
    since = house.clock.now() - VISIBLE_DAYS
    house.worlds["main"].missing = (Missing("scope z", "old orders are invisible", visible_from=since),)
    [lack] = found(house)
    assert (lack.segment, lack.where, lack.fatal) == ("old", "main", True)
    assert "older orders than the store shows us" in lack.why


def test_a_label_that_a_target_cannot_hold_is_told(house: Household) -> None:
    house.write(SETTINGS.replace('tag = "many"', f'tag = "{"x" * 300}"'))
    assert {(it.segment, it.where) for it in found(house)} == {("many", "main"), ("many", "news")}
    assert all("cannot be written" in it.why and it.fatal for it in found(house))
