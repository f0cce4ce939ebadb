"""Breakdowns, cohorts and segments over time equal plain computations over the same values."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.mirror import membership
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import fold
from syncd.reports import periods
from syncd.reports import segments as of_segments
from syncd.reports.answer import Answer
from syncd.reports.breakdown import KINDS, NONE, breakdown
from syncd.reports.cohorts import cohorts
from syncd.reports.question import Question
from syncd.segments.days import start_of, today
from syncd.segments.places import city_key, region
from tests.property.report_worlds import House, Person, asked_periods, houses
from tests.support.examples import examples

_NUMBERS = itertools.count()
_SOMETIMES = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_STRONGEST = ("REDACTED", "INVALID", "UNSUBSCRIBED", "SUBSCRIBED", "PENDING", "NOT_SUBSCRIBED")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("reports") / "mirror.db")
    yield opened
    opened.close()


def drawn_house(data: st.DataObject, mirror: Mirror) -> House:
    name = f"house-{next(_NUMBERS)}"
    house = data.draw(houses(name, stores=data.draw(st.integers(1, 2))))
    house.save(mirror, name)
    return house


def read(answer: Answer) -> list[dict[str, Any]]:
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def consent(person: Person) -> Iterable[str]:
    said = {customer.email_consent for _, customer in person.records}
    return [next(it for it in _STRONGEST if it in said)] if said - {None} else []


def buyer(person: Person) -> Iterable[str]:
    orders = sum(it.number_of_orders for _, it in person.records)
    orders += sum(order.customer_id is None for _, order in person.orders)
    return ["none" if orders == 0 else "first-time" if orders == 1 else "repeat" if orders < 5 else "frequent"]


def since(house: House, person: Person) -> date:
    at, place = min((it.created_at, place) for place, it in person.records)
    return house.day(place, at)


def places(person: Person, name: Callable[[Any], str | None]) -> Iterable[str | None]:
    return (name(address) for _, it in person.records for address in it.addresses)


def groups(house: House, person: Person, by: str) -> set[str]:
    found: dict[str, Callable[[], Iterable[str | None]]] = {
        "country": lambda: places(person, lambda it: it.country),
        "region": lambda: places(person, region),
        "city": lambda: places(person, city_key),
        "language": lambda: (it.language for _, it in person.records),
        "tag": lambda: (fold(tag) for _, it in person.records for tag in it.tags),
        "consent": lambda: consent(person),
        "rfm": lambda: (it.rfm_group for _, it in person.records),
        "buyer-kind": lambda: buyer(person),
        "value-tier": lambda: (it.spend_tier for _, it in person.records),
        "month": lambda: [since(house, person).isoformat()[:7]],
    }
    return {group for group in found[by]() if group}


@given(data=st.data(), by=st.sampled_from(KINDS))
@_SOMETIMES
def test_a_breakdown_is_what_counting_people_gives(mirror: Mirror, data: st.DataObject, by: Any) -> None:
    house = drawn_house(data, mirror)
    period = data.draw(st.none() | asked_periods(house.frames[0]))
    everybody = [
        person
        for person in house.people()
        if person.records and (not period or period.span.first <= since(house, person) <= period.span.last)
    ]
    counts = Counter(group for person in everybody for group in groups(house, person, by) or {NONE})
    with mirror.snapshot():
        answer = breakdown(mirror.raw, Question(frames=house.frames, period=period), by)
        rows = read(answer)
    assert {fold(row["group"]) if by == "tag" else row["group"]: row["customers"] for row in rows} == counts
    assert [row["share"] for row in rows] == [row["customers"] / len(everybody) for row in rows]
    assert answer.totals == (None, len(everybody), None)
    if by not in {"month", "buyer-kind"}:
        sizes = [row["customers"] for row in rows if row["group"] != NONE]
        assert sizes == sorted(sizes, reverse=True)
    assert NONE not in [row["group"] for row in rows[:-1]]


@given(data=st.data(), months=st.integers(1, 14))
@_SOMETIMES
def test_a_cohort_is_what_looking_at_each_month_gives(mirror: Mirror, data: st.DataObject, months: int) -> None:
    house = drawn_house(data, mirror)
    period = data.draw(st.none() | asked_periods(house.frames[0]))
    now = today(house.frames[0])
    this = now.year * 12 + now.month - 1
    cohorts_: dict[int, list[set[int]]] = defaultdict(list)
    for person in house.people():
        days = [house.day(place, order.processed_at) for place, order in person.orders]
        if days:
            bought = {day.year * 12 + day.month - 1 for day in days}
            cohorts_[min(bought)].append(bought)
    expected = []
    for first, people in sorted(cohorts_.items()):
        month = f"{first // 12:04}-{first % 12 + 1:02}"
        if first > this or (period and not f"{period.span.first}"[:7] <= month <= f"{period.span.last}"[:7]):
            continue
        shares = [
            sum(first + after in bought for bought in people) / len(people) if first + after <= this else None
            for after in range(1, months + 1)
        ]
        expected.append((month, len(people), *shares))
    with mirror.snapshot():
        assert list(cohorts(mirror.raw, Question(frames=house.frames, period=period), months).rows) == expected


class _History:
    """Memberships over some days, by the mirror's own way of renewing and ending them, and by hand."""

    def __init__(self, house: House, mirror: Mirror, data: st.DataObject) -> None:
        self.names = [f"{house.frames[0].store}-one", f"{house.frames[0].store}-other"]
        self.moves: list[tuple[str, int, int, bool]] = []
        self.now: dict[tuple[str, int], set[int]] = {}
        span = periods.named("year_to_date", house.frames[0]).span
        days = sorted(data.draw(st.lists(st.dates(span.first, span.last), min_size=1, max_size=4, unique=True)))
        for run, day in enumerate(days):
            for place, (frame, world) in enumerate(zip(house.frames, house.worlds, strict=True)):
                at = start_of(day, frame.zone) + data.draw(st.sampled_from([0, 1, 50_000]))
                ids = sorted(customer.id for customer in world.customers)
                for name in self.names:
                    ends = data.draw(st.integers(0, 4)) == 0
                    found = set(data.draw(st.lists(st.sampled_from(ids), unique=True))) if ids and not ends else set()
                    before = self.now.get((name, place), set())
                    self.moves += [(name, place, at, True)] * len(found - before)
                    self.moves += [(name, place, at, False)] * len(before - found)
                    self.now[name, place] = found
                    if ends:
                        there = {(it.segment, it.store) for it in membership.standings(mirror)}
                        membership.drop_all_but(mirror, there - {(name, frame.store)}, run, at)
                    else:
                        membership.renew(mirror, name, frame.store, "", sorted(found), run, at)

    def size(self, house: House, name: str, day: date, *, end: bool) -> int:
        """Return how many customers are in a segment at the beginning or the end of a day."""
        return sum(
            1 if entered else -1
            for segment, place, at, entered in self.moves
            if segment == name and (house.day(place, at) <= day if end else house.day(place, at) < day)
        )

    def people(self, house: House, name: str) -> list[Person]:
        """Return the people who are in a segment now."""
        return [
            person
            for person in house.people()
            if any(customer.id in self.now.get((name, place), set()) for place, customer in person.records)
        ]


def bought(house: House, people: Iterable[Person], period: Any) -> tuple[int, int]:
    orders = [order for it in people for place, order in it.orders if house.within(place, order, period)]
    return len(orders), sum(order.current_total for order in orders)


@given(data=st.data())
@_SOMETIMES
def test_segments_over_time_are_what_going_through_their_moves_gives(mirror: Mirror, data: st.DataObject) -> None:
    name = f"house-{next(_NUMBERS)}"
    house = data.draw(houses(name, stores=data.draw(st.integers(1, 2)), foreign=False))
    house.save(mirror, name)
    history = _History(house, mirror, data)
    period = data.draw(asked_periods(house.frames[0]))
    span = period.span
    question = Question(frames=house.frames, period=period)
    with mirror.snapshot():
        rows = read(of_segments.overview(mirror.raw, question, history.names))
        courses = {name: read(of_segments.course(mirror.raw, question, name)) for name in history.names}
        parts = read(of_segments.overlap(mirror.raw, question, *history.names))
    all_ = bought(house, house.people(), period)[1]
    for row, segment in zip(rows, history.names, strict=True):
        its = [
            (house.day(place, at), entered)
            for name, place, at, entered in history.moves
            if name == segment and span.first <= house.day(place, at) <= span.last
        ]
        orders, amount = bought(house, history.people(house, segment), period)
        assert row == {
            "segment": segment,
            "members": history.size(house, segment, span.last, end=True),
            "before": history.size(house, segment, span.first, end=False),
            "entered": sum(entered for _, entered in its),
            "left": sum(not entered for _, entered in its),
            "orders": orders,
            "amount": amount,
            "share": amount / all_ if all_ else None,
        }
        assert courses[segment] == [
            {
                "day": day,
                "entered": sum(entered for at, entered in its if at == day),
                "left": sum(not entered for at, entered in its if at == day),
                "members": history.size(house, segment, day, end=True),
            }
            for day in sorted({at for at, _ in its})
        ]
    _hold_parts(house, history, period, parts)


def _hold_parts(house: House, history: _History, period: Any, parts: list[dict[str, Any]]) -> None:
    one, other = (history.people(house, name) for name in history.names)
    shared = [it for it in one if it in other]
    groups_ = [[it for it in one if it not in other], shared, [it for it in other if it not in one]]
    assert [it["people"] for it in parts] == [len(group) for group in groups_]
    assert [(it["orders"], it["amount"]) for it in parts] == [bought(house, group, period) for group in groups_]
