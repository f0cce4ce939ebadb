"""A rank gives the same customers as sorting plain values does: by figures, then by what decides between equals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Order, identity
from syncd.segments import Frame, Person, Rule, matches, measured, parse, ranked
from syncd.segments.days import PERIODS, Day, Offset, Period, Unit, shift, stretch, today
from syncd.segments.ranks import Rank
from tests.property.people_worlds import by_address, shared
from tests.property.segment_worlds import frames, queries
from tests.support.examples import examples
from tests.unit.segments.world import World

_STORES = itertools.count()
_LAST = math.inf
RANKS = st.builds(
    Rank,
    by=st.sampled_from(["orders", "average_order", "amount_spent"]),
    over=st.one_of(
        st.none(),
        st.sampled_from(PERIODS).map(Period),
        st.builds(Offset, st.integers(-3, -1), st.sampled_from(Unit)),
        st.just(Offset(-3, Unit.YEARS)),
    ),
    top=st.integers(1, 4) | st.sampled_from([Fraction(1, 10), Fraction(1, 3), Fraction(1, 2), Fraction(1)]),
)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("ranks") / "mirror.db")
    yield opened
    opened.close()


class Figures(msgspec.Struct, frozen=True):
    """What somebody is compared by."""

    orders: int
    amount: int | None
    average: Fraction | None
    first: float


def figures(person: Person, rank: Rank, frame: Frame) -> Figures:
    """Work out somebody's figures in the rank's time frame."""
    seen = [order for order in person.orders if order.counts and _in_time(order, rank, frame)]
    amounts = [order.current_total for order in seen if order.currency == frame.currency]
    average = Fraction(sum(amounts), len(amounts)) if amounts else None
    first = min((order.processed_at for order in seen), default=_LAST)
    if rank.over is None and frame.orders_visible_from is not None:
        first = _LAST
    if rank.over is None and rank.by != "average_order":
        own = [it.amount_spent for it in person.records if it.currency in {None, frame.currency}]
        own += [it.current_total for it in person.guest_orders if it.currency == frame.currency]
        number = sum(it.number_of_orders for it in person.records) + len(person.guest_orders)
        return Figures(number, sum(own) if own else None, average, first)
    return Figures(len(seen), sum(amounts) if amounts else None, average, first)


def _in_time(order: Order, rank: Rank, frame: Frame) -> bool:
    if rank.over is None:
        return True
    first, after = stretch(rank.over, frame)
    if isinstance(rank.over, Offset):
        after = stretch(Day(shift(today(frame), 1, Unit.DAYS)), frame)[0]
    return first <= order.processed_at < after


def reference(people: Sequence[Person], rank: Rank, frame: Frame) -> list[Person]:
    """Return the best, the first in front."""
    known = [(person, figures(person, rank, frame)) for person in people]
    name = {"orders": "orders", "average_order": "average", "amount_spent": "amount"}[rank.by]
    able = [(person, its) for person, its in known if its.orders > 0 and getattr(its, name) is not None]

    def place(found: tuple[Person, Figures]) -> tuple[object, ...]:
        person, its = found
        address = identity(person.customer.email)
        amount = -its.amount if its.amount is not None else _LAST
        lowest = min(record.id for record in person.records)
        return (-getattr(its, name), amount, -its.orders, its.first, address is None, address or "", lowest)

    able.sort(key=place)
    top = rank.top if isinstance(rank.top, int) else math.ceil(len(able) * rank.top)
    return [person for person, _ in able[:top]]


def _agree(mirror: Mirror, world: World, rule: Rule, rank: Rank, frame: Frame) -> None:
    note(f"{rule} {rank} {frame.by}")
    seen = measured(rule, frame, mirror.connection.execute)
    everybody = [views[0] for views in by_address(world)] if frame.by == "email" else list(world.people().values())
    best = reference([person for person in everybody if matches(rule, person, seen)], rank, seen)
    expected = sorted(record.id for person in best for record in person.records)
    assert sorted(mirror.connection.execute(ranked(rule, rank, seen)).scalars()) == expected


@given(data=st.data(), by=st.sampled_from(["customer", "email"]))
@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_a_rank_is_what_sorting_gives(mirror: Mirror, data: st.DataObject, by: str) -> None:
    frame = msgspec.structs.replace(data.draw(frames()), store=f"store-{next(_STORES)}", by=by)
    world = data.draw(shared(frame))
    world.save(mirror, frame.store)
    everybody = parse("number_of_orders >= -1")
    for rule in (everybody, everybody, parse(data.draw(queries(frame)))):
        _agree(mirror, world, rule, data.draw(RANKS), frame)
