"""Segments whose members the store itself names, and the comparison of ours with the store's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.cycle.checking import check_services, lacks
from syncd.cycle.verifying import Verified, moved, verify
from syncd.model import Instant
from tests.support.household import Household

OPENED = "shopify_email.opened MATCHES (date >= -30d)"
SETTINGS = f"""
[segments.openers]
query = "{OPENED}"
source = "memory"
tag = "opener"

[segments.good-openers]
query = "segments CONTAINS 'openers' AND number_of_orders > 1"
tag = "good"

[segments.many]
query = "number_of_orders > 1"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    for number in range(1, 6):
        made.worlds["main"].put_customer(number, number_of_orders=number)
    made.worlds["main"].segments = {OPENED: {1, 2, 3}, "number_of_orders > 1": {2, 3, 4, 5}}
    yield made
    made.mirror.close()


def tagged(house: Household, tag: str = "opener") -> set[int]:
    return set(house.worlds["main"].holders(tag))


def verified(house: Household, segment: str | None = None) -> dict[str, Verified]:
    return {it.segment: it for it in verify(house.services(), segment=segment)}


def test_whom_the_store_names_is_tagged_and_whom_it_names_no_more_is_not(house: Household) -> None:
    assert house.run().result == "done"
    assert (tagged(house), tagged(house, "good")) == ({1, 2, 3}, {2, 3})
    house.worlds["main"].segments = {OPENED: {3, 4}}
    house.run()
    assert (tagged(house), tagged(house, "good")) == ({3, 4}, {3, 4})


def test_whom_the_mirror_does_not_know_yet_comes_in_with_the_next_cycle(house: Household) -> None:
    house.worlds["main"].segments = {OPENED: {3, 99}}
    house.run()
    assert tagged(house) == {3}
    house.clock.instant += 60
    house.worlds["main"].put_customer(99)
    house.run()
    assert tagged(house) == {3, 99}


@pytest.mark.parametrize("answers", [None, {}])
def test_a_store_that_cannot_tell_changes_nothing_and_is_told(house: Household, answers: dict[str, set[int]]) -> None:
    house.run()
    house.worlds["main"].segments = answers
    house.clock.instant += 60
    house.worlds["main"].put_customer(1, number_of_orders=9)
    report = house.run()
    assert (tagged(house), tagged(house, "good")) == ({1, 2, 3}, {2, 3})
    assert [it["segment"] for it in report.kept] == ["openers", "good-openers"]
    assert [(it.stage, it.where) for it in report.failures] == [("evaluate", "segment openers in main")]
    assert report.result == "partial"


def test_a_check_tells_where_the_store_does_not_take_the_query(house: Household) -> None:
    services = house.services()
    assert list(lacks(services, list(check_services(services)))) == []
    house.worlds["main"].segments = {}
    (lack,) = lacks(services, list(check_services(services)))
    assert (lack.segment, lack.where, lack.fatal) == ("openers", "main", True)
    assert "does not understand the query" in lack.why


def test_ours_and_the_stores_are_compared_person_by_person(house: Household) -> None:
    house.run()
    found = verified(house)
    assert found["openers"].skipped == "the store itself says who is in it"
    assert "segments" in found["good-openers"].skipped
    assert found["many"].agrees
    house.worlds["main"].segments = {"number_of_orders > 1": {1, 2, 3, 4}}
    many = verified(house, "many")["many"]
    assert (many.ours, many.theirs, many.only_ours, many.only_theirs) == (4, 4, (5,), (1,))
    assert not many.agrees


def test_before_anything_was_read_nothing_is_compared(house: Household) -> None:
    assert "never read" in verified(house)["many"].skipped


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('rank = { by = "orders", top = 1 }', "the store knows no ranks"),
        ('by = "email"', "the store knows customers, not people by address"),
    ],
)
def test_what_no_store_could_hold_is_left_out(house: Household, more: str, why: str) -> None:
    house.write(f'[segments.many]\nquery = "number_of_orders > 1"\n{more}\n')
    assert verified(house)["many"].skipped == why


def test_a_store_that_fails_is_an_error_and_no_difference(house: Household) -> None:
    house.run()
    house.worlds["main"].faults = Faults(unreachable=True)
    many = verified(house, "many")["many"]
    assert many.error is not None
    assert not many.compared


def test_a_store_without_segments_is_not_compared_with(house: Household) -> None:
    house.run()
    house.worlds["main"].segments = None
    assert verified(house, "many")["many"].skipped == "the store main cannot be asked who is in a segment"


def test_what_the_store_changed_since_it_was_read_is_told(house: Household) -> None:
    house.run()
    services = house.services()
    assert moved(services, [*verify(services)]) == []
    house.clock.instant += 60
    house.worlds["main"].put_customer(6)
    (change,) = moved(services, [*verify(services)])
    assert (change.kind, change.here, change.there) == ("customers", 5, 6)


def test_orders_that_the_store_does_not_show_leave_a_segment_out(house: Household) -> None:
    house.write('[segments.first]\nquery = "first_order_date < -1y"\n')
    house.run()
    recent: Instant = house.clock.now() - 60 * 86_400
    house.mirror.raw.execute("UPDATE stores SET orders_visible_from = ?", (recent,))
    assert "older orders than the store shows us" in verified(house)["first"].skipped
