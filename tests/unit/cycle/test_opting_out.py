"""An unsubscribe in the audience reaches the store: never the other way, never over newer consent, never en masse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Ending, Faults, Mishap
from syncd.cycle import exit_code
from syncd.mirror import runs
from syncd.model import ContactStatus
from tests.support.household import Household

SEGMENTS = """
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]
"""
SETTINGS = "[limits]\nfirst_push = 'apply'\n" + SEGMENTS
LABEL = "unsubscribed, in news"


class Home(Household):
    """A house that carries unsubscribes back."""

    carries_back = True

    def write(self, settings: str) -> None:
        super().write(settings)
        wanted = '[audiences.news]\nkind = "memory-list"\n'
        assert wanted in self.settings_text
        if self.carries_back:
            self.settings_text = self.settings_text.replace(wanted, wanted + "write_back_optouts = true\n")

    def buy(self, first: int, last: int, consent: str | None = "SUBSCRIBED", at: int | None = None) -> None:
        for number in range(first, last + 1):
            self.worlds["main"].put_customer(
                number,
                email=f"p{number}@x.example",
                email_consent=consent,
                email_consent_at=self.clock.now() - 1000 if at is None else at,
                number_of_orders=4,
            )

    def leave(self, first: int, last: int, status: ContactStatus = ContactStatus.UNSUBSCRIBED) -> None:
        self.clock.instant += 60
        for number in range(first, last + 1):
            self.lists["news"].set_status(f"p{number}@x.example", status)

    def consent(self, number: int) -> str | None:
        customer = self.worlds["main"].customer(number)
        return customer.email_consent if customer else None


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path, SETTINGS)
    yield made
    made.mirror.close()


def test_who_unsubscribes_in_the_audience_is_unsubscribed_in_the_store(house: Home) -> None:
    house.buy(1, 3)
    house.run()
    house.leave(2, 2)

    report = house.run()

    assert [house.consent(number) for number in (1, 2, 3)] == ["SUBSCRIBED", "UNSUBSCRIBED", "SUBSCRIBED"]
    assert report.applied["opt-out"] == 1
    (change,) = [it for it in runs.changes(house.mirror, report.run) if it.action == "opt-out"]
    assert (change.target, change.label, change.subject, change.state) == ("main", LABEL, "2", "applied")
    assert change.reason == "unsubscribed in news; the store says nothing of it yet"


def test_the_store_learns_when_the_person_unsubscribed(house: Home) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1)
    left = house.clock.now()
    house.clock.instant += 3600

    house.run()

    customer = house.worlds["main"].customer(1)
    assert customer is not None
    assert customer.email_consent_at == left


def test_once_carried_nothing_more_is_written(house: Home) -> None:
    house.buy(1, 3)
    house.run()
    house.leave(1, 3)
    house.run()

    report = house.run()

    assert report.applied == {"add": 0, "remove": 0}
    assert house.calls["main"]["write"] == 0


def test_without_the_setting_nothing_is_carried_back(tmp_path: Path) -> None:
    class Silent(Home):
        carries_back = False

    house = Silent(tmp_path, SETTINGS)
    house.buy(1, 3)
    house.run()
    house.leave(1, 3)

    house.run()

    assert {house.consent(number) for number in (1, 2, 3)} == {"SUBSCRIBED"}
    house.mirror.close()


def test_an_unsubscribe_in_the_store_changes_nobodys_status_in_the_audience(house: Home) -> None:
    house.buy(1, 3)
    house.run()
    house.clock.instant += 60
    house.buy(1, 3, consent="UNSUBSCRIBED", at=house.clock.now())

    house.run()

    assert {it.status for it in house.lists["news"].contacts().values()} == {ContactStatus.SUBSCRIBED}


@pytest.mark.parametrize(
    "status", [ContactStatus.CLEANED, ContactStatus.PENDING, ContactStatus.TRANSACTIONAL, ContactStatus.ARCHIVED]
)
def test_only_an_unsubscribe_is_an_opt_out(house: Home, status: ContactStatus) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1, status)

    house.run()

    assert house.consent(1) == "SUBSCRIBED"


@pytest.mark.parametrize("consent", ["UNSUBSCRIBED", "REDACTED", "INVALID", "NOT_SUBSCRIBED", None])
def test_records_that_do_not_consent_are_left_as_they_are(house: Home, consent: str | None) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1)
    house.buy(1, 1, consent=consent)

    report = house.run()

    assert house.consent(1) == consent
    assert house.worlds["main"].history[-1].what != "status"
    assert "opt-out" not in report.applied


def test_a_confirmation_that_is_awaited_is_ended_too(house: Home) -> None:
    house.lists["news"].put_contact("p1@x.example", ContactStatus.UNSUBSCRIBED)
    house.buy(1, 1, consent="PENDING")

    house.run()

    assert house.consent(1) == "UNSUBSCRIBED"


def test_consent_newer_than_the_unsubscribe_stands_and_is_told(house: Home) -> None:
    house.buy(1, 2)
    house.run()
    house.leave(1, 2)
    house.clock.instant += 60
    house.buy(1, 1, at=house.clock.now())

    report = house.run()

    assert (house.consent(1), house.consent(2)) == ("SUBSCRIBED", "UNSUBSCRIBED")
    why = "left alone: the store's own consent is newer than the unsubscribe"
    assert {"target": "main", "label": LABEL, "people": 1, "why": why} in report.left_out


def test_a_later_change_of_the_contact_makes_an_old_unsubscribe_no_younger(house: Home) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1)
    house.worlds["main"].faults = Faults(unreachable=True)
    house.run()
    house.worlds["main"].faults = Faults()
    house.clock.instant += 60
    house.buy(1, 1, at=house.clock.now())
    house.clock.instant += 60
    house.lists["news"].tag_by_hand("p1@x.example", "by hand")

    house.run()

    assert house.consent(1) == "SUBSCRIBED"


def test_a_mass_unsubscription_waits_for_a_person(house: Home) -> None:
    house.buy(1, 60)
    house.run()
    house.leave(1, 1)
    house.run()
    house.leave(2, 2)
    house.run()
    house.leave(3, 41)

    report = house.run()

    assert (report.result, exit_code(report)) == ("held", 3)
    assert {house.consent(number) for number in range(3, 61)} == {"SUBSCRIBED"}
    (held,) = report.held
    assert held["target"] == "main"
    assert held["why"] == "would note as unsubscribed 39 more, 40 within a day of 59 (68 %); the limit is 30 %"
    assert runs.approve(house.mirror, report.run, house.clock.now()) == 1
    house.run(yes=False)
    assert sum(house.consent(number) == "UNSUBSCRIBED" for number in range(1, 61)) == 41


def test_the_first_time_waits_where_first_pushes_do(house: Home) -> None:
    house.carries_back = False
    house.write(SEGMENTS)
    house.buy(1, 100)
    house.run()
    house.leave(1, 25)
    house.carries_back = True
    house.write(SEGMENTS)

    report = house.run(yes=False)

    assert report.held[0]["why"] == "first time that unsubscribes are carried to the store, of 25 people"
    assert house.consent(1) == "SUBSCRIBED"
    house.run(yes=True)
    assert house.consent(1) == "UNSUBSCRIBED"


def test_a_plan_shows_each_of_them_and_writes_nothing(house: Home) -> None:
    house.buy(1, 3)
    house.run()
    house.leave(2, 2)

    _, plan = house.run_and_plan(upto="plan")

    assert [(it.target, it.subject, it.email, it.action.value) for it in plan.changes] == [
        ("main", "2", "p2@x.example", "opt-out")
    ]
    assert house.consent(2) == "SUBSCRIBED"


@pytest.mark.parametrize("done", [0, 1])
def test_a_lost_answer_is_read_back_at_the_customer(house: Home, done: int) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1)
    house.worlds["main"].faults = Faults(mishap=Mishap(Ending.LOST, done=done, told=0))

    report = house.run()

    assert report.applied.get("opt-out", 0) == done
    assert report.failed == 1 - done
    house.run()
    assert house.consent(1) == "UNSUBSCRIBED"


def test_a_refusal_is_kept_and_not_tried_again(house: Home) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1)
    house.worlds["main"].faults = Faults(refuse={"1": "no unique address"})
    report = house.run()
    house.worlds["main"].faults = Faults()

    again = house.run()

    assert (report.refused, exit_code(report)) == (1, 0)
    assert again.calls["main"].get("write", 0) == 0
    assert house.consent(1) == "SUBSCRIBED"


def test_an_audience_that_could_not_be_read_carries_nothing_back(house: Home) -> None:
    house.buy(1, 1)
    house.run()
    house.leave(1, 1)
    house.lists["news"].faults = Faults(unreachable=True)

    house.run()

    assert house.consent(1) == "SUBSCRIBED"


def test_a_person_in_several_stores_is_unsubscribed_in_each_that_feeds_the_audience(tmp_path: Path) -> None:
    settings = SETTINGS.replace('audiences = ["news"]', 'audiences = ["news"]\nstores = ["main", "second"]')
    house = Home(tmp_path, settings, stores=("main", "second", "apart"))
    for world in house.worlds.values():
        world.put_customer(7, email="p1@x.example", email_consent="SUBSCRIBED", number_of_orders=4)
    house.run()
    house.leave(1, 1)

    house.run()

    said = {name: world.customer(7).email_consent for name, world in house.worlds.items()}
    assert said == {"main": "UNSUBSCRIBED", "second": "UNSUBSCRIBED", "apart": "SUBSCRIBED"}
    house.mirror.close()


def test_taking_the_setting_away_forgets_it_without_a_trace(house: Home) -> None:
    house.buy(1, 3)
    house.run()
    house.leave(1, 1)
    house.run()
    house.settings_text = house.settings_text.replace("write_back_optouts = true\n", "")

    report = house.run()

    assert (report.result, house.consent(1)) == ("done", "UNSUBSCRIBED")
    assert house.mirror.raw.execute("SELECT count(*) FROM labels WHERE label = ?", (LABEL,)).fetchone() == (0,)
