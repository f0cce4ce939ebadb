"""One world from its making to its verdict: some rounds of trouble, then quiet, then the laws."""

from __future__ import annotations

import random
import signal
import tempfile
from collections import Counter
from pathlib import Path

from syncd.mirror.ledger import PAUSES
from tests.chaos.deeds import Deeds
from tests.chaos.house import House, moment
from tests.chaos.rules import settings, some
from tests.chaos.troubles import Troubles
from tests.chaos.verdict import Consents, wrong_labels, wrong_members, wrong_tags

_SIZES = (5, 20, 20, 40, 40, 80, 80, 1500)
"""Customers of a shop; the largest is read by exports and written by files."""

_SETTLED = 8
"""So many quiet runs may be needed: what is in doubt is read back, what was lost is read again."""


class World:
    """A world, played by the dice.

    Attributes:
        tally: What happened, by kind.
        violations: What must not have happened; empty where all is well.
    """

    def __init__(self, seed: int) -> None:
        """Make ready; `play` plays it."""
        self.seed = seed
        self.tally: Counter[str] = Counter()
        self.violations: list[str] = []
        self._dice = random.Random(seed)  # noqa: S311  # dice that fall the same again

    def play(self) -> None:
        """Play it to its end; what was wrong stands in `violations` then."""
        with tempfile.TemporaryDirectory(prefix="syncd-chaos-") as folder:
            house = House(Path(folder), self.seed, self._dice.choice(_SIZES))
            try:
                self._played(house)
            except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to this seed
                self.violations.append(f"{type(error).__name__}: {error}")
            finally:
                house.close()

    def _played(self, house: House) -> None:
        self._ours: set[str] = set()
        self._deeds = Deeds(house, self._dice, self._ours)
        self._troubles = Troubles(house, self._dice)
        self._consents = Consents(house, self._deeds)
        self._house = house
        self._write_settings()
        for _ in range(self._dice.randint(3, 8)):
            self._round()
        self._troubles.end()
        self._quiet()
        self._judge()
        self.tally += Counter({f"fault {kind}": times for kind, times in self._troubles.happened().items()})

    def _write_settings(self) -> None:
        self._segments = some(self._dice)
        self._ours |= {it.lower() for each in self._segments for it in (each.tag, each.audience_tag) if it}
        policy = self._dice.choice(["if-consented", "transactional", "never"])
        self._policy = policy
        self._house.settings(settings(self._segments), newsletter={"new_contacts": policy})

    def _round(self) -> None:
        self.tally["rounds"] += 1
        self._deeds.some()
        if self._dice.random() < 0.25:
            self.tally["settings changed"] += 1
            self._write_settings()
        if self._dice.random() < 0.6:
            self._troubles.come()
        self._run()
        self.violations += self._consents.violations()
        if self._dice.random() < 0.3:
            self._troubles.end()

    def _run(self) -> None:
        house, typed = self._house, ("sync", "--yes", *self._dice.choice([(), (), (), ("--full",)]))
        way = self._dice.choice(["whole", "request", "request", "kill", "stop"])
        if way == "whole":
            ended = house.call(*typed)
        elif way == "request":
            ended = house.killed_at(self._dice.randint(1, 30), *typed, before=self._dice.random() < 0.5)
        else:
            how = signal.SIGKILL if way == "kill" else self._dice.choice([signal.SIGTERM, signal.SIGINT])
            ended = house.stopped_after(moment(self._dice), how, *typed)
        self.tally[_ending(ended.code)] += 1
        # a stop may come between the opening of a file and the block that closes it: Python then closes it, and warns
        left_to_python = way == "stop" and "ResourceWarning" in ended.err
        if "Traceback" in ended.err and not left_to_python:
            self.violations.append("a traceback: " + ended.err[-600:])

    def _quiet(self) -> None:
        """Run until there is nothing left to do, within one day of the shop; what was put off is due by then."""
        house = self._house
        house.control("/advance", {"seconds": max(PAUSES)})
        for _ in range(_SETTLED):
            house.control("/advance", {"seconds": 60})
            day, writes = house.truth().today, house.writes()
            ended = house.call("sync", "--yes", "--json")
            self.violations += self._consents.violations()
            if ended.code == 0 and house.writes() == writes and house.truth().today == day:
                return
        self.violations.append(f"it never comes to rest: {ended.code} {ended.out[-700:]} {ended.err[-300:]}")

    def _judge(self) -> None:
        truth = self._house.truth()
        self.violations += wrong_tags(truth, self._segments, self._deeds, self._ours)
        if self._policy == "never":
            self._deeds.moved |= truth.consented()
        labels = wrong_labels(self._house, truth, self._segments, self._deeds, self._ours)
        self.violations += [it for it in labels if not (self._troubles.refusing and ("lacks" in it or "never" in it))]
        self.violations += wrong_members(self._house, truth, self._segments)


def _ending(code: int) -> str:
    if code < 0:
        return "kill -9"
    return {0: "done", 1: "in part", 2: "settings", 3: "held", 4: "no connection"}.get(code, "stopped by a signal")
