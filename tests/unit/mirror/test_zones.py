"""The offsets kept for a zone are the zone's own, at every second."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.mirror.opening import open_mirror
from syncd.mirror.zones import keep_offsets, offsets

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Casablanca",  # summer time pauses for Ramadan
    "Australia/Lord_Howe",  # half an hour of summer time
    "Asia/Kathmandu",
    "Pacific/Apia",  # left a day out in 2011
]


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=60, deadline=None)
@given(instant=st.integers(631_152_000, 2_500_000_000))
def test_the_offset_of_any_second_is_the_zones_own(zone: str, instant: int) -> None:
    found = offsets(zone)
    nearest = [start + step for start, _ in found[1:] for step in (-1, 0) if abs(start - instant) < 200 * 86_400]
    for second in (instant, *nearest):
        ahead = found[bisect_right(found, (second, 10**9)) - 1][1]
        moment = datetime.fromtimestamp(second, ZoneInfo(zone))
        assert ahead == moment.utcoffset().total_seconds()  # type: ignore[union-attr]


def test_a_zone_that_nobody_knows_has_none() -> None:
    assert offsets("Middle/Earth") == ()


def test_the_offsets_of_a_store_are_replaced_with_its_zone(tmp_path: Path) -> None:
    mirror = open_mirror(tmp_path / "syncd.db")
    with mirror.transaction():
        keep_offsets(mirror.raw, "main", "Europe/Berlin")
        keep_offsets(mirror.raw, "other", "UTC")
        keep_offsets(mirror.raw, "main", "Asia/Tokyo")

    found = mirror.raw.execute("SELECT store, ahead FROM zone_offsets ORDER BY store").fetchall()
    mirror.close()

    assert found == [("main", 32_400), ("other", 0)]
