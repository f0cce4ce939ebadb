"""Where the stores and an audience do not agree on consent, told apart by kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cycle.auditing import KINDS, audit
from syncd.model import ContactStatus
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.buyers]
query = "number_of_orders > 99"
stores = ["main"]
audiences = ["news"]
audience_tag = "Buyer"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS, stores=("main", "other"))
    yield made
    made.mirror.close()


def put(house: Household, name: str, *consents: str | None, status: ContactStatus | None = None) -> None:
    for place, consent in enumerate(consents):
        number = 100 * len(house.worlds["main"].records("customers")) + place + 1
        house.worlds["main"].put_customer(number, email=f"{name}@x.example", email_consent=consent)
    if status is not None:
        house.lists["news"].put_contact(f"{name}@x.example", status)


def found(house: Household) -> dict[str, str]:
    house.run()
    return {it.address.partition("@")[0]: it.kind for it in audit(house.settings, house.mirror)}


def test_contacts_ahead_of_the_stores_consent_are_told_apart_by_what_the_stores_say(house: Household) -> None:
    put(house, "refused", "SUBSCRIBED", "UNSUBSCRIBED", status=ContactStatus.SUBSCRIBED)
    put(house, "invalid", "INVALID", status=ContactStatus.SUBSCRIBED)
    put(house, "pending", "PENDING", None, status=ContactStatus.SUBSCRIBED)
    put(house, "never", "NOT_SUBSCRIBED", status=ContactStatus.SUBSCRIBED)
    put(house, "stranger", status=ContactStatus.SUBSCRIBED)
    put(house, "agreed", "SUBSCRIBED", "NOT_SUBSCRIBED", status=ContactStatus.SUBSCRIBED)
    put(house, "quiet", "NOT_SUBSCRIBED", status=ContactStatus.TRANSACTIONAL)

    assert found(house) == {
        "refused": "refused",
        "invalid": "refused",
        "pending": "without",
        "never": "without",
        "stranger": "stranger",
    }


def test_contacts_behind_the_stores_consent_are_told_apart_by_what_the_audience_says(house: Household) -> None:
    behind = [it for it in ContactStatus if it is not ContactStatus.SUBSCRIBED]
    for status in behind:
        put(house, status.value, "SUBSCRIBED", status=status)
    put(house, "absent", "SUBSCRIBED")
    put(house, "refusing", "SUBSCRIBED", "UNSUBSCRIBED", status=ContactStatus.UNSUBSCRIBED)

    assert found(house) == {status.value: status.value for status in behind} | {"absent": "absent"}


def test_a_consent_given_for_another_address_does_not_put_the_audience_right(house: Household) -> None:
    put(house, "old", "SUBSCRIBED")
    house.run()
    house.clock.instant += 60
    house.worlds["main"].put_customer(1, email="new@x.example")
    house.lists["news"].put_contact("new@x.example", ContactStatus.SUBSCRIBED)

    assert found(house) == {"new": "without"}


def test_only_records_of_stores_that_feed_the_audience_count(house: Household) -> None:
    house.worlds["other"].put_customer(1, email="ann@x.example", email_consent="SUBSCRIBED")
    put(house, "ann", status=ContactStatus.SUBSCRIBED)

    assert found(house) == {"ann": "stranger"}


def test_those_whom_the_audience_would_not_take_in_are_told_as_such(house: Household) -> None:
    house.write(SETTINGS.replace("> 99", ">= 0"))
    put(house, "gone", "SUBSCRIBED", status=ContactStatus.SUBSCRIBED)
    house.lists["news"].forget("gone@x.example")

    assert found(house) == {"gone": "turned-away"}


def test_every_kind_says_what_to_do() -> None:
    assert all(kind.meaning and kind.advice for kind in KINDS.values())
    assert {kind.side for kind in KINDS.values()} == {"ahead", "behind", "doubted"}
