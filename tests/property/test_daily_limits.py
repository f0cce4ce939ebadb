"""No sequence of unattended cycles within a day takes from a label, or adds to it, more than the limits allow.

A cycle that takes from a label is held against all that was taken within the day before, one that adds to it against
all that was added; fewer than `min_size` changes of both kinds together are small, and never held.
"""

from __future__ import annotations

import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from connectors.memory import Ending, Faults, Killed, Mishap
from tests.support.examples import examples
from tests.support.household import Household

DAY = 86_400
MIN_SIZE = 4
MAX_REMOVE, MAX_ADD = Fraction(30, 100), Fraction(50, 100)
SETTINGS = f"""
[limits]
min_size = {MIN_SIZE}
max_remove = "30%"
max_add = "50%"

[segments.many]
query = "number_of_orders >= 3"
tag = "many"
"""

steps = st.lists(
    st.tuples(
        st.sampled_from([600, 3600, 20_000, 70_000]),
        st.integers(0, 12),
        st.integers(0, 12),
        st.sampled_from(["well", "well", "well", "lost", "stopped", "killed", "refused", "failing", "person"]),
    ),
    max_size=12,
)


class Town:
    """A label, people who come and go, and what became of the label in each cycle."""

    def __init__(self, folder: Path, people: int) -> None:
        self.house = Household(folder, SETTINGS, batch_size=5)
        self.world = self.house.worlds["main"]
        self.next = 1
        self.members: list[int] = []
        self.come(people)
        self.house.run(yes=True)
        self.said: list[tuple[int, int, int, int]] = []

    def come(self, people: int) -> None:
        for number in range(self.next, self.next + people):
            self.world.put_customer(number, number_of_orders=4)
            self.members.append(number)
        self.next += people

    def go(self, people: int) -> None:
        for number in self.members[:people]:
            self.world.put_customer(number, number_of_orders=0)
        del self.members[:people]

    def cycle(self, fate: str) -> None:
        self.world.faults = {
            "lost": Faults(mishap=Mishap(Ending.LOST, done=3, told=1)),
            "stopped": Faults(mishap=Mishap(Ending.STOPPED, done=2, told=2)),
            "killed": Faults(mishap=Mishap(Ending.KILLED, done=4, told=2)),
            "refused": Faults(refuse={str(number): "no" for number in range(0, self.next, 3)}),
            "failing": Faults(fail={str(number): "later" for number in range(0, self.next, 2)}),
        }.get(fate, Faults())
        before = self.world.holders("many")
        try:
            self.house.run(yes=False, ask=(lambda _: True) if fate == "person" else None)
        except Killed:
            self.house.restart()
        after = self.world.holders("many")
        if fate == "person":
            self.said.clear()
        else:
            self.said.append((self.house.clock.now(), len(before), len(before - after), len(after - before)))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(people=st.integers(1, 40), history=steps)
def test_no_day_of_unattended_cycles_goes_beyond_the_limits(
    people: int, history: list[tuple[int, int, int, str]]
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="syncd-days-"))
    town = Town(folder, people)
    try:
        for seconds, gone, come, fate in history:
            town.house.clock.instant += seconds
            town.go(gone)
            town.come(come)
            town.cycle(fate)
            _, _, taken, gained = town.said[-1] if town.said else (0, 0, 0, 0)
            for start, (at, ours, _, _) in enumerate(town.said):
                window = [it for it in town.said[start:] if it[0] < at + DAY]
                if len(town.said[start:]) > len(window):
                    continue  # it ended before this cycle, and was judged then
                removed, added = sum(it[2] for it in window), sum(it[3] for it in window)
                small = removed + added < MIN_SIZE
                event(f"within a day: {'small' if small else 'large'}")
                # what came about while everything was small is nothing that a change of the other kind goes beyond
                assert small or not taken or removed <= MAX_REMOVE * ours
                assert small or not gained or added <= MAX_ADD * ours
    finally:
        town.house.mirror.close()
        shutil.rmtree(folder)
