"""The gate without noise: what a cycle costs, in instructions of SQLite's machine, does not follow the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.cycles import CHANGES, Town, idle, newest, prepare, thousand
from tests.bench.town import Size

SMALL, LARGE = Size("small", 11 * CHANGES), Size("large", 22 * CHANGES)
MOST = 1.15


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Town]]:
    made = []
    for size in (SMALL, LARGE):
        folder = tmp_path_factory.mktemp(size.name)
        prepare(folder, size)
        made.append(Town(folder, now=newest(folder)))
    small, large = made
    yield small, large
    for town in made:
        town.mirror.close()


def test_a_thousand_changes_cost_as_much_in_a_store_twice_as_large(towns: tuple[Town, Town]) -> None:
    small, large = (thousand(town)["instructions"] for town in towns)
    assert large <= MOST * small, f"{small:,} instructions in the small store, {large:,} in the large one"


def test_no_change_costs_as_much_in_a_store_twice_as_large(towns: tuple[Town, Town]) -> None:
    small, large = (idle(town)["instructions"] for town in towns)
    assert large <= MOST * small, f"{small:,} instructions in the small store, {large:,} in the large one"
