"""The store's own segments, and whom they hold."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.errors import FatalError, RetriableError
from syncd.ports import SavedSegment, SavedSegments, Store
from tests.unit.shopify.scripted import Body, ScriptedShop, connection, data, fails


@pytest.fixture
def segments(store: Store) -> SavedSegments:
    assert store.source.segments is not None
    return store.source.segments


def members(numbers: list[int], total: int, after: str | None = None) -> Body:
    edges = [{"node": {"id": f"gid://shopify/CustomerSegmentMember/{number}"}} for number in numbers]
    page: dict[str, Any] = {"hasNextPage": after is not None, "endCursor": after}
    return data(members={"totalCount": total, "edges": edges, "pageInfo": page})


def read(segments: SavedSegments) -> list[int]:
    return [it for page in segments.members("number_of_orders > 1", "Europe/Berlin") for it in page.rows]


def test_saved_segments_are_read_page_by_page_as_they_were_written(shop: ScriptedShop, segments: SavedSegments) -> None:
    first = {"name": "A", "query": "number_of_orders   >= 1"}
    shop.on(
        "SavedSegments",
        data(rows=connection([first], after="x")),
        data(rows=connection([{"name": "B", "query": "b"}])),
    )
    assert list(segments.saved()) == [SavedSegment("A", "number_of_orders   >= 1"), SavedSegment("B", "b")]
    assert [it["after"] for it in shop.variables("SavedSegments")] == [None, "x"]


def test_members_are_asked_for_by_the_days_of_the_zone(shop: ScriptedShop, segments: SavedSegments) -> None:
    shop.on("SegmentMembers", members([1, 2], 3, after="x"), members([3], 3))
    assert read(segments) == [1, 2, 3]
    assert shop.variables("SegmentMembers")[1] == {
        "query": "number_of_orders > 1",
        "timezone": "Europe/Berlin",
        "first": 1000,
        "after": "x",
    }


def test_fewer_than_the_store_counts_is_no_answer(shop: ScriptedShop, segments: SavedSegments) -> None:
    shop.on("SegmentMembers", members([1, 2], 3))
    with pytest.raises(RetriableError, match="counts 3 members of a segment and names 2"):
        read(segments)


def test_pages_that_go_in_a_circle_end(shop: ScriptedShop, segments: SavedSegments) -> None:
    shop.on("SegmentMembers", members([1], 3, after="x"), members([2], 3, after="x"))
    with pytest.raises(RetriableError, match="circle"):
        read(segments)


def test_a_query_that_the_store_does_not_know_is_told_in_its_words(shop: ScriptedShop, segments: SavedSegments) -> None:
    shop.on("SegmentMembers", fails("INVALID", "Line 1 Column 0: 'colour' filter cannot be found."))
    with pytest.raises(FatalError, match="'colour' filter cannot be found"):
        read(segments)
