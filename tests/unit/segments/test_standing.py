"""Where customers stand among the store's own buyers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from syncd.mirror.database import Mirror
from syncd.model import Customer, Order
from syncd.segments import Frame, cut_points, judge, matches, measured, parse, surveys
from syncd.segments.spans import Span
from syncd.segments.standing import figures, percentile
from tests.unit.segments.shop import FRAME, at
from tests.unit.segments.world import World, by_sql

# ten buyers, 1 to 10, who spent 100 to 1000 dollars and ordered 1, 1, 1, 1, 2, 2, 3, 4, 5 and 30 times, the later
# the number the longer ago; and two who never bought
_TIMES = (1, 1, 1, 1, 2, 2, 3, 4, 5, 30)
WORLD = World(
    customers=[
        *(
            Customer(
                id=id_,
                created_at=0,
                updated_at=0,
                number_of_orders=times,
                amount_spent=id_ * 100_00,
                currency="CAD",
            )
            for id_, times in enumerate(_TIMES, 1)
        ),
        Customer(id=11, created_at=0, updated_at=0),
        Customer(id=12, created_at=0, updated_at=0, amount_spent=999_00, currency="CAD"),
    ],
    orders=[
        Order(
            id=id_,
            created_at=0,
            updated_at=0,
            processed_at=at(f"2026-11-{21 - id_}"),
            customer_id=id_,
            currency="CAD",
        )
        for id_ in range(1, 11)
    ],
)
Standing = Callable[[str], set[int]]


@pytest.fixture(scope="module")
def standing(mirror: Mirror) -> Standing:
    frame = msgspec.structs.replace(FRAME, store="standing")
    WORLD.save(mirror, frame.store)

    def ask(query: str) -> set[int]:
        rule = parse(query)
        seen = measured(rule, frame, mirror.connection.execute)
        found = by_sql(mirror, rule, seen)
        assert found == {id_ for id_, person in WORLD.people().items() if matches(rule, person, seen)}
        return found

    return ask


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("spend_percentile >= 90", {10}),
        ("spend_percentile >= 91", set()),
        ("spend_percentile < 10", {1}),
        ("spend_percentile = 50", {6}),
        ("spend_percentile BETWEEN 20 AND 40", {3, 4, 5}),
        ("spend_percentile != 50", {1, 2, 3, 4, 5, 7, 8, 9, 10}),
        ("spend_percentile IN (0, 90)", {1, 10}),
        ("spend_percentile NOT IN (0, 90)", {2, 3, 4, 5, 6, 7, 8, 9}),
        ("spend_percentile >= 0", set(range(1, 11))),
        ("spend_percentile < 0", set()),
        ("spend_percentile > 99", set()),
        ("spend_percentile <= 100", set(range(1, 11))),
        ("spend_percentile IS NULL", {11, 12}),
        ("orders_percentile = 0", {1, 2, 3, 4}),
        ("orders_percentile = 40", {5, 6}),
        ("orders_percentile > 40", {7, 8, 9, 10}),
        ("value_tier = 'HIGH'", {9, 10}),
        ("value_tier = 'MEDIUM'", {6, 7, 8}),
        ("value_tier = 'LOW'", {1, 2, 3, 4, 5}),
        ("value_tier != 'LOW'", {6, 7, 8, 9, 10}),
        ("value_tier IN ('LOW', 'HIGH')", {1, 2, 3, 4, 5, 9, 10}),
        ("value_tier IS NULL", {11, 12}),
        ("value_tier IS NOT NULL", set(range(1, 11))),
        ("purchase_frequency = 'ONCE'", {1, 2, 3, 4}),
        ("purchase_frequency = 'OCCASIONAL'", {5, 6, 7}),
        ("purchase_frequency = 'REGULAR'", {8, 9}),
        ("purchase_frequency = 'FREQUENT'", {10}),
        ("purchase_frequency NOT IN ('ONCE', 'FREQUENT')", {5, 6, 7, 8, 9}),
        ("recency_score = 5", {1, 2}),
        ("recency_score < 2", {9, 10}),
        ("recency_score IS NULL", {11, 12}),
        ("monetary_score >= 4", {7, 8, 9, 10}),
        ("monetary_score = 1", {1, 2}),
        ("monetary_score BETWEEN 2 AND 3", {3, 4, 5, 6}),
        ("frequency_score = 1", {1, 2, 3, 4}),
        ("frequency_score = 5", {9, 10}),
        ("frequency_score != 1", {5, 6, 7, 8, 9, 10}),
        ("NOT (spend_percentile >= 10)", {1, 11, 12}),
    ],
)
def test_customers_stand_among_the_stores_own_buyers(standing: Standing, query: str, expected: set[int]) -> None:
    assert standing(query) == expected


def test_a_figure_is_shown_with_its_grade(mirror: Mirror, standing: Standing) -> None:
    standing("number_of_orders = 0")
    rule = parse(
        "spend_percentile > 0 AND value_tier = 'LOW' AND purchase_frequency = 'ONCE' AND recency_score = 1"
        " AND frequency_score = 1"
    )
    seen = measured(rule, msgspec.structs.replace(FRAME, store="standing"), mirror.connection.execute)
    first, nobody = (WORLD.people()[id_] for id_ in (10, 11))
    assert [verdict.value for verdict in judge(rule, first, seen)] == [
        "90 (1000.00)",
        "HIGH (1000.00)",
        "FREQUENT (30)",
        "1 (2026-11-11)",
        "5 (30)",
    ]
    assert [verdict.value for verdict in judge(rule, nobody, seen)] == ["none"] * 5


def test_where_nobody_bought_nobody_stands_anywhere(mirror: Mirror) -> None:
    frame = msgspec.structs.replace(FRAME, store="nobody")
    world = World(customers=[Customer(id=1, created_at=0, updated_at=0)])
    world.save(mirror, frame.store)
    rule = parse("spend_percentile >= 0 OR value_tier != 'HIGH' OR recency_score < 9")
    seen = measured(rule, frame, mirror.connection.execute)
    assert seen.cuts == {"recency": (), "spend": ()}
    assert by_sql(mirror, rule, seen) == set()


def test_what_is_measured_for_one_rule_stays_for_the_next(mirror: Mirror) -> None:
    frame: Frame = msgspec.structs.replace(FRAME, store="standing", cuts={"orders": (1, 2)})
    assert set(measured(parse("value_tier = 'LOW'"), frame, mirror.connection.execute).cuts) == {"orders", "spend"}
    assert surveys(parse("number_of_orders > 1"), frame) == {}


@pytest.mark.parametrize(
    ("rows", "first", "last", "number"),
    [
        ([(5, 1)], 6, 6, 99),
        ([(1, 50), (2, 50)], 2, 3, 99),
        ([(1, 1), (2, 1), (3, 1)], 2, 4, 99),
        ([(0, 999), (7, 1)], 1, 1, 99),
        ([], None, None, 0),
    ],
)
def test_a_cut_point_is_the_lowest_figure_of_its_percentile(
    rows: list[tuple[int, int]], first: int | None, last: int | None, number: int
) -> None:
    cuts = cut_points(rows)
    assert len(cuts) == number
    assert (cuts[0], cuts[-1]) == (first, last) if cuts else first is last is None
    assert list(cuts) == sorted(cuts)


def test_the_highest_percentile_is_reached_where_there_are_buyers_enough() -> None:
    cuts = cut_points([(figure, 1) for figure in range(200)])
    assert figures(99, 100, cuts) == Span(198, None)
    assert [percentile(figure, cuts) for figure in (0, 1, 2, 197, 198, 199)] == [0, 0, 1, 98, 99, 99]


def test_who_ordered_twice_is_regular_where_hardly_anybody_came_back(mirror: Mirror) -> None:
    frame = msgspec.structs.replace(FRAME, store="once")
    times = (*[1] * 8, 2, 3)
    world = World(
        customers=[
            Customer(id=id_, created_at=0, updated_at=0, number_of_orders=number) for id_, number in enumerate(times, 1)
        ]
    )
    world.save(mirror, frame.store)
    found = {}
    for name in ("ONCE", "OCCASIONAL", "REGULAR", "FREQUENT"):
        rule = parse(f"purchase_frequency = '{name}'")
        found[name] = by_sql(mirror, rule, measured(rule, frame, mirror.connection.execute))
    assert found == {"ONCE": set(range(1, 9)), "OCCASIONAL": set(), "REGULAR": {9}, "FREQUENT": {10}}
