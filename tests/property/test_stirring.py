"""Whoever has another answer by time alone is among those whom time stirred."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Select

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Customer, Order
from syncd.segments import Frame, Rank, Rule, matches, parse
from syncd.segments.days import Period, Unit, shift, start_of, today
from syncd.segments.stirring import Watched, passing, stirred
from tests.property.people_worlds import by_address, shared
from tests.property.segment_worlds import answerable, frames, leaf, queries, worlds
from tests.support.examples import examples
from tests.unit.segments.world import World

_STORES = itertools.count()
_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
DAY = 86_400


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("stirring") / "mirror.db")
    yield opened
    opened.close()


@st.composite
def later(draw: st.DrawFn, frame: Frame) -> Frame:
    """Yield the frame of another moment: mostly the next days', sometimes an earlier one's or one far away."""
    days = draw(st.sampled_from([1, 1, 2, 7, 30, 31, 366, -1, -30]))
    now = start_of(shift(today(frame), days, Unit.DAYS), frame.zone) + draw(st.sampled_from([0, 1, 50_000]))
    visible = frame.orders_visible_from
    cuts = {"orders": (1, 2), "spend": (0, 505), "recency": (frame.now - DAY, frame.now)}
    moved = None if visible is None else visible + now - frame.now
    return msgspec.structs.replace(frame, now=now, orders_visible_from=moved, cuts=cuts)


def test_rules_are_alike_where_the_same_dates_of_theirs_pass() -> None:
    before = Frame(store="main", now=1_795_000_000, zone=ZoneInfo("UTC"), currency="EUR")
    moments = (before, msgspec.structs.replace(before, now=before.now + DAY))
    weeks = [
        "last_order_date >= -7d",
        "orders_placed MATCHES (date >= -7d, count >= 2)",
        "number_of_orders > 1 AND last_order_date < -7d",
    ]
    others = ["last_order_date >= -8d", "customer_added_date >= -7d", "number_of_orders > 1"]

    alike = [passing(Watched(parse(text)), *moments) for text in (*weeks, *others)]

    assert len(set(alike[:3])) == 1
    assert len(set(alike[2:])) == 4
    assert alike[-1] == passing(Watched(parse("amount_spent > 5")), *moments)
    assert passing(Watched(parse(weeks[0])), before, before) == alike[-1]


def _found(mirror: Mirror, rules: list[Rule], before: Frame, after: Frame) -> set[int]:
    return _ids(mirror, stirred(map(Watched, rules), before, after))


def _ids(mirror: Mirror, queries: Iterable[Select[Any]]) -> set[int]:
    return {id_ for query in queries for id_ in mirror.connection.execute(query).scalars()}


def _in_new_store(frame: Frame, **changes: str) -> Frame:
    return msgspec.structs.replace(frame, store=f"store-{next(_STORES)}", **changes)


@given(st.data())
@settings(max_examples=examples(25), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_whoever_has_another_answer_at_another_moment_was_stirred(mirror: Mirror, data: st.DataObject) -> None:
    before = _in_new_store(data.draw(frames()))
    after = data.draw(later(before))
    before = msgspec.structs.replace(before, cuts=after.cuts)
    world = data.draw(worlds(before))
    world.save(mirror, before.store)
    rules = [parse(str(data.draw(leaf(each, before)))) for each in answerable()]
    rules += [parse(data.draw(queries(before))) for _ in range(3)]
    for rule in rules:
        note(str(rule))
        people = world.people().items()
        turned = {id_ for id_, it in people if matches(rule, it, before) is not matches(rule, it, after)}
        assert turned <= _found(mirror, [rule], before, after)


@given(st.data())
@settings(max_examples=examples(15), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_a_record_of_every_person_with_another_answer_was_stirred(mirror: Mirror, data: st.DataObject) -> None:
    before = _in_new_store(data.draw(frames()), by="email")
    after = data.draw(later(before))
    before = msgspec.structs.replace(before, cuts=after.cuts)
    world = data.draw(shared(before))
    world.save(mirror, before.store)
    rules = [parse(str(data.draw(leaf(each, before)))) for each in answerable()]
    for rule in rules:
        note(str(rule))
        found = _found(mirror, [rule], before, after)
        for views in by_address(world):
            if matches(rule, views[0], before) is not matches(rule, views[0], after):
                assert found & {it.customer.id for it in views}


@given(st.data())
@settings(max_examples=examples(20), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_nobody_is_stirred_within_a_day(mirror: Mirror, data: st.DataObject) -> None:
    before = data.draw(frames())
    rules = [parse(data.draw(queries(before))) for _ in range(5)]
    day = today(before)
    end = start_of(shift(day, 1, Unit.DAYS), before.zone) - 1
    assert not stirred(map(Watched, rules), before, msgspec.structs.replace(before, now=max(before.now, end)))


def _ordering(*days: str) -> World:
    """One customer for each day, who ordered at its noon."""
    zone = ZoneInfo("Europe/Berlin")
    at = [start_of(date.fromisoformat(day), zone) + DAY // 2 for day in days]
    return World(
        customers=[Customer(id=number, created_at=it, updated_at=0) for number, it in enumerate(at, 1)],
        orders=[
            Order(id=number, created_at=it, processed_at=it, updated_at=0, customer_id=number, currency="EUR")
            for number, it in enumerate(at, 1)
        ],
    )


def _frame(day: str, store: str) -> Frame:
    zone = ZoneInfo("Europe/Berlin")
    return Frame(store=store, now=start_of(date.fromisoformat(day), zone) + 60, zone=zone, currency="EUR")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("last_order_date >= -7d", {2}),
        ("last_order_date BETWEEN -7d AND -1d", {2, 4}),
        ("orders_placed MATCHES (date = yesterday)", {4}),
        ("days_since_last_order > 7", {2}),
        ("customer_added_date < -8d", {1}),
        ("last_order_date >= 2026-11-14", set()),
        ("last_order_date >= last_month", set()),
    ],
)
def test_only_those_are_stirred_whom_a_date_passed(mirror: Mirror, query: str, expected: set[int]) -> None:
    store = f"store-{next(_STORES)}"
    _ordering("2026-11-12", "2026-11-13", "2026-11-14", "2026-11-20", "2026-11-22").save(mirror, store)
    before, after = _frame("2026-11-20", store), _frame("2026-11-21", store)
    assert _found(mirror, [parse(query)], before, after) == expected


def test_who_leaves_the_time_frame_of_a_rank_is_stirred(mirror: Mirror) -> None:
    store = f"store-{next(_STORES)}"
    _ordering("2026-10-30", "2026-10-31", "2026-11-01", "2026-11-29").save(mirror, store)
    asked = Watched(parse("number_of_orders >= 0"), Rank(by="orders", over=Period("month_to_date"), top=3))
    found = stirred([asked], _frame("2026-11-30", store), _frame("2026-12-01", store))
    assert _ids(mirror, found) == {3, 4}


def test_the_dates_that_pass_are_found_by_indexes(mirror: Mirror) -> None:
    rules = [
        "last_order_date < -180d",
        "customer_added_date >= -30d",
        "abandoned_checkout_date >= -7d",
        "anniversary('metafields.facts.birth_date') = today",
    ]
    plan = "\n".join(
        row[3]
        for query in stirred([Watched(parse(it)) for it in rules], _frame("2026-11-20", "s"), _frame("2026-11-21", "s"))
        for row in mirror.connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {query.compile(mirror.connection, compile_kwargs={'literal_binds': True})}"
        )
    )
    for index in ("orders_by_day", "customers_added", "checkouts_begun", "customer_metafields_days"):
        assert f"INDEX {index} (store=? AND " in plan
    assert "SCAN" not in plan
