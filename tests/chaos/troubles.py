"""What goes wrong at the services, and how often it did."""

from __future__ import annotations

import random
from collections import Counter
from typing import get_args

from connectors.sandbox.faults.plan import BulkKind, CallKind, Fault, FaultPlan, FileKind
from tests.chaos.house import House

_CALLS = get_args(CallKind)
_EXPORTS = (*get_args(FileKind), *get_args(BulkKind))
_OTHERS = ("rows_move", "index_lag", "crawl", "member_refused")


class Troubles:
    """Gives the services something to go wrong, and takes it back.

    Attributes:
        refusing: Whether members were ever refused: who lacks a label may then be one of them.
    """

    def __init__(self, house: House, dice: random.Random) -> None:
        """Trouble this house."""
        self._house = house
        self._dice = dice
        self._happened: Counter[str] = Counter()
        self.refusing = False

    def come(self) -> None:
        """Let some of the coming calls go wrong, in place of what was to go wrong so far."""
        dice = self._dice
        kinds = [
            *dice.choices(_CALLS, k=dice.choice([0, 1, 2, 4])),
            *dice.choices(_EXPORTS, k=dice.choice([0, 0, 1, 2])),
            *dice.choices(_OTHERS, k=dice.choice([0, 0, 1])),
        ]
        self.refusing |= "member_refused" in kinds
        self._follow(FaultPlan(seed=dice.randrange(10**6), rules=tuple(self._rule(kind) for kind in kinds)))

    def end(self) -> None:
        """Let all be well again."""
        self._follow(FaultPlan())
        self._house.control("/shops/main", {"plan": "Plus"}, "PATCH")

    def happened(self) -> Counter[str]:
        """Return how often each kind really befell somebody."""
        return self._happened + Counter(self._house.running.faults()["kinds"])

    def _follow(self, plan: FaultPlan) -> None:
        self._happened += Counter(self._house.running.faults()["kinds"])
        self._house.running.follow(plan)

    def _rule(self, kind: str) -> Fault:
        dice = self._dice
        if kind == "member_refused":
            return Fault(kind=kind, chance=0.1, calls=None)
        return Fault(
            kind=kind,  # type: ignore[arg-type]  # one of the names above
            only=dice.choice(["", "", "reads", "writes"]) if kind in _CALLS else "",
            chance=dice.choice([0.05, 0.3, 1.0]),
            calls=dice.choice([1, 2, 5, None]),
            after=dice.randint(0, 6) if kind in _CALLS else 0,
            seconds=dice.choice([None, 60]) if kind == "index_lag" else None,
        )
