"""Whose answers time alone may change: those to whom something happened at an instant that a date of a rule passed.

A date of a rule (`-180d`, `last_month`) stands for a stretch of instants, and moves at the shop's midnight. Between two
moments a clause so says something else only of those who ordered, were added, left a cart at an instant about which
its stretches of both moments disagree. Those instants are few, and indexes on the dates find who had one of them.
More people are found than change: whoever is found has to be asked, nobody else has.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import pairwise
from typing import TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Select, and_, literal_column, select

from syncd.segments.catalogue import known
from syncd.segments.comparisons import Comparison, Type, Within, comparison
from syncd.segments.days import Stretch
from syncd.segments.filter import Scalar
from syncd.segments.frame import Frame
from syncd.segments.ranks import Rank, window
from syncd.segments.rows import Field, Rows
from syncd.segments.rule import Rule
from syncd.segments.schema import (
    customer_metafields,
    customers,
    dated_checkouts,
    dated_customers,
    dated_orders,
    mates,
)
from syncd.segments.several import Several
from syncd.segments.spans import MOST, Span, sure
from syncd.segments.steering import then
from syncd.segments.tree import Clause, Leaf, leaves

_ONE: ColumnElement[int] = literal_column("1")
"""Written out, so that SQLite takes the partial index of the orders that count."""
_OF_DAYS: ColumnElement[bool] = literal_column("customer_metafields.type IN ('date', 'date_time')")
"""Likewise, of the metafields whose text begins with a day; no other is asked for one."""
_Event: TypeAlias = Callable[[Stretch, Frame], Iterator[Select[tuple[int]]]]


class Watched(msgspec.Struct, frozen=True):
    """What is asked of the customers of a store: a rule, and the rank that it is narrowed by."""

    rule: Rule
    rank: Rank | None = None


def stirred(watched: Iterable[Watched], before: Frame, after: Frame) -> list[Select[tuple[int]]]:
    """Return queries of customer ids: of all whose answer to one of these rules may be another one by time alone.

    Of people by address a record is among them, not every one.

    Args:
        watched: Rules whose members are what the frames say.
        before: The frame of one moment.
        after: The same at another one, later or earlier. They differ in `now` and `orders_visible_from` alone.
    """
    passed: dict[tuple[_Event, Stretch], None] = {}
    found: list[Select[tuple[int]]] = []
    for it in watched:
        passed.update(dict.fromkeys(_events(it, before, after)))
        for leaf in leaves(it.rule.tree):
            found.extend(_days_passed(leaf, before, after))
    return found + [query for event, stretch in passed for query in event(stretch, after)]


def passing(it: Watched, before: Frame, after: Frame) -> Hashable:
    """Return what is alike for rules about which time stirs the same people between two moments."""
    days = (leaf for leaf in leaves(it.rule.tree) if next(_days_passed(leaf, before, after), None) is not None)
    return frozenset(_events(it, before, after)), frozenset(days)


def disagreement(before: Comparison, after: Comparison) -> list[Stretch]:
    """Return the whole numbers about which two comparisons disagree, as stretches in their order."""
    ends = sorted({-MOST, MOST, *_ends(before), *_ends(after)})
    found: list[Stretch] = []
    for low, high in pairwise(ends):
        if before.holds(low) is not after.holds(low):
            joined = bool(found) and found[-1][1] == low
            found.append((found.pop()[0] if joined else low, high))
    return found


def _ends(asked: Comparison) -> Iterator[int]:
    """Yield where the answer of a comparison may turn."""
    match asked:
        case Span(low, high):
            yield from (end for end in (low, high) if end is not None and -MOST < end < MOST)
        case Within(spans):
            for each in spans:
                yield from _ends(each)


def _events(it: Watched, before: Frame, after: Frame) -> Iterator[tuple[_Event, Stretch]]:
    for leaf in leaves(it.rule.tree):
        yield from _passed(leaf, before, after)
    yield from _left_window(it.rank, before, after)


def _passed(leaf: Leaf, before: Frame, after: Frame) -> Iterator[tuple[_Event, Stretch]]:
    for then_, now in zip(_questions(leaf, before), _questions(leaf, after), strict=True):
        for stretch in disagreement(then_, now):
            yield _EVENTS[leaf.filter], stretch
            if leaf.filter in _FALLS_BACK and after.orders_visible_from is not None:
                yield _ordered_unseen, stretch
    if leaf.filter in _FALLS_BACK:
        for stretch in disagreement(Span(high=before.orders_visible_from), Span(high=after.orders_visible_from)):
            yield _ordered_unseen, stretch


def _questions(leaf: Leaf, frame: Frame) -> list[Comparison]:
    """Return what a clause asks of instants."""
    reading = known(leaf).reading
    if isinstance(leaf, Clause):
        return [reading.question(leaf.test, frame)] if isinstance(reading, Scalar) and leaf.filter in _EVENTS else []
    if not isinstance(reading, Rows):
        return []
    asked = ((reading.parameters[it.name], it.test) for it in leaf.parameters)
    return [
        comparison(test, Type.DATE, frame) for each, test in asked if isinstance(each, Field) and each.type is Type.DATE
    ]


def _left_window(rank: Rank | None, before: Frame, after: Frame) -> Iterator[tuple[_Event, Stretch]]:
    """Yield what lies in the time frame of a rank at one moment alone: its orders count there, and not here."""
    if rank is not None and rank.over is not None:
        for stretch in disagreement(Span(*window(rank.over, before)), Span(*window(rank.over, after))):
            yield _ordered, stretch


def _days_passed(leaf: Leaf, before: Frame, after: Frame) -> Iterator[Select[tuple[int]]]:
    """Yield who has a metafield about whose day a clause says something else: those are few, and all looked at."""
    reading = known(leaf).reading
    if not isinstance(leaf, Clause) or not isinstance(reading, Several):
        return
    was, now = (reading.asked(leaf.test, frame) for frame in (before, after))
    if was is not None and now is not None and was != now:
        its = customer_metafields.c
        yield reading.narrow(
            select(its.customer_id).where(its.store == after.store, _OF_DAYS, sure(was.test()) != sure(now.test()))
        )


def _ordered(stretch: Stretch, frame: Frame) -> Iterator[Select[tuple[int]]]:
    its = dated_orders.c
    then_ = (its.store == frame.store, its.counts == _ONE, *_during(its.processed_at, stretch))
    yield select(its.customer_id).where(*then_, its.customer_id.is_not(None))
    if frame.by == "email":
        theirs = and_(mates.c.email_key == its.email_key, mates.c.store == frame.store)
        of_guests = select(mates.c.id).select_from(then(dated_orders, mates, theirs))
        yield of_guests.where(*then_, its.customer_id.is_(None))


def _ordered_unseen(stretch: Stretch, frame: Frame) -> Iterator[Select[tuple[int]]]:
    """Yield whose last order the store knows, and we do not see: without an index, but not more than once a day."""
    yield select(customers.c.id).where(customers.c.store == frame.store, *_during(customers.c.last_order_at, stretch))


def _added(stretch: Stretch, frame: Frame) -> Iterator[Select[tuple[int]]]:
    its = dated_customers.c
    yield select(its.id).where(its.store == frame.store, *_during(its.created_at, stretch))


def _left_cart(stretch: Stretch, frame: Frame) -> Iterator[Select[tuple[int]]]:
    its = dated_checkouts.c
    begun = (its.store == frame.store, its.completed_at.is_(None), *_during(its.created_at, stretch))
    yield select(its.customer_id).where(*begun, its.customer_id.is_not(None))


def _during(at: ColumnElement[int], stretch: Stretch) -> tuple[ColumnElement[bool], ...]:
    return at >= stretch[0], at < stretch[1]


_EVENTS: dict[str, _Event] = {
    "orders_placed": _ordered,
    "products_purchased": _ordered,
    "first_order_date": _ordered,
    "last_order_date": _ordered,
    "days_since_last_order": _ordered,
    "customer_added_date": _added,
    "abandoned_checkout_date": _left_cart,
}
"""What happens at the instants that a filter looks at."""
_FALLS_BACK = frozenset({"last_order_date", "days_since_last_order", "recency_score"})
"""Filters that take the store's word for a last order which we do not see."""
