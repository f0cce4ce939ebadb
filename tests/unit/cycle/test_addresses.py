"""Whoever changes address, or becomes one with somebody else: labels follow, consent does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.model import ContactStatus, Kind
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.buyers]
query = "number_of_orders > 0"
tag = "buyer"
audiences = ["news"]
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    yield made
    made.mirror.close()


def put(house: Household, number: int, *, wait: int = 100, **fields: Any) -> None:
    """Change a customer after a while; a consent that is given is given now."""
    house.clock.instant += wait
    if "email_consent" in fields:
        fields = {"email_consent_at": house.clock.now()} | fields
    house.worlds["main"].put_customer(number, **({"number_of_orders": 1} | fields))


def contacts(house: Household) -> dict[str, str]:
    return {it.subject: it.status.value for it in house.lists["news"].contacts().values()}


def test_the_old_address_loses_our_label_and_the_new_one_inherits_no_consent(house: Household) -> None:
    put(house, 1, email="old@x.example", email_consent="SUBSCRIBED")
    house.run()
    house.lists["news"].tag_by_hand("old@x.example", "VIP")
    put(house, 1, email="new@x.example")

    report = house.run()

    assert contacts(house) == {"old@x.example": "subscribed"}
    assert house.lists["news"].labels_of("old@x.example") == ("VIP",)
    assert {row["why"]: row["people"] for row in report.left_out} == {"left out: no consent in the store": 1}


def test_a_consent_given_after_the_change_counts_for_the_new_address(house: Household) -> None:
    put(house, 1, email="old@x.example", email_consent="SUBSCRIBED")
    house.run(upto="pull")
    put(house, 1, email="new@x.example")
    house.run()
    assert contacts(house) == {}
    put(house, 1, email_consent="SUBSCRIBED")

    house.run()

    assert contacts(house) == {"new@x.example": "subscribed"}


@pytest.mark.parametrize("consent_first", [True, False])
def test_a_consent_and_a_change_of_address_between_two_looks_are_not_taken_for_consent(
    house: Household, consent_first: bool
) -> None:
    put(house, 1, email="old@x.example", email_consent="NOT_SUBSCRIBED")
    house.run(upto="pull")
    steps: list[dict[str, Any]] = [{"email_consent": "SUBSCRIBED"}, {"email": "new@x.example"}]
    for step in steps if consent_first else steps[::-1]:
        put(house, 1, **step)

    house.run()

    assert contacts(house) == {}


def test_going_back_to_a_former_address_inherits_nothing_either(house: Household) -> None:
    put(house, 1, email="a@x.example", email_consent="SUBSCRIBED")
    house.run(upto="pull")
    put(house, 1, email="b@x.example")
    house.run(upto="pull")
    put(house, 1, email="a@x.example")

    house.run()

    assert contacts(house) == {}


def test_another_spelling_of_the_same_address_is_no_change(house: Household) -> None:
    put(house, 1, email="ann@x.example", email_consent="SUBSCRIBED")
    house.run(upto="pull")
    put(house, 1, email=" Ann@X.example")

    house.run()

    assert contacts(house) == {"ann@x.example": "subscribed"}


def test_a_consent_without_a_time_does_not_count_after_a_change(house: Household) -> None:
    put(house, 1, email="old@x.example", email_consent="SUBSCRIBED", email_consent_at=None)
    house.run(upto="pull")
    put(house, 1, email="new@x.example", email_consent="SUBSCRIBED", email_consent_at=None)

    house.run()

    assert contacts(house) == {}


def test_a_refusal_goes_along_to_the_new_address(house: Household) -> None:
    put(house, 1, email="old@x.example", email_consent="UNSUBSCRIBED")
    put(house, 2, email="new@x.example", email_consent="SUBSCRIBED")
    house.run(upto="pull")
    put(house, 1, email="new@x.example")

    house.run()

    assert contacts(house) == {}


def test_a_contact_at_the_new_address_is_labelled_by_its_own_status(house: Household) -> None:
    put(house, 1, email="old@x.example", email_consent="SUBSCRIBED")
    house.run()
    house.lists["news"].put_contact("new@x.example", ContactStatus.TRANSACTIONAL)
    put(house, 1, email="new@x.example")

    house.run()

    assert house.lists["news"].holders("buyer") == {"new@x.example"}
    assert contacts(house)["new@x.example"] == "transactional"


def order(house: Household, number: int, customer: int) -> None:
    house.worlds["main"].put_order(number, customer_id=customer)


def merge(house: Household, former: int, later: int) -> None:
    """Let the store make one customer of two: orders and tags are the later one's."""
    world = house.worlds["main"]
    house.clock.instant += 100
    for number, it in world.records(Kind.ORDERS).items():
        if it.customer_id == former:
            order(house, number, later)
    world.put_customer(later, tags=(*world.tags_of(later), *world.tags_of(former)))
    world.delete(Kind.CUSTOMERS, former)


def test_a_label_that_came_with_a_merged_customer_is_taken_off_when_it_should_be(house: Household) -> None:
    put(house, 1, email="a@x.example")
    put(house, 2, email="b@x.example", number_of_orders=0)
    order(house, 11, 1)
    house.run()
    merge(house, 1, 2)
    house.run()

    house.run()

    assert house.worlds["main"].holders("buyer") == set()


def test_a_label_set_by_hand_stays_when_somebody_else_is_merged_or_deleted(house: Household) -> None:
    put(house, 1, email="a@x.example")
    put(house, 2, email="b@x.example", number_of_orders=0)
    put(house, 3, email="c@x.example", number_of_orders=0)
    order(house, 11, 1)
    house.run()
    house.worlds["main"].tag_by_hand(3, "buyer")
    merge(house, 1, 2)

    for _ in range(3):
        house.run()

    assert house.worlds["main"].holders("buyer") == {3}


def test_an_order_that_changed_hands_long_ago_makes_nothing_ours(house: Household) -> None:
    put(house, 1, email="a@x.example")
    put(house, 2, email="b@x.example", number_of_orders=0)
    order(house, 11, 1)
    house.run()
    house.clock.instant += 100
    order(house, 11, 2)
    house.worlds["main"].tag_by_hand(2, "buyer")
    for _ in range(3):
        house.run()
    house.worlds["main"].delete(Kind.CUSTOMERS, 1)

    for _ in range(3):
        house.run()

    assert house.worlds["main"].holders("buyer") == {2}
