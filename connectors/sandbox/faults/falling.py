"""Whether a fault falls on a call: by position, or by dice that a seed makes the same each time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from random import Random

import msgspec

from connectors.sandbox.faults.plan import Fault, FaultPlan, Place

_GATEWAYS = (500, 502, 503, 504)


class _Rule:
    """A rule, and how often it met and happened."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.met = 0
        self.happened = 0
        self._seed = seed

    @property
    def left(self) -> int | None:
        """How many times it is still to happen; None for no end."""
        return None if self.fault.calls is None else self.fault.calls - self.happened

    def falls(self, what: str, number: int) -> bool:
        """Whether it falls on the `number`-th call of a name; counted."""
        if self.left == 0:
            return False
        self.met += 1
        if self.met <= self.fault.after or dice(self._seed, what, number).random() >= self.fault.chance:
            return False
        self.happened += 1
        return True

    def settled(self, what: str, number: int) -> Fault:
        """Return the fault with what the dice still leave open."""
        if self.fault.kind != "page" or self.fault.status is not None:
            return self.fault
        return msgspec.structs.replace(self.fault, status=dice(self._seed, what, number, "").choice(_GATEWAYS))


class Faults:
    """What is still to go wrong at one service, and what went wrong. Safe to share between threads."""

    def __init__(self, service: str = "") -> None:
        """Let all go well. `service` keeps the dice of several services apart."""
        self._service = service
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self._calls: Counter[tuple[Place, str]] = Counter()
        self._happened: Counter[str] = Counter()
        self._seed = 0

    def expect(self, faults: Iterable[Fault], seed: int = 0) -> None:
        """Put these in place of those still to come, and begin to count anew."""
        with self._lock:
            self._seed = seed
            self._rules = [
                _Rule(fault, f"{seed}:{place}:{self._service}:{fault.kind}") for place, fault in enumerate(faults)
            ]
            self._calls.clear()
            self._happened.clear()

    def follow(self, plan: FaultPlan) -> None:
        """Put a plan in place of what is still to come."""
        self.expect(plan.rules, plan.seed)

    def take(self, place: Place, kind: str, what: str) -> Fault | None:
        """Return the fault that befalls something (a call of `reads` or `writes`, say), and count it.

        None where it goes well.
        """
        with self._lock:
            self._calls[place, what] += 1
            number = self._calls[place, what]
            for rule in self._rules:
                fault = rule.fault
                if fault.place == place and fault.only in {"", kind, what} and rule.falls(what, number):
                    self._happened[fault.kind] += 1
                    return rule.settled(what, number)
        return None

    def of(self, place: Place) -> list[Fault]:
        """Return the rules of a place, for whoever carries them out by themselves."""
        return [rule.fault for rule in self._rules if rule.fault.place == place]

    def dice(self, *parts: object) -> Random:
        """Return dice that fall the same for the same plan and parts."""
        return dice(str(self._seed), *parts)

    def note(self, kind: str, times: int = 1) -> None:
        """Count a fault that happened by itself."""
        with self._lock:
            self._happened[kind] += times

    @property
    def left(self) -> int:
        """How many faults of a known number are still to happen."""
        return sum(rule.left or 0 for rule in self._rules)

    def told(self) -> dict[str, int]:
        """Return how many faults happened since the plan was given, by kind."""
        with self._lock:
            return dict(self._happened)


def dice(*parts: object) -> Random:
    """Return dice that fall the same for the same parts, in every process."""
    return Random(":".join(map(str, parts)))  # noqa: S311  # chance that can be repeated, not a secret
