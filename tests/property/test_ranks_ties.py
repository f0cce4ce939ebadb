"""Ranks among people who are much alike: a few figures, dates and addresses, so that every tie-break decides."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Customer, Order
from syncd.segments import Frame, Rank, parse, ranked
from syncd.segments.days import Period
from syncd.segments.frame import By
from tests.property.people_worlds import by_address
from tests.property.test_ranks import reference
from tests.support.examples import examples
from tests.unit.segments.world import World

_STORES = itertools.count()
NOW = 1_795_000_000
EVERYBODY = parse("customer_added_date IS NOT NULL")
FIGURES: tuple[Literal["orders", "average_order", "amount_spent"], ...] = ("orders", "average_order", "amount_spent")
ADDRESSES = st.sampled_from([None, "a@x.example", "b@x.example", "c@x.example", "d@x.example"])


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("ties") / "mirror.db")
    yield opened
    opened.close()


@st.composite
def alike(draw: st.DrawFn) -> World:
    customers = [
        Customer(
            id=id_,
            created_at=0,
            updated_at=0,
            email=draw(ADDRESSES),
            number_of_orders=draw(st.integers(0, 2)),
            amount_spent=draw(st.integers(0, 2)),
        )
        for id_ in range(1, 1 + draw(st.integers(4, 7)))
    ]
    orders = [
        Order(
            id=id_,
            created_at=0,
            processed_at=NOW - draw(st.integers(0, 2)),
            updated_at=0,
            customer_id=draw(st.none() | st.integers(1, len(customers))),
            email=draw(ADDRESSES),
            currency=draw(st.sampled_from(["EUR"] * 5 + ["USD"])),
            current_total=draw(st.integers(-1, 3)),
        )
        for id_ in range(draw(st.integers(6, 16)))
    ]
    return World(customers=customers, orders=orders)


@given(
    world=alike(),
    by=st.sampled_from(["customer", "email"]),
    over=st.sampled_from([None, Period("today")]),
    share=st.sampled_from([Fraction(1, 4), Fraction(2, 3)]),
)
@settings(max_examples=examples(120), deadline=None)
def test_every_tie_is_broken_as_documented(
    mirror: Mirror, world: World, by: By, over: Period | None, share: Fraction
) -> None:
    frame = Frame(store=f"store-{next(_STORES)}", now=NOW, zone=ZoneInfo("UTC"), currency="EUR", by=by)
    world.save(mirror, frame.store)
    everybody = [views[0] for views in by_address(world)] if by == "email" else list(world.people().values())
    for figure in FIGURES:
        for top in (1, 2, 3, 4, share):
            rank = Rank(by=figure, over=over, top=top)
            best = reference(everybody, rank, frame)
            note(f"{rank}: {[person.customer.id for person in best]}")
            expected = sorted(record.id for person in best for record in person.records)
            assert sorted(mirror.connection.execute(ranked(EVERYBODY, rank, frame)).scalars()) == expected
