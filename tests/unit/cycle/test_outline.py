"""The outline of the settings that each run leaves in the mirror: good for their very text, and says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cycle.health import health
from syncd.cycle.outline import outline_of, remember, remembered
from tests.support.household import MANY, Household

RESTING = "\n[segments.resting]\nquery = \"customer_tags CONTAINS 'x'\"\nenabled = false\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, MANY + RESTING, stores=("main", "side"))
    yield made
    made.mirror.close()


def test_health_by_the_outline_is_health_by_the_settings(house: Household) -> None:
    house.run()
    settings = house.settings
    kept = remembered(settings.syncd.database, settings.digest)
    assert kept is not None
    now = house.clock.now() + 10_000
    assert health(kept, house.mirror, now) == health(settings, house.mirror, now)


def test_it_is_good_for_the_text_that_it_was_made_of(house: Household) -> None:
    house.run()
    before = house.settings
    house.settings_text += "\n# a word\n"
    assert house.settings == before
    assert remembered(before.syncd.database, house.settings.digest) is None
    house.run()
    assert remembered(before.syncd.database, before.digest) is None
    assert remembered(before.syncd.database, house.settings.digest) == outline_of(house.settings)


def test_another_file_than_the_mirrors_has_none(house: Household, tmp_path: Path) -> None:
    digest = house.settings.digest
    assert remembered(house.settings.syncd.database, digest) is None
    assert remembered(tmp_path / "nothing.db", digest) is None
    assert not (tmp_path / "nothing.db").exists()
    (tmp_path / "text.db").write_text("no database at all, but a text that is long enough to be looked at")
    assert remembered(tmp_path / "text.db", digest) is None


def test_an_outline_of_another_shape_is_none(house: Household) -> None:
    house.run()
    house.mirror.write("UPDATE memos SET value = ? WHERE key = ?", ('{"digest": 1}', "outline"))
    assert remembered(house.settings.syncd.database, house.settings.digest) is None


def test_it_is_written_once(house: Household) -> None:
    house.run()
    before = house.mirror.raw.total_changes
    remember(house.mirror, house.settings)
    assert house.mirror.raw.total_changes == before
