"""A plan says what it takes; a push of it then takes just that."""

from __future__ import annotations

from pathlib import Path

from syncd.cycle.report import plan_document
from tests.support.household import MANY, Household


def test_a_plan_says_what_its_changes_take_at_each_target_and_the_push_takes_it(tmp_path: Path) -> None:
    house = Household(tmp_path, MANY, batch_size=2)
    for number in range(1, 6):
        house.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=4
        )
    report, plan = house.run_and_plan(upto="plan")
    at = {it.target: it for it in report.costs}
    assert at.keys() == {label.wish.target for label in plan.labels if label.everything}
    assert {name: it.changes for name, it in at.items()} == {
        name: sum(len(label.everything) for label in plan.labels if label.wish.target == name) for name in at
    }
    assert plan_document(plan, report)["costs"][0].keys() == {"target", "changes", "calls", "points", "seconds"}
    house.run()
    house.mirror.close()
    assert {name: house.calls[name]["write"] for name in at} == {"main": 1, "news": 3}
    assert {name: it.calls for name, it in at.items()} == {"main": 1, "news": 3}


def test_nothing_to_change_costs_nothing(tmp_path: Path) -> None:
    house = Household(tmp_path, MANY)
    report, _ = house.run_and_plan(upto="plan")
    house.mirror.close()
    assert report.costs == []
