"""A sync leaves a backup behind when one is due, and says when it could not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.errors import FatalError
from syncd.mirror import backups, care, runs, soundness
from syncd.mirror.restoring import restore
from tests.support.household import Household

DAY = 86_400
SETTINGS = """
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    made.worlds["main"].put_customer(1, number_of_orders=4)
    yield made
    made.mirror.close()


def hours(house: Household) -> list[int]:
    return [it.made_at for it in backups.listed(house.folder / "syncd.db")]


def test_a_backup_is_made_after_a_run_when_the_newest_is_old_enough(house: Household) -> None:
    first = house.clock.now()
    for later in (0, 60, DAY - 1, DAY):
        house.clock.instant = first + later
        house.run(back_up=True)

    assert hours(house) == [first + DAY, first]


def test_a_backup_holds_the_end_of_the_run_that_made_it(house: Household) -> None:
    house.run(back_up=True)
    (made,) = backups.listed(house.folder / "syncd.db")
    house.mirror.close()
    restore(house.folder / "syncd.db", made, house.clock.now())
    house.restart()

    assert [(it.run, it.result) for it in runs.last(house.mirror, 9)] == [(1, "done")]


def test_backups_beyond_those_that_are_kept_are_deleted_the_oldest_first(house: Household) -> None:
    house.settings_text = house.settings_text.replace("[syncd]", "[syncd]\nkeep_backups = 2\nbackup_every = '1h'")
    first = house.clock.now()
    for _ in range(4):
        house.run(back_up=True)
        house.clock.instant += 3600

    assert hours(house) == [first + 3 * 3600, first + 2 * 3600]


def test_a_backup_made_in_the_future_is_no_reason_to_make_none(house: Household) -> None:
    backups.make(house.mirror, house.clock.now() + 400 * DAY)

    house.run(back_up=True)

    assert len(hours(house)) == 2


def test_a_backup_that_fails_is_part_of_the_report(house: Household) -> None:
    (house.folder / "backups").write_text("a file where the folder should be")

    report = house.run(back_up=True)

    assert (report.result, report.failures[0].stage) == ("partial", "backup")
    assert report.applied["add"] == 1
    assert [it.result for it in runs.last(house.mirror, 1)] == ["partial"]


def test_a_backup_that_is_whole_saves_the_check_of_the_mirror(house: Household) -> None:
    house.run()
    house.clock.instant += soundness.EVERY - 60
    house.run(back_up=True)
    made_at = house.clock.now()
    house.clock.instant += 3600
    house.run()

    assert care.when(house.mirror, "checked") == made_at


def test_a_mirror_whose_backup_is_damaged_is_not_built_upon_again(house: Household) -> None:
    house.run()
    path = house.folder / "syncd.db"
    (root,) = house.mirror.raw.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'customer_companies'"
    ).fetchone()
    house.mirror.close()
    whole = bytearray(path.read_bytes())
    whole[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096  # nothing in a run looks there
    path.write_bytes(whole)
    house.restart()

    report = house.run(back_up=True)

    assert [it.stage for it in report.failures] == ["backup"]
    with pytest.raises(FatalError, match="is damaged"):
        house.run()


def test_without_being_asked_for_no_backup_is_made(house: Household) -> None:
    house.run()

    assert not (house.folder / "backups").exists()
