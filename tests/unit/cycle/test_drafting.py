"""What a plan costs follows what changed, and what cannot be told from that is looked at in full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.memory import Faults
from syncd.cycle.drafting import Drafter
from syncd.mirror import touched
from syncd.mirror.pruning import prune_history
from syncd.model import ContactStatus, Kind, Wish
from syncd.plan import LabelPlan
from tests.conftest import StillClock
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]

[segments.few]
query = "number_of_orders < 2"
tag = "few"
audiences = ["news"]
audience_tag = "few people"
"""
HOUR = 3600


@pytest.fixture
def house(tmp_path: Path) -> Household:
    return lived_in(tmp_path, 12)


def lived_in(folder: Path, customers: int) -> Household:
    """Return a house that came to rest: two in three are contacts, every fifth unsubscribed, one in four says no."""
    house = Household(folder, SETTINGS, clock=StillClock())
    for number in range(1, customers + 1):
        email, consent = f"p{number}@x.example", "UNSUBSCRIBED" if number % 4 == 0 else "SUBSCRIBED"
        house.worlds["main"].put_customer(number, email=email, email_consent=consent, number_of_orders=number % 5)
        if number % 3:
            status = ContactStatus.UNSUBSCRIBED if number % 5 == 0 else ContactStatus.SUBSCRIBED
            house.lists["news"].put_contact(email, status)
    house.run()
    for orders in (2, 1, 2):  # so that what is read again of the last minutes is not everybody
        house.clock.instant += HOUR
        house.worlds["main"].put_customer(customers + 1, email="last@x.example", number_of_orders=orders)
        house.lists["news"].put_contact("last@x.example")
        house.run()
    return house


def steps(house: Household) -> int:
    """Run a cycle, and count in hundreds what SQLite does for it."""
    count = 0

    def another() -> int:
        nonlocal count
        count += 1
        return 0

    house.clock.instant += HOUR
    house.mirror.raw.set_progress_handler(another, 100)
    try:
        house.run()
    finally:
        house.mirror.raw.set_progress_handler(None, 0)
    return count


def carriers(house: Household, label: str) -> int:
    """Count who truly carries a label, in the store and on the list."""
    customers = house.worlds["main"].records(Kind.CUSTOMERS).values()
    contacts = house.lists["news"].contacts().values()
    return sum(label in it.tags for it in customers) + sum(label in it.labels for it in contacts)


def looked_at_in_full(house: Household, monkeypatch: pytest.MonkeyPatch, **options: Any) -> set[tuple[str, str]]:
    """Run a cycle, and return the labels of which everybody was looked at."""
    found: set[tuple[str, str]] = set()
    drafted = Drafter.drafted

    def watched(self: Drafter, wish: Wish) -> LabelPlan:
        if self.in_full(wish) and self._mirror is house.mirror:
            found.add((wish.target, wish.label))
        return drafted(self, wish)

    house.clock.instant += HOUR
    with monkeypatch.context() as patch:
        patch.setattr(Drafter, "drafted", watched)
        house.run(**options)
    return found


def test_an_idle_cycle_costs_the_same_in_a_shop_of_ten_times_as_many(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()

    few, many = steps(lived_in(small, 40)), steps(lived_in(large, 400))

    assert many <= few * 1.15


def test_a_few_changes_cost_the_same_in_a_shop_of_ten_times_as_many(tmp_path: Path) -> None:
    costs = []
    for customers in (40, 400):
        folder = tmp_path / str(customers)
        folder.mkdir()
        house = lived_in(folder, customers)
        for number in range(1, 11):
            house.worlds["main"].put_customer(number, number_of_orders=(number + 2) % 5)
        house.lists["news"].set_status("p1@x.example", ContactStatus.CLEANED)
        costs.append(steps(house))

    assert costs[1] <= costs[0] * 1.3


def test_nobody_is_looked_at_in_full_while_all_goes_its_way(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    house.worlds["main"].put_customer(1, number_of_orders=4)
    house.lists["news"].set_status("p2@x.example", ContactStatus.CLEANED)

    assert looked_at_in_full(house, monkeypatch) == set()
    assert looked_at_in_full(house, monkeypatch, full=True) == {
        ("main", "many"),
        ("main", "few"),
        ("news", "many"),
        ("news", "few people"),
    }


def test_a_label_that_is_wished_for_otherwise_is_looked_at_in_full(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.settings_text = house.settings_text.replace(
        'query = "number_of_orders < 2"', 'query = "number_of_orders < 1"'
    )

    assert looked_at_in_full(house, monkeypatch) == {("main", "few"), ("news", "few people")}

    house.settings_text = house.settings_text.replace("[segments.many]", "[segments.many]\nadopt = true")

    assert looked_at_in_full(house, monkeypatch) == {("main", "many"), ("news", "many")}


def test_other_ways_with_new_contacts_are_looked_at_in_full_at_that_audience(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = 'kind = "memory-list"\n'
    house.settings_text = house.settings_text.replace(kind, f'{kind}new_contacts = "never"\n')

    assert looked_at_in_full(house, monkeypatch) == {("news", "many"), ("news", "few people")}


def test_another_exclusion_list_is_held_against_everybody(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    house.settings_text += '\n[suppress]\naddresses = ["p3@x.example"]\n'

    assert len(looked_at_in_full(house, monkeypatch)) == 4
    assert looked_at_in_full(house, monkeypatch) == set()


def test_a_label_that_rested_is_looked_at_in_full_when_it_is_wanted_again(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.settings_text = house.settings_text.replace("[segments.few]", "[segments.few]\nenabled = false")
    house.run()
    house.settings_text = house.settings_text.replace("\nenabled = false", "")

    assert looked_at_in_full(house, monkeypatch) == {("main", "few"), ("news", "few people")}


def test_where_single_changes_are_not_known_everybody_is_looked_at(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.mirror.transaction():
        touched.note_kinds(house.mirror, "news", ["contacts"])

    assert looked_at_in_full(house, monkeypatch) == {("news", "many"), ("news", "few people")}

    with house.mirror.transaction():
        touched.note_everything(house.mirror)

    assert len(looked_at_in_full(house, monkeypatch)) == 4


@pytest.mark.parametrize("target", ['tag = "fresh"', 'audiences = ["news"]\naudience_tag = "fresh"'])
def test_whom_time_alone_moves_is_looked_at(house: Household, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    house.settings_text += f'\n[segments.fresh]\nquery = "customer_added_date >= -5d"\n{target}\n'
    for _ in range(2):  # what is pushed is looked at once more
        looked_at_in_full(house, monkeypatch)
    house.clock.instant += 8 * 24 * HOUR

    assert looked_at_in_full(house, monkeypatch) == set()
    assert carriers(house, "fresh") == 0


def test_a_segment_that_begins_anew_is_looked_at_in_full(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = '\n[segments.fresh]\nquery = "customer_added_date >= -5d"\naudiences = ["news"]\naudience_tag = "fresh"\n'
    house.settings_text += fresh
    looked_at_in_full(house, monkeypatch)
    assert carriers(house, "fresh") > 0
    house.settings_text = house.settings_text.replace(fresh, "")
    house.lists["news"].faults = Faults(unreachable=True)
    looked_at_in_full(house, monkeypatch)
    house.lists["news"].faults = Faults()
    house.clock.instant += 8 * 24 * HOUR
    house.settings_text += fresh

    assert looked_at_in_full(house, monkeypatch) == {("news", "fresh")}
    assert carriers(house, "fresh") == 0


def test_a_label_that_was_not_planned_since_history_begins_is_looked_at_in_full(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.run(segment="many")
    house.clock.instant += HOUR
    house.run(segment="many")

    prune_history(house.mirror, house.clock.now())

    assert looked_at_in_full(house, monkeypatch) == {("main", "few"), ("news", "few people")}


def test_who_was_left_out_is_counted_without_being_looked_at(house: Household) -> None:
    before = house.run()
    house.clock.instant += HOUR

    report = house.run()

    assert report.left_out == before.left_out
    assert sum(row["people"] for row in report.left_out) > 0


def test_who_was_refused_is_not_asked_again_until_something_of_theirs_changes(house: Household) -> None:
    house.lists["news"].faults = Faults(refuse={"p1@x.example": "no"})
    house.worlds["main"].put_customer(1, number_of_orders=4)
    house.clock.instant += HOUR
    house.run()
    house.lists["news"].faults = Faults()
    house.clock.instant += HOUR

    report = house.run()

    assert report.applied == {"add": 0, "remove": 0}
    assert {"target": "news", "label": "many", "people": 1, "why": "refused by the service"} in report.left_out

    house.worlds["main"].put_customer(1, email_consent="NOT_SUBSCRIBED")
    house.clock.instant += HOUR

    assert house.run().applied["add"] == 1
