"""A first push of a label says what it sets off in the merchant's audience, or sets off nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Ending, Faults, Killed, Mishap
from syncd.model import ContactStatus
from syncd.plan import LabelPlan
from tests.support.household import MANY, Household


class Home(Household):
    """A house with a journey that begins with the label; its first push is quiet unless told otherwise."""

    def write(self, settings: str) -> None:
        super().write(settings)
        self.lists["news"].journeys = {"many"}
        self.hush()

    def hush(self) -> None:
        kind = '[audiences.news]\nkind = "memory-list"\n'
        self.settings_text = self.settings_text.replace(kind, kind + "quiet_first_push = true\n")

    def speak_up(self) -> None:
        self.settings_text = self.settings_text.replace("quiet_first_push = true\n", "")

    def join(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.worlds["main"].put_customer(
                number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=4
            )

    def mailed(self) -> set[str]:
        return {mail.subject for mail in self.lists["news"].mails}

    def labelled(self) -> set[str]:
        return self.lists["news"].holders("many")

    def planned(self) -> LabelPlan:
        _, plan = self.run_and_plan(upto="plan", yes=False)
        return next(label for label in plan.labels if label.wish.target == "news")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path, MANY)
    made.join(1, 30)
    yield made
    made.mirror.close()


def test_without_the_setting_everybody_is_mailed_and_the_plan_said_so(house: Home) -> None:
    house.speak_up()
    label = house.planned()
    assert label.hold is not None

    house.run(yes=True)

    assert (label.sets_off, len(house.mailed())) == (30, 30)
    told = "automations that start with this tag would run for 30 people; quiet_first_push = true in [audiences.news]"
    assert told in label.warning
    assert label.hold.why == f"first push of this label, to 30 people; {label.warning}"


def test_a_quiet_first_push_labels_everybody_and_mails_nobody(house: Home) -> None:
    label = house.planned()

    house.run(yes=True)

    assert (label.sets_off, label.warning) == (0, "")
    assert (len(house.labelled()), house.mailed()) == (30, set())


def test_known_contacts_are_labelled_as_quietly_as_new_ones(house: Home) -> None:
    house.lists["news"].put_contact("p1@x.example", ContactStatus.SUBSCRIBED)

    house.run(yes=True)

    assert "p1@x.example" in house.labelled()
    assert house.mailed() == set()


def test_who_joins_later_is_mailed_as_the_merchant_means_it(house: Home) -> None:
    house.run(yes=True)
    house.clock.instant += 60
    house.join(31, 32)

    house.run(yes=False)

    assert house.mailed() == {"p31@x.example", "p32@x.example"}


def test_a_tag_of_a_store_sets_off_nothing_and_says_nothing(house: Home) -> None:
    _, plan = house.run_and_plan(upto="plan", yes=False)

    (tag,) = [label for label in plan.labels if label.wish.target == "main"]
    assert (tag.sets_off, tag.warning) == (0, "")
    assert not any(change.quiet for change in tag.changes)


@pytest.mark.parametrize("ending", list(Ending))
def test_a_quiet_first_push_that_is_cut_short_goes_on_quietly(house: Home, ending: Ending) -> None:
    house.lists["news"].faults = Faults(mishap=Mishap(ending, done=7, told=3))
    try:
        house.run(yes=True)
    except Killed:
        house.restart()
    assert len(house.labelled()) == 7

    house.run(yes=False)

    assert (len(house.labelled()), house.mailed()) == (30, set())


def test_what_is_left_of_a_quiet_push_stays_quiet_beside_somebody_new(house: Home) -> None:
    house.lists["news"].faults = Faults(fail={f"p{number}@x.example": "later" for number in range(1, 6)})
    house.run(yes=True)
    house.lists["news"].faults = Faults()
    house.clock.instant += 60
    house.join(31, 31)

    house.run(yes=False)

    assert (len(house.labelled()), house.mailed()) == (31, {"p31@x.example"})


def test_somebody_for_whom_it_keeps_failing_is_labelled_quietly_in_the_end(house: Home) -> None:
    house.lists["news"].faults = Faults(fail={"p1@x.example": "later"})
    house.run(yes=True)
    for _ in range(4):
        house.clock.instant += 1200
        house.run(yes=False)
    house.lists["news"].faults = Faults()
    house.clock.instant += 86_400

    house.run(yes=False)

    assert (len(house.labelled()), house.mailed()) == (30, set())


def test_a_plan_that_was_reviewed_as_quiet_is_not_carried_out_loudly(house: Home) -> None:
    quiet = house.planned()
    house.speak_up()

    assert house.planned().hold != quiet.hold
    assert quiet.hold is not None
    assert house.run(yes=False).result == "held"


def test_a_small_first_push_that_nothing_holds_tells_what_it_sets_off_too(tmp_path: Path) -> None:
    house = Home(tmp_path, MANY)
    house.speak_up()
    house.join(1, 1)

    label = house.planned()

    assert (label.hold, label.sets_off) == (None, 1)
    assert label.warning.startswith("automations that start with this tag would run for 1 person;")
    house.mirror.close()
