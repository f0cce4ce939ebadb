"""How many calls a first pull takes, and a cycle with nothing to do, as the simulated services see them."""

from __future__ import annotations

from pathlib import Path

from connectors.sandbox import SANDBOX, Options
from tests.acceptance.place import Place

EVERY_KIND = """
[segments.abandoned]
query = "abandoned_checkout_date >= -30d AND orders_placed MATCHES (date >= -90d)"

[segments.buyers-of-a-brand]
query = "products_purchased MATCHES (vendor = 'Maker')"
tag = "brand"
audiences = ["newsletter"]
"""


def test_a_large_store_is_read_in_few_calls_and_one_where_nothing_happened_in_one_a_kind(tmp_path: Path) -> None:
    with SANDBOX.start(Options(customers=1100, bulk_seconds=0.3)) as running:
        place = Place(tmp_path, running)
        place.settings(EVERY_KIND)
        first = place.run("sync", "--pull-only", "--json").json
        idle = place.run("sync", "--pull-only", "--json").json
    assert first["pulled"]["main"]["customers"] > 1000
    assert first["pulled"]["main"]["orders"] > 4000
    calls = first["calls"]["main"]
    assert {"customers export", "orders export"} <= set(calls)
    assert sum(calls.values()) <= 25
    assert idle["calls"] == {
        "main": {"check": 1, "customers": 1, "orders": 1, "products": 1, "checkouts": 1},
        "newsletter": {"contacts": 1},
    }
