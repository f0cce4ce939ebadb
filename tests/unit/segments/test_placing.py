"""A place as bytes lies where the figures say, whatever they are."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from syncd.segments.placing import ABOVE, BELOW, Figures, figure_in, place

WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
SMALL = st.integers(-1, 1)
PEOPLE = st.builds(
    Figures,
    id=SMALL | WHOLE,
    email_key=st.none() | st.sampled_from(["", "a", "a\0", "a\0b", "ab", "aé", "b"]) | st.text(max_size=3),
    figure=SMALL | WHOLE,
    part=st.sampled_from([0.0, 0.25, 1 / 3, 0.5, math.nextafter(1.0, 0.0)]),
    amount=st.none() | SMALL | WHOLE,
    orders=SMALL | WHOLE,
    first=st.none() | SMALL | WHOLE,
)


def compared(it: Figures) -> tuple[object, ...]:
    """Say the documented order in values that Python compares."""
    amount = -it.amount if it.amount is not None else math.inf
    first = it.first if it.first is not None else math.inf
    address = (it.email_key is None, (it.email_key or "").encode())
    return (-it.figure, -it.part, amount, -it.orders, first, *address, it.id)


@given(PEOPLE, PEOPLE)
def test_the_better_one_has_the_smaller_place(one: Figures, other: Figures) -> None:
    assert (place(one) < place(other)) is (compared(one) < compared(other))
    assert (place(one) == place(other)) is (compared(one) == compared(other))


@given(PEOPLE)
def test_a_place_lies_between_those_that_are_not_known_and_tells_its_figure(one: Figures) -> None:
    assert ABOVE < place(one) < BELOW
    assert figure_in(place(one)) == one.figure
