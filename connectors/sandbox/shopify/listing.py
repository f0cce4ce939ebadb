"""Lists: searched, sorted, cut into pages, counted.

A list is kept, sorted, until a record of its kind changes, so that the next page costs a look-up. A cursor names the
last row's value and id; rows whose value moves between two pages are met again or missed, as in the real service.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from graphql import GraphQLError

from connectors.sandbox.shopify.search import Found, NotSimulatedError, compiled
from connectors.sandbox.shopify.searchable import CUSTOMERS_COUNT, FIELDS, WORDS
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import cursor_text, read_cursor

PAGE = 250
DEEPEST = 25_000
"""Rows after which a list cannot be paged any further."""

_KEPT = 24


class SortKey(msgspec.Struct, frozen=True):
    """What a list is sorted by, before the id.

    Attributes:
        value: Of a record.
        show: The value as a cursor holds it.
        read: Back from the cursor.
    """

    value: Callable[[Any, View], Any]
    show: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value


def _moment(value: Callable[[Any], int]) -> SortKey:
    return SortKey(
        lambda record, _: value(record),
        lambda instant: datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        lambda text: int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()),
    )


def _where(customer: Any, _: View) -> tuple[str, ...]:
    first = customer.addresses[0] if customer.addresses else None
    return (first.country.lower(), (first.province or "").lower(), first.city.lower()) if first else ("", "", "")


_ID = SortKey(lambda record, _: record.id, str, int)
_CREATED = _moment(lambda record: record.created_at)
_UPDATED = _moment(lambda record: record.updated_at)
_TOTAL = SortKey(lambda record, _: record.total)
_NAME = SortKey(lambda c, _: f"{c.last_name or ''}, {c.first_name or ''}".lower())

SORT_KEYS: Mapping[str, Mapping[str, SortKey]] = {
    "customers": {
        "ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "UPDATED_AT": _UPDATED,
        "NAME": _NAME,
        "LOCATION": SortKey(_where, list, tuple),
    },
    "orders": {
        "ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "UPDATED_AT": _UPDATED,
        "PROCESSED_AT": _moment(lambda record: record.processed_at),
        "ORDER_NUMBER": SortKey(lambda record, _: record.number),
        "TOTAL_PRICE": _TOTAL,
        "CURRENT_TOTAL_PRICE": SortKey(lambda record, _: record.current_total),
    },
    "products": {
        "ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "UPDATED_AT": _UPDATED,
        "TITLE": SortKey(lambda record, _: record.title.lower()),
        "VENDOR": SortKey(lambda record, _: record.vendor.lower()),
        "PRODUCT_TYPE": SortKey(lambda record, _: record.product_type.lower()),
    },
    "checkouts": {
        "ID": _ID,
        "CHECKOUT_ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "TOTAL_PRICE": _TOTAL,
    },
}


class Rows(msgspec.Struct, frozen=True):
    """A list, sorted upwards, with the key of each row."""

    keys: list[tuple[Any, int]]
    records: Sequence[Any]
    sort: SortKey
    found: Found


class Window(msgspec.Struct, frozen=True):
    """The arguments that cut a page out of a list."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    reverse: bool = False


class Page(msgspec.Struct, frozen=True):
    """Some rows with their keys, and whether there are more on either side."""

    records: Sequence[Any]
    keys: Sequence[tuple[Any, int]]
    sort: SortKey
    has_next: bool
    has_previous: bool

    def cursor(self, place: int) -> str:
        """Return the cursor of the row at a place of the page."""
        value, record_id = self.keys[place]
        return cursor_text(record_id, self.sort.show(value))


def refusal(message: str, code: str = "BAD_REQUEST") -> GraphQLError:
    """Return the error for arguments that the service does not take."""
    return GraphQLError(message, extensions={"code": code})


class Listings:
    """The lists of one shop that were asked for lately."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: OrderedDict[tuple[Any, ...], Rows] = OrderedDict()

    def rows(self, view: View, kind: str, query: str, sort_key: str) -> Rows:
        """Return the whole list of a kind that `query` finds.

        Raises:
            GraphQLError: The sort key or a search field is not simulated.
        """
        revision = view.shop.revisions[kind], view.shop.revisions["orders"] if kind == "customers" else 0
        name = (kind, query, sort_key, view.orders_from, *revision)
        timeless = "now" not in query.lower()
        if timeless and name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        rows = sorted_rows(view, view.everything(kind), kind, query, sort_key)
        if timeless:
            self._kept[name] = rows
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return rows


def sorted_rows(view: View, records: Any, kind: str, query: str, sort_key: str) -> Rows:
    """Return `records` that `query` finds, sorted upwards by `sort_key` and id."""
    sort = SORT_KEYS[kind].get(sort_key)
    if sort is None:
        raise refusal(f"the sandbox does not sort {kind} by {sort_key}", "NOT_SIMULATED")
    found = searched(view, kind, query)
    value = sort.value
    pairs = [((value(record, view), record.id), record) for record in records if found.test(record)]
    pairs.sort(key=lambda pair: pair[0])
    return Rows([key for key, _ in pairs], [record for _, record in pairs], sort, found)


def searched(view: View, kind: str, query: str, *, counting: bool = False) -> Found:
    """Return the test that `query` stands for in lists (or in counts) of a kind."""
    narrow = counting and kind == "customers"
    fields = CUSTOMERS_COUNT if narrow else FIELDS[kind]
    try:
        return compiled(query, fields, view, words=None if narrow else WORDS[kind])
    except NotSimulatedError as error:
        raise refusal(f"the sandbox does not search {kind} by {error}", "NOT_SIMULATED") from error


def cut(rows: Rows, window: Window) -> Page:
    """Return the page that `window` asks for.

    Raises:
        GraphQLError: No size, too large a size, a cursor that is none, or a place beyond the deepest.
    """
    _check_size(window)
    total = len(rows.records)
    low = _place(rows, window, window.after, after=True) if window.after else 0
    high = _place(rows, window, window.before, after=False) if window.before else total
    if low >= DEEPEST:
        raise refusal(f"Pagination is limited to {DEEPEST} objects. Narrow the query and start again.")
    if window.first is not None:
        high = min(high, low + window.first)
    if window.last is not None:
        low = max(low, high - window.last)
    high = max(low, high)
    if window.reverse:
        part = slice(total - high, total - low)
        records, keys = list(reversed(rows.records[part])), rows.keys[part][::-1]
    else:
        records, keys = list(rows.records[low:high]), rows.keys[low:high]
    return Page(records, keys, rows.sort, high < total, low > 0)


def _check_size(window: Window) -> None:
    if window.first is None and window.last is None:
        raise refusal("you must provide one of first or last")
    for name, size in (("first", window.first), ("last", window.last)):
        if size is not None and size > PAGE:
            raise refusal(f"{name} cannot exceed {PAGE}")
        if size is not None and size < 0:
            raise refusal(f"{name} cannot be negative")


def _place(rows: Rows, window: Window, cursor: str, *, after: bool) -> int:
    """Return how many rows come before the page's edge, in the order in which the list is shown."""
    found = read_cursor(cursor)
    try:
        key = found and (rows.sort.read(found[1]), found[0])
    except (TypeError, ValueError):
        key = None
    if key is None:
        raise refusal("Invalid cursor for current pagination sort.")
    try:
        if window.reverse:
            upward = bisect_left(rows.keys, key) if after else bisect_right(rows.keys, key)
            return len(rows.keys) - upward
        return bisect_right(rows.keys, key) if after else bisect_left(rows.keys, key)
    except TypeError:
        raise refusal("Invalid cursor for current pagination sort.") from None


def count(view: View, kind: str, query: str, limit: int | None) -> tuple[dict[str, Any], Found]:
    """Return how many records `query` finds, at most `limit`, and what the search was."""
    found = searched(view, kind, query, counting=True)
    if found.parsed:
        number = sum(1 for record in view.everything(kind) if found.test(record))
    elif kind == "orders" and view.orders_from is not None:
        number = sum(1 for _ in view.everything(kind))
    else:
        number = len(view.shop.records(kind))
    if limit is not None and number > limit:
        return {"count": limit, "precision": "AT_LEAST"}, found
    return {"count": number, "precision": "EXACT"}, found
