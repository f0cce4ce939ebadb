"""What fails for one person alone is tried again ever later, and given up visibly; an outage counts for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Ending, Faults, Mishap
from syncd.cycle import Report, exit_code
from syncd.mirror import ledger
from syncd.mirror.ledger import PAUSES
from syncd.model import ContactStatus
from tests.support.household import Household

SETTINGS = """
[segments.many]
query = "number_of_orders >= 3"
audiences = ["news"]
audience_tag = "many"
"""

BO = "p2@x.example"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    for number in range(1, 4):
        email = f"p{number}@x.example"
        made.worlds["main"].put_customer(number, email=email, number_of_orders=4)
        made.lists["news"].put_contact(email, ContactStatus.SUBSCRIBED)
    yield made
    made.mirror.close()


def writes(report: Report) -> int:
    return report.calls["news"].get("write", 0)


def attempts(house: Household) -> list[tuple[str, int, int | None]]:
    return house.mirror.raw.execute("SELECT subject, attempts, next_at FROM refusals").fetchall()


def test_a_change_that_fails_for_now_is_tried_again_ever_later_and_given_up_visibly(house: Household) -> None:
    house.lists["news"].faults = Faults(fail={BO: "more signups are not allowed for now"})
    for pause in PAUSES:
        report = house.run()
        assert (report.failed, report.result) == (1, "partial")
        if pause:
            house.clock.instant += pause - 1
            waiting = house.run()
            assert (waiting.failed, writes(waiting), waiting.result) == (0, 0, "done")
            assert [it["why"] for it in waiting.left_out] == ["failed lately; tried again later"]
            house.clock.instant += 1
    assert ledger.refused(house.mirror) == 0

    last = house.run()
    assert (last.failed, attempts(house)) == (1, [(BO, len(PAUSES) + 1, None)])
    assert ledger.refused(house.mirror) == 1
    house.clock.instant += 365 * 86_400
    given_up = house.run()
    assert (writes(given_up), given_up.result, exit_code(given_up)) == (0, "done", 0)
    assert [it["why"] for it in given_up.left_out] == ["refused by the service"]


def test_one_that_succeeds_at_last_is_forgotten(house: Household) -> None:
    house.lists["news"].faults = Faults(fail={BO: "later"})
    house.run()
    house.lists["news"].faults = Faults()
    assert house.run().applied["add"] == 1
    assert attempts(house) == []


def test_whoever_changes_meanwhile_is_tried_at_once_and_from_the_start(house: Household) -> None:
    house.lists["news"].faults = Faults(fail={BO: "later"})
    for _ in range(2):
        house.run()
    assert writes(house.run()) == 0
    house.clock.instant += 1
    house.lists["news"].put_contact(BO, ContactStatus.TRANSACTIONAL)
    assert house.run().failed == 1
    assert [row[:2] for row in attempts(house)] == [(BO, 1)]


def test_an_outage_counts_for_nobody(house: Household) -> None:
    for _ in range(10):
        house.lists["news"].faults = Faults(mishap=Mishap(Ending.STOPPED, done=0))
        assert house.run().failed == 3
    for _ in range(10):
        house.lists["news"].faults = Faults(mishap=Mishap(Ending.LOST, done=0))
        assert house.run().failed == 3
    assert attempts(house) == []
    house.lists["news"].faults = Faults()
    assert house.run().applied["add"] == 3
