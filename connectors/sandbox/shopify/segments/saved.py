"""Saved segments: made, changed, deleted, with the limits and the words of the real service (recorded answers)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLResolveInfo

from connectors.sandbox.shopify.paging import refusal
from connectors.sandbox.shopify.segments.reading import understood
from connectors.sandbox.shopify.segments.words import QueryError
from connectors.sandbox.shopify.wire import gid, read_gid
from connectors.sandbox.world.records import Segment
from connectors.sandbox.world.shop import Shop

LONGEST_NAME = 255
MOST = 6_000
_GONE = "Segment does not exist"


def number_of(text: str) -> int | None:
    """Return the number of a segment's global id, None where it is none."""
    named = read_gid(text)
    return named[1] if named is not None and named[0] == "Segment" else None


def save(shop: Shop, name: str, query: str, now: int) -> tuple[Segment | None, list[dict[str, Any]]]:
    """Save a segment; return it, or what is wrong with it."""
    complaints = list(_complaints(name, query))
    if not complaints and len(shop.segments) >= MOST:
        complaints = [_complaint(None, "Segment limit reached. Delete an existing segment to create more.")]
    if complaints:
        return None, complaints
    made = Segment(
        id=shop.maker.id("Segment"), name=_unused(shop, name.strip()), query=query, created_at=now, edited_at=now
    )
    shop.segments[made.id] = made
    return made, []


def create(_source: Any, info: GraphQLResolveInfo, name: str, query: str) -> dict[str, Any]:
    """Resolve `segmentCreate`."""
    view = info.context.view
    made, complaints = save(view.shop, name, query, view.now)
    return {"segment": made, "userErrors": complaints}


def update(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Resolve `segmentUpdate`."""
    view = info.context.view
    segment = view.shop.segments.get(number_of(arguments["id"]))
    if segment is None:
        return {"segment": None, "userErrors": [_complaint("id", _GONE)]}
    name = arguments.get("name", segment.name)
    query = arguments.get("query", segment.query)
    complaints = list(_complaints(name, query))
    if complaints:
        return {"segment": None, "userErrors": complaints}
    if name.strip() != segment.name:
        segment.name = _unused(view.shop, name.strip())
    segment.query, segment.edited_at = query, view.now
    return {"segment": segment, "userErrors": []}


def delete(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Resolve `segmentDelete`."""
    number = number_of(arguments["id"])
    if info.context.view.shop.segments.pop(number, None) is None:
        return {"deletedSegmentId": None, "userErrors": [_complaint("id", _GONE)]}
    return {"deletedSegmentId": gid("Segment", number or 0), "userErrors": []}


def by_id(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Segment:
    """Resolve `segment`; one that is not there is an error, unlike other records."""
    found: Segment | None = info.context.view.shop.segments.get(number_of(arguments["id"]))
    if found is None:
        raise refusal(_GONE, "NOT_FOUND")
    return found


def _complaints(name: str, query: str) -> Iterator[dict[str, Any]]:
    """Say what is wrong; grammar only once the name is right, as recorded."""
    if not name.strip():
        yield _complaint("name", "Name can't be blank")
        return
    if len(name.strip()) > LONGEST_NAME:
        yield _complaint("name", f"Name is too long (maximum is {LONGEST_NAME} characters)")
        return
    try:
        understood(query)
    except QueryError as error:
        for message in error.messages:
            yield _complaint("query", message if message.startswith(("Query", "Invalid")) else f"Query {message}")


def _complaint(field: str | None, message: str) -> dict[str, Any]:
    return {"field": field and [field], "message": message}


def _unused(shop: Shop, name: str) -> str:
    taken = {it.name for it in shop.segments.values()}
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
