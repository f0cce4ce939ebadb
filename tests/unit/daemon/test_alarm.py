"""What is told of days in which things go wrong: each once, and that it is over. It arrives at a web server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.memory import Faults
from syncd.daemon import Alarm, Courier
from syncd.mirror import backups
from syncd.mirror.presence import Presence
from tests.support.post import Hooks
from tests.support.service import DAY, SETTINGS, Service

ALERTS = """
[alerts]
webhook = "{}"
ping = "{}"
"""


class Watched:
    """A service, and what arrives of its alerts."""

    def __init__(self, folder: Path, hooks: Hooks, settings: str = SETTINGS) -> None:
        self.hooks = hooks
        self.service = Service(folder, settings + ALERTS.format(hooks.url("/alerts"), hooks.url("/ping")))
        self.world = self.service.world
        self.start()

    def start(self) -> None:
        """Start the daemon anew, as after a restart."""
        service = self.service
        self.presence = Presence(service.file.with_name("syncd.db"), service.clock)
        courier = Courier(self.presence, lambda work: work(), pause=lambda _: None)
        service.watched([Alarm(service.following, self.presence, courier, service.clock)])

    def restart(self) -> None:
        self.presence.close()
        self.start()

    def told(self) -> list[tuple[str, str]]:
        """Return state and code of what arrived since last asked."""
        rows = [(it["state"], it["code"]) for _, letter in self.hooks.posted for it in letter["alerts"]]
        self.hooks.posted.clear()
        return rows

    def pings(self) -> int:
        count = len(self.hooks.asked)
        self.hooks.asked.clear()
        return count


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as running:
        yield running


@pytest.fixture
def watched(tmp_path: Path, hooks: Hooks) -> Iterator[Watched]:
    made = Watched(tmp_path, hooks)
    yield made
    made.presence.close()


def test_days_without_trouble_are_told_by_pings_alone(watched: Watched) -> None:
    watched.service.runs_for(3600)

    assert watched.told() == []
    assert watched.pings() >= 10


def test_a_store_that_is_down_for_a_cycle_or_two_is_no_alert(watched: Watched) -> None:
    watched.service.runs_for(60)
    watched.pings()
    watched.world.faults = Faults(unreachable=True)
    watched.service.runs_for(600)
    watched.world.faults = Faults()
    watched.service.runs_for(600)

    assert watched.told() == []


def test_a_store_that_stays_down_is_told_once_and_that_it_is_back(watched: Watched) -> None:
    watched.service.runs_for(60)
    watched.pings()
    watched.world.faults = Faults(unreachable=True)
    watched.service.runs_for(3 * 3600)
    told = watched.told()
    assert told.count(("begun", "E-CYCLE")) == 1
    assert set(told) == {("begun", "E-CYCLE"), ("begun", "E-STALE")}
    assert watched.pings() == 0

    watched.world.faults = Faults()
    watched.service.runs_for(400)
    assert {("over", "E-CYCLE"), ("over", "E-STALE")} == set(watched.told())
    assert watched.pings() > 0


def test_what_lasts_for_days_is_told_again_once_a_day(watched: Watched) -> None:
    watched.service.scheduled('every = "1h"')
    watched.service.runs_for(60)
    watched.world.faults = Faults(unreachable=True)
    watched.service.runs_for(3 * DAY + 3600)

    assert watched.told().count(("standing", "E-CYCLE")) == 2


def test_a_key_that_is_refused_is_told_at_once(watched: Watched) -> None:
    watched.service.runs_for(60)
    watched.world.faults = Faults(key_refused=True)
    watched.service.runs_for(340)

    assert watched.told() == [("begun", "E-CREDENTIALS")]


def test_a_restart_repeats_nothing_and_goes_on_counting(watched: Watched) -> None:
    watched.service.runs_for(60)
    watched.world.faults = Faults(unreachable=True)
    for _ in range(4):
        watched.service.runs_for(60)
        watched.restart()

    assert watched.told().count(("begun", "E-CYCLE")) == 1


def test_a_hold_is_told_with_what_to_type_and_is_over_when_it_is_released(tmp_path: Path, hooks: Hooks) -> None:
    held = SETTINGS.replace('first_push = "apply"', 'first_push = "hold"').replace("min_size = 1000", "min_size = 1")
    watched = Watched(tmp_path, hooks, held)
    for number in range(3):
        watched.world.put_customer(number, email=f"p{number}@x.example", number_of_orders=3)
    watched.service.runs_for(60)

    ((_, letter),) = hooks.posted
    assert "syncd approve 1 && syncd sync" in letter["text"]
    assert {("begun", "E-HELD")} == set(watched.told())
    assert "x.example" not in str(letter)

    text = watched.service.house.settings_text.replace('first_push = "hold"', 'first_push = "apply"')
    watched.service.write(text)
    watched.service.runs_for(400)
    assert set(watched.told()) == {("over", "E-HELD")}
    watched.presence.close()


def test_wrong_settings_are_told_with_their_line_and_not_their_text(watched: Watched) -> None:
    right = watched.service.house.settings_text
    watched.service.write(right.replace('tag = "many"', 'tag = "many"\nzoe_at_person_example = 1'))
    watched.service.runs_for(1000)
    ((_, letter),) = watched.hooks.posted
    assert "line 18, segments.many.zoe" in letter["text"]
    assert watched.told() == [("begun", "E-SETTINGS")]

    watched.service.write(right)
    watched.service.runs_for(10)
    assert watched.told() == [("over", "E-SETTINGS")]


def test_a_damaged_mirror_is_told_at_once(watched: Watched) -> None:
    database = watched.service.house.folder / "syncd.db"
    kept = database.read_bytes()
    database.write_bytes(b"not a database" * 1000)
    watched.service.runs_for(700)
    told = watched.told()
    assert ("begun", "E-MIRROR") in told
    assert {code for _, code in told} == {"E-MIRROR"}

    database.write_bytes(kept)
    watched.service.runs_for(1500)
    assert {state for state, _ in watched.told()} == {"over"}


def test_a_backup_that_cannot_be_made_is_told_and_made_up_for(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = backups.home(watched.service.house.folder / "syncd.db")
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    watched.service.runs_for(100)
    assert watched.told() == [("begun", "E-BACKUP")]

    folder.unlink()
    watched.service.runs_for(900)
    assert watched.told() == [("over", "E-BACKUP")]


def test_a_disk_without_room_for_a_backup_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    full: Any = SimpleNamespace(f_bavail=10, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    watched.service.runs_for(60)

    assert watched.told() == [("begun", "E-DISK")]


def test_many_refusals_are_told_and_few_are_not(watched: Watched) -> None:
    people = {str(number): "no" for number in range(1, 60)}
    for number in range(1, 60):
        watched.world.put_customer(number, email=f"p{number}@x.example", number_of_orders=3)
    watched.world.faults = Faults(refuse=dict(list(people.items())[:2]))
    watched.service.runs_for(60)
    assert watched.told() == []

    watched.world.faults = Faults(refuse=people)
    for number in range(60, 120):
        watched.world.put_customer(number, email=f"p{number}@x.example", number_of_orders=3)
    watched.world.faults = Faults(refuse={str(number): "no" for number in range(1, 120)})
    watched.service.runs_for(600)
    assert watched.told() == [("begun", "E-REFUSED")]


def test_tags_that_others_took_are_told(watched: Watched) -> None:
    watched.service.scheduled('cron = "0 0 1 1 *"')
    for number in range(1, 60):
        watched.world.put_customer(number, email=f"p{number}@x.example", number_of_orders=3)
    watched.service.runs_for(60)
    for number in range(1, 40):
        watched.world.untag_by_hand(number, "many")
    watched.service.clock.instant += DAY
    watched.service.runs_for(600)

    assert watched.told() == [("begun", "E-DRIFT")]


def test_stores_that_are_read_no_more_have_failed_for_the_last_time(tmp_path: Path, hooks: Hooks) -> None:
    watched = Watched(tmp_path, hooks)
    watched.service.runs_for(60)
    watched.world.faults = Faults(unreachable=True)
    watched.service.runs_for(1200)
    assert ("begun", "E-CYCLE") in watched.told()

    text = watched.service.house.settings_text.replace("[stores.main]", "[stores.other]")
    watched.service.write(text)
    watched.service.following.take_over()
    alarm = watched.service.daemon._observers[-1]
    alarm.settings_taken(watched.service.following)
    assert ("over", "E-CYCLE") in watched.told()
    watched.presence.close()
