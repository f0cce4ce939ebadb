"""Lists: searched, sorted, counted.

A list is kept, sorted, until a record of its kind changes, so that the next page costs a look-up.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from connectors.sandbox.shopify.paging import Rows, refusal
from connectors.sandbox.shopify.search import Found, NotSimulatedError, compiled
from connectors.sandbox.shopify.searchable import CUSTOMERS_COUNT, FIELDS, WORDS
from connectors.sandbox.shopify.sorting import SORT_KEYS
from connectors.sandbox.shopify.view import View

_KEPT = 24


class Listings:
    """The lists of one shop that were asked for lately, and the index they are made from."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: OrderedDict[tuple[Any, ...], Rows] = OrderedDict()
        self._index: dict[str, tuple[int, list[Any]]] = {}

    def rows(self, view: View, kind: str, query: str, sort_key: str) -> Rows:
        """Return the whole list of a kind that `query` finds.

        Raises:
            GraphQLError: The sort key or a search field is not simulated.
        """
        name = (kind, query, sort_key, view.orders_from, *_state(view, kind))
        keep = "now" not in query.lower() and not view.shop.profile.index_lag
        if keep and name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        rows = sorted_rows(view, self._indexed(view, kind), kind, query, sort_key)
        if keep:
            self._kept[name] = rows
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return rows

    def count(self, view: View, kind: str, found: Found) -> int:
        """Return how many records of a kind pass a test."""
        if found.parsed or (kind == "orders" and view.orders_from is not None) or view.shop.profile.index_lag:
            return sum(1 for record in self._indexed(view, kind) if found.test(record))
        return len(view.shop.records(kind))

    def _indexed(self, view: View, kind: str) -> Iterable[Any]:
        """Return the visible records, or copies as old as the index may be."""
        lag = view.shop.profile.index_lag
        if not lag:
            return view.everything(kind)
        made_at, copies = self._index.get(kind, (-lag, []))
        if view.now - made_at >= lag:
            copies = [copy.copy(record) for record in view.shop.records(kind).values()]
            self._index[kind] = (view.now, copies)
        return copies if kind != "orders" else filter(view.sees, copies)


def _state(view: View, kind: str) -> tuple[int, int]:
    """Return what a list depends on: its own records, and for customers their orders."""
    revisions = view.shop.revisions
    return revisions[kind], revisions["orders"] if kind == "customers" else 0


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


def count(view: View, listings: Listings, kind: str, query: str, limit: int | None) -> tuple[dict[str, Any], Found]:
    """Return how many records `query` finds, at most `limit`, and what the search was."""
    found = searched(view, kind, query, counting=True)
    number = listings.count(view, kind, found)
    if limit is not None and number > limit:
        return {"count": limit, "precision": "AT_LEAST"}, found
    return {"count": number, "precision": "EXACT"}, found
