"""Lists cut into pages. A cursor names the last row's value and id.

Rows whose value moves between two pages are met again or missed, as in the real service.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from connectors.sandbox.shopify.search import Found
from connectors.sandbox.shopify.sorting import SortKey
from connectors.sandbox.shopify.wire import cursor_text, read_cursor

PAGE = 250
DEEPEST = 25_000
"""Rows after which a list cannot be paged any further."""


def refusal(message: str, code: str = "BAD_REQUEST") -> GraphQLError:
    """Return the error for arguments that the service does not take."""
    return GraphQLError(message, extensions={"code": code})


class Rows(msgspec.Struct, frozen=True):
    """A list, sorted upwards, with the key of each row."""

    keys: list[tuple[Any, int]]
    records: Sequence[Any]
    sort: SortKey
    found: Found


class Window(msgspec.Struct, frozen=True):
    """The arguments that cut a page out of a list; `most` is the largest page that the list gives."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    reverse: bool = False
    most: int = PAGE


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
        if size is not None and size > window.most:
            raise refusal(f"{name} cannot exceed {window.most}")
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
