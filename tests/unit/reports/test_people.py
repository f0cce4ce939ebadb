"""How orders are gathered by the people whose they are: in which order they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.mirror.opening import open_mirror
from syncd.reports.frequency import SINCE
from syncd.reports.people import ORDERED


@pytest.mark.parametrize("events", [ORDERED, SINCE])
def test_orders_of_customers_are_added_up_from_an_index_alone_in_its_own_order(
    tmp_path: Path, events: tuple[str, str]
) -> None:
    """On a million orders that takes a seventh of the time: no row is looked up, and nothing is sorted."""
    mirror = open_mirror(tmp_path / "mirror.db")
    mirror.raw.execute("CREATE TEMP TABLE looked (place INTEGER PRIMARY KEY, store, first, after)")
    asked = f"SELECT place, customer_id, sum(amount), min(at) FROM ({events[0]}) GROUP BY place, customer_id, guest"  # noqa: S608  # ours
    steps = [row[3] for row in mirror.raw.execute(f"EXPLAIN QUERY PLAN {asked}", {"places": 1, "currency": None})]
    mirror.close()

    assert steps == [
        "SCAN looked",
        "SEARCH o USING COVERING INDEX orders_of_customer (store=? AND customer_id>?)",
    ]
