"""The exclusion list: whom it covers gets nothing, loses what was ours, and no limit is in the way of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cycle.explaining import explain
from syncd.errors import ConfigError
from syncd.mirror import exclusions, people, runs
from syncd.model import ContactStatus
from tests.support.household import MANY, Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, MANY)
    yield made
    made.mirror.close()


def buyers(house: Household, numbers: range) -> None:
    house.clock.instant += 60
    for number in numbers:
        house.worlds["main"].put_customer(
            number, email=f"P{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=4
        )


def exclude(house: Household, *entries: str) -> None:
    (house.folder / "left-alone.txt").write_text("\n".join(entries), encoding="utf-8")
    house.write(MANY + '[suppress]\nfiles = ["left-alone.txt"]\n')
    house.clock.instant += 60


def tagged(house: Household) -> set[int]:
    return house.worlds["main"].holders("many")


def labelled(house: Household) -> set[str]:
    return house.lists["news"].holders("many")


def test_whom_the_list_covers_gets_no_tag_and_is_made_no_contact(house: Household) -> None:
    exclude(house, "p1@x.example", "@y.example")
    buyers(house, range(1, 4))
    house.worlds["main"].put_customer(9, email="q@Y.example", email_consent="SUBSCRIBED", number_of_orders=4)

    report = house.run()

    assert tagged(house) == {2, 3}
    assert set(house.lists["news"].contacts()) == {"p2@x.example", "p3@x.example"}
    assert {(it["target"], it["why"], it["people"]) for it in report.left_out} == {
        ("main", "left out: on the exclusion list", 2),
        ("news", "left out: on the exclusion list", 2),
    }


def test_membership_stays_what_the_rule_says(house: Household) -> None:
    exclude(house, "p1@x.example")
    buyers(house, range(1, 4))

    assert house.run().moved["many"]["size"] == 3


def test_a_domain_covers_no_domain_below_it(house: Household) -> None:
    exclude(house, "@example.org")
    for number, email in enumerate(["a@example.org", "b@sub.example.org", "c@notexample.org", '"d@z"@example.org'], 1):
        house.worlds["main"].put_customer(number, email=email, email_consent="SUBSCRIBED", number_of_orders=4)

    house.run()

    assert tagged(house) == {2, 3}


def test_who_comes_on_the_list_loses_what_syncd_gave_and_nothing_else(house: Household) -> None:
    house.worlds["main"].put_customer(1, email="p1@x.example", number_of_orders=4, tags=("VIP",))
    house.lists["news"].put_contact("p1@x.example", ContactStatus.SUBSCRIBED, ("VIP",))
    house.run()
    assert tagged(house) == {1}
    exclude(house, "p1@x.example")

    report, plan = house.run_and_plan()

    assert {change.reason for change in plan.changes} == {"on the exclusion list"}
    assert report.applied == {"add": 0, "remove": 2}
    assert house.worlds["main"].customer(1).tags == ("VIP",)
    assert house.lists["news"].labels_of("p1@x.example") == ("VIP",)
    assert house.lists["news"].status_of("p1@x.example") is ContactStatus.SUBSCRIBED
    assert house.run().applied == {"add": 0, "remove": 0}


def test_who_leaves_the_list_gets_it_back(house: Household) -> None:
    buyers(house, range(1, 4))
    exclude(house, "p1@x.example")
    house.run()
    exclude(house)

    house.run()

    assert tagged(house) == {1, 2, 3}


def test_a_tag_that_somebody_else_gave_stays_with_whom_the_list_covers(house: Household) -> None:
    exclude(house, "p1@x.example")
    buyers(house, range(1, 2))
    house.worlds["main"].tag_by_hand(1, "many")

    house.run()

    assert tagged(house) == {1}


def test_removals_for_the_list_are_not_counted_by_the_limits(house: Household) -> None:
    buyers(house, range(1, 41))
    house.run()
    exclude(house, *(f"p{number}@x.example" for number in range(1, 40)))

    report = house.run()

    assert (report.result, report.applied["remove"]) == ("done", 78)
    assert tagged(house) == {40}


def test_removals_for_the_list_go_out_while_the_rest_of_the_label_is_held(house: Household) -> None:
    buyers(house, range(1, 41))
    house.run()
    exclude(house, "p1@x.example")
    for number in range(2, 31):
        house.worlds["main"].put_customer(number, number_of_orders=0)

    report, plan = house.run_and_plan()

    assert report.result == "held"
    assert report.applied == {"add": 0, "remove": 2}
    assert tagged(house) == set(range(2, 41))
    assert {hold.removes for hold in plan.holds} == {29}
    runs.approve(house.mirror, report.run, house.clock.now())
    assert house.run().applied == {"add": 0, "remove": 58}


def test_a_list_that_would_take_a_label_from_everybody_waits_for_a_person(house: Household) -> None:
    buyers(house, range(1, 41))
    house.run()
    exclude(house, "@x.example")

    report = house.run()

    assert (report.result, report.applied) == ("held", {"add": 0, "remove": 0})
    assert "all 40" in report.held[0]["why"]
    runs.approve(house.mirror, report.run, house.clock.now())
    assert house.run().applied == {"add": 0, "remove": 80}


@pytest.mark.parametrize("line", ["ada@x", "who?"])
def test_a_list_that_cannot_be_understood_stops_every_push(line: str, house: Household) -> None:
    exclude(house, "p1@x.example", line)
    buyers(house, range(1, 4))

    with pytest.raises(ConfigError) as caught:
        house.run()

    assert caught.value.problems[0].line == 2
    assert line not in str(caught.value)
    assert not tagged(house) | labelled(house)
    last = runs.last(house.mirror, 1)[0]
    assert last.result == "failed"
    assert "left-alone.txt:2" in last.report


def test_a_missing_list_stops_every_push_and_the_last_one_stays(house: Household) -> None:
    exclude(house, "p1@x.example")
    buyers(house, range(1, 4))
    house.run()
    (house.folder / "left-alone.txt").unlink()

    with pytest.raises(ConfigError):
        house.run()

    assert exclusions.covers(house.mirror, "p1@x.example")


def test_reading_alone_goes_on_with_a_list_that_cannot_be_read(house: Household) -> None:
    exclude(house, "?")
    assert house.run(upto="pull").result == "done"


def test_a_list_that_has_not_changed_is_not_written_again(house: Household) -> None:
    exclude(house, "p1@x.example")
    house.run()
    before = house.mirror.raw.execute("SELECT digest, read_at FROM exclusion_lists").fetchall()
    house.clock.instant += 60

    house.run()

    assert house.mirror.raw.execute("SELECT digest, read_at FROM exclusion_lists").fetchall() == before


def test_explain_says_what_the_list_keeps_away_and_takes_off(house: Household) -> None:
    buyers(house, range(1, 3))
    house.run()
    exclude(house, "p1@x.example", "p3@x.example")
    buyers(house, range(3, 4))
    house.run(upto="plan")

    def why(number: int) -> set[str]:
        found = people.records(house.mirror, people.sought(str(number)), ["main"])
        told = explain(house.settings, house.mirror, house.clock.now(), found)
        return {label.why for it in told for label in it.labels}

    assert why(1) == {"they are on the exclusion list; the next sync takes it away"}
    assert why(2) == {""}
    assert why(3) == {"they are on the exclusion list"}
