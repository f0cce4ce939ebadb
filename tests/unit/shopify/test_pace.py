from __future__ import annotations

import pytest

from connectors.shopify.pace import Cost, Pace, Throttle, until_affordable
from syncd.ports import Host
from tests.conftest import StillClock


@pytest.fixture
def pace(host: Host) -> Pace:
    return Pace(host)


def told(requested: float | None, available: float, rate: float = 100, maximum: float = 2000) -> Cost:
    return Cost(requested, Throttle(maximum, available, rate))


def test_nothing_is_waited_for_before_the_first_answer(pace: Pace, clock: StillClock) -> None:
    pace.wait("a", 900)
    assert clock.waits == []
    assert pace.available is None


def test_a_call_that_fits_goes_at_once(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(100, 500))
    pace.wait("a", None)
    assert clock.waits == []


def test_a_call_that_does_not_fit_waits_for_the_missing_points(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(600, 100))
    pace.wait("a", None)
    assert clock.waits == [5]


def test_a_cost_told_beforehand_counts(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(None, 100))
    pace.wait("never asked", 250)
    assert clock.waits == [1.5]


def test_the_bucket_refills_while_time_passes_and_never_overflows(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(None, 100))
    clock.instant += 3
    assert pace.available == 400
    clock.instant += 3000
    assert pace.available == 2000


def test_a_call_dearer_than_the_bucket_waits_for_a_full_one_only(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(None, 1900))
    pace.wait("b", 5000)
    assert clock.waits == [1]


def test_calls_under_way_at_once_share_the_points(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(None, 1000))
    pace.wait("b", 800)
    pace.wait("c", 800)
    assert clock.waits == [6]


def test_a_bucket_that_does_not_refill_is_no_reason_to_divide_by_nothing(pace: Pace, clock: StillClock) -> None:
    pace.learn("a", told(None, 0, rate=0))
    pace.wait("b", 1)
    assert clock.waits == [10]
    assert until_affordable(told(10, 0, rate=0)) == 100


def test_how_long_a_refused_call_has_to_wait() -> None:
    assert until_affordable(None) == 1
    assert until_affordable(Cost(10, None)) == 1
    assert until_affordable(told(500, 100, rate=50)) == 8
    assert until_affordable(told(100, 500)) == 0
