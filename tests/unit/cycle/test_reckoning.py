"""The time left: honest, and silent where nobody can know."""

from __future__ import annotations

import pytest

from syncd.cycle.reckoning import Reckoning
from syncd.ports import Progress
from tests.conftest import StillClock


@pytest.fixture
def reckoning(clock: StillClock) -> Reckoning:
    return Reckoning(clock)


def after(clock: StillClock, seconds: float, reckoning: Reckoning, done: int, total: int | None = 1000) -> str:
    clock.instant += seconds
    return reckoning.left(Progress("orders of main", done, total))


def test_nothing_is_said_before_there_is_a_pace(clock: StillClock, reckoning: Reckoning) -> None:
    assert after(clock, 0, reckoning, 0) == ""
    assert after(clock, 4, reckoning, 100) == ""
    assert after(clock, 60, reckoning, 0) == ""


def test_the_pace_so_far_tells_the_time_left(clock: StillClock, reckoning: Reckoning) -> None:
    after(clock, 0, reckoning, 0)

    assert after(clock, 60, reckoning, 100) == "about 9 min left"
    assert after(clock, 60, reckoning, 900) == "less than a minute left"
    assert after(clock, 10, reckoning, 1000) == ""


def test_what_was_there_at_the_beginning_is_no_part_of_the_pace(clock: StillClock, reckoning: Reckoning) -> None:
    after(clock, 0, reckoning, 800)

    assert after(clock, 60, reckoning, 900) == "about 1 min left"


def test_where_no_end_is_known_no_time_is_told(clock: StillClock, reckoning: Reckoning) -> None:
    after(clock, 0, reckoning, 0, None)

    assert after(clock, 60, reckoning, 100, None) == ""


def test_other_work_begins_anew_and_so_does_the_same_work_from_its_start(
    clock: StillClock, reckoning: Reckoning
) -> None:
    after(clock, 0, reckoning, 0)
    after(clock, 60, reckoning, 900)
    clock.instant += 600
    assert reckoning.left(Progress("labels of main", 0, 100)) == ""
    clock.instant += 10
    assert reckoning.left(Progress("labels of main", 10, 100)) == "about 2 min left"
    clock.instant += 10
    assert reckoning.left(Progress("labels of main", 0, 100)) == ""
