"""Health: ages, failures and what waits, from the mirror alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.config import StoreSettings
from syncd.cycle.health import Health, health, patience
from syncd.mirror import runs
from syncd.model import ON_DEMAND, Kind
from syncd.ports import Missing
from tests.support.household import Household

SETTINGS = """
[segments.many]
title = "Three or more"
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]

[segments.baskets]
query = "abandoned_checkout_date >= -30d"
tag = "basket"

[segments.resting]
query = "amount_spent > 1"
enabled = false
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    for number in range(1, 31):
        made.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=4
        )
    yield made
    made.mirror.close()


def look(house: Household) -> Health:
    return health(house.settings, house.mirror, house.clock.now())


def test_without_a_mirror_nothing_was_read_yet(house: Household) -> None:
    found = health(house.settings, None, house.clock.now())
    assert not found.ok
    assert found.last_run is None
    assert found.stores["main"].why == found.audiences["news"].why == "never read yet"
    assert found.segments["many"].why == "never evaluated yet"
    assert found.segments["resting"].ok


def test_after_a_run_everything_is_well_and_has_its_age(house: Household) -> None:
    house.run()
    house.clock.instant += 100
    found = look(house)
    assert found.ok
    assert found.stores["main"].age_s == found.segments["many"].age_s == 100
    assert found.stores["main"].as_of == found.audiences["news"].as_of
    assert found.stores["main"].kinds.keys() == {kind.value for kind in Kind if kind not in ON_DEMAND}
    assert found.segments["many"].size == 30
    assert found.audiences["news"].labels == ("many",)
    assert found.last_run is not None
    assert found.last_run["result"] == "done"


def test_what_missed_three_turns_is_stale(house: Household) -> None:
    house.run()
    house.clock.instant += 901
    found = look(house)
    assert not found.ok
    for part in (found.stores["main"], found.audiences["news"], found.segments["many"]):
        assert not part.ok
        assert "stale" in part.why
    assert found.segments["resting"].ok


def test_a_store_that_could_not_be_reached_shows_in_the_segments_it_feeds(house: Household) -> None:
    house.run()
    house.worlds["main"].faults = Faults(unreachable=True)
    house.run()
    found = look(house)
    assert not found.ok
    assert "could not be reached" in found.stores["main"].why
    assert "could not be reached" in found.segments["many"].why
    assert found.segments["many"].size == 30
    assert found.audiences["news"].ok
    assert found.last_run is not None
    assert found.last_run["failures"]


def test_an_audience_that_refuses_its_key_leaves_the_rest_well(house: Household) -> None:
    house.run()
    house.lists["news"].faults = Faults(key_refused=True)
    house.run()
    found = look(house)
    assert "does not accept the key" in found.audiences["news"].why
    assert found.stores["main"].ok
    assert found.segments["many"].ok
    assert not found.ok


def test_a_kind_that_the_account_does_not_give_shows_where_it_is_needed(house: Household) -> None:
    lack = Missing("scope x", "baskets cannot be read", kinds=frozenset({Kind.CHECKOUTS}))
    house.worlds["main"].missing = (lack,)
    house.run()
    found = look(house)
    assert found.segments["many"].ok
    assert "scope x is missing" in found.segments["baskets"].why
    assert set(found.stores["main"].kinds) == {"customers", "orders", "products"}


def test_what_waits_for_a_person_is_listed_until_it_is_approved(house: Household) -> None:
    number = house.run(yes=False).run
    waiting = look(house)
    runs.approve(house.mirror, number, house.clock.now())
    assert waiting.ok
    assert {(it["target"], it["label"]) for it in waiting.holds} == {("main", "many"), ("news", "many")}
    assert look(house).holds == []


def test_a_first_push_that_went_ahead_no_longer_waits(house: Household) -> None:
    house.run(yes=False)
    house.run(yes=True)
    assert look(house).holds == []


def test_a_run_that_was_killed_is_told_from_one_that_is_at_work(house: Household) -> None:
    house.run()
    runs.begin(house.mirror, "sync", house.clock.now())
    killed = look(house)
    handle = os.open(house.folder / "syncd.db.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.write(handle, b"17\n")
    working = look(house)
    os.close(handle)
    assert (killed.ok, killed.running) == (False, None)
    assert killed.last_run is not None
    assert killed.last_run["result"] == "killed"
    assert (working.ok, working.running) == (True, "17")


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ({"every": 60}, 900),
        ({"every": 3600}, 3 * 3600),
        ({"every": None, "cron": "*/5 * * * *"}, 86_400 + 900),
        ({"every": None, "cron": "0 3 * * mon"}, 7 * 86_400 + 900),
        ({"every": None, "cron": "0 3 1 * *"}, 31 * 86_400 + 900),
        ({"every": None, "cron": "0 3 1 1 *"}, 366 * 86_400 + 900),
    ],
)
def test_how_long_something_may_stay_unread_follows_its_schedule(
    house: Household, schedule: dict[str, object], seconds: int
) -> None:
    store: StoreSettings = house.settings.stores["main"].model_copy(update=schedule)
    assert patience(store) == seconds


def test_a_push_that_stopped_half_way_stays_visible_after_a_harmless_run(house: Household) -> None:
    house.lists["news"].faults = Faults(fail={"p3@x.example": "later"})
    house.run()
    house.run(upto="pull")

    found = look(house)

    assert not found.ok
    assert found.audiences["news"].why == "not confirmed yet: 1 of the changes that were released"


def test_tags_left_at_an_audience_that_the_settings_no_longer_have_are_told(house: Household) -> None:
    house.run()
    house.lists.clear()
    house.write(SETTINGS.replace('audiences = ["news"]', ""))

    (left,) = look(house).left_behind
    assert (left.target, left.label, left.people) == ("news", "many", 30)
    assert left.why == "[audiences.news] is no longer in the settings, so the tag 'many' stays on 30 people there"
    assert left.fix == (
        "put [audiences.news] back, take it away from `audiences` of its segments, run syncd sync, "
        "and only then remove [audiences.news]"
    )


def test_tags_left_at_a_store_are_told_until_nobody_carries_them(house: Household) -> None:
    house.run()
    house.worlds["other"] = house.worlds.pop("main")
    house.write(SETTINGS)

    (left,) = look(house).left_behind
    assert (left.target, left.people) == ("main", 30)
    assert "[stores.main]" in left.fix
    house.mirror.raw.execute("DELETE FROM ledger WHERE target = 'main'")
    assert look(house).left_behind == []
