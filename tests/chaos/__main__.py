"""`make chaos`: worlds full of faults, kills and people, until the time is up; then what happened, in numbers."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter

from tests.chaos.house import stopwatch
from tests.chaos.world import World


def main() -> int:
    """Play worlds; return 1 if any broke a law."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="begin no new world after so long")
    parser.add_argument("--worlds", type=int, default=100_000, help="play no more than so many")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of the first world")
    asked = parser.parse_args()
    print(f"first seed {asked.seed}; one world again: make chaos ARGS='--worlds 1 --seed N'", flush=True)
    began, tally, broken = stopwatch(), Counter[str](), 0
    for seed in range(asked.seed, asked.seed + asked.worlds):
        if stopwatch() - began > asked.seconds:
            break
        world = World(seed)
        world.play()
        tally += world.tally
        tally["worlds"] += 1
        for violation in world.violations:
            print(f"seed {seed}: {violation}", flush=True)
        broken += bool(world.violations)
    _tell(tally, broken)
    return 1 if broken else 0


def _tell(tally: Counter[str], broken: int) -> None:
    width = max(map(len, tally))
    for what, times in sorted(tally.items(), key=lambda it: (it[0].startswith("fault"), it[0])):
        print(f"{what:<{width}}  {times:>6,}")
    print(f"worlds that broke a law: {broken}")


if __name__ == "__main__":
    sys.exit(main())
