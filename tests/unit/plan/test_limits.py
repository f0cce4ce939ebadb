"""What waits for a person, and what does not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from syncd.model import Lately
from syncd.plan import Limits, TooMuch, review

LIMITS = Limits(max_remove=Fraction(30, 100), max_add=Fraction(50, 100), min_size=20)


@pytest.mark.parametrize(
    ("ours", "adds", "removes", "first", "held"),
    [
        (100, 0, 30, False, False),
        (100, 0, 31, False, True),
        (100, 50, 0, False, False),
        (100, 51, 0, False, True),
        (100, 0, 0, False, False),
        (10, 9, 10, False, False),
        (0, 19, 0, True, False),
        (0, 20, 0, True, True),
        (0, 20, 0, False, True),
        (40, 0, 40, False, True),
        (19, 0, 19, False, False),
        (999, 0, 999, True, True),
    ],
)
def test_a_change_is_held_beyond_its_share_and_never_below_the_smallest_size(
    ours: int, adds: int, removes: int, first: bool, held: bool
) -> None:
    verdict = review(LIMITS, lately=Lately(ours), ours=ours, adds=adds, removes=removes, first=first)

    assert (verdict is not None) is held


def test_a_first_push_goes_ahead_where_the_settings_say_apply() -> None:
    assert review(Limits(first_push="apply"), lately=Lately(0), ours=0, adds=5_000, removes=0, first=True) is None


def test_a_first_push_is_no_licence_to_remove() -> None:
    verdict = review(LIMITS, lately=Lately(100), ours=100, adds=30, removes=90, first=True)

    assert verdict is not None
    assert not verdict.only_first


def test_a_hold_names_both_numbers_and_the_limit() -> None:
    verdict = review(LIMITS, lately=Lately(1_000), ours=1_000, adds=0, removes=400, first=False)

    assert verdict == TooMuch("would take the label from 400 of 1,000 (40 %); the limit is 30 %")


def test_taking_a_label_from_everybody_is_held_even_where_everything_may_be_removed() -> None:
    limits = Limits(max_remove=Fraction(1))

    assert review(limits, lately=Lately(50), ours=50, adds=0, removes=50, first=False) is not None
