"""A signal may cut any statement of a run off: the run is interrupted, and the next one makes up for it."""

from __future__ import annotations

import sqlite3
from itertools import count
from pathlib import Path

import pytest

from syncd.cycle import Report
from syncd.mirror import runs
from tests.support.household import MANY, Household

BEST = """
[segments.best]
query = "number_of_orders >= 1"
by = "email"
rank = { by = "amount_spent", top = "20%" }
tag = "best"
"""


def cut_off(house: Household, after: int) -> Report | None:
    """Run, and let a signal come after so many hundreds of instructions; None where it came before the end."""
    looks = count(1)
    house.mirror.raw.set_progress_handler(lambda: next(looks) == after, 100)
    try:
        return house.run()
    except KeyboardInterrupt:
        return None
    finally:
        house.mirror.raw.set_progress_handler(None, 0)


@pytest.fixture
def house(tmp_path: Path) -> Household:
    made = Household(tmp_path, MANY + BEST)
    for number in range(1, 60):
        email = f"p{number % 40}@x.example"
        made.worlds["main"].put_customer(number, number_of_orders=number % 5, email=email, email_consent="SUBSCRIBED")
        made.worlds["main"].put_order(number, customer_id=number, current_total=number)
    return made


def test_wherever_a_statement_is_cut_off_the_next_run_makes_up_for_it(house: Household) -> None:
    ends: list[str] = []
    for after in count(1, 7):
        report = cut_off(house, after)
        begun = runs.last(house.mirror, 1)
        ends += [it.result for it in begun]
        house.clock.instant += 60
        house.restart()
        if report is not None and report.result == "done":
            break
    assert set(ends) == {"interrupted", "done"}

    last = house.run()
    assert (last.result, last.applied) == ("done", {"add": 0, "remove": 0})
    tagged = {number for number in range(1, 60) if "many" in house.worlds["main"].tags_of(number)}
    assert tagged == {number for number in range(1, 60) if number % 5 >= 3}


def test_that_a_statement_was_cut_off_is_no_fault_of_the_file(house: Household) -> None:
    house.mirror.raw.set_progress_handler(lambda: True, 1)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        house.mirror.raw.execute("SELECT count(*) FROM customers").fetchall()
    with pytest.raises(KeyboardInterrupt), house.mirror.transaction():
        pass
