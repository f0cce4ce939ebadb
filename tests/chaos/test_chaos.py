"""A few worlds of faults, kills and people: `make chaos` plays as many as five minutes hold."""

from __future__ import annotations

import pytest

from tests.chaos.world import World


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 13))])
def test_after_quiet_every_label_is_right_and_no_law_was_broken(seed: int) -> None:
    world = World(seed)

    world.play()

    assert world.violations == []
