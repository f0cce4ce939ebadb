"""Lists of saved segments and of their members, as GraphQL asks for them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphql import GraphQLResolveInfo

from connectors.sandbox.shopify.connections import connection, in_given_order, window_of
from connectors.sandbox.shopify.paging import Rows, Window, cut, refusal
from connectors.sandbox.shopify.search import Found
from connectors.sandbox.shopify.segments.reading import members
from connectors.sandbox.shopify.segments.saved import number_of
from connectors.sandbox.shopify.segments.tests import Hour
from connectors.sandbox.shopify.segments.words import QueryError
from connectors.sandbox.shopify.sorting import SortKey
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import read_gid

MEMBERS_AT_ONCE = 1_000
_BY_ID = SortKey(lambda customer, _: customer.id, str, int)
_ALL = Found(lambda _: True, (), {})
_SORTED_BY = {"CREATION_DATE": "created_at", "ID": "id", "LAST_EDIT_DATE": "edited_at", "RELEVANCE": "id"}


def segments(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Resolve `segments`."""
    if arguments.get("query"):
        raise refusal("the sandbox does not search segments", "NOT_SIMULATED")
    field = _SORTED_BY[arguments["sortKey"]]
    found = sorted(info.context.view.shop.segments.values(), key=lambda it: (getattr(it, field), it.id))
    return connection(in_given_order(found, window_of(arguments)))


def count(_source: Any, info: GraphQLResolveInfo, limit: int | None = None) -> dict[str, Any]:
    """Resolve `segmentsCount`."""
    number = len(info.context.view.shop.segments)
    if limit is not None and number > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": number, "precision": "EXACT"}


def segment_members(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Resolve `customerSegmentMembers`: by id, ascending, whatever the zone's default (UTC, not the shop's)."""
    if arguments.get("queryId") or arguments.get("sortKey"):
        raise refusal("the sandbox knows no queryId and no sortKey of members", "NOT_SIMULATED")
    view = info.context.view
    query = _query(view, arguments.get("query"), arguments.get("segmentId"))
    found = _members(view, query, _zone(arguments.get("timezone") or "UTC"))
    records = [view.shop.customers[it] for it in found]
    rows = Rows([(it, it) for it in found], records, _BY_ID, _ALL)
    window = window_of(arguments)
    page = cut(rows, Window(window.first, window.last, window.after, window.before, window.reverse, MEMBERS_AT_ONCE))
    return connection(page) | {"totalCount": len(found)}


def membership(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Resolve `customerSegmentMembership`: by the shop's own zone, as in the admin."""
    view = info.context.view
    named = read_gid(arguments["customerId"])
    if named is None or named[0] != "Customer":
        raise refusal(f"Invalid id: {arguments['customerId']}", "RESOURCE_NOT_FOUND")
    zone = ZoneInfo(view.shop.profile.timezone)
    return {
        "memberships": [
            {"segmentId": it, "isMember": named[1] in _members(view, _query(view, None, it), zone)}
            for it in arguments["segmentIds"]
        ]
    }


def _query(view: View, query: str | None, segment_id: str | None) -> str:
    if query is not None and segment_id is not None:
        raise refusal("Providing both segment_id and query is not supported.")
    if query is not None:
        return query
    if segment_id is None:
        raise refusal("You must provide one of segment_id or query.")
    segment = view.shop.segments.get(number_of(segment_id) or 0)
    if segment is None:
        raise refusal("Invalid segment ID.")
    return segment.query


def _members(view: View, query: str, zone: ZoneInfo) -> Any:
    try:
        return members(view.shop, query, Hour(view.now, zone))
    except QueryError as error:
        raise refusal(str(error), "INVALID") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal(f"Invalid timezone: {name}") from None
