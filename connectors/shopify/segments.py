"""The store's own segments: those that were saved, and whom a query finds.

`customerSegmentMembersQueryCreate`, meant for large segments, is not used: its input takes no time zone, so that its
days are not the shop's. Pages of a thousand cost no more than pages of ten.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from connectors.shopify import documents
from connectors.shopify.client import Client
from connectors.shopify.wire import Connection, Node, PageInfo
from syncd.errors import RetriableError
from syncd.ports import Page, SavedSegment

SEGMENTS_AT_ONCE = 250
MEMBERS_AT_ONCE = 1_000


class _Saved(msgspec.Struct, frozen=True):
    rows: Connection[SavedSegment]


class _Edge(msgspec.Struct, frozen=True):
    node: Node


class _Members(msgspec.Struct, frozen=True, rename="camel"):
    total_count: int
    edges: list[_Edge]
    page_info: PageInfo


class _Found(msgspec.Struct, frozen=True):
    members: _Members


class ShopifySegments:
    """The segments of one store."""

    def __init__(self, client: Client) -> None:
        """Read nothing yet."""
        self._client = client

    def saved(self) -> Iterator[SavedSegment]:
        """Read all saved segments, oldest first."""
        trail = _Trail(self._client.service, "segments")
        while trail.goes_on:
            variables = {"first": SEGMENTS_AT_ONCE, "after": trail.after}
            rows = self._client.read(documents.SAVED_SEGMENTS, variables, _Saved, what="segments").rows
            yield from rows.nodes
            trail.follow(rows.page_info)

    def members(self, query: str, timezone: str) -> Iterator[Page[int]]:
        """Ask for the ids of the customers whom a query finds now, by the days of a zone.

        Raises:
            FatalError: The store does not understand the query.
            RetriableError: It stopped answering, or gave fewer than it counted.
        """
        trail = _Trail(self._client.service, "members of a segment")
        ids: set[int] = set()
        counted = 0
        while trail.goes_on:
            asked = {"query": query, "timezone": timezone, "first": MEMBERS_AT_ONCE, "after": trail.after}
            found = self._client.read(documents.SEGMENT_MEMBERS, asked, _Found, what="segment members").members
            numbers = [edge.node.number for edge in found.edges]
            ids.update(numbers)
            counted = found.total_count
            yield Page(numbers)
            trail.follow(found.page_info)
        if len(ids) < counted:
            raise RetriableError(
                f"{self._client.service} counts {counted:,} members of a segment and names {len(ids):,} of them"
            )


class _Trail:
    """The way from page to page.

    Attributes:
        after: The cursor to ask with.
        goes_on: Whether there is another page.
    """

    def __init__(self, service: str, what: str) -> None:
        """Stand before the first page."""
        self.after: str | None = None
        self.goes_on = True
        self._where = f"{service}: the pages of {what}"
        self._seen: set[str | None] = {None}

    def follow(self, page: PageInfo) -> None:
        """Go on behind a page.

        Raises:
            RetriableError: The pages go in a circle.
        """
        self.goes_on, self.after = page.has_next_page, page.end_cursor
        if self.goes_on and self.after in self._seen:
            raise RetriableError(f"{self._where} go in a circle")
        self._seen.add(self.after)
