"""What waits for a person: kept while it is the same, dropped when overtaken; labels whose segment changed its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cycle.health import health
from syncd.mirror import runs
from syncd.model import ContactStatus, Kind
from tests.support.household import MANY, Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, MANY)
    orders(made, range(1, 41), 4)
    made.run(yes=True)
    made.clock.instant += 2 * 86_400
    yield made
    made.mirror.close()


def orders(house: Household, numbers: range, count: int) -> None:
    for number in numbers:
        house.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=count
        )


def approve(house: Household, run: int) -> int:
    return runs.approve(house.mirror, run, house.clock.now())


def holders(house: Household, label: str) -> tuple[int, int]:
    return len(house.worlds["main"].holders(label)), len(house.lists["news"].holders(label))


def test_a_segment_that_empties_is_held_even_where_everything_may_go(house: Household) -> None:
    house.write("[limits]\nmax_remove = '100%'\n" + MANY.replace(">= 3", ">= 300"))

    report = house.run(yes=True)

    assert report.result == "held"
    assert {it["why"] for it in report.held} == {"would take the label from all 40 whom syncd gave it"}
    assert holders(house, "many") == (40, 40)


def test_a_store_that_lost_most_of_its_customers_takes_no_label_off(house: Household) -> None:
    for number in range(1, 31):
        house.worlds["main"].delete(Kind.CUSTOMERS, number)

    report = house.run(yes=True)

    assert report.result == "partial"
    assert holders(house, "many")[1] == 40


def test_a_store_that_shows_nobody_changes_nothing(house: Household) -> None:
    for number in range(1, 41):
        house.worlds["main"].delete(Kind.CUSTOMERS, number)

    report = house.run(yes=True)

    assert report.result == "partial"
    assert report.applied == {"add": 0, "remove": 0}
    assert holders(house, "many")[1] == 40


def test_what_waits_keeps_its_run_and_its_age_and_is_shown(house: Household) -> None:
    orders(house, range(1, 31), 0)
    first = house.run(yes=False)
    house.clock.instant += 3600

    again = house.run(yes=False)

    assert {it["run"] for it in again.held} == {first.run}
    assert {it["run"] for it in health(house.settings, house.mirror, house.clock.now()).holds} == {first.run}
    assert {hold.at for hold in runs.holds(house.mirror)} == {house.clock.now() - 3600}


def test_what_was_overtaken_waits_no_longer_and_cannot_be_approved(house: Household) -> None:
    orders(house, range(1, 31), 0)
    held = house.run(yes=False)
    house.clock.instant += 60
    orders(house, range(1, 31), 4)

    report = house.run(yes=False)

    assert (report.result, report.held) == ("done", [])
    assert approve(house, held.run) == 0
    assert holders(house, "many") == (40, 40)


def test_an_approval_is_void_once_somebody_else_is_concerned(house: Household) -> None:
    orders(house, range(1, 31), 0)
    held = house.run(yes=False)
    approve(house, held.run)
    house.clock.instant += 60
    orders(house, range(31, 32), 0)

    report = house.run(yes=False)

    assert report.result == "held"
    assert {it["run"] for it in report.held} == {report.run}
    assert holders(house, "many") == (40, 40)


def test_an_approval_that_still_fits_is_carried_out(house: Household) -> None:
    orders(house, range(1, 31), 0)
    held = house.run(yes=False)
    assert approve(house, held.run) == 2

    house.run(yes=False)

    assert holders(house, "many") == (10, 10)


RENAMED = {
    "segment": MANY.replace("segments.many", "segments.plenty"),
    "tag": MANY.replace('tag = "many"', 'tag = "plenty"'),
    "letter case": MANY.replace('tag = "many"', 'tag = "MANY"'),
}


@pytest.mark.parametrize(("what", "label"), [("segment", "many"), ("tag", "plenty"), ("letter case", "many")])
def test_after_a_renaming_the_people_have_the_label_of_the_settings_and_no_other(
    house: Household, what: str, label: str
) -> None:
    house.write(RENAMED[what])
    report = house.run(yes=True)
    if report.held:
        approve(house, report.run)
        house.run(yes=True)

    assert holders(house, label) == (40, 40)
    assert holders(house, "many") == ((40, 40) if label == "many" else (0, 0))
    history = [*house.worlds["main"].history, *house.lists["news"].history]
    assert any(it.what == "removed" for it in history) is (what == "tag")


def test_an_audience_taken_out_of_a_segment_loses_the_label_and_the_store_keeps_it(house: Household) -> None:
    house.write(MANY.replace('audiences = ["news"]\n', ""))
    report = house.run(yes=True)
    assert {(it["target"], it["label"]) for it in report.held} == {("news", "many")}
    approve(house, report.run)

    house.run(yes=True)

    assert holders(house, "many") == (40, 0)
    assert house.run(yes=True).result == "done"


def test_contacts_whom_no_store_knows_are_left_as_they_are(house: Household) -> None:
    people = house.lists["news"]
    people.put_contact("second-address@x.example", ContactStatus.SUBSCRIBED, ["many", "by hand"])
    before = people.contact("second-address@x.example")

    for _ in range(3):
        house.clock.instant += 60
        house.run(yes=True)

    assert people.contact("second-address@x.example") == before
    assert [it for it in people.history if it.subject == "second-address@x.example" and it.by == "syncd"] == []


def test_more_people_than_go_into_one_call_all_gain_the_label_and_lose_it(tmp_path: Path) -> None:
    house = Household(tmp_path, "[limits]\nfirst_push = 'apply'\nmax_remove = '100%'\n" + MANY, batch_size=20)
    orders(house, range(1, 71), 4)
    house.run()
    assert holders(house, "many") == (70, 70)
    house.clock.instant += 60
    orders(house, range(1, 66), 0)

    house.run()

    assert holders(house, "many") == (5, 5)
    assert house.calls["news"]["write"] == 4
    house.mirror.close()
