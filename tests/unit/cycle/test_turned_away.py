"""Whom an audience will not take in is asked for once, not once a label, a segment and a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.cycle.explaining import explain
from syncd.cycle.health import health
from syncd.cycle.recounting import recount
from syncd.mirror.people import Sought, records
from syncd.model import ContactStatus
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.buyers]
query = "number_of_orders > 0"
audiences = ["news"]
audience_tag = "Buyer"
"""
ANOTHER = """
[segments.everybody]
query = "number_of_orders >= 0"
audiences = ["news"]
audience_tag = "Everybody"
"""
ADA = "ada@x.example"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    made.worlds["main"].put_customer(1, email=ADA, email_consent="SUBSCRIBED", number_of_orders=1)
    yield made
    made.mirror.close()


def forget(house: Household) -> None:
    house.lists["news"].put_contact(ADA)
    house.lists["news"].forget(ADA)


def writes(house: Household) -> int:
    return house.calls["news"]["write"]


def test_a_forgotten_contact_is_asked_for_once_and_not_again_for_another_segment(house: Household) -> None:
    forget(house)
    first = house.run()
    assert (first.refused, first.result, writes(house)) == (1, "done", 1)
    house.write(SETTINGS + ANOTHER)
    house.clock.instant += 86_400
    house.worlds["main"].put_customer(1, email_consent="NOT_SUBSCRIBED")
    house.run()
    house.worlds["main"].put_customer(1, email_consent="SUBSCRIBED")

    report = house.run()

    assert (report.refused, writes(house)) == (0, 0)
    assert {row["why"] for row in report.left_out} == {"left out: the audience refused to take them in"}


def test_a_forgotten_contact_who_comes_back_by_themselves_is_labelled_again(house: Household) -> None:
    forget(house)
    house.run()
    house.clock.instant += 60
    house.lists["news"].put_contact(ADA, ContactStatus.SUBSCRIBED)

    house.run()

    assert house.lists["news"].holders("Buyer") == {ADA}
    assert health(house.settings, house.mirror, house.clock.now()).refusals == 0


def test_a_refusal_that_is_not_for_good_is_tried_again_when_something_changes(house: Household) -> None:
    house.lists["news"].faults = Faults(refuse={ADA: "your merge fields were invalid"})
    house.run()
    house.lists["news"].faults = Faults()
    house.run()
    assert house.lists["news"].contacts() == {}
    house.clock.instant += 60
    house.worlds["main"].put_customer(2, email=ADA, email_consent="SUBSCRIBED", number_of_orders=1)

    house.run()

    assert house.lists["news"].holders("Buyer") == {ADA}


def test_the_refusal_is_told_in_status_history_and_explain(house: Household) -> None:
    forget(house)
    house.run()
    house.run()

    (standing,) = recount(house.settings, house.mirror, Sought(address=ADA)).refusals
    assert (standing.action, standing.label, standing.attempts) == ("create", "Buyer", 1)
    assert "permanently deleted" in standing.answer
    assert health(house.settings, house.mirror, house.clock.now()).refusals == 1
    found = records(house.mirror, Sought(address=ADA), ["main"])
    ((told,),) = [it.labels for it in explain(house.settings, house.mirror, house.clock.now(), found)]
    assert told.why == f"refused: {standing.answer}"
    assert (told.next, told.refusal.again) == (None, False)
