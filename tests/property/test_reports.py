"""The reports about people equal plain computations over the same values."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import ContactStatus, LineItem, Order
from syncd.reports import periods
from syncd.reports.answer import Answer
from syncd.reports.catalogue import Catalogue, catalogue
from syncd.reports.frequency import Frequency, frequency
from syncd.reports.leaderboard import Leaderboard, leaderboard
from syncd.reports.periods import Period
from syncd.reports.question import Question, ReportError, Sort
from syncd.segments.days import today
from tests.property.report_worlds import House, Person, asked_periods, houses
from tests.support.examples import examples

_NUMBERS = itertools.count()
_SOMETIMES = settings(
    max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_FIGURES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "orders": lambda it: it["orders"],
    "average-order": lambda it: Fraction(it["amount"], it["orders"]),
    "amount-spent": lambda it: it["amount"],
}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("reports") / "mirror.db")
    yield opened
    opened.close()


def figures(house: House, person: Person, orders: Sequence[tuple[int, Order]], **more: Any) -> dict[str, Any]:
    """Work out what one line of a report says of somebody who placed these orders."""
    amount = more.get("amount", sum(order.current_total for _, order in orders))
    first = min((order.processed_at, place) for place, order in orders)
    last = max((order.processed_at, place) for place, order in orders)
    ids = house.lone_ids(person)
    names = [
        name
        for _, it in sorted(person.records, key=lambda it: (it[0], it[1].id))
        if (name := f"{it.first_name or ''} {it.last_name or ''}".strip(" "))
    ]
    return {
        "email": person.address,
        "name": names[0] if names else None,
        "customer_ids": ids,
        "orders": len(orders),
        "units": more.get("units"),
        "amount": amount,
        "average": round(Fraction(amount, len(orders))),
        "first_order": house.day(first[1], first[0]),
        "last_order": house.day(last[1], last[0]),
        "first": first,
        "lone": ids[0] if not person.address else 0,
        "store": min((place for place, _ in orders), default=0),
    }


def equals(its: dict[str, Any]) -> tuple[Any, ...]:
    """Return what decides between equals."""
    address = its["email"]
    return -its["amount"], -its["orders"], its["first"], address is None, address or "", its["lone"], its["store"]


def seen(house: House, person: Person, period: Period | None, currency: str | None) -> list[tuple[int, Order]]:
    """Return somebody's orders of a period."""
    return [
        (place, order)
        for place, order in person.orders
        if house.within(place, order, period) and currency in {None, order.currency}
    ]


def ranked(house: House, asked: Leaderboard, period: Period | None, currency: str | None) -> list[dict[str, Any]]:
    """Return everybody in their order, each with their place."""
    rows = []
    for person in house.people():
        status = house.contacts.get(person.address or "")
        if asked.audience and status in {None, ContactStatus.ARCHIVED}:
            continue
        if orders := seen(house, person, period, currency):
            rows.append({**figures(house, person, orders), "status": status and status.value})
    figure = _FIGURES[asked.by]
    rows.sort(key=lambda it: (-figure(it), *equals(it)))
    return [{**it, "rank": 1 + sum(figure(other) > figure(it) for other in rows)} for it in rows]


def moved(before: int | None, rank: int) -> str:
    if before is None:
        return "new"
    return f"up {before - rank}" if before > rank else f"down {rank - before}" if before < rank else "same"


def read(answer: Answer) -> list[dict[str, Any]]:
    """Return the rows by the names of their columns."""
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def only(rows: Sequence[dict[str, Any]], answer: Answer) -> list[dict[str, Any]]:
    return [{column.name: row[column.name] for column in answer.columns} for row in rows]


def totals(rows: Sequence[dict[str, Any]], answer: Answer) -> dict[str, Any]:
    """Add up rows, under the columns that have a total."""
    sums: dict[str, Any] = {name: sum(row[name] or 0 for row in rows) for name in ("orders", "units", "amount")}
    sums["average"] = round(Fraction(sums["amount"], sums["orders"])) if sums["orders"] else None
    for name, pick in (("first_order", min), ("last_order", max), ("newest_order", max)):
        sums[name] = pick((row[name] for row in rows if name in row), default=None)
    names = [column.name for column in answer.columns]
    return {name: sums.get(name) for name in names}


def agree(answer: Answer, expected: list[dict[str, Any]], question: Question) -> None:
    """Hold an answer against its rows in their own order: sorted, cut and added up."""
    assert answer.size == len(expected)
    assert answer.totals is not None
    assert dict(zip((it.name for it in answer.columns), answer.totals, strict=True)) == totals(expected, answer)
    for sort in reversed(question.sort):
        there = [row for row in expected if row[sort.name] is not None]
        there.sort(key=lambda row, name=sort.name: _value(row, name), reverse=sort.falling)
        expected = [*there, *(row for row in expected if row[sort.name] is None)]
    assert read(answer) == only(expected[: question.limit], answer)


def _value(row: dict[str, Any], name: str) -> Any:
    return Fraction(row["amount"], row["orders"]) if name == "average" else row[name]


def refused(house: House, question: Question) -> bool:
    """Return whether somebody's orders of the period are in several currencies."""
    found = {
        order.currency
        for person in house.people()
        for place, order in person.orders
        if house.within(place, order, question.period)
    }
    return question.currency is None and len(found) > 1


def asks(house: House, names: Sequence[str], periods_: st.SearchStrategy[Period | None]) -> st.SearchStrategy[Question]:
    """Yield questions about a house, sorted by some of these columns."""
    return st.builds(
        Question,
        frames=st.just(house.frames),
        period=periods_,
        currency=st.sampled_from([None, None, "EUR", "JPY"]),
        sort=st.lists(st.builds(Sort, st.sampled_from(names), st.booleans()), max_size=2).map(tuple),
        limit=st.none() | st.integers(0, 3),
    )


def drawn_house(data: st.DataObject, mirror: Mirror) -> tuple[House, str]:
    name = f"house-{next(_NUMBERS)}"
    house = data.draw(houses(name, stores=data.draw(st.integers(1, 2))))
    house.save(mirror, name)
    return house, name


_COMMON = ["email", "orders", "amount", "first_order", "last_order"]


@given(data=st.data())
@_SOMETIMES
def test_a_leaderboard_is_what_sorting_gives(mirror: Mirror, data: st.DataObject) -> None:
    house, name = drawn_house(data, mirror)
    question = data.draw(asks(house, [*_COMMON, "rank", "average"], st.none() | asked_periods(house.frames[0])))
    asked = Leaderboard(
        by=data.draw(st.sampled_from(["orders", "average-order", "amount-spent"])),
        top=data.draw(st.none() | st.integers(1, 4)),
        audience=data.draw(st.sampled_from(["", name])),
    )
    with mirror.snapshot():
        if refused(house, question):
            with pytest.raises(ReportError, match="never added"):
                leaderboard(mirror.raw, question, asked)
            return
        answer = leaderboard(mirror.raw, question, asked)
        everybody = ranked(house, asked, question.period, question.currency)
        if question.period is not None:
            earlier = ranked(house, asked, periods.before(question.period), answer.currency)
            places = {(it["email"], it["customer_ids"]): it["rank"] for it in earlier}
            for it in everybody:
                it["before"] = places.get((it["email"], it["customer_ids"]))
                it["moved"] = moved(it["before"], it["rank"])
        agree(answer, everybody[: asked.top], question)
    cut = asked.top is not None and any(it["rank"] == everybody[asked.top - 1]["rank"] for it in everybody[asked.top :])
    assert cut is any("share place" in each for each in answer.notes)


@given(data=st.data())
@_SOMETIMES
def test_who_bought_something_is_what_looking_at_each_line_gives(mirror: Mirror, data: st.DataObject) -> None:
    house, _ = drawn_house(data, mirror)
    question = data.draw(asks(house, [*_COMMON, "units"], asked_periods(house.frames[0])))
    named = st.lists(st.sampled_from(["Cup", "1", "2", "O'Hara's"]), max_size=2).map(tuple)
    asked = Catalogue(
        products=data.draw(named),
        vendors=data.draw(st.sampled_from([(), (), ("Acme",), ("Acme", "Bolt")])),
        types=data.draw(st.sampled_from([(), (), ("Mugs",)])),
        collections=data.draw(st.sampled_from([(), (), ("Summer",), ("cups", "summer")])),
    )
    expected, currencies = [], set()
    for person in house.people():
        bought = [
            (place, order, lines)
            for place, order in seen(house, person, question.period, question.currency)
            if (lines := [line for line in order.lines if _matches(house, place, line, asked)])
        ]
        if bought:
            currencies |= {order.currency for _, order, _ in bought}
            lines = [line for _, _, its in bought for line in its]
            sums = {"amount": sum(map(_kept, lines)), "units": sum(line.current_quantity for line in lines)}
            expected.append(figures(house, person, [(place, order) for place, order, _ in bought], **sums))
    note(f"{asked} {currencies}")
    expected.sort(key=equals)
    with mirror.snapshot():
        if len(currencies) > 1:
            with pytest.raises(ReportError, match="never added"):
                catalogue(mirror.raw, question, asked)
            return
        agree(catalogue(mirror.raw, question, asked), expected, question)


def _kept(line: LineItem) -> int:
    return (
        line.amount
        if line.current_quantity >= line.quantity
        else round(Fraction(line.amount * line.current_quantity, line.quantity))
    )


def _matches(house: House, place: int, line: LineItem, asked: Catalogue) -> bool:
    product = next((it for it in house.worlds[place].products if it.id == line.product_id), None)
    names = {name for it in (product.collections if product else ()) for name in (it.title, it.handle)}
    return (
        line.current_quantity > 0
        and (not asked.products or str(line.product_id) in asked.products or line.title in asked.products)
        and (not asked.vendors or line.vendor in asked.vendors)
        and (not asked.types or line.product_type in asked.types)
        and (not asked.collections or bool(names & set(asked.collections)))
    )


@given(data=st.data())
@_SOMETIMES
def test_frequency_is_what_counting_gives(mirror: Mirror, data: st.DataObject) -> None:
    house, _ = drawn_house(data, mirror)
    question = data.draw(asks(house, [*_COMMON, "days_silent"], asked_periods(house.frames[0])))
    now = today(house.frames[0])
    asked = Frequency(
        least_orders=data.draw(st.integers(1, 3)),
        least_amount=data.draw(st.sampled_from(["", "", "0.02"])),
        quiet=data.draw(st.none() | st.integers(0, 90) | st.integers(0, 400).map(lambda days: now - timedelta(days))),
    )
    if refused(house, question):
        with mirror.snapshot(), pytest.raises(ReportError, match="never added"):
            frequency(mirror.raw, question, asked)
        return
    expected = []
    for person in house.people():
        if orders := seen(house, person, question.period, question.currency):
            newest = max((order.processed_at, place) for place, order in person.orders)
            its = figures(house, person, orders)
            its["newest_order"] = house.day(newest[1], newest[0])
            its["days_silent"] = max(0, (now - its["newest_order"]).days)
            expected.append(its)
    with mirror.snapshot():
        answer = frequency(mirror.raw, question, asked)
        least = {"EUR": 2, "JPY": 0, None: 0}[answer.currency] if asked.least_amount else None
        last = asked.quiet - timedelta(1) if isinstance(asked.quiet, date) else now - timedelta(asked.quiet or 0)
        wanted = [
            it
            for it in expected
            if it["orders"] >= asked.least_orders
            and (least is None or it["amount"] >= least)
            and (asked.quiet is None or it["newest_order"] <= last)
        ]
        wanted.sort(key=lambda it: (-it["orders"], *equals(it)))
        agree(answer, wanted, question)


@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_orders_that_are_nobodys_are_counted_in_a_note(mirror: Mirror, data: st.DataObject) -> None:
    house, _ = drawn_house(data, mirror)
    nobodys = Counter(
        order.currency
        for world in house.worlds
        for order in world.orders
        if order.counts and order.customer_id is None and order.email is None
    )
    question = Question(frames=house.frames, currency="EUR")
    with mirror.snapshot():
        notes = leaderboard(mirror.raw, question, Leaderboard()).notes
    told = [each for each in notes if "nobody's" in each]
    assert told == (
        [f"orders with neither customer nor address are nobody's, and not in it: {nobodys['EUR']}"]
        * bool(nobodys["EUR"])
    )
