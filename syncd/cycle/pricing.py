"""What a plan takes: calls, points and time at each target, by the connectors' own arithmetic."""

from __future__ import annotations

from collections.abc import Iterable

from syncd.cycle.report import Cost
from syncd.cycle.services import Services
from syncd.model import Change
from syncd.plan import Plan


def costs(services: Services, plan: Plan) -> list[Cost]:
    """Return what it takes to make all of a plan's changes, held ones included, target by target. Nothing is asked."""
    found = []
    for name in sorted({label.wish.target for label in plan.labels}):
        changes = list(_changes(plan, name))
        target = services.target(name)
        if target is not None and changes:
            price = target.price(changes)
            found.append(Cost(name, len(changes), price.calls, price.points, round(price.seconds, 1)))
    return found


def _changes(plan: Plan, target: str) -> Iterable[Change]:
    return (change for label in plan.labels if label.wish.target == target for change in label.everything)
