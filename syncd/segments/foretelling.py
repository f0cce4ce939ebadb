"""What an outlook says in words: `when the order of 2026-06-06 becomes older than 180 days, unless they order`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import msgspec

from syncd.segments.catalogue import SEGMENTS, local
from syncd.segments.comparisons import Plain
from syncd.segments.days import Offset, Unit, day_of
from syncd.segments.filter import Scalar
from syncd.segments.frame import Frame, Person
from syncd.segments.outlook import Flip, Turn
from syncd.segments.rows import Asked, Field, Rows
from syncd.segments.tree import Clause, Op, Test

_UNLESS_ORDER = "unless they order"
_UNLESS_CHECKOUT = "unless they complete it or begin another"
_UNITS = {Unit.DAYS: "day", Unit.WEEKS: "week", Unit.MONTHS: "month", Unit.YEARS: "year"}
_SINCE = "days_since_last_order"


class _Event(msgspec.Struct, frozen=True):
    """What the date of a filter is the day of, and what would make it another day."""

    noun: str
    unless: str = ""


EVENTS = {
    "last_order_date": _Event("the order of {}", _UNLESS_ORDER),
    _SINCE: _Event("the order of {}", _UNLESS_ORDER),
    "orders_placed": _Event("the order of {}", _UNLESS_ORDER),
    "products_purchased": _Event("the order of {}", _UNLESS_ORDER),
    "first_order_date": _Event("the first order ({})"),
    "customer_added_date": _Event("the customer record of {}"),
    "abandoned_checkout_date": _Event("the checkout of {}", _UNLESS_CHECKOUT),
}
"""The filters whose dates can be told as something that grows older."""


def foretold(turn: Turn, person: Person) -> str:
    """Return when a rule's answer becomes another one, and what would prevent it."""
    told = dict.fromkeys(_told(flip, person) for flip in turn.flips)
    unless = [EVENTS[flip.clause.filter].unless for flip in turn.flips if flip.clause.filter in EVENTS]
    return f"when {' and '.join(told)}, {next(filter(None, unless), 'if nothing else changes')}"


def _told(flip: Flip, person: Person) -> str:
    clause = flip.clause
    if clause.filter == SEGMENTS and isinstance(clause, Clause):
        entering = flip.holds is (clause.test.op is Op.CONTAINS)
        return f"they {'enter' if entering else 'leave'} {clause.test.values[0]}"
    return _growing_older(flip, person) or _plainly(flip, person)


def _plainly(flip: Flip, person: Person) -> str:
    reading = local(flip.clause)
    values = dict.fromkeys(reading.shown(flip.clause, person, frame) for frame in (flip.before, flip.after))
    return f"{flip.clause} {'begins' if flip.holds else 'ceases'} to hold ({' → '.join(values)})"


def _growing_older(flip: Flip, person: Person) -> str:
    """Say it as an event that grows older; nothing where it is no single event, or no plain age."""
    event = EVENTS.get(flip.clause.filter)
    moved = set(_moved(flip, person)) if event is not None else set()
    if event is None or len(moved) != 1:
        return ""
    day, test, holds = moved.pop()
    age = _age(test, flip.clause.filter)
    if not age:
        return ""
    reached = f"{age} old" if _reaches(test.op, holds, flip) else f"older than {age}"
    return f"{event.noun.format(day)} becomes {reached}"


def _moved(flip: Flip, person: Person) -> Iterator[tuple[str, Test, bool]]:
    """Yield the day of each event that a clause sees otherwise than the day before, and what of it asks for the day."""
    clause = flip.clause
    if isinstance(clause, Clause):
        instant = cast("Scalar", local(clause)).value(person, flip.after)
        yield _day(instant, flip.after), clause.test, flip.holds
        return
    rows = cast("Rows", local(clause))
    date, test = cast("Field", rows.parameters["date"]), cast("Test", clause.get("date"))
    yield from _moved_rows(rows, date, test, flip, person)


def _moved_rows(rows: Rows, date: Field, test: Test, flip: Flip, person: Person) -> Iterator[tuple[str, Test, bool]]:
    before, after = (date.question(test, Asked(frame, frame.currency)) for frame in (flip.before, flip.after))
    for row in rows.of(person):
        holds = after(row)
        if holds is not before(row):
            yield _day(date.value(row, Asked(flip.after, flip.after.currency)), flip.after), test, holds


def _age(test: Test, filter_: str) -> str:
    """Return how old a test asks something to be (`180 days`); nothing where it asks otherwise."""
    (value, *more) = test.values
    if more:
        return ""
    if filter_ == _SINCE and isinstance(value, int):
        return _counted(value, "day")
    if isinstance(value, Offset) and value.count < 0:
        return _counted(-value.count, _UNITS[value.unit])
    return ""


def _reaches(op: Op, holds: bool, flip: Flip) -> bool:  # noqa: FBT001  # not an option: the answer of a clause
    """Tell whether the event reaches the age; else it goes beyond."""
    if op in {Op.EQ, Op.NE}:
        return holds is (op is Op.EQ)
    return (op in {Op.GT, Op.LE}) is not (flip.clause.filter == _SINCE)


def _day(instant: Plain, frame: Frame) -> str:
    """Return the day of an event's instant; one that changed an answer is there."""
    return day_of(cast("int", instant), frame.zone).isoformat()


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"
