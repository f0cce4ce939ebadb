"""Contacts whose status speaks against it are left exactly as they are, save that a label of our own comes off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.model import LABELLED, ContactStatus
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.buyers]
query = "number_of_orders > 0"
audiences = ["news"]
audience_tag = "Buyer"
"""
ADA = "ada@x.example"
UNWILLING = sorted(set(ContactStatus) - LABELLED)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    made.worlds["main"].put_customer(1, email=ADA, email_consent="SUBSCRIBED", number_of_orders=1)
    yield made
    made.mirror.close()


def deeds(house: Household) -> list[tuple[str, str]]:
    return [(it.what, it.value) for it in house.lists["news"].history if it.by == "syncd"]


@pytest.mark.parametrize("status", UNWILLING)
def test_a_contact_who_is_not_to_be_mailed_is_not_touched_though_the_store_has_them_subscribed(
    house: Household, status: ContactStatus
) -> None:
    house.lists["news"].put_contact(ADA, status)

    for _ in range(2):
        house.clock.instant += 60
        house.run()

    assert (deeds(house), house.lists["news"].status_of(ADA)) == ([], status)
    assert house.lists["news"].mails == []


@pytest.mark.parametrize("status", UNWILLING)
def test_leaving_the_segment_takes_our_label_off_whoever_the_audience_still_shows_and_nothing_more(
    house: Household, status: ContactStatus
) -> None:
    house.run()
    house.lists["news"].tag_by_hand(ADA, "VIP")
    house.clock.instant += 60
    house.lists["news"].set_status(ADA, status)
    house.worlds["main"].put_customer(1, number_of_orders=0)
    before = len(deeds(house))

    house.run()

    archived = status is ContactStatus.ARCHIVED  # the service itself refuses to touch them
    assert deeds(house)[before:] == ([] if archived else [("removed", "Buyer")])
    assert house.lists["news"].status_of(ADA) is status
    assert "VIP" in house.lists["news"].labels_of(ADA)


@pytest.mark.parametrize("status", list(ContactStatus))
def test_the_status_of_a_contact_who_is_there_is_never_written_whatever_the_store_says(
    house: Household, status: ContactStatus
) -> None:
    house.lists["news"].put_contact(ADA, status)
    for consent in ("UNSUBSCRIBED", "SUBSCRIBED", "REDACTED", "SUBSCRIBED"):
        house.clock.instant += 60
        house.worlds["main"].put_customer(1, email_consent=consent, email_consent_at=house.clock.now())
        house.run()

    assert "status" not in {what for what, _ in deeds(house)}
    assert house.lists["news"].status_of(ADA) is status


def test_nobody_is_ever_made_pending_or_unsubscribed_or_cleaned(house: Household) -> None:
    for number, consent in enumerate(("PENDING", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "INVALID", None), 2):
        house.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent=consent, number_of_orders=1
        )

    house.run()

    assert [it.value for it in house.lists["news"].history if it.what == "created"] == ["subscribed"]


def test_records_of_one_address_are_one_contact_and_a_refusal_on_any_of_them_wins(house: Household) -> None:
    house.worlds["main"].put_customer(2, email=" Ada@X.example ", email_consent="UNSUBSCRIBED", number_of_orders=1)

    report = house.run()

    assert house.lists["news"].contacts() == {}
    assert [(row["people"], row["why"]) for row in report.left_out] == [(1, "left out: no consent in the store")]
