"""Connections, as graphql-core reads them: edges and nodes are made only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import GraphQLResolveInfo

from connectors.sandbox.shopify.fields import CHILDREN
from connectors.sandbox.shopify.listing import sorted_rows
from connectors.sandbox.shopify.paging import Page, Rows, Window, cut
from connectors.sandbox.shopify.search import Found
from connectors.sandbox.shopify.sorting import SortKey

_ALL = Found(lambda _: True, (), {})
_BY_PLACE = SortKey(lambda place, _: place, str, int)


def connection(page: Page) -> dict[str, Any]:
    """Return a page as a connection."""
    last = len(page.records) - 1

    def info() -> dict[str, Any]:
        return {
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "startCursor": page.cursor(0) if last >= 0 else None,
            "endCursor": page.cursor(last) if last >= 0 else None,
        }

    return {
        "nodes": lambda _=None: page.records,
        "edges": lambda _=None: [
            {"cursor": page.cursor(place), "node": record} for place, record in enumerate(page.records)
        ],
        "pageInfo": lambda _=None: info(),
    }


def in_given_order(records: Sequence[Any], window: Window) -> Page:
    """Return a page of records that have an order of their own; the cursor is the place."""
    keys = [(place, place) for place in range(len(records))]
    return cut(Rows(keys, records, _BY_PLACE, _ALL), window)


def window_of(arguments: Mapping[str, Any]) -> Window:
    """Return the arguments that cut a page."""
    return Window(
        first=arguments.get("first"),
        last=arguments.get("last"),
        after=arguments.get("after"),
        before=arguments.get("before"),
        reverse=bool(arguments.get("reverse")),
    )


def nested(kind: str, name: str, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Resolve a connection of a record."""
    view = info.context.view
    records = CHILDREN[kind, name](source, view)
    if (kind, name) == ("Customer", "orders"):
        rows = sorted_rows(view, records, "orders", arguments.get("query") or "", arguments["sortKey"])
        info.context.searched(info, rows.found, arguments.get("query"))
        return connection(cut(rows, window_of(arguments)))
    return connection(in_given_order(records, window_of(arguments)))


def _refunds(order: Any, _: GraphQLResolveInfo, first: int | None = None) -> Any:
    return order.refunds if first is None else order.refunds[:first]


def _addresses(customer: Any, _: GraphQLResolveInfo, first: int | None = None) -> Any:
    return customer.addresses[: min(first or 250, 250)]


def _customer_tags(_source: Any, info: GraphQLResolveInfo, first: int) -> dict[str, Any]:
    page = in_given_order(info.context.view.shop.spellings.all(), Window(first=min(first, 250)))
    return connection(page)


SPECIAL: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("Order", "refunds"): _refunds,
    ("Customer", "addresses"): _addresses,
    ("Shop", "customerTags"): _customer_tags,
}
"""Fields with arguments of their own."""
