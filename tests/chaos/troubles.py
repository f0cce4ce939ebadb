"""What goes wrong at the services, and how often it did."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from tests.chaos.house import House

_STATUS = [429, 500, 502, 503, 504]


class Troubles:
    """Gives the services something to go wrong, and takes it back."""

    def __init__(self, house: House, dice: random.Random) -> None:
        """Trouble this house."""
        self._house = house
        self._dice = dice
        self.given: Counter[str] = Counter()

    def come(self) -> None:
        """Let some answers of the coming calls go wrong."""
        self._house.control("/shops/main", {"faults": self._some(self._of_the_store)}, "PATCH")
        self._house.control("/mailchimp/", {"faults": self._some(self._of_the_list)}, "PATCH")
        if self._dice.random() < 0.2:
            self.given["slow bucket"] += 1
            self._house.control("/shops/main", {"bucket": [200, 20]}, "PATCH")
        if self._dice.random() < 0.2:
            self.given["index lag"] += 1
            self._house.control("/shops/main", {"index_lag": self._dice.choice([5, 60])}, "PATCH")
        if self._dice.random() < 0.15:
            self.given["token revoked"] += 1
            self._house.control("/shops/main", {"revoke": "granted"}, "PATCH")

    def end(self) -> None:
        """Let all be well again."""
        well = {"faults": [], "plan": "Plus", "index_lag": 0}
        self._house.control("/shops/main", well, "PATCH")
        self._house.control("/mailchimp/", {"faults": []}, "PATCH")

    def _some(self, kind: Any) -> list[dict[str, Any]]:
        return [kind() for _ in range(self._dice.choice([0, 0, 1, 2, 4]))]

    def _of_the_store(self) -> dict[str, Any]:
        return self._fault("the store", ["text", "html", "none", "cut", "throttled"])

    def _of_the_list(self) -> dict[str, Any]:
        return self._fault("the list", ["none", "problem", "html", "cut"])

    def _fault(self, where: str, bodies: list[str]) -> dict[str, Any]:
        status, body = self._dice.choice(_STATUS), self._dice.choice(bodies)
        self.given[f"{where}: {status} {body}"] += 1
        return {
            "status": status,
            "body": body,
            "calls": self._dice.choice([1, 1, 2, 5, 40]),
            "after": self._dice.randint(0, 6),
            "only": self._dice.choice(["", "", "reads", "writes"]),
            "applied": status >= 500 and self._dice.random() < 0.5,
        }
