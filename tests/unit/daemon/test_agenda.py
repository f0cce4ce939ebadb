"""What is to be done when: crontab's meaning, stores that belong together, what was missed, clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncd.daemon.agenda import Agenda, Work, agenda_of
from syncd.daemon.triggers import cron, every, following, midnight
from tests.support.household import Household

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def told(instant: int | None, zone: ZoneInfo = UTC_ZONE) -> str:
    return "" if instant is None else datetime.fromtimestamp(instant, zone).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 3 * * *", "Sun 2026-11-22 03:00"),
        ("0 3 * * 0", "Sun 2026-11-22 03:00"),
        ("0 3 * * 7", "Sun 2026-11-22 03:00"),
        ("0 3 * * 1", "Mon 2026-11-23 03:00"),
        ("0 3 * * mon-fri", "Mon 2026-11-23 03:00"),
        ("0 3 * * 5-7", "Sun 2026-11-22 03:00"),
        ("0 3 * * 2/2", "Tue 2026-11-24 03:00"),
        ("0 3 1 * *", "Tue 2026-12-01 03:00"),
        ("0 3 1 * 3", "Wed 2026-11-25 03:00"),
        ("*/15 * * * *", "Sat 2026-11-21 12:15"),
        ("30 2 29 feb *", "Tue 2028-02-29 02:30"),
    ],
)
def test_a_cron_line_means_what_it_means_to_crontab(line: str, expected: str) -> None:
    trigger = cron(line, ZoneInfo("UTC"))

    assert told(following(trigger, None, at("2026-11-21 12:01"))) == expected


def test_midnight_is_the_zones_own_through_the_change_of_the_clocks() -> None:
    before = at("2026-10-24 12:00")
    first = following(midnight(BERLIN), None, before)
    assert first is not None
    second = following(midnight(BERLIN), first, first)

    assert [told(first, BERLIN), told(second, BERLIN)] == ["Sun 2026-10-25 00:00", "Mon 2026-10-26 00:00"]
    assert second is not None
    assert second - first == 25 * 3600


def test_turns_of_an_interval_are_spread_by_a_few_seconds_only() -> None:
    begin = at("2026-11-21 12:00")
    moments = {following(every(300, begin), begin, begin) for _ in range(50)}

    assert all(moment is not None and begin + 300 <= moment <= begin + 321 for moment in moments)


SETTINGS = """
[segments.north-and-south]
query = "number_of_orders > 1"
tag = "buyer"
stores = ["north", "south"]
audiences = ["news"]

[segments.alone]
query = "last_order_date > -30d"
tag = "lately"
stores = ["alone"]
"""


@pytest.fixture
def house(tmp_path: Path) -> Household:
    return Household(tmp_path, SETTINGS, stores=("north", "south", "alone"))


def test_stores_that_feed_one_audience_are_read_together(house: Household) -> None:
    turns = agenda_of(house.settings, {}, {}, house.clock.now())

    assert {turn.stores for turn in turns if turn.work is Work.CYCLE} == {
        frozenset({"north", "south"}),
        frozenset({"alone"}),
    }


def test_a_cycle_comes_at_midnight_only_where_a_segment_looks_at_days(house: Household) -> None:
    turns = agenda_of(house.settings, {"alone": BERLIN}, {}, house.clock.now())

    assert [(turn.stores, turn.why) for turn in turns if "midnight" in turn.why] == [
        (frozenset({"alone"}), "midnight in Europe/Berlin")
    ]


def test_what_was_done_before_a_restart_is_not_done_again_at_once(house: Household) -> None:
    now = house.clock.now()
    last = {Work.RECONCILE: now - 3600, Work.BACKUP: None, Work.TIDY: now + 10**6}
    agenda = Agenda(agenda_of(house.settings, {}, last, now), now)
    due = {turn.work: agenda.next[turn.name] for turn in agenda.turns if turn.work is not Work.CYCLE}

    assert due[Work.RECONCILE] == pytest.approx(now + 82_800, abs=30)
    assert due[Work.BACKUP] == pytest.approx(now, abs=30)
    assert due[Work.TIDY] == pytest.approx(now, abs=30)


def test_what_was_missed_for_days_is_made_up_for_once(house: Household) -> None:
    now = house.clock.now()
    agenda = Agenda(agenda_of(house.settings, {}, {}, now), now)
    done = []
    later = now + 5 * 86_400
    for _ in range(100):
        coming = agenda.coming()
        assert coming is not None
        if coming[1] > later:
            break
        done.append(coming[0].name)
        agenda.done(coming[0], later)

    assert len(done) == len(set(done)) <= len(agenda.turns)


def test_a_comparison_counts_as_a_cycle_and_a_cycle_not_as_a_comparison(house: Household) -> None:
    now = house.clock.now() + 60
    agenda = Agenda(agenda_of(house.settings, {}, {}, now - 60), now - 60)
    by_work = {turn.work: turn for turn in agenda.turns}
    agenda.done(by_work[Work.CYCLE], now)
    assert (agenda.next[by_work[Work.RECONCILE].name] or 0) <= now
    agenda.done(by_work[Work.RECONCILE], now)

    assert all((agenda.next[turn.name] or now + 1) > now for turn in agenda.turns if turn.work is Work.CYCLE)
