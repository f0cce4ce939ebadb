"""The segments of a world, and the plain meaning of each: the oracle of labels."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.acceptance.oracle import Truth

Record = dict[str, Any]


class Segment(NamedTuple):
    """A segment as the settings have it, and who belongs to it."""

    name: str
    query: str
    holds: Callable[[Truth, Record], bool]
    tag: str | None
    audience_tag: str | None

    def toml(self) -> str:
        """Return its table."""
        lines = [f"[segments.{self.name}]", f'query = "{self.query}"']
        if self.tag:
            lines.append(f'tag = "{self.tag}"')
        if self.audience_tag:
            lines += ['audiences = ["newsletter"]', f'audience_tag = "{self.audience_tag}"']
        return "\n".join(lines) + "\n"


def some(dice: random.Random) -> list[Segment]:
    """Return segments with thresholds, labels and targets as the dice fall."""
    orders, spent, days = dice.randint(1, 4), dice.choice([50, 200, 500]), dice.choice([10, 60, 200])
    offered = [
        Segment(
            "buyers",
            f"number_of_orders >= {orders}",
            lambda _, it: it["number_of_orders"] >= orders,
            dice.choice(["Buyer", "buyer", "Kunde"]),
            dice.choice([None, "Buyer", "Buyers"]),
        ),
        Segment(
            "spenders",
            f"amount_spent > {spent}",
            lambda _, it: it["amount_spent"] > spent * 100,
            dice.choice([None, "big-spender"]),
            dice.choice(["Big", "big", "Spends"]),
        ),
        Segment(
            "subscribers",
            "email_subscription_status = 'SUBSCRIBED'",
            lambda _, it: it["consent"] == "SUBSCRIBED",
            None,
            "subscriber",
        ),
        Segment(
            "recent",
            f"last_order_date >= -{days}d",
            lambda truth, it: (last := truth.last_order(it)) is not None and last >= truth.ago(days),
            "recent",
            None,
        ),
        Segment(
            "odd",
            "customer_tags CONTAINS 'odd' OR number_of_orders = 0",
            lambda _, it: "odd" in {tag.lower() for tag in it["tags"]} or it["number_of_orders"] == 0,
            "odd one",
            "odd one",
        ),
    ]
    return sorted(dice.sample(offered, dice.randint(2, len(offered))))


HEAD = """
[limits]
min_size = 100000
first_push = "apply"
"""


def settings(segments: list[Segment]) -> str:
    """Return what follows the accounts in the settings file."""
    return HEAD + "\n".join(it.toml() for it in segments)
