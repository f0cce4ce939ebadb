"""What a reader must know to trust an answer: of when it is, and what may be missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from syncd.model import Instant, Kind
from syncd.reports.answer import Answer
from syncd.reports.periods import Period
from syncd.reports.question import Question
from syncd.segments import Frame
from syncd.segments.days import day_of

_ORDERS = (Kind.CUSTOMERS, Kind.ORDERS)


class _Feed(msgspec.Struct, frozen=True):
    """How far a kind of record of a store is read."""

    store: str
    feed: str
    complete: bool = False
    pulled_at: Instant | None = None
    why: str = ""


def vouched(
    raw: sqlite3.Connection, question: Question, answer: Answer, *, nobodys: int = 0, kinds: Sequence[Kind] = _ORDERS
) -> Answer:
    """Return an answer with its period, its stores, its age, and notes on what may be missing from it.

    Args:
        raw: The mirror's connection.
        question: What was asked.
        answer: Without those.
        nobodys: How many orders of the period belong to nobody.
        kinds: The records that it was worked out from.
    """
    feeds = _feeds(raw, question, kinds)
    ages = [feed.pulled_at for feed in feeds]
    as_of = None if None in ages else min((age for age in ages if age is not None), default=None)
    noted = [*answer.notes]
    if nobodys:
        noted.append(f"orders with neither customer nor address are nobody's, and not in it: {nobodys:,}")
    for frame in invisible(question, question.period):
        since = day_of(frame.orders_visible_from or 0, frame.zone)
        noted.append(f"{frame.store} shows orders since {since} only: older ones are missing")
    return msgspec.structs.replace(
        answer,
        period=question.period and question.period.span,
        stores=question.stores,
        as_of=as_of,
        notes=(*noted, *_doubts(question, feeds)),
    )


def invisible(question: Question, period: Period | None) -> list[Frame]:
    """Return the stores that do not show all orders of a period."""
    return [
        frame
        for frame in question.frames
        if frame.orders_visible_from is not None
        and (period is None or period.stretch(frame)[0] < frame.orders_visible_from)
    ]


def _feeds(raw: sqlite3.Connection, question: Question, kinds: Sequence[Kind]) -> list[_Feed]:
    query = "SELECT complete, pulled_at, why FROM cursors WHERE owner = ? AND feed = ?"
    found = []
    for store in question.stores:
        for kind in kinds:
            row = raw.execute(query, (store, kind.value)).fetchone()
            found.append(_Feed(store, kind.value, bool(row[0]), row[1], row[2]) if row else _Feed(store, kind.value))
    return found


def _doubts(question: Question, feeds: Sequence[_Feed]) -> Iterator[str]:
    for feed in feeds:
        if doubt := _doubt(question, feed):
            yield f"{feed.feed} of {feed.store}: {doubt}"


def _doubt(question: Question, feed: _Feed) -> str:
    if feed.pulled_at is None:
        return "never read to their end" + (f" ({feed.why})" if feed.why else "")
    if feed.why:
        return f"not up to date since {_moment(feed.pulled_at)} ({feed.why})"
    if not feed.complete:
        return "not read to their end yet"
    patience = question.patience.get(feed.store)
    if patience is not None and question.now - feed.pulled_at > patience:
        return f"not up to date since {_moment(feed.pulled_at)}"
    return ""


def _moment(instant: Instant) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M} UTC"
