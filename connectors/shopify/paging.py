"""Connections, page by page: of records, and of what is below one record when it did not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from connectors.shopify import documents
from connectors.shopify.account import Account
from connectors.shopify.answers import TooCostlyError
from connectors.shopify.client import Client
from connectors.shopify.shapes import Row, Shape
from connectors.shopify.wire import Connection, Node
from syncd.errors import FatalError, RetriableError
from syncd.model import Instant

T = TypeVar("T", bound=Row)
N = TypeVar("N")

IDS_AT_ONCE = 250
_CHILDREN_AT_ONCE = 250


class _Count(msgspec.Struct, frozen=True):
    count: int
    precision: str = "EXACT"


class _Whole(msgspec.Struct, frozen=True):
    whole: _Count


class _Rows(msgspec.Struct, Generic[N], frozen=True):
    rows: Connection[N]


class _Peeked(msgspec.Struct, Generic[N], frozen=True):
    window: _Count
    whole: _Count
    rows: Connection[N]


class _Children(msgspec.Struct, Generic[N], frozen=True):
    children: Connection[N]


class _Record(msgspec.Struct, Generic[N], frozen=True):
    record: _Children[N] | None


class Pager(Generic[T]):
    """The pages of one shape. Its page size shrinks once the store finds a call too costly."""

    def __init__(self, shape: Shape[T], client: Client, account: Account) -> None:
        """Fetch nothing yet."""
        self._shape = shape
        self._client = client
        self._account = account
        self._what = shape.kind.value
        self._size = shape.size

    def newest(self, since: Instant) -> tuple[list[T], int, int]:
        """Return the newest page since an instant, how many rows there are since then, and how many in all."""
        document = documents.peek(self._shape, self._account.scopes)
        found = self._sized(document, {"query": documents.changed_since(since)}, _Peeked[self._shape.recipe.record])  # type: ignore[name-defined]  # made at run time
        return self.values(found.rows), self._exact(found.window), self._exact(found.whole)

    def pages(self, since: Instant | None) -> Iterator[Connection[Any]]:
        """Yield the pages of all rows changed at or after an instant, in the shape's order."""
        document = documents.page(self._shape, self._account.scopes)
        query = documents.changed_since(since)

        def fetch(after: str | None) -> Connection[Any]:
            found = self._sized(document, {"query": query, "after": after}, _Rows[self._shape.recipe.record])  # type: ignore[name-defined]  # made at run time
            rows: Connection[Any] = found.rows
            return rows

        return self._follow(fetch)

    def id_pages(self) -> Iterator[list[int]]:
        """Yield the ids of all rows."""
        document = documents.id_page(self._shape)

        def fetch(after: str | None) -> Connection[Node]:
            return self._client.read(
                document, {"first": IDS_AT_ONCE, "after": after}, _Rows[Node], what=self._what
            ).rows

        for connection in self._follow(fetch):
            yield [node.number for node in connection.nodes]

    def count(self) -> int:
        """Return how many rows there are."""
        return self._exact(self._client.read(documents.count(self._shape), {}, _Whole, what=self._what).whole)

    def values(self, connection: Connection[Any]) -> list[T]:
        """Return the records of a page, each with all its children; those that have gone meanwhile are left out."""
        rows = []
        for node in connection.nodes:
            children = self._children(node)
            if children is not None:
                rows.append(self._shape.recipe.value(node, children))
        return rows

    def _children(self, node: Any) -> list[Any] | None:
        """Return all children of a record, None where the record has gone."""
        branch = self._shape.branch
        if branch is None:
            return []
        first: Connection[Any] = node.children
        if not first.page_info.has_next_page:
            return first.nodes
        document = documents.children(self._shape, self._account.scopes)
        gone = Connection[Any]([], first.page_info)

        def fetch(after: str | None) -> Connection[Any]:
            if after is None:
                return first
            variables = {"id": node.id, "first": _CHILDREN_AT_ONCE, "after": after}
            kind: Any = _Record[self._shape.recipe.child]  # type: ignore[name-defined]  # made at run time
            found = self._client.read(document, variables, kind, what=self._what)
            return gone if found.record is None else found.record.children

        below: list[Any] = []
        for connection in self._follow(fetch):
            if connection is gone:
                return None
            below += connection.nodes
        return below

    def _sized(self, document: str, variables: dict[str, Any], kind: type[Any]) -> Any:
        """Ask for as many rows as one call may cost; that it is too many is learnt once."""
        while True:
            try:
                return self._client.read(document, {"first": self._size} | variables, kind, what=self._what)
            except TooCostlyError:
                if self._size == 1:
                    raise
                self._size = max(1, self._size // 2)

    def _exact(self, count: _Count) -> int:
        if count.precision != "EXACT":
            raise FatalError(f"{self._client.service} does not count its {self._what} exactly")
        return count.count

    def _follow(self, fetch: Callable[[str | None], Connection[N]]) -> Iterator[Connection[N]]:
        """Fetch page after page.

        Raises:
            RetriableError: The pages go in a circle.
        """
        after: str | None = None
        seen: set[str | None] = {after}
        while True:
            connection = fetch(after)
            yield connection
            if not connection.page_info.has_next_page:
                return
            after = connection.page_info.end_cursor
            if after in seen:
                raise RetriableError(f"{self._client.service}: the pages of {self._what} go in a circle")
            seen.add(after)
