"""Both readings of a rule give the same people, whatever the store holds."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Address, Customer, Order
from syncd.segments import Frame, Rule, judge, matches, measured, parse
from tests.property.segment_worlds import answerable, frames, leaf, queries, worlds
from tests.support.examples import examples
from tests.unit.segments.world import World, by_sql, undecided

_STORES = itertools.count()
COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
ORDER = sorted(COMPARE)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("segments") / "mirror.db")
    yield opened
    opened.close()


_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]


def _agree(mirror: Mirror, world: World, rule: Rule, frame: Frame) -> None:
    """Hold both readings of a rule against each other, for everybody in a store."""
    note(str(rule))
    seen = measured(rule, frame, mirror.connection.execute)
    people = world.people()
    by_python = {id_ for id_, person in people.items() if matches(rule, person, seen)}
    assert by_sql(mirror, rule, seen) == by_python
    assert undecided(mirror, rule, seen) == 0
    assert all(judge(rule, person, seen) for person in people.values())


def _new_store(frame: Frame) -> Frame:
    return msgspec.structs.replace(frame, store=f"store-{next(_STORES)}")


@given(st.data())
@settings(max_examples=examples(80), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_sql_and_python_give_the_same_people(mirror: Mirror, data: st.DataObject) -> None:
    frame = _new_store(data.draw(frames()))
    world = data.draw(worlds(frame))
    world.save(mirror, frame.store)
    for _ in range(4):
        _agree(mirror, world, parse(data.draw(queries(frame))), frame)


@given(st.data())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_both_readings_of_every_filter_agree(mirror: Mirror, data: st.DataObject) -> None:
    frame = _new_store(data.draw(frames()))
    world = data.draw(worlds(frame))
    world.save(mirror, frame.store)
    for each in answerable():
        _agree(mirror, world, parse(str(data.draw(leaf(each, frame)))), frame)


@given(
    amounts=st.lists(st.integers(-4, 9), min_size=1, max_size=5), bound=st.integers(-5, 10), op=st.sampled_from(ORDER)
)
@settings(max_examples=examples(60), deadline=None)
def test_averages_round_half_even_in_both_readings(mirror: Mirror, amounts: list[int], bound: int, op: str) -> None:
    frame = _new_store(Frame(store="", now=0, zone=ZoneInfo("UTC"), currency="JPY"))
    orders = [
        Order(
            id=id_,
            created_at=0,
            processed_at=0,
            updated_at=0,
            customer_id=1,
            currency="JPY",
            current_total=amount,
        )
        for id_, amount in enumerate(amounts)
    ]
    world = World(customers=[Customer(id=1, created_at=0, updated_at=0)], orders=orders)
    world.save(mirror, frame.store)
    rule = parse(f"average_order_amount {op} {bound}")
    _agree(mirror, world, rule, frame)
    assert matches(rule, world.people()[1], frame) is COMPARE[op](round(Fraction(sum(amounts), len(amounts))), bound)


@given(
    places=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=6),
    latitude=st.decimals(-90, 90, places=4),
    longitude=st.decimals(-180, 180, places=4) | st.sampled_from([Decimal(180), Decimal("-179.5")]),
    distance=st.decimals(0, 21_000, places=1),
)
@settings(max_examples=examples(80), deadline=None)
def test_distances_are_those_of_the_globe(
    mirror: Mirror, places: list[tuple[float, float]], latitude: Decimal, longitude: Decimal, distance: Decimal
) -> None:
    frame = _new_store(Frame(store="", now=0, zone=ZoneInfo("UTC"), currency="CAD"))
    customers = [
        Customer(id=id_, created_at=0, updated_at=0, addresses=(Address(1, latitude=north, longitude=east),))
        for id_, (north, east) in enumerate(places)
    ]
    world = World(customers=customers)
    world.save(mirror, frame.store)
    rule = parse(
        f"customer_within_distance MATCHES (coordinates = ({latitude}, {longitude}), distance_km = {distance})"
    )
    _agree(mirror, world, rule, frame)
    for id_, (north, east) in enumerate(places):
        apart = _haversine_km(north, east, float(latitude), float(longitude))
        if abs(apart - float(distance)) > 0.05:
            assert (id_ in by_sql(mirror, rule, frame)) is (apart < distance)


def _haversine_km(north: float, east: float, latitude: float, longitude: float) -> float:
    first, second = math.radians(north), math.radians(latitude)
    across = math.radians(east - longitude)
    part = math.sin((first - second) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, part)))


@given(st.data())
@settings(max_examples=examples(100), deadline=None)
def test_the_canonical_text_of_a_rule_is_the_same_rule(data: st.DataObject) -> None:
    rule = parse(data.draw(frames().flatmap(queries)))
    assert parse(str(rule)).tree == rule.tree
    assert str(parse(str(rule))) == str(rule)
