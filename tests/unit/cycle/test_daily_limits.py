"""Limits count a day together; what a person released does not count; new contacts have a limit of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Ending, Faults, Mishap
from syncd.cycle import Report, exit_code
from syncd.mirror import runs
from syncd.model import ContactStatus
from tests.support.household import Household

SEGMENT = """
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
"""
HOUR = 3600


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SEGMENT)
    yield made
    made.mirror.close()


def orders(house: Household, numbers: range, count: int) -> None:
    for number in numbers:
        house.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=count
        )


def later(house: Household, leave: range = range(0), come: range = range(0), hours: float = 1) -> Report:
    """Let time pass, let people leave and come, and run a cycle without anybody there."""
    house.clock.instant += round(hours * HOUR)
    orders(house, leave, 0)
    orders(house, come, 4)
    return house.run(yes=False)


def tagged(house: Household) -> int:
    return len(house.worlds["main"].holders("many"))


def begin(house: Household, people: int = 100) -> None:
    orders(house, range(1, people + 1), 4)
    house.run(yes=True)
    assert tagged(house) == people


def test_a_slow_drain_is_held_once_the_day_has_lost_its_share(house: Household) -> None:
    begin(house)

    assert later(house, range(1, 26)).result == "done"
    report = later(house, range(26, 32))

    assert (report.result, exit_code(report), tagged(house)) == ("held", 3, 75)
    assert report.held[0]["why"] == "would take the label from 6 more, 31 within a day of 100 (31 %); the limit is 30 %"


def test_up_to_the_limit_a_day_may_go(house: Household) -> None:
    begin(house)
    later(house, range(1, 26))

    assert later(house, range(26, 31)).result == "done"
    assert tagged(house) == 70


def test_after_a_day_the_limit_begins_anew(house: Household) -> None:
    begin(house)
    later(house, range(1, 26), hours=25)
    later(house, range(26, 32))
    assert tagged(house) == 75

    report = later(house, hours=24)

    assert (report.result, tagged(house)) == ("done", 69)


def test_a_slow_growth_is_held_likewise(house: Household) -> None:
    begin(house)
    later(house, come=range(101, 141), hours=25)

    report = later(house, come=range(141, 152))

    assert report.result == "held"
    assert report.held[0]["why"] == "would add 11 more, 51 within a day to 100 (51 %); the limit is 50 %"


def test_many_small_changes_are_held_once_they_are_no_longer_small_in_all(house: Household) -> None:
    begin(house, 30)
    for number in range(1, 10):
        assert later(house, range(number, number + 1)).result == "done"
    later(house, range(10, 20))
    assert tagged(house) == 11

    assert later(house, range(20, 21)).result == "held"


@pytest.mark.parametrize("how", ["approve", "plan", "terminal"])
def test_what_a_person_released_does_not_count(house: Household, how: str) -> None:
    begin(house)
    house.clock.instant += HOUR
    orders(house, range(1, 51), 0)
    if how == "approve":
        runs.approve(house.mirror, house.run(yes=False).run, house.clock.now())
        house.run(yes=False)
    elif how == "plan":
        _, plan = house.run_and_plan(yes=False, upto="plan")
        house.run(yes=False, checksum=plan.checksum)
    else:
        house.run(yes=False, ask=lambda _: True)
    assert tagged(house) == 50

    assert later(house, range(51, 66)).result == "done"
    assert later(house, range(66, 71)).result == "held"
    assert tagged(house) == 35


def test_a_plan_reviewed_whole_does_not_count_where_nothing_of_it_was_held(house: Household) -> None:
    begin(house)
    house.clock.instant += HOUR
    orders(house, range(1, 26), 0)
    _, plan = house.run_and_plan(yes=False, upto="plan")
    house.run(yes=False, checksum=plan.checksum)

    assert later(house, range(26, 47)).result == "done"


def test_a_first_push_does_not_count(house: Household) -> None:
    begin(house)

    assert later(house, come=range(101, 151)).result == "done"
    assert later(house, come=range(151, 152)).result == "held"


def test_what_is_refused_does_not_count(house: Household) -> None:
    begin(house)
    house.worlds["main"].faults = Faults(refuse={str(number): "no" for number in range(1, 26)})
    assert later(house, range(1, 26)).refused == 25
    house.worlds["main"].faults = Faults()

    assert later(house, range(26, 56)).result == "done"


def test_an_outage_that_is_tried_again_counts_once(house: Household) -> None:
    begin(house)
    house.worlds["main"].faults = Faults(fail={str(number): "later" for number in range(1, 26)})
    later(house, range(1, 26))
    later(house)
    house.worlds["main"].faults = Faults()

    assert later(house, range(26, 31)).result == "done"
    assert tagged(house) == 70


def test_somebody_for_whom_it_keeps_failing_counts_once(house: Household) -> None:
    begin(house)
    house.worlds["main"].faults = Faults(fail={str(number): "later" for number in range(1, 26)})
    later(house, range(1, 26), hours=0.1)
    for _ in range(20):
        later(house, hours=0.5)
    house.worlds["main"].faults = Faults()

    assert later(house, range(26, 31)).result == "done"
    house.clock.instant += 30 * 86_400
    assert house.run(yes=False).result == "done"
    assert tagged(house) == 70


def test_what_a_crash_left_in_doubt_counts(house: Household) -> None:
    begin(house)
    house.worlds["main"].faults = Faults(mishap=Mishap(Ending.LOST, done=25, told=0))
    later(house, range(1, 26))

    assert later(house, range(26, 32)).result == "held"


SOME_MANY = """
[segments.{name}]
query = "number_of_orders >= {orders}"
tag = "{name}"
audiences = ["news"]
"""


class Crowd(Household):
    """A house whose audience takes no more than ten new contacts a run."""

    def write(self, settings: str) -> None:
        super().write(settings)
        kind = '[audiences.news]\nkind = "memory-list"\n'
        self.settings_text = self.settings_text.replace(kind, kind + "max_new_contacts = 10\n")


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    text = "[limits]\nfirst_push = 'apply'\n"
    made = Crowd(tmp_path, text + SOME_MANY.format(name="few", orders=2) + SOME_MANY.format(name="many", orders=3))
    yield made
    made.mirror.close()


def test_a_run_that_would_make_too_many_contacts_is_held_whatever_labels_they_are_for(crowd: Crowd) -> None:
    orders(crowd, range(1, 8), 4)
    orders(crowd, range(8, 12), 2)

    report = crowd.run(yes=True)

    assert (report.result, report.created, crowd.lists["news"].contacts()) == ("held", 0, {})
    assert {it["why"] for it in report.held} == {"the run would make 11 new contacts in news; max_new_contacts is 10"}
    assert {(it["target"], it["label"]) for it in report.held} == {("news", "few"), ("news", "many")}
    assert len(crowd.worlds["main"].holders("few")) == 11


def test_as_many_new_contacts_as_the_setting_allows_are_made(crowd: Crowd) -> None:
    orders(crowd, range(1, 11), 4)

    report = crowd.run(yes=False)

    assert (report.result, report.created) == ("done", 10)


def test_too_many_new_contacts_are_made_once_a_person_says_so(crowd: Crowd) -> None:
    orders(crowd, range(1, 12), 4)
    report = crowd.run(yes=True)
    runs.approve(crowd.mirror, report.run, crowd.clock.now())

    assert crowd.run(yes=False).created == 11


def test_who_is_in_the_audience_already_is_no_new_contact(crowd: Crowd) -> None:
    orders(crowd, range(1, 31), 4)
    for number in range(1, 31):
        crowd.lists["news"].put_contact(f"p{number}@x.example", ContactStatus.SUBSCRIBED)

    assert crowd.run(yes=True).result == "done"


def test_a_first_push_of_too_many_new_contacts_says_both(crowd: Crowd) -> None:
    crowd.write(SOME_MANY.format(name="many", orders=3))
    orders(crowd, range(1, 31), 4)

    report = crowd.run(yes=True)

    why = {it["why"] for it in report.held if it["target"] == "news"}
    assert len(why) == 1
    assert why.pop().endswith("; the run would make 30 new contacts in news; max_new_contacts is 10")


def test_making_contacts_that_were_released_goes_on_after_an_outage(crowd: Crowd) -> None:
    orders(crowd, range(1, 31), 4)
    report = crowd.run(yes=True)
    runs.approve(crowd.mirror, report.run, crowd.clock.now())
    crowd.lists["news"].faults = Faults(mishap=Mishap(Ending.STOPPED, done=5, told=5))
    crowd.run(yes=False)

    crowd.run(yes=False)

    assert len(crowd.lists["news"].contacts()) == 30
